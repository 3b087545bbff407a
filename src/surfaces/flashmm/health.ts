import type { HealthResponse } from '../../../schemas/flashmm.ts';
import type { Venue } from '../../gateway/venue.ts';
import { isoMillis } from '../../lib/clock.ts';
import type { SystemFigures } from '../../metrics/system-figures.ts';
import type { SystemLoad } from '../../metrics/system-load.ts';

/** @param nowMs milliseconds since the Unix epoch. */
export function health(
  venue: Pick<Venue, 'status' | 'markets'>,
  load: SystemLoad,
  nowMs: number,
  figures?: SystemFigures,
): HealthResponse {
  const status = venue.status();
  const { journal, matching, disk } = status;
  const healthy = status.accepting && journal.healthy && matching.healthy && disk.healthy;
  return {
    status: healthy ? 'healthy' : 'unhealthy',
    timestamp: isoMillis(Math.floor(nowMs / 1000), (nowMs % 1000) * 1_000_000),
    version: status.version,
    environment: status.environment,
    components: {
      database: component(journal.healthy && disk.healthy),
      redis: 'not_configured',
      websocket: component(status.accepting),
      ml_model: 'not_configured',
      trading_engine: component(matching.healthy),
      sei_blockchain: figures?.sei.status.status ?? 'not_configured',
    },
    uptime_seconds: Math.max(0, Math.floor((nowMs - status.startedAtMs) / 1000)),
    system_load: {
      cpu_percent: load.cpuPercent,
      memory_percent: load.memoryPercent,
      disk_percent: load.diskPercent,
    },
    durability: status.durability,
    rate_limits: status.rateLimits,
    simulated: venue.markets.all.some(({ source }) => source === 'simulated'),
    problems: Object.entries({ journal, matching, disk })
      .filter(([, part]) => !part.healthy)
      .map(([name, { detail }]) => `${name}: ${detail}`),
  };
}

function component(healthy: boolean): 'healthy' | 'unhealthy' {
  return healthy ? 'healthy' : 'unhealthy';
}
