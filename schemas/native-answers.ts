import { Type } from 'typebox';
import { Place, StreamMarket } from './native-stream.ts';
import { Time } from './socket-messages.ts';

const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);
const Decimal = Type.String({ description: 'Decimal text' });
const DecimalOrNull = Type.Union([Decimal, Type.Null()]);
/** As the request had it; null where it had none. */
const Id = Type.Union([Text, Type.Number(), Type.Null()], { description: 'The request’s' });
const PortfolioId = Type.String({ description: 'Digits' });
const Side = Type.Enum(['buy', 'sell'], { type: 'string' });

export const Welcome = Type.Object({
  type: Type.Literal('welcome'),
  protocol: Type.Literal('openbell.stream.v1'),
  epoch: Type.Integer(),
  heartbeat_ms: Type.Integer(),
  format: Type.Enum(['json', 'flatbuffers'], { type: 'string' }),
  simulated: Type.Boolean({ description: 'True when some market is simulated' }),
});

export const Subscribed = Type.Object(
  {
    type: Type.Literal('subscribed'),
    id: Id,
    channel: Text,
    markets: Type.Optional(Type.Array(StreamMarket)),
    portfolio_id: Type.Optional(PortfolioId),
    seq: Type.Optional(Type.Integer({ description: 'Of the newest message of a private channel' })),
    recovered: Type.Optional(
      Type.Boolean({ description: 'What was missed follows; only in answer to resume' }),
    ),
    unavailable: Type.Optional(
      Type.Array(Type.Object({ market: Text, code: Text, message: Text }), {
        description: 'Markets of a wildcard that do not have the channel',
      }),
    ),
  },
  { description: 'With what the channel says of itself: interval, names of features' },
);

export const Unsubscribed = Type.Object({
  type: Type.Literal('unsubscribed'),
  id: Id,
  channel: Text,
  markets: Type.Optional(Type.Array(Text)),
  portfolio_id: Type.Optional(PortfolioId),
});

export const Markets = Type.Object({
  type: Type.Literal('markets'),
  id: Id,
  markets: Type.Array(StreamMarket),
});

export const StreamPong = Type.Object({ type: Type.Literal('pong'), id: Id, time: Time });

export const LoggedIn = Type.Object({
  type: Type.Literal('logged_in'),
  id: Id,
  user: Text,
  scopes: Type.Array(Text),
  portfolio_id: Type.Union([PortfolioId, Type.Null()], { description: 'The user’s first one' }),
});

/** An order on the native stream. */
export const StreamOrder = Type.Object({
  order_id: Text,
  client_order_id: TextOrNull,
  market: Text,
  side: Side,
  type: Text,
  time_in_force: Text,
  post_only: Type.Union([Type.Boolean(), Type.Literal('slide')]),
  reduce_only: Type.Optional(Type.Boolean()),
  all_or_none: Type.Optional(Type.Boolean()),
  self_trade_prevention: Type.Optional(Text),
  stop_price: Type.Optional(Decimal),
  trail_offset: Type.Optional(Decimal),
  trail_unit: Type.Optional(Text),
  display_quantity: Type.Optional(Decimal),
  peg: Type.Optional(Text),
  peg_offset: Type.Optional(Decimal),
  peg_price: Type.Optional(DecimalOrNull),
  expire_at: Type.Optional(Time),
  oco_order_id: Type.Optional(Text),
  parent_order_id: Type.Optional(Text),
  replaces_order_id: Type.Optional(Text),
  waiting_for: Type.Optional(Text),
  quantity: Decimal,
  price: Type.Union([Decimal, Type.Null()], { description: 'null: acts as a market order' }),
  status: Text,
  filled_quantity: Decimal,
  remaining_quantity: Decimal,
  average_price: DecimalOrNull,
  fee: Decimal,
  fee_asset: Text,
  reason: TextOrNull,
  portfolio_id: PortfolioId,
  created_at: Time,
  updated_at: Time,
});

const OrderOrCode = {
  order: Type.Union([StreamOrder, Type.Null()]),
  code: Type.Optional(Type.String({ description: 'Why there is no order' })),
};
const Linked = Type.Object({
  ...OrderOrCode,
  oco: Type.Optional(Type.Object(OrderOrCode)),
});

export const OrderReply = Type.Object({
  type: Type.Literal('order'),
  id: Id,
  ...OrderOrCode,
  oco: Type.Optional(Linked),
  children: Type.Optional(Type.Array(Linked)),
});

