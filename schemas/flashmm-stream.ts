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
