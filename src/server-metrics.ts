import type { DiskWatch } from './gateway/disk-watch.ts';
import type { Engine } from './gateway/engine.ts';
import type { StreamCounters } from './gateway/streams/counters.ts';
import type { StreamHub } from './gateway/streams/hub.ts';
import type { Threads } from './gateway/threads.ts';
import type { Clock, SystemClock } from './lib/clock.ts';
import type { HttpMetrics } from './metrics/http-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import { RequestRateSampler, SAMPLE_EVERY_MS } from './metrics/request-rates.ts';
import type { SocketTotals, SystemFigures } from './metrics/system-figures.ts';

/** What health measures, as metrics. */
export function registerFigures(metrics: Metrics, figures: SystemFigures): void {
  metrics.gauge(
    'openbell_event_loop_delay_seconds',
    'How late timers come, 99th percentile',
    () => {
      const { p99Ms } = figures.eventLoopDelay();
      return Number.isFinite(p99Ms) ? [{ value: p99Ms / 1000 }] : [];
    },
  );
  metrics.gauge('openbell_network_latency_seconds', 'To open a connection to the peers', () => {
    const { latencyMs } = figures.network;
    return latencyMs === null ? [] : [{ value: latencyMs / 1000 }];
  });
  metrics.gauge('openbell_sei_rpc_latency_seconds', 'Of a reply of the Sei nodes', () => {
    const { latencyMs } = figures.sei.status;
    return latencyMs === null ? [] : [{ value: latencyMs / 1000 }];
  });
  metrics.gauge('openbell_sei_block_height', 'Newest block the Sei nodes know', () => {
    const { blockHeight } = figures.sei.status;
    return blockHeight === null ? [] : [{ value: blockHeight }];
  });
  metrics.histogramSource(
    'openbell_flashmm_push_seconds',
    'From a market’s event to its message on /ws/live-data, conflation included',
    () => [figures.pushLatency],
  );
}

export interface ObservedParts {
  readonly engine: Engine;
  readonly hub: StreamHub;
  readonly threads: Threads;
  readonly disk: DiskWatch;
  readonly clock: SystemClock;
}

/** Looks at the number of requests from now on, for as long as the process lives. */
export function sampleRequests(http: HttpMetrics, clock: Clock): RequestRateSampler {
  const sampler = new RequestRateSampler(() => http.totals(), clock.nowMs());
  setInterval(() => sampler.sample(clock.nowMs()), SAMPLE_EVERY_MS).unref();
  return sampler;
}

/** What sockets have been sent since the start, over all paths. */
export function socketTotals(hub: StreamHub): SocketTotals {
  let deliveries = 0;
  let resumes = 0;
  for (const counters of hub.metrics.values()) {
    deliveries += counters.deliveries;
    resumes += counters.resumes;
  }
  return { deliveries, resumes };
}

/** Metrics of what lies between the surfaces: rings, journal, engine, streams. */
export function registerServerMetrics(
  metrics: Metrics,
  { engine, hub, threads, disk, clock }: ObservedParts,
): void {
  registerMachine(metrics, disk, clock);
  metrics.counter(
    'openbell_repeated_orders_total',
    'Requests answered with an earlier result',
    () => [{ value: engine.clientOrders.repeatsTotal }],
  );
  metrics.gauge('openbell_client_order_ids', 'Client order ids remembered', () => [
    { value: engine.clientOrders.remembered },
  ]);
  metrics.counter('openbell_records_total', 'Durable records applied by the gateway', () => [
    { value: engine.recordsApplied },
  ]);
  metrics.counter('openbell_session_requests_total', 'Requests of in-process sessions', () => [
    { value: engine.sessionRequests },
  ]);
  metrics.gauge('openbell_requests_pending', 'Requests waiting to become durable', () => [
    { value: engine.requestsPending },
  ]);
  metrics.gauge('openbell_ring_used_bytes', 'Bytes in a ring not yet read by all', () =>
    threads.ringUse().map(({ ring, usedBytes }) => ({ labels: { ring }, value: usedBytes })),
  );
  metrics.gauge('openbell_ring_capacity_bytes', 'Size of a ring', () =>
    threads
      .ringUse()
      .map(({ ring, capacityBytes }) => ({ labels: { ring }, value: capacityBytes })),
  );
  registerJournal(metrics, threads);
  registerStreams(metrics, hub);
}

