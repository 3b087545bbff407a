import { statfsSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import type { HealthResponse } from '../../../schemas/flashmm.ts';
import type { DetailedHealthResponse } from '../../../schemas/flashmm-health.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import { dayStartMinute, fillRatePercent } from '../../gateway/maker/period-figures.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { SystemFigures } from '../../metrics/system-figures.ts';
import { exposureOf } from './maker-figures.ts';
import { rounded, roundedOrZero, timeOrNull } from './wire.ts';

const GIB = 2 ** 30;
const HOUR_MS = 3_600_000;

export interface DetailedHealthParts {
  readonly venue: Pick<Venue, 'status'>;
  readonly figures: SystemFigures;
  readonly maker: MakerDesk;
  readonly dataDirectory: string;
}

/** `GET /api/v1/health/detailed`. @param basic what `GET /api/v1/health` says at this moment */
export function detailedHealth(
  { venue, figures, maker, dataDirectory }: DetailedHealthParts,
  basic: HealthResponse,
  nowMs: number,
): DetailedHealthResponse {
  const { blocks, bsize } = statfsSync(dataDirectory);
  const sei = figures.sei.status;
  const sockets = figures.sockets();
  const requests = figures.requests();
  const loop = figures.eventLoopDelay();
  return {
    status: basic.status,
    timestamp: basic.timestamp,
    system: {
      hostname: hostname(),
      cpu_cores: availableParallelism(),
      memory_total_gb: roundedOrZero(totalMemory() / GIB, 1),
      disk_total_gb: roundedOrZero((blocks * bsize) / GIB, 1),
      ...basic.system_load,
      network_latency_ms: rounded(figures.network.latencyMs ?? Number.NaN, 2),
      sei_rpc_latency_ms: rounded(sei.latencyMs ?? Number.NaN, 2),
      event_loop_delay_mean_ms: rounded(loop.meanMs, 3),
      event_loop_delay_p99_ms: rounded(loop.p99Ms, 3),
    },
    components: {
      websocket: {
        status: basic.components.websocket,
        connection_count: venue.status().webSocketConnections,
        last_message: timeOrNull(sockets.lastMessageMs),
        messages_per_second: roundedOrZero(sockets.messagesPerSecond, 1),
        latency_p95_ms: rounded(sockets.pushP95Ms, 2),
        reconnect_count: sockets.resumes,
      },
      ml_model: {
        status: basic.components.ml_model,
        model_version: null,
        last_prediction: null,
        predictions_per_second: null,
        inference_time_p95_ms: null,
        model_confidence_avg: null,
        predictions_today: null,
      },
      trading_engine: tradingEngine(maker, nowMs),
      sei_blockchain: {
        status: sei.status,
        network: sei.network,
        block_height: sei.blockHeight,
        block_time_seconds: rounded(sei.blockTimeSeconds ?? Number.NaN, 3),
        rpc_endpoints_healthy: sei.healthyEndpoints,
        last_transaction: null,
      },
    },
    performance: {
      end_to_end_latency_p95_ms: rounded(requests.latencyP95Ms, 2),
      orders_per_minute: ordersPerMinute(maker, nowMs),
      api_requests_per_minute: requests.requestsPerMinute,
      error_rate_percent: requests.errorPercent,
    },
  };
}

function tradingEngine(
  maker: MakerDesk,
  nowMs: number,
): DetailedHealthResponse['components']['trading_engine'] {
  const since = dayStartMinute(nowMs);
  let orders = 0;
  let filledOrders = 0;
  let quotedMs = 0;
  for (const { minutes, quotedMs: ms } of maker.deployment()?.quotes?.markets.values() ?? []) {
    const day = minutes.since(since);
    orders += day.orders;
    filledOrders += day.filledOrders;
    quotedMs = Math.max(quotedMs, ms);
  }
  return {
    status: maker.status(),
    orders_placed_today: orders,
    orders_filled_today: filledOrders,
    fill_rate_percent: rounded(fillRatePercent({ orders, filledOrders }), 1),
    last_order: timeOrNull(quotedMs),
    active_orders: maker.deployment()?.openOrderIds.size ?? 0,
    position_utilization_percent: exposureOf(maker.standings()).utilizationPercent,
  };
}

function ordersPerMinute(maker: MakerDesk, nowMs: number): number {
  let orders = 0;
  let observedMs = 0;
  for (const quotes of maker.deployment()?.quotes?.markets.values() ?? []) {
    const hour = maker.minutes(quotes, nowMs, HOUR_MS);
    orders += hour.orders;
    observedMs = Math.max(observedMs, hour.observedMs);
  }
  return roundedOrZero(orders / (observedMs / 60_000), 2);
}

/** Within the control group's limit where one is set, else of the machine. */
function totalMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
