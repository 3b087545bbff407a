import type { Venue } from '../../gateway/venue.ts';
import type { RequestRateSampler } from '../../metrics/request-rates.ts';
import type { SystemLoadSampler } from '../../metrics/system-load.ts';
import { health } from './health.ts';

export interface HealthParts {
  readonly venue: Pick<Venue, 'status' | 'markets'>;
  readonly systemLoad: SystemLoadSampler;
  readonly requestRates: RequestRateSampler;
}

/**
 * `health_update`. Latencies of a network and of a Sei node are `null`: neither is measured where no
 * node is configured.
 * @param nowMs milliseconds since the Unix epoch
 */
export function healthUpdate(parts: HealthParts, nowMs: number): object {
  const { venue, systemLoad, requestRates } = parts;
  const load = systemLoad.read(nowMs);
  const { status, timestamp, uptime_seconds, components, system_load } = health(venue, load, nowMs);
  const { requestsPerMinute, errorPercent } = requestRates.read();
  const { trading_engine, ml_model, database, redis } = components;
  return {
    channel: 'system.health',
    timestamp,
    type: 'health_update',
    data: {
      status,
      ...system_load,
      network_latency_ms: null,
      sei_rpc_latency_ms: null,
      websocket_connections: venue.status().webSocketConnections,
      api_requests_per_minute: requestsPerMinute,
      error_rate_percent: errorPercent,
      uptime_seconds,
      components: {
        trading_engine: trading_engine === 'healthy' ? 'active' : trading_engine,
        ml_model,
        database,
        redis,
      },
    },
  };
}
