import { type Static, Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const nullable = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Figure = (description: string) => nullable(Type.Number(), description);
const Usdc = (description: string) => Type.Number({ description });
const Decimal = Type.String({
  pattern: '^-?[0-9]+(\\.[0-9]+)?$',
  description: 'Decimal text, exact',
});
const Symbol_ = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'SEI/USDC; all markets when absent' }),
);
const When = Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601' }));

const EngineStatus = Type.Enum(
  ['active', 'starting', 'paused', 'emergency_stopped', 'stopped', 'failed'],
  { type: 'string' },
);
const MarketStatus = Type.Enum(
  ['trading', 'starting', 'paused', 'emergency_stopped', 'stopped', 'failed', 'halted'],
  { type: 'string' },
);

const MarketState = Type.Object({
  symbol: Type.String(),
  status: MarketStatus,
  last_quote_time: nullable(Time, 'When an order of ours last came, moved or left'),
  spread_bps: Figure('Of the market without our own quotes'),
  our_spread_bps: Figure('Between our own best bid and ask'),
  spread_improvement_percent: Figure('(market − ours) ÷ market'),
  position_usdc: Usdc('What was bought less what was sold, at the newest trade'),
  position_percent: Figure('Of the worth of the portfolio'),
  daily_pnl_usdc: Usdc('Since the beginning of the UTC day, fees included'),
  total_pnl_usdc: Usdc('Since the deployment, fees included'),
  volume_24h_usdc: Usdc('Traded by us'),
  trades_24h: Type.Integer(),
  maker_fees_earned_usdc: Usdc('Rebates of the last 24 hours'),
  active_orders: Type.Integer(),
});

export const TradingStatusResponse = Type.Object({
  status: EngineStatus,
  trading_enabled: Type.Boolean(),
  start_time: nullable(Time, 'Of the deployment'),
  total_runtime_hours: Type.Number({ description: 'Since then, times without the venue left out' }),
  markets: Type.Array(MarketState),
  totals: Type.Object({
    total_pnl_usdc: Type.Number(),
    daily_pnl_usdc: Type.Number(),
    total_volume_usdc: Usdc('The last 24 hours'),
    total_trades: Type.Integer({ description: 'The last 24 hours' }),
    maker_fees_earned_usdc: Usdc('The last 24 hours'),
    average_spread_improvement_percent: Figure('The last 24 hours, weighed by time'),
  }),
  risk_metrics: Type.Object({
    risk_level: Type.Enum(['normal', 'elevated', 'high'], { type: 'string' }),
    total_position_usdc: Type.Number(),
    max_position_limit_usdc: Usdc('Sum of the markets’ limits'),
    position_utilization_percent: Type.Number(),
    var_95_usdc: Figure('One day; null with less than half an hour of prices'),
    max_drawdown_usdc: Type.Number(),
  }),
});
export type TradingStatusResponse = Static<typeof TradingStatusResponse>;

