import { type Static, Type } from 'typebox';

/** Channels that one connection of `/ws/live-data` may follow, as documented. */
export const CHANNELS_MAX = 50;

/** A client's message on `/ws/live-data` that begins or ends channels. */
export const ChannelsMessage = Type.Object(
  {
    action: Type.Enum(['subscribe', 'unsubscribe'], { type: 'string' }),
    channels: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
      minItems: 1,
      maxItems: CHANNELS_MAX,
    }),
  },
  { additionalProperties: false },
);
export type ChannelsMessage = Static<typeof ChannelsMessage>;

/** The message by which a client proves who it is. */
export const AuthenticateMessage = Type.Object(
  {
    action: Type.Literal('authenticate'),
    token: Type.String({ minLength: 1, maxLength: 8192, writeOnly: true }),
  },
  { additionalProperties: false },
);
export type AuthenticateMessage = Static<typeof AuthenticateMessage>;

const Time = Type.String({ format: 'date-time' });
const DecimalOrNull = Type.Union([
  Type.String({ pattern: '^-?[0-9]+(\\.[0-9]+)?$', description: 'Decimal text' }),
  Type.Null(),
]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);

export const ChannelsAnswer = Type.Object({
  type: Type.Enum(['subscribed', 'unsubscribed'], { type: 'string' }),
  channels: Type.Array(Type.String()),
  timestamp: Time,
});
export const Authenticated = Type.Object({ type: Type.Literal('authenticated'), timestamp: Time });

/** An error on `/ws/live-data`. */
export const LiveError = Type.Object({
  type: Type.Literal('error'),
  timestamp: Time,
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    details: Type.Object({}, { additionalProperties: true }),
  }),
});

/** A market of `trading.{symbol}`. */
export const QuoteUpdate = Type.Object({
  channel: Type.String({ description: 'trading.SEI/USDC' }),
  timestamp: Time,
  type: Type.Literal('quote_update'),
  data: Type.Object({
    symbol: Type.String(),
    bid: DecimalOrNull,
    ask: DecimalOrNull,
    bid_size: DecimalOrNull,
    ask_size: DecimalOrNull,
    spread_bps: NumberOrNull,
    our_spread_bps: NumberOrNull,
    market_spread_bps: NumberOrNull,
    improvement_percent: NumberOrNull,
    last_trade_price: DecimalOrNull,
    volume_24h_usdc: Type.Number(),
    quote_generated_at: Type.Union([Time, Type.Null()]),
    orders_active: Type.Union([Type.Integer(), Type.Null()]),
  }),
});

/** The health of the system, of `system.health`. */
export const HealthUpdate = Type.Object({
  channel: Type.Literal('system.health'),
  timestamp: Time,
  type: Type.Literal('health_update'),
  data: Type.Object({
    status: Type.String(),
    cpu_percent: Type.Number(),
    memory_percent: Type.Number(),
    disk_percent: Type.Number(),
    network_latency_ms: NumberOrNull,
    sei_rpc_latency_ms: NumberOrNull,
    websocket_connections: Type.Integer(),
    api_requests_per_minute: Type.Number(),
    error_rate_percent: Type.Number(),
    uptime_seconds: Type.Number(),
    components: Type.Record(Type.String(), Type.String()),
  }),
});

/** The market maker's position in a market, of `positions`. */
export const PositionUpdate = Type.Object({
  channel: Type.Literal('positions'),
  timestamp: Time,
  type: Type.Literal('position_update'),
  data: Type.Object({
    symbol: Type.String(),
    position_usdc: Type.Number(),
    position_percent: NumberOrNull,
    unrealized_pnl_usdc: Type.Number(),
    realized_pnl_usdc: Type.Number(),
    daily_pnl_usdc: Type.Number(),
    total_pnl_usdc: Type.Number(),
    risk_percent: NumberOrNull,
    inventory_skew: NumberOrNull,
    last_trade: Type.Union([
      Type.Object({
        side: Type.Enum(['buy', 'sell'], { type: 'string' }),
        price: Type.String(),
        size: Type.String(),
        timestamp: Time,
      }),
      Type.Null(),
    ]),
  }),
});

/** What happened to an order of the market maker, of `orders.{symbol}`. */
export const OrderUpdate = Type.Object({
  channel: Type.String({ description: 'orders.SEI/USDC' }),
  timestamp: Time,
  type: Type.Enum(
    [
      'order_placed',
      'order_updated',
      'order_filled',
      'order_cancelled',
      'order_expired',
      'order_rejected',
    ],
    { type: 'string' },
  ),
  data: Type.Object({
    order_id: Type.String(),
    symbol: Type.String(),
    side: Type.Enum(['buy', 'sell'], { type: 'string' }),
    price: Type.String(),
    size: Type.String(),
    filled: Type.String(),
    remaining: Type.String(),
    fill_price: Type.Optional(Type.String({ description: 'Of order_filled, as what follows' })),
    fill_size: Type.Optional(Type.String()),
    fee: Type.Optional(Type.String()),
    realized_pnl: Type.Optional(Type.String()),
    is_maker: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    timestamp: Time,
  }),
});
