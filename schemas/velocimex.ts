import { type Static, Type } from 'typebox';

/** Decimal digits of an id that a JavaScript number holds exactly. */
const ID = '^[1-9][0-9]{0,14}$';

export const OrderBookParams = Type.Object(
  {
    exchange: Type.String({ maxLength: 64, description: 'Exchange, in any case' }),
    symbol: Type.String({ maxLength: 64, description: 'AAPL, BTC%2FUSDT or BTC/USDT' }),
  },
  { additionalProperties: false },
);

export const ORDER_BOOK_DEPTH_DEFAULT = 20;

export const OrderBookQuery = Type.Object(
  {
    depth: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: ORDER_BOOK_DEPTH_DEFAULT,
        description: 'Price levels on each side',
      }),
    ),
  },
  { additionalProperties: false },
);

export const OrderParams = Type.Object(
  { order_id: Type.String({ pattern: ID, description: 'Order id, digits' }) },
  { additionalProperties: false },
);

/** Printable ASCII, as long as an order image keeps it. */
const CLIENT_ORDER_ID = '^[ -~]{1,36}$';

export const ORDERS_LISTED_DEFAULT = 100;

export const OrdersQuery = Type.Object(
  {
    client_order_id: Type.Optional(
      Type.String({
        pattern: CLIENT_ORDER_ID,
        description: 'The one order that was placed with this id, open or closed; no other filter',
      }),
    ),
    portfolio_id: Type.Optional(
      Type.String({
        pattern: ID,
        description: "All of the caller's when absent; with client_order_id the default one",
      }),
    ),
    exchange: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    symbol: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'On every exchange when alone' }),
    ),
    side: Type.Optional(Type.Enum(['buy', 'sell'], { type: 'string' })),
    status: Type.Optional(Type.Enum(['open', 'partially_filled'], { type: 'string' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, default: ORDERS_LISTED_DEFAULT }),
    ),
  },
  { additionalProperties: false },
);
export type OrdersQuery = Static<typeof OrdersQuery>;

/** Types the documents name; the native stream takes more. */
export const ORDER_TYPES = ['limit', 'market', 'stop', 'stop_limit'] as const;

export const PlaceOrderBody = Type.Object(
  {
    exchange: Type.String({ minLength: 1, maxLength: 64 }),
    symbol: Type.String({ minLength: 1, maxLength: 64 }),
    side: Type.Enum(['buy', 'sell'], { type: 'string' }),
    type: Type.Enum(ORDER_TYPES, { type: 'string' }),
    quantity: Type.Number({ description: "A positive multiple of the market's lot" }),
    price: Type.Optional(
      Type.Number({
        description: "limit and stop_limit orders: a positive multiple of the market's tick",
      }),
    ),
    stop_price: Type.Optional(
      Type.Number({
        description: 'stop and stop_limit orders: the trade price at which the order acts',
      }),
    ),
    time_in_force: Type.Optional(
      Type.Enum(['gtc', 'ioc', 'fok', 'gtd', 'day'], {
        type: 'string',
        description: 'Default ioc for market orders, gtc for others; gtd and day are extensions',
      }),
    ),
    expire_at: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'An extension: when a gtd order leaves, like 2030-01-31T16:00:00Z',
      }),
    ),
    post_only: Type.Optional(Type.Boolean({ default: false })),
    reduce_only: Type.Optional(Type.Boolean({ default: false, description: 'An extension' })),
    client_order_id: Type.Optional(
      Type.String({ pattern: CLIENT_ORDER_ID, description: '1 to 36 printable ASCII characters' }),
    ),
    portfolio_id: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'integer'],
        pattern: ID,
        minimum: 1,
        maximum: 999_999_999_999_999,
        description: "The caller's default portfolio when absent",
      }),
    ),
  },
  { additionalProperties: false },
);
export type PlaceOrderBody = Static<typeof PlaceOrderBody>;

export const WireOrder = Type.Object({
  order_id: Type.String(),
  timestamp: Type.String({ format: 'date-time', description: 'When the order last changed' }),
  exchange: Type.String(),
  symbol: Type.String(),
  side: Type.Enum(['buy', 'sell'], { type: 'string' }),
  type: Type.Enum([...ORDER_TYPES, 'trailing_stop', 'pegged'], { type: 'string' }),
  quantity: Type.Number(),
  price: Type.Union([Type.Number(), Type.Null()], {
    description: 'null for market, stop and trailing_stop orders',
  }),
  stop_price: Type.Union([Type.Number(), Type.Null()], {
    description: 'null for orders without a trigger, and for trailing_stop orders, whose moves',
  }),
  status: Type.Enum(['open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired'], {
    type: 'string',
  }),
  filled_quantity: Type.Number(),
  remaining_quantity: Type.Number(),
  average_price: Type.Union([Type.Number(), Type.Null()], { description: 'null before a fill' }),
  fee: Type.Number({ description: 'Negative for rebates' }),
  fee_asset: Type.String(),
  time_in_force: Type.Enum(['gtc', 'ioc', 'fok', 'gtd', 'day'], { type: 'string' }),
  expire_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  post_only: Type.Boolean(),
  client_order_id: Type.Union([Type.String(), Type.Null()]),
  portfolio_id: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  reason: Type.Union([Type.String(), Type.Null()], {
    description: 'Why the order was cancelled, expired or rejected, lower case; else null',
  }),
});
export type WireOrder = Static<typeof WireOrder>;