/** What the machine gives: space and time. */
function registerMachine(metrics: Metrics, disk: DiskWatch, clock: SystemClock): void {
  metrics.gauge('openbell_disk_free_bytes', 'Free space where the data directory lies', () => [
    { value: disk.freeBytes },
  ]);
  metrics.gauge('openbell_clock_wall_lag_seconds', 'How far the wall is behind venue time', () => [
    { value: clock.wallLagMs / 1000 },
  ]);
  metrics.counter('openbell_clock_jumps_total', 'Steps of the wall clock by a second or more', () =>
    Object.entries(clock.jumps).map(([direction, value]) => ({ labels: { direction }, value })),
  );
}

function registerJournal(metrics: Metrics, threads: Threads): void {
  const read = () => threads.journal.metrics.read();
  metrics.counter('openbell_journal_batches_total', 'Transactions committed', () => [
    { value: read().batches },
  ]);
  metrics.counter('openbell_journal_records_total', 'Records committed', () => [
    { value: read().frames },
  ]);
  metrics.counter('openbell_journal_bytes_total', 'Bytes of records committed', () => [
    { value: read().bytes },
  ]);
  metrics.histogramSource(
    'openbell_journal_commit_seconds',
    'From looking into the rings to the release, sync included',
    () => {
      const { commitTimeBuckets, sumCommitMicros } = read();
      // Bucket k counts commits below 2^(k+1) µs; the last one is open-ended.
      const bounds = commitTimeBuckets.slice(0, -1).map((_count, k) => 2 ** (k + 1) / 1e6);
      return [{ bounds, counts: commitTimeBuckets, sum: sumCommitMicros / 1e6 }];
    },
  );
}

/** Metrics of endpoints that are one of their counters: name, help, and which. */
type Counted = [name: string, help: string, read: (counters: StreamCounters) => number];

const STREAM_GAUGES: readonly Counted[] = [
  ['openbell_stream_connections', 'Open connections', (c) => c.connections],
  ['openbell_stream_subscriptions', 'Subscriptions held', (c) => c.subscriptions],
  ['openbell_stream_slow_connections', 'Slow clients that are not closed yet', (c) => c.slow],
];

const STREAM_COUNTERS: readonly Counted[] = [
  [
    'openbell_stream_conflations_total',
    'Messages left out for slow clients, who got a newer state',
    (c) => c.conflations,
  ],
  ['openbell_stream_messages_total', 'Messages encoded', (c) => c.messages],
  ['openbell_stream_deliveries_total', 'Messages sent', (c) => c.deliveries],
  ['openbell_stream_bytes_total', 'Bytes sent', (c) => c.bytes],
  [
    'openbell_stream_drops_total',
    'Messages lost to slow clients, beyond any bound',
    (c) => c.drops,
  ],
  ['openbell_stream_slow_closes_total', 'Slow clients closed', (c) => c.slowCloses],
  [
    'openbell_stream_slow_cuts_total',
    'Slow clients cut off without a close frame',
    (c) => c.slowCuts,
  ],
  ['openbell_stream_errors_total', 'Requests answered with an error', (c) => c.errors],
  ['openbell_stream_refused_total', 'Upgrades refused', (c) => c.refused],
];

function registerStreams(metrics: Metrics, hub: StreamHub): void {
  const each = (read: Counted[2]) => () =>
    [...hub.metrics].map(([endpoint, counters]) => ({
      labels: { endpoint },
      value: read(counters),
    }));
  for (const [name, help, read] of STREAM_GAUGES) {
    metrics.gauge(name, help, each(read));
  }
  for (const [name, help, read] of STREAM_COUNTERS) {
    metrics.counter(name, help, each(read));
  }
  metrics.gauge('openbell_stream_queued_bytes', 'Bytes waiting for clients to read', () => [
    { value: hub.queuedBytes },
  ]);
  metrics.gauge('openbell_stream_history_bytes', 'Kept for clients that come back', () => [
    { value: hub.historyBytes },
  ]);
  metrics.counter('openbell_stream_resumes_total', 'Clients that came back, by outcome', () =>
    [...hub.metrics].flatMap(([endpoint, { resumes, resumesLost }]) => [
      { labels: { endpoint, recovered: 'true' }, value: resumes },
      { labels: { endpoint, recovered: 'false' }, value: resumesLost },
    ]),
  );
  metrics.counter(
    'openbell_stream_refusals_total',
    'Messages and upgrades refused, by reason',
    () =>
      [...hub.metrics].flatMap(([endpoint, { refusals }]) =>
        [...refusals].map(([code, value]) => ({ labels: { endpoint, code }, value })),
      ),
  );
}