export const CancelledAll = Type.Object({
  type: Type.Literal('cancelled_all'),
  id: Id,
  cancelled: Type.Integer(),
});

export const CancelAllAfter = Type.Object({
  type: Type.Literal('cancel_all_after'),
  id: Id,
  portfolio_id: PortfolioId,
  market: TextOrNull,
  fires_at: Type.Union([Time, Type.Null()], { description: 'null: taken back' }),
});

export const CancelOnDisconnect = Type.Object({
  type: Type.Literal('cancel_on_disconnect'),
  id: Id,
  enabled: Type.Boolean(),
});

export const HeartbeatInterval = Type.Object({
  type: Type.Literal('heartbeat_interval'),
  id: Id,
  interval_ms: Type.Integer(),
});

export const Done = Type.Object({ type: Type.Literal('done'), id: Id, op: Text, market: Text });

export const StreamError = Type.Object({
  type: Type.Literal('error'),
  id: Id,
  code: Type.String({ description: 'Stable, upper case' }),
  message: Type.String({ description: 'For people' }),
  details: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

const Seat = {
  channel: Text,
  market: Type.Optional(Text),
  interval: Type.Optional(Text),
  portfolio_id: Type.Optional(PortfolioId),
};

export const Heartbeat = Type.Object({
  type: Type.Literal('heartbeat'),
  epoch: Type.Integer(),
  seq: Type.Integer(),
  prev_seq: Type.Integer(),
  sent_time: Time,
  interval_ms: Type.Integer(),
  subscriptions: Type.Integer(),
  quiet: Type.Array(Type.Object({ ...Seat, seq: Type.Integer() }), {
    description: 'Subscriptions that were sent nothing, with where the client must be',
  }),
  partial: Type.Boolean(),
});

export const ServerShutdown = Type.Object({
  type: Type.Literal('server_shutdown'),
  grace_ms: Type.Integer(),
  reconnect_after_ms: Type.Integer(),
  sent_time: Time,
});

export const SlowConsumer = Type.Object({
  type: Type.Literal('slow_consumer'),
  code: Type.Literal('SLOW_CONSUMER'),
  message: Text,
  subscriptions: Type.Array(
    Type.Object({ ...Seat, seq: Type.Union([Type.Integer(), Type.Null()]) }),
  ),
});

const report = <C extends string>(channel: C) => ({
  channel: Type.Literal(channel),
  type: Type.Enum(['snapshot', 'report'], { type: 'string' }),
  portfolio_id: PortfolioId,
  ...Place,
});

export const OrdersReport = Type.Object({
  ...report('orders'),
  orders: Type.Array(StreamOrder),
});

export const FillsReport = Type.Object({
  ...report('fills'),
  fills: Type.Array(
    Type.Object({
      trade_id: Type.Integer(),
      order_id: Text,
      market: Text,
      side: Side,
      liquidity: Type.Enum(['taker', 'maker', 'auction'], { type: 'string' }),
      price: Decimal,
      quantity: Decimal,
      fee: Decimal,
      fee_asset: Text,
      venue_time: Time,
    }),
  ),
});

export const BalancesReport = Type.Object({
  ...report('balances'),
  balances: Type.Array(Type.Object({ asset: Text, total: Decimal, held: Decimal, free: Decimal })),
});

export const PositionsReport = Type.Object({
  ...report('positions'),
  positions: Type.Array(
    Type.Object({
      market: Text,
      quantity: Type.String({ description: 'Signed' }),
      cost: Decimal,
      realised_pnl: Decimal,
      unrealised_pnl: Decimal,
      fees: Decimal,
      funding: Decimal,
      mark_price: DecimalOrNull,
      liquidation_price: DecimalOrNull,
      leverage: Type.Number(),
      initial_margin: Decimal,
      maintenance_margin: Decimal,
    }),
  ),
});

export const SessionReport = Type.Object({
  channel: Type.Literal('session'),
  type: Type.Literal('session'),
  ...Place,
  event: Type.Enum(['state', 'logon', 'logoff', 'cancel_on_disconnect', 'heartbeat', 'draining'], {
    type: 'string',
  }),
  reason: TextOrNull,
  user: TextOrNull,
  scopes: Type.Array(Text),
  portfolio_id: TextOrNull,
  expires_at: Type.Union([Time, Type.Null()]),
  cancel_on_disconnect: Type.Boolean(),
  heartbeat_ms: Type.Integer(),
  grace_ms: Type.Optional(Type.Integer()),
  reconnect_after_ms: Type.Optional(Type.Integer()),
});
