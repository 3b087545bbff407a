import { type Static, Type } from 'typebox';
import { Id } from './octopus-portfolio.ts';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
const Symbol_ = Type.String({ minLength: 1, maxLength: 40 });
const Side = Type.Enum(['buy', 'sell'], { type: 'string' });

export const ORDER_STATUSES = [
  'pending',
  'open',
  'partially_filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type WireStatus = (typeof ORDER_STATUSES)[number];
const Status = Type.Enum([...ORDER_STATUSES], { type: 'string' });
const OrderType = Type.Enum(['market', 'limit', 'stop', 'stop_limit'], { type: 'string' });
const TimeInForce = Type.Enum(['gtc', 'ioc', 'fok', 'day'], { type: 'string' });

export const OrderParams = Type.Object({ order_id: Id }, CLOSED);

export const PlaceOrderBody = Type.Object(
  {
    portfolio_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Default: the caller’s first portfolio' }),
    ),
    symbol: Symbol_,
    exchange: Type.Optional(Symbol_),
    side: Side,
    order_type: OrderType,
    quantity: Type.Number({ exclusiveMinimum: 0 }),
    price: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Of limit and stop_limit orders' }),
    ),
    stop_price: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Of stop and stop_limit orders; a stop order may give it as price',
      }),
    ),
    time_in_force: Type.Optional(TimeInForce),
    post_only: Type.Optional(Type.Boolean({ default: false })),
    client_order_id: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,36}$' })),
  },
  CLOSED,
);
export type PlaceOrderBody = Static<typeof PlaceOrderBody>;

export const OrdersQuery = Type.Object(
  {
    status: Type.Optional(Status),
    portfolio_id: Type.Optional(Id),
    symbol: Type.Optional(Symbol_),
    exchange: Type.Optional(Symbol_),
    side: Type.Optional(Side),
    order_type: Type.Optional(OrderType),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(
      Type.String({ maxLength: 64, description: 'next_cursor of the page before' }),
    ),
  },
  CLOSED,
);
export type OrdersQuery = Static<typeof OrdersQuery>;

export const WireOrder = Type.Object({
  id: Text,
  portfolio_id: Text,
  symbol: Text,
  exchange: Text,
  side: Side,
  order_type: Text,
  quantity: Type.Number(),
  price: NumberOrNull,
  stop_price: NumberOrNull,
  status: Status,
  time_in_force: Text,
  filled_quantity: Type.Number(),
  remaining_quantity: Type.Number(),
  average_price: NumberOrNull,
  fee: Type.Number(),
  fee_asset: Text,
  client_order_id: TextOrNull,
  reason: TextOrNull,
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});
export type WireOrder = Static<typeof WireOrder>;

export const OrderList = Type.Object({
  orders: Type.Array(WireOrder, { description: 'Newest first' }),
  next_cursor: TextOrNull,
});
export type OrderList = Static<typeof OrderList>;