export const PositionsQuery = Type.Object(
  {
    symbol: Symbol_,
    include_history: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
export type PositionsQuery = Static<typeof PositionsQuery>;

const PositionHistory = Type.Array(
  Type.Object({
    timestamp: Time,
    position: Decimal,
    total_pnl_usdc: Type.Number(),
  }),
  { description: 'At the end of each minute of the last day' },
);

const PositionState = Type.Object({
  symbol: Type.String(),
  base_asset: Type.String(),
  quote_asset: Type.String(),
  base_balance: Type.Number(),
  quote_balance: Type.Number(),
  base_balance_available: Type.Number(),
  quote_balance_available: Type.Number(),
  position_usdc: Type.Number(),
  position_percent: Figure('Of the worth of the portfolio'),
  position_limit_usdc: Type.Number(),
  target_position_usdc: Usdc('What the quotes lean towards'),
  inventory_skew: Figure('position_percent ÷ 100'),
  last_updated: nullable(Time, 'Of the market'),
  unrealized_pnl_usdc: Type.Number(),
  realized_pnl_usdc: Usdc('Fees included'),
  spread_capture_usdc: Usdc('What fills were better than the middle of the market before them'),
  inventory_pnl_usdc: Usdc('What the inventory brought as prices moved'),
  fees_usdc: Usdc('Paid less rebates: spread capture + inventory − fees is the total'),
  history: Type.Optional(PositionHistory),
});

export const PositionsResponse = Type.Object({
  timestamp: Time,
  positions: Type.Array(PositionState),
  portfolio_summary: Type.Object({
    total_position_usdc: Type.Number(),
    total_limit_usdc: Type.Number(),
    risk_utilization_percent: Type.Number(),
    portfolio_value_usdc: Type.Number(),
    available_capital_usdc: Usdc('Free balance of the quote asset'),
    total_unrealized_pnl: Type.Number(),
    total_realized_pnl: Type.Number(),
  }),
  risk_metrics: Type.Object({
    var_95_1d_usdc: Figure('One day'),
    expected_shortfall_usdc: Figure('Mean of the losses beyond it'),
    sharpe_ratio: Figure('Of the profit by the minute, for a year'),
    max_drawdown_percent: Type.Number(),
    correlation_matrix: Type.Record(
      Type.String(),
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
      { description: 'Of the markets’ returns by the minute' },
    ),
  }),
});
export type PositionsResponse = Static<typeof PositionsResponse>;

export const OrdersQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
    status: Type.Optional(
      Type.Enum(['active', 'filled', 'cancelled', 'all'], { type: 'string', default: 'all' }),
    ),
    symbol: Symbol_,
    start_time: When,
    end_time: When,
  },
  { additionalProperties: false },
);
export type OrdersQuery = Static<typeof OrdersQuery>;

export const MakerOrder = Type.Object({
  order_id: Type.String(),
  client_order_id: Type.String(),
  symbol: Type.String(),
  side: Type.Enum(['buy', 'sell'], { type: 'string' }),
  order_type: Type.Enum(['limit', 'market', 'stop', 'stop_limit'], { type: 'string' }),
  price: Decimal,
  size: Decimal,
  filled: Decimal,
  remaining: Decimal,
  status: Type.Enum(['pending', 'active', 'filled', 'cancelled', 'expired'], { type: 'string' }),
  time_in_force: Type.Enum(['GTC', 'IOC', 'FOK', 'GTD'], { type: 'string' }),
  created_at: Time,
  updated_at: Time,
  expires_at: nullable(Time, 'null: not by itself'),
  quote_generated_at: Time,
  spread_bps: Figure('Between our own best bid and ask, as they stand'),
  is_maker: Type.Boolean({ description: 'It never takes' }),
});
export type MakerOrder = Static<typeof MakerOrder>;

const RecentFill = Type.Object({
  fill_id: Type.String(),
  order_id: Type.String(),
  client_order_id: Type.String(),
  symbol: Type.String(),
  side: Type.Enum(['buy', 'sell'], { type: 'string' }),
  price: Decimal,
  size: Decimal,
  fee: Type.Unsafe<string>({ ...Decimal, description: 'Negative for a rebate' }),
  fee_asset: Type.String(),
  timestamp: Time,
  trade_id: Type.String(),
  is_maker: nullable(Type.Boolean(), 'null in an auction'),
  realized_pnl: Type.Unsafe<string>({ ...Decimal, description: 'Fees not included' }),
});
export type RecentFill = Static<typeof RecentFill>;

export const OrdersResponse = Type.Object({
  timestamp: Time,
  pagination: Type.Object({
    limit: Type.Integer(),
    offset: Type.Integer(),
    total: Type.Integer({ description: 'Of the longest of the lists' }),
    has_more: Type.Boolean(),
  }),
  active_orders: Type.Array(MakerOrder),
  closed_orders: Type.Array(MakerOrder, { description: 'An extension: the newest that closed' }),
  recent_fills: Type.Array(RecentFill),
  fill_statistics: Type.Object({
    total_fills_today: Type.Integer(),
    fill_rate_percent: Figure('Orders that traded at all, of those sent today'),
    average_fill_time_seconds: Figure('From the order to its first trade'),
    maker_fill_percent: Figure('Of today’s fills'),
    taker_fill_percent: Figure('Of today’s fills'),
  }),
});
export type OrdersResponse = Static<typeof OrdersResponse>;

