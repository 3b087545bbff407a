import { Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String();
const Id = Type.Optional(
  Type.Union([Type.String({ maxLength: 64 }), Type.Number(), Type.Null()], {
    description: 'Comes back in the answer',
  }),
);
const Digits = Type.Union([
  Type.String({ pattern: '^[1-9][0-9]{0,14}$' }),
  Type.Integer({ minimum: 1 }),
]);
const Market = Type.String({ description: 'binance:BTC-USDT, or a symbol of one exchange alone' });
const Decimal = Type.Union([Type.String({ description: 'Decimal text' }), Type.Number()]);
const Portfolio = Type.Optional(
  Type.Unsafe({ ...Digits, description: 'Your first one if absent' }),
);
const oneOf = (...names: string[]) => Type.Enum(names, { type: 'string' });

const request = <O extends string>(op: O) => ({ op: Type.Literal(op), id: Id });

const Channels = {
  channel: Type.String({ description: 'One of those that this document tells' }),
  market: Type.Optional(
    Type.String({ description: 'binance:BTC-USDT, binance:*, *, or a symbol; of market channels' }),
  ),
  portfolio_id: Portfolio,
  resume: Type.Optional(
    Type.Object(
      { epoch: Type.Integer({ minimum: 0 }), seq: Type.Integer({ minimum: 0 }) },
      { ...CLOSED, description: 'The last message of this stream that you have' },
    ),
  ),
  depth: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'book: levels in the snapshot' }),
  ),
  conflate: Type.Optional(
    Type.Boolean({ description: 'book: the newest state in place of what there is no time for' }),
  ),
  interval: Type.Optional(
    Type.Enum(['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1wk', '1mo'], {
      type: 'string',
      description: 'candles; needed there',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'candles: bars to start from' }),
  ),
};

export const Subscribe = Type.Object({ ...request('subscribe'), ...Channels }, CLOSED);
export const Unsubscribe = Type.Object({ ...request('unsubscribe'), ...Channels }, CLOSED);
export const Ping = Type.Object(request('ping'), CLOSED);
export const ListMarkets = Type.Object(request('markets'), CLOSED);

const Credentials = {
  token: Type.Optional(Type.String({ description: 'An access token', writeOnly: true })),
  api_key: Type.Optional(Text),
  api_secret: Type.Optional(Type.String({ writeOnly: true })),
};
export const Login = Type.Object({ ...request('login'), ...Credentials }, CLOSED);
export const Logon = Type.Object({ ...request('session.logon'), ...Credentials }, CLOSED);
export const SetHeartbeat = Type.Object(
  {
    ...request('session.heartbeat'),
    interval_ms: Type.Integer({ minimum: 1000, maximum: 60_000 }),
  },
  CLOSED,
);
export const SetCancelOnDisconnect = Type.Object(
  { ...request('session.cancel_on_disconnect'), enabled: Type.Boolean() },
  CLOSED,
);

/** What an order that replaces another may change. */
const Terms = {
  type: oneOf('limit', 'market', 'stop', 'stop_limit', 'trailing_stop', 'pegged'),
  quantity: Decimal,
  price: Type.Optional(Decimal),
  time_in_force: Type.Optional(oneOf('gtc', 'ioc', 'fok', 'gtd', 'day')),
  expire_at: Type.Optional(
    Type.Union([Text, Type.Integer()], { description: 'A time, or milliseconds since 1970' }),
  ),
  post_only: Type.Optional(
    Type.Union([Type.Boolean(), Type.Literal('slide')], {
      description: 'slide: moved out of reach rather than rejected',
    }),
  ),
  reduce_only: Type.Optional(Type.Boolean()),
  all_or_none: Type.Optional(Type.Boolean()),
  self_trade_prevention: Type.Optional(
    oneOf('none', 'expire_taker', 'expire_maker', 'expire_both', 'decrement'),
  ),
  stop_price: Type.Optional(Decimal),
  trail_offset: Type.Optional(Decimal),
  trail_unit: Type.Optional(oneOf('price', 'bps')),
  display_quantity: Type.Optional(Decimal),
  peg: Type.Optional(oneOf('primary', 'opposite')),
  peg_offset: Type.Optional(Decimal),
  client_order_id: Type.Optional(Type.String({ pattern: '^[ -~]{1,36}$' })),
};
const Leg = { side: oneOf('buy', 'sell'), ...Terms };
const Partner = Type.Object(Leg, CLOSED);

export const PlaceOrder = Type.Object(
  {
    ...request('order.place'),
    market: Market,
    ...Leg,
    portfolio_id: Portfolio,
    oco_order_id: Type.Optional(Digits),
    parent_order_id: Type.Optional(Digits),
    oco: Type.Optional(
      Type.Unsafe({ ...Partner, description: 'Placed along; one cancels the other' }),
    ),
    children: Type.Optional(
      Type.Array(Type.Object({ ...Leg, oco: Type.Optional(Partner) }, CLOSED), {
        maxItems: 4,
        description: 'Placed along; they wait for this one to be filled',
      }),
    ),
  },
  CLOSED,
);

export const CancelOrder = Type.Object({ ...request('order.cancel'), order_id: Digits }, CLOSED);
export const OrderStatus = Type.Object(
  {
    ...request('order.status'),
    order_id: Type.Optional(Digits),
    client_order_id: Type.Optional(Text),
    portfolio_id: Portfolio,
  },
  CLOSED,
);
export const AmendOrder = Type.Object(
  {
    ...request('order.amend'),
    order_id: Digits,
    price: Type.Optional(Decimal),
    quantity: Type.Optional(Decimal),
    remaining_quantity: Type.Optional(Decimal),
    reduce_by: Type.Optional(Decimal),
  },
  CLOSED,
);
export const ReplaceOrder = Type.Object(
  {
    ...request('order.replace'),
    order_id: Digits,
    ...Terms,
    type: Type.Optional(Terms.type),
    quantity: Type.Optional(Decimal),
  },
  CLOSED,
);
export const CancelAllOrders = Type.Object(
  { ...request('order.cancel_all'), market: Type.Optional(Market), portfolio_id: Portfolio },
  CLOSED,
);
export const CancelAllOrdersAfter = Type.Object(
  {
    ...request('order.cancel_all_after'),
    seconds: Type.Integer({ minimum: 0, maximum: 86_400, description: '0 takes it back' }),
    market: Type.Optional(Market),
    portfolio_id: Portfolio,
  },
  CLOSED,
);
export const SetPhase = Type.Object(
  {
    ...request('admin.set_phase'),
    market: Market,
    phase: oneOf('continuous', 'halted', 'pre_open', 'closed'),
  },
  CLOSED,
);
export const SetReference = Type.Object(
  {
    ...request('admin.set_reference'),
    market: Market,
    price: Type.Union([Decimal, Type.Null()]),
  },
  CLOSED,
);
