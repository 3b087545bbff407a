import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;

/** A UUID, or the number that other surfaces know the same thing by. */
export const Id = Type.String({ minLength: 1, maxLength: 64 });
const Title = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });
const Description = Type.String({ maxLength: 500 });
const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);
const Known = Type.Union([Type.Number(), Type.Null()], { description: 'null: not known' });
const Amount = Type.Number({ exclusiveMinimum: 0 });

export const PortfolioParams = Type.Object({ portfolio_id: Id }, CLOSED);
export const PositionParams = Type.Object({ position_id: Id }, CLOSED);

export const CreatePortfolioBody = Type.Object(
  {
    name: Title,
    description: Type.Optional(Description),
    initial_cash: Type.Optional(
      Type.Number({
        minimum: 0,
        default: 0,
        description: 'Paid in where all markets are simulated',
      }),
    ),
    currency: Type.Optional(
      Type.String({ maxLength: 16, default: 'USD', description: 'What it is valued in' }),
    ),
  },
  CLOSED,
);
export type CreatePortfolioBody = Static<typeof CreatePortfolioBody>;

export const UpdatePortfolioBody = Type.Object(
  { name: Type.Optional(Title), description: Type.Optional(Description) },
  { ...CLOSED, minProperties: 1 },
);
export type UpdatePortfolioBody = Static<typeof UpdatePortfolioBody>;

export const DeletePortfolioQuery = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Cancel its orders and move what it has to the first portfolio',
      }),
    ),
  },
  CLOSED,
);

export const AddPositionBody = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 40 }),
    quantity: Amount,
    price: Type.Number({ exclusiveMinimum: 0, description: 'What one cost' }),
    exchange: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  },
  CLOSED,
);
export type AddPositionBody = Static<typeof AddPositionBody>;

export const TransferBody = Type.Object(
  {
    direction: Type.Enum(['in', 'out'], { type: 'string' }),
    amount: Amount,
    asset: Type.Optional(
      Type.String({ maxLength: 16, description: 'Default: the currency of the portfolio' }),
    ),
    other_portfolio_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Another of the caller’s; absent: from outside' }),
    ),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  },
  CLOSED,
);
export type TransferBody = Static<typeof TransferBody>;

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(
      Type.String({ maxLength: 64, description: 'next_cursor of the page before' }),
    ),
  },
  CLOSED,
);
export type PageQuery = Static<typeof PageQuery>;

export const WirePosition = Type.Object({
  id: Text,
  symbol: Text,
  exchange: Text,
  source: Type.Enum(['orders', 'transfers', 'recorded'], { type: 'string' }),
  quantity: Type.Number({ description: 'Negative for a short position' }),
  avg_cost: Known,
  current_price: Known,
  market_value: Type.Number(),
  unrealized_pnl: Known,
  unrealized_pnl_percent: Known,
  day_change: Type.Number(),
  weight: Type.Number({ description: 'Percent of the total value' }),
});
export type WirePosition = Static<typeof WirePosition>;

export const WirePortfolio = Type.Object({
  id: Text,
  name: Text,
  description: Text,
  kind: Type.Enum(['cash', 'margin', 'external'], { type: 'string' }),
  currency: Text,
  total_value: Type.Number(),
  cash_balance: Type.Number({ description: 'Also what open orders hold' }),
  available_cash: Type.Number(),
  positions_value: Type.Number(),
  day_change: Type.Number(),
  day_change_percent: Known,
  positions_count: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
});
export type WirePortfolio = Static<typeof WirePortfolio>;

export const PortfolioList = Type.Object({ portfolios: Type.Array(WirePortfolio) });

export const PortfolioDetail = Type.Object({
  ...WirePortfolio.properties,
  positions: Type.Array(WirePosition),
});
export type PortfolioDetail = Static<typeof PortfolioDetail>;

export const PositionList = Type.Object({ positions: Type.Array(WirePosition) });

export const DeletedPortfolio = Type.Object({
  ...PortfolioDetail.properties,
  status: Type.Literal('deleted'),
  orders_cancelled: Type.Integer(),
  moved_to: TextOrNull,
  moved: Type.Array(Type.Object({ asset: Text, amount: Type.Number() })),
});
export type DeletedPortfolio = Static<typeof DeletedPortfolio>;

export const DeletedPosition = Type.Object({
  ...WirePosition.properties,
  status: Type.Literal('deleted'),
});

export const WireTransfer = Type.Object({
  id: Text,
  portfolio_id: Text,
  direction: Type.Enum(['in', 'out'], { type: 'string' }),
  asset: Text,
  amount: Type.Number(),
  other_portfolio_id: TextOrNull,
  note: Text,
  created_at: Type.String({ format: 'date-time' }),
});
export type WireTransfer = Static<typeof WireTransfer>;

export const TransferList = Type.Object({
  transfers: Type.Array(WireTransfer, { description: 'Newest first' }),
  next_cursor: TextOrNull,
});
export type TransferList = Static<typeof TransferList>;
