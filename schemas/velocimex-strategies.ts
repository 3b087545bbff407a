import { type Static, Type } from 'typebox';

/** Decimal digits of an id that a JavaScript number holds exactly. */
const ID = '^[1-9][0-9]{0,14}$';

export const StrategyParams = Type.Object(
  {
    strategy_id: Type.String({
      maxLength: 64,
      description: 'As the catalogue names it: `momentum` …',
    }),
  },
  { additionalProperties: false },
);

const NamedMarket = Type.Object(
  {
    exchange: Type.String({ minLength: 1, maxLength: 64, description: 'Exchange, in any case' }),
    symbol: Type.String({ minLength: 1, maxLength: 64, description: 'AAPL or BTC/USDT' }),
  },
  { additionalProperties: false },
);

const GivenParameters = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Unsafe<number | boolean | string>({ type: ['number', 'boolean', 'string'] }),
  {
    description:
      'What differs from the defaults; the strategy’s parameter_schema says which there are',
  },
);

export const DeployBody = Type.Object(
  {
    parameters: Type.Optional(GivenParameters),
    markets: Type.Optional(
      Type.Array(NamedMarket, {
        minItems: 1,
        maxItems: 16,
        description: 'All of one quote asset; the strategy’s default markets when absent',
      }),
    ),
    portfolio_id: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'integer'],
        pattern: ID,
        minimum: 1,
        maximum: 999_999_999_999_999,
        description:
          'One of the caller’s portfolios; a portfolio of the strategy’s own when absent, funded with the parameter capital when it is opened (simulated venues only)',
      }),
    ),
  },
  { additionalProperties: false },
);
export type DeployBody = Static<typeof DeployBody>;

export const ConfigureBody = Type.Object(
  { parameters: GivenParameters },
  { additionalProperties: false },
);

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

const WirePosition = Type.Object({
  exchange: Type.String(),
  symbol: Type.String(),
  quantity: Type.Number({ description: 'Signed: bought less sold by the strategy' }),
  average_price: nullable('Of the open quantity; null while there is none'),
  mark_price: nullable('Newest trade of the market; null before the first'),
  realized_pnl: Type.Number({ description: 'Fees not included' }),
  unrealized_pnl: nullable('At the mark price'),
  fees: Type.Number({ description: 'Paid less rebates' }),
});

export const WirePerformance = Type.Object(
  {
    currency: Type.String({ description: 'Quote asset of the markets; all amounts are in it' }),
    deployed_at: Type.String({ format: 'date-time' }),
    start_equity: nullable('Worth of the portfolio at the deployment; null where it had no price'),
    equity: nullable('start_equity and total_pnl; null where start_equity is'),
    realized_pnl: Type.Number({ description: 'Fees not included' }),
    unrealized_pnl: Type.Number({ description: 'Open positions at the newest trades' }),
    fees: Type.Number({ description: 'Paid less rebates' }),
    total_pnl: Type.Number({ description: 'realized_pnl + unrealized_pnl - fees' }),
    max_drawdown: Type.Number({
      description: 'Greatest fall of total_pnl from its peak, measured at fills and every minute',
    }),
    volume: Type.Number({ description: 'Sum of price × quantity over the fills' }),
    fills: Type.Integer(),
    orders_sent: Type.Integer({ description: 'Orders that reached the book' }),
    open_orders: Type.Integer(),
    positions: Type.Array(WirePosition),
  },
  { description: 'Computed from the fills in the journal' },
);
export type WirePerformance = Static<typeof WirePerformance>;

export const WireStrategy = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  status: Type.Enum(['stopped', 'starting', 'running', 'stopping', 'failed', 'paused'], {
    type: 'string',
    description: 'Of the caller’s own newest deployment; stopped when there is none',
  }),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is so' }),
  since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'null when it was never deployed',
  }),
  deployment_id: Type.Union([Type.String(), Type.Null()]),
  portfolio_id: Type.Union([Type.String(), Type.Null()]),
  markets: Type.Array(NamedMarket, { description: 'Where it trades, or would by default' }),
  parameters: Type.Record(Type.String(), Type.Unknown(), {
    description: 'Of the deployment; the defaults when there is none',
  }),
  parameter_schema: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema' }),
  performance: Type.Union([WirePerformance, Type.Null()], {
    description: 'null when it was never deployed',
  }),
});
export type WireStrategy = Static<typeof WireStrategy>;

export const StrategiesResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({ strategies: Type.Array(WireStrategy) }),
});

export const StrategyResponse = Type.Object({
  status: Type.Literal('ok'),
  data: WireStrategy,
});
