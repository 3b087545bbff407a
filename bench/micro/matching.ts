import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';
import { runCore, timeCore } from './matching-core.ts';
import { type FlowConfig, makeFlow } from './matching-flow.ts';
import { PEERS, runPeer } from './matching-peer.ts';

const COMMON = { seed: 1, commands: 300_000, meanOffsetTicks: 200 };
const MIX = { ...COMMON, addShare: 0.55, takeShare: 0.05 };
/** How long the core runs before it is measured. */
const WARM_UP_MS = 2_000;
/** Fewer commands: the peer takes half a minute for these otherwise. */
const LARGE = { ...MIX, liveOrders: 100_000, commands: 150_000 };

const CASES: readonly (FlowConfig & { name: string })[] = [
  { ...MIX, name: 'mix, 10 k live', liveOrders: 10_000 },
  { ...LARGE, name: 'mix, 100 k live' },
  { ...LARGE, name: 'mix, 100 k live, prices 10× wider', meanOffsetTicks: 2000 },
  { ...COMMON, name: 'add and cancel, 10 k live', liveOrders: 10_000, addShare: 0.5, takeShare: 0 },
  {
    ...COMMON,
    name: 'sweeps of 20 orders',
    liveOrders: 10_000,
    addShare: 0.8,
    takeShare: 0.04,
    takeOrders: 40,
  },
  {
    ...COMMON,
    name: 'mix with 10 % stops',
    liveOrders: 10_000,
    addShare: 0.45,
    takeShare: 0.05,
    stopShare: 0.1,
  },
];

/**
 * The matching core beside `nodejs-order-book` and `hft-limit-order-book`, on one seeded flow in the same process: operations
 * per second, medians of interleaved runs; fills and final states are checked to be equal.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rows: Record<string, string | number>[] = [];
  const checks: string[] = [];
  for (const config of CASES) {
    const measured = measure(smoke ? shrink(config) : config, smoke ? 1 : 3);
    rows.push({ flow: config.name, ...measured.row });
    checks.push(`${config.name}: ${measured.check}`);
  }
  return {
    name: 'matching',
    rows,
    notes: [
      '55 % additions, 40 % cancellations, 5 % immediate-or-cancel orders of four fills on average',
      'one thread; commands lie encoded in a ring and are carried out in rows, as the market worker does; ' +
        'events are written to a ring and published every 256 commands',
      'new orders lie 200 ticks (mean, exponential) from the middle unless the flow says otherwise; the ' +
        'peer re-indexes a whole price level on a cancellation, so its speed falls with orders per level',
      '"read": the same thread also walks every event frame; otherwise neither side’s reply is read',
      'latency: mean of 16 commands, publication included, so single slow commands are averaged',
      'stops wait and are cancelled among the others; none is triggered, because the peers trigger by other rules',
      ...checks,
    ],
  };
}

function shrink(config: FlowConfig): FlowConfig {
  return { ...config, liveOrders: config.liveOrders / 10, commands: 10_000 };
}

function measure(
  config: FlowConfig,
  rounds: number,
): { row: Record<string, string | number>; check: string } {
  const flow = makeFlow(config);
  const ours = runCore(flow, true);
  for (const name of PEERS) {
    const theirs = runPeer(flow, name, true);
    if (ours.fills === theirs.fills && ours.fillSum === theirs.fillSum) continue;
    throw new Error(`fills differ from those of ${name}: ${ours.fills} and ${theirs.fills}`);
  }
  const core: number[] = [];
  const coreRead: number[] = [];
  const peers = PEERS.map((): number[] => []);
  const heap: number[] = [];
  // The one large function of the core is compiled late, and once more when it first meets a rare
  // branch; a run of the peers is as long as dozens of its.
  const warmUntilMs = performance.now() + (rounds > 1 ? WARM_UP_MS : 0);
  while (performance.now() < warmUntilMs) runCore(flow, false);
  // Interleaved, so that a busy neighbour slows all of them.
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < 5; i += 1) {
      const written = runCore(flow, false);
      if (written.stateHash !== ours.stateHash) throw new Error('a second run ended differently');
      core.push(config.commands / written.seconds / 1e6);
      heap.push(written.heapBytes);
      coreRead.push(config.commands / runCore(flow, true).seconds / 1e6);
    }
    PEERS.forEach((name, i) => {
      peers[i].push(config.commands / runPeer(flow, name, false).seconds / 1e6);
    });
  }
  const latency = timeCore(flow);
  const [nodejs, hft] = peers.map((runs) => percentile(runs, 0.5));
  return {
    row: {
      'M ops/s': three(percentile(core, 0.5)),
      'M ops/s, read': three(percentile(coreRead, 0.5)),
      'nodejs-order-book': three(nodejs),
      ratio: three(percentile(core, 0.5) / nodejs),
      'hft-limit-order-book': three(hft),
      'its ratio': three(percentile(core, 0.5) / hft),
      'p50 ns': three(percentile(latency, 0.5)),
      'p99 ns': three(percentile(latency, 0.99)),
      'p99.9 ns': three(percentile(latency, 0.999)),
      'max ns': three(percentile(latency, 1)),
      'heap B/op': three(percentile(heap, 0.5)),
    },
    check: `${ours.fills} fills, sum ${ours.fillSum}, state ${ours.stateHash.slice(0, 16)}`,
  };
}
