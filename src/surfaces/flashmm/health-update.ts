import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { RequestRateSampler } from '../../metrics/request-rates.ts';
import type { SystemFigures } from '../../metrics/system-figures.ts';
import type { SystemLoadSampler } from '../../metrics/system-load.ts';
import { health } from './health.ts';
import { rounded } from './wire.ts';

export interface HealthParts {
  readonly venue: Pick<Venue, 'status' | 'markets'>;
  readonly systemLoad: SystemLoadSampler;
  readonly requestRates: RequestRateSampler;
  readonly maker?: MakerDesk;
  readonly figures?: SystemFigures;
}

/**
 * `health_update`. Latencies of a network and of a Sei node are `null` where neither peers nor nodes
 * are configured.
 * @param nowMs milliseconds since the Unix epoch
 */
export function healthUpdate(parts: HealthParts, nowMs: number): object {
  const { venue, systemLoad, requestRates, maker, figures } = parts;
  const load = systemLoad.read(nowMs);
  const { status, timestamp, uptime_seconds, components, system_load } = health(
    venue,
    load,
    nowMs,
    figures,
  );
  const { requestsPerMinute, errorPercent } = requestRates.read();
  const { trading_engine, ml_model, database, redis } = components;
  return {
    channel: 'system.health',
    timestamp,
    type: 'health_update',
    data: {
      status,
      ...system_load,
      network_latency_ms: rounded(figures?.network.latencyMs ?? Number.NaN, 2),
      sei_rpc_latency_ms: rounded(figures?.sei.status.latencyMs ?? Number.NaN, 2),
      websocket_connections: venue.status().webSocketConnections,
      api_requests_per_minute: requestsPerMinute,
      error_rate_percent: errorPercent,
      uptime_seconds,
      components: {
        trading_engine:
          trading_engine === 'healthy' ? (maker?.status() ?? 'active') : trading_engine,
        ml_model,
        database,
        redis,
      },
    },
  };
}
