import { type Static, Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const nullable = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Figure = (description: string) => nullable(Type.Number(), description);
const Percent = Type.Number({ minimum: 0, maximum: 100 });

export const DetailedHealthResponse = Type.Object({
  status: Type.Enum(['healthy', 'unhealthy'], { type: 'string' }),
  timestamp: Time,
  system: Type.Object({
    hostname: Type.String(),
    cpu_cores: Type.Integer(),
    memory_total_gb: Type.Number(),
    disk_total_gb: Type.Number(),
    cpu_percent: Percent,
    memory_percent: Percent,
    disk_percent: Percent,
    network_latency_ms: Figure('To open a connection to the configured peers; null without any'),
    sei_rpc_latency_ms: Figure('Of a reply of the configured nodes; null without any'),
    event_loop_delay_mean_ms: Figure('An extension: how late timers come'),
    event_loop_delay_p99_ms: Figure('An extension'),
  }),
  components: Type.Object({
    websocket: Type.Object({
      status: Type.String(),
      connection_count: Type.Integer(),
      last_message: nullable(Time, 'Within a second; null before the first'),
      messages_per_second: Type.Number({ description: 'Sent in the last ten seconds' }),
      latency_p95_ms: Figure('From an event to its message; null before the first'),
      reconnect_count: Type.Integer({ description: 'Clients that resumed a stream' }),
    }),
    ml_model: Type.Object({
      status: Type.String(),
      model_version: nullable(Type.String(), 'null while none is loaded'),
      last_prediction: nullable(Time, 'null while none is loaded'),
      predictions_per_second: Figure('null while none is loaded'),
      inference_time_p95_ms: Figure('null while none is loaded'),
      model_confidence_avg: Figure('null while none is loaded'),
      predictions_today: nullable(Type.Integer(), 'null while none is loaded'),
    }),
    trading_engine: Type.Object({
      status: Type.String(),
      orders_placed_today: Type.Integer(),
      orders_filled_today: Type.Integer({ description: 'Orders that traded at all' }),
      fill_rate_percent: Figure('null while no order was sent'),
      last_order: nullable(Time, 'When an order last came, moved or left'),
      active_orders: Type.Integer(),
      position_utilization_percent: Type.Number(),
    }),
    sei_blockchain: Type.Object({
      status: Type.String(),
      network: nullable(Type.String(), 'null without a node'),
      block_height: nullable(Type.Integer(), 'null without a node'),
      block_time_seconds: Figure('null until two blocks were seen'),
      rpc_endpoints_healthy: nullable(Type.Integer(), 'null without a node'),
      last_transaction: nullable(Time, 'Always null: nothing is sent to the chain'),
    }),
  }),
  performance: Type.Object({
    end_to_end_latency_p95_ms: Figure('From a request to its reply'),
    orders_per_minute: Type.Number({ description: 'Of the market maker, in the last hour' }),
    api_requests_per_minute: Type.Number(),
    error_rate_percent: Type.Number(),
  }),
});
export type DetailedHealthResponse = Static<typeof DetailedHealthResponse>;