export const CancelAllQuery = Type.Object(
  {
    exchange: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    symbol: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Together with the exchange' }),
    ),
    portfolio_id: Type.Optional(
      Type.String({ pattern: ID, description: 'All of the caller’s portfolios when absent' }),
    ),
  },
  { additionalProperties: false },
);

export const CancelAllResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({ cancelled: Type.Integer({ description: 'Orders that left' }) }),
});

const Level = Type.Object({
  price: Type.Number(),
  quantity: Type.Number(),
  orders: Type.Integer(),
});

export const OrderBookResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({
    exchange: Type.String(),
    symbol: Type.String(),
    timestamp: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    sequence: Type.Integer(),
    bids: Type.Array(Level),
    asks: Type.Array(Level),
  }),
});

export const PortfolioQuery = Type.Object(
  {
    portfolio_id: Type.Optional(
      Type.String({ pattern: ID, description: "The caller's default portfolio when absent" }),
    ),
  },
  { additionalProperties: false },
);

export const PositionsQuery = Type.Object(
  {
    ...PortfolioQuery.properties,
    include_flat: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Also markets in which nothing is held any more',
      }),
    ),
  },
  { additionalProperties: false },
);

const PortfolioFields = {
  portfolio_id: Type.String(),
  portfolio_kind: Type.Enum(['cash', 'margin', 'external'], { type: 'string' }),
};

export const BalanceResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({
    ...PortfolioFields,
    timestamp: Type.String({ format: 'date-time', description: 'When this was read' }),
    balances: Type.Array(
      Type.Object({
        asset: Type.String(),
        total: Type.Number(),
        available: Type.Number({ description: 'Total less held' }),
        held: Type.Number({ description: 'Set aside for open orders, or as margin' }),
      }),
    ),
    portfolios: Type.Array(Type.Object({ ...PortfolioFields, name: Type.String() }), {
      description: "All of the caller's portfolios",
    }),
  }),
});

const PriceOrNull = Type.Union([Type.Number(), Type.Null()]);

export const WirePosition = Type.Object({
  position_id: Type.Union([Type.String(), Type.Null()], { description: 'null when flat' }),
  exchange: Type.String(),
  symbol: Type.String(),
  side: Type.Enum(['long', 'short', 'flat'], { type: 'string' }),
  quantity: Type.Number({ description: 'Never negative' }),
  average_price: Type.Unsafe<number | null>({ ...PriceOrNull, description: 'null when flat' }),
  current_price: Type.Unsafe<number | null>({
    ...PriceOrNull,
    description: 'The mark price, else the newest trade’s; null when there is neither',
  }),
  market_value: Type.Number({ description: 'At the current price; negative when short' }),
  unrealized_pnl: Type.Number({ description: 'Market value less what the quantity cost' }),
  realized_pnl: Type.Number({ description: 'Neither fees nor funding included' }),
  fees: Type.Number({ description: 'Paid less rebates' }),
  funding: Type.Number({ description: 'Received less paid' }),
  leverage: Type.Number(),
  liquidation_price: PriceOrNull,
  currency: Type.String({ description: 'Of all amounts' }),
});
export type WirePosition = Static<typeof WirePosition>;

export const PositionsResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({
    ...PortfolioFields,
    timestamp: Type.String({ format: 'date-time', description: 'When this was read' }),
    positions: Type.Array(WirePosition),
  }),
});

export const OrderResponse = Type.Object({ status: Type.Literal('ok'), data: WireOrder });

const MarketStatus = Type.Enum(['open', 'halted', 'pre_open', 'closed', 'auction'], {
  type: 'string',
});
const LastUpdate = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const MarketsStatusResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Object({
    markets: Type.Array(
      Type.Object({
        exchange: Type.String(),
        status: MarketStatus,
        last_update: LastUpdate,
        symbols: Type.Array(
          Type.Object({ symbol: Type.String(), status: MarketStatus, last_update: LastUpdate }),
        ),
      }),
    ),
  }),
});

export const OrdersResponse = Type.Object({
  status: Type.Literal('ok'),
  data: Type.Union([
    WireOrder,
    Type.Object({
      orders: Type.Array(WireOrder, { description: 'Open ones, newest first' }),
    }),
  ]),
});