export const TradingMetricsQuery = Type.Object(
  {
    period: Type.Optional(
      Type.Enum(['1h', '24h'], {
        type: 'string',
        default: '24h',
        description: 'An extension: the time that ends now',
      }),
    ),
  },
  { additionalProperties: false },
);
export type TradingMetricsQuery = Static<typeof TradingMetricsQuery>;

const MarketMetrics = Type.Object({
  volume_usdc: Type.Number(),
  trades: Type.Integer(),
  spread_bps: Figure('Of the market without our own quotes, weighed by time'),
  our_spread_bps: Figure('Ours, weighed by time'),
  improvement_percent: Figure('(market − ours) ÷ market'),
  position_usdc: Type.Number(),
  pnl_usdc: Type.Number(),
  maker_fees_usdc: Type.Number(),
  fill_rate_percent: Figure('Orders that traded at all, of those sent'),
  quoting_percent: Figure('An extension: time with quotes on both sides'),
  prediction_accuracy: Figure('null while no model is loaded'),
});

export const TradingMetricsResponse = Type.Object({
  timestamp: Time,
  period: Type.String(),
  summary: Type.Object({
    total_volume_usdc: Type.Number(),
    total_trades: Type.Integer(),
    unique_trading_pairs: Type.Integer(),
    average_spread_bps: Figure('Of the markets without our own quotes'),
    spread_improvement_percent: Figure('(market − ours) ÷ market'),
    maker_fee_earned_usdc: Type.Number(),
    total_pnl_usdc: Type.Number(),
    sharpe_ratio: Figure('Of the profit by the minute, for a year'),
    max_drawdown_percent: Type.Number(),
    system_uptime_percent: Type.Number(),
  }),
  by_market: Type.Record(Type.String(), MarketMetrics),
  performance: Type.Object({
    orders_per_minute: Type.Number(),
    latency_p95_ms: Figure('From a request to its reply'),
    api_requests_per_minute: Type.Number(),
    error_rate_percent: Type.Number(),
    predictions_per_second: Figure('null while no model is loaded'),
    ml_inference_time_ms: Figure('null while no model is loaded'),
  }),
  risk: Type.Object({
    total_position_usdc: Type.Number(),
    max_position_limit_usdc: Type.Number(),
    position_utilization_percent: Type.Number(),
    var_95_usdc: Figure('One day'),
    expected_shortfall_usdc: Figure('Mean of the losses beyond it'),
  }),
});
export type TradingMetricsResponse = Static<typeof TradingMetricsResponse>;

const Parameters = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.Number(), Type.Boolean(), Type.String({ maxLength: 128 })]),
);

export const TradingConfigBody = Type.Object(
  {
    parameters: Type.Unsafe<Record<string, number | boolean | string>>({
      ...Parameters,
      description: 'Those that shall change; what is left out stays',
    }),
  },
  { additionalProperties: false },
);
export type TradingConfigBody = Static<typeof TradingConfigBody>;

export const TradingConfigResponse = Type.Object({
  status: EngineStatus,
  deployment_id: nullable(Type.String(), 'null without a deployment'),
  portfolio_id: nullable(Type.String(), 'null without a deployment'),
  markets: Type.Array(Type.String()),
  parameters: Parameters,
  parameter_schema: Type.Unsafe<object>({
    type: 'object',
    description: 'JSON Schema of the parameters',
  }),
  updated_at: nullable(Time, 'When they were set'),
});
export type TradingConfigResponse = Static<typeof TradingConfigResponse>;
