import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadMarkets } from '../../src/config/markets.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { MarketView } from '../../src/projections/market-view.ts';
import { channelEncoders } from '../../test/support/channel-encoders.ts';
import { MarketFlow } from '../../test/support/market-flow.ts';
import { ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import { mean, middle, pulseOf, TickReaders, warmUp } from '../support/tick-readers.ts';

/** Records (commands and events) a second, and the orders that the simulated traders need for it. */
const LOADS = [
  { records: 10_000, ordersPerSecond: 5500 },
  { records: 100_000, ordersPerSecond: 55_000 },
] as const;
const ROUNDS = 3;
const MARKET_ID = 6;
const SEED = 20_261_121;

type Row = Record<string, string | number>;

interface Round {
  readonly recordsPerSecond: number;
  readonly percentiles: readonly number[];
  readonly madeMicros: number;
  readonly wireMicros: number;
  readonly commitMicros: number;
  readonly changesPerMessage: number;
  readonly clockDriftMicros: number;
}

const NOTES = [
  'Simulated traders place into all 14 markets whether or not anyone keeps up; one subscriber to orders_book of all of them, in ' +
    'FlatBuffers, in a process of its own. A sample is one event: from the admission of its command, as the event’s venue time ' +
    'says, until the subscriber has it decoded. All events count, also those that waited behind others.',
  'records/s: commands and events that became durable; below what was asked for, the machine is full, and the latency is a queue’s.',
  'means: commit is the journal’s transaction, its sync included; match + queues is the rest until the message was made ' +
    '(rings, matching, waiting for the transaction before, applying); encode is one such message encoded alone in a loop; ' +
    'socket is the rest: publish, kernel, the client’s wake-up and decoding.',
  'clock: how far the two processes’ clocks moved apart in a round, at most; they are compared by 200 round trips before and after.',
];

/** How late a subscriber hears of an event, and where the time goes. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const cases = LOADS.flatMap((load) =>
    (['commit', 'async'] as const).map((durability) => ({
      ...load,
      durability,
      rounds: [] as Round[],
    })),
  );
  const measured = smoke ? cases.slice(0, 1) : cases;
  for (let round = 0; round < (smoke ? 1 : ROUNDS); round += 1) {
    for (const each of measured) each.rounds.push(await measure(each, smoke));
  }
  const rows = measured.map(({ records, durability, rounds }) => row(records, durability, rounds));
  return { name: 'tick', rows, notes: NOTES };
}

async function measure(
  { ordersPerSecond, durability }: { ordersPerSecond: number; durability: string },
  smoke: boolean,
): Promise<Round> {
  const directory = mkdtempSync('bench/results/tick-');
  const server = await ServerProcess.start(directory, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: String(ordersPerSecond),
    OPENBELL_DURABILITY: durability,
  });
  const readers = new TickReaders();
  try {
    await readers.open(server, 1);
    await warmUp(smoke ? 300 : 3000);
    const before = await pulseOf(server);
    const report = await readers.measure(smoke ? 300 : 6000);
    const after = await pulseOf(server);
    const { totalMicros, madeMicros, wireMicros, messages, clockDriftMicros } = report;
    return {
      recordsPerSecond: ((after.records - before.records) / (after.atMs - before.atMs)) * 1000,
      percentiles: [0.5, 0.99, 0.999].map((share) => percentile(totalMicros, share)),
      madeMicros: mean(madeMicros),
      wireMicros: mean(wireMicros),
      commitMicros:
        ((after.commitSeconds - before.commitSeconds) / (after.commits - before.commits)) * 1e6,
      changesPerMessage: totalMicros.length / Math.max(1, messages),
      clockDriftMicros: Math.abs(clockDriftMicros),
    };
  } finally {
    readers.end();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function row(records: number, durability: string, rounds: readonly Round[]): Row {
  const of = (read: (round: Round) => number): number => middle(rounds.map(read));
  const encode = encodeMicros(Math.max(1, Math.round(of((round) => round.changesPerMessage))));
  const commit = of((round) => round.commitMicros);
  return {
    'records/s asked': records,
    durability,
    'records/s': Math.round(of((round) => round.recordsPerSecond)),
    'p50 µs': Math.round(of(({ percentiles }) => percentiles[0])),
    'p99 µs': Math.round(of(({ percentiles }) => percentiles[1])),
    'p99.9 µs': Math.round(of(({ percentiles }) => percentiles[2])),
    'mean µs': Math.round(of(({ madeMicros, wireMicros }) => madeMicros + wireMicros)),
    'match + queues': Math.round(of(({ madeMicros }) => madeMicros) - commit),
    commit: Math.round(commit),
    encode: Number(encode.toFixed(1)),
    socket: Math.round(of(({ wireMicros }) => wireMicros) - encode),
    'changes/message': Number(of((round) => round.changesPerMessage).toFixed(1)),
    'clock µs': Math.round(Math.max(...rounds.map((round) => round.clockDriftMicros))),
  };
}

/** One message of so many changes, encoded again and again. */
function encodeMicros(changes: number): number {
  const file = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
  const view = new MarketView(loadMarkets(file).get(MARKET_ID)!);
  view.orders.follow(true);
  const flow = new MarketFlow(MARKET_ID, SEED);
  const step = (): void => {
    flow.step();
    view.apply(flow.views, 0);
  };
  for (let i = 0; i < 2000; i += 1) step();
  view.clearChanges();
  for (let i = 0; i < changes; i += 1) step();
  const { binary } = channelEncoders(1, new SystemClock());
  const times = 20_000;
  let started = 0;
  // The first half warms up.
  for (let i = 0; i < 2 * times; i += 1) {
    if (i === times) started = performance.now();
    binary.update('orders_book', view);
  }
  return ((performance.now() - started) * 1000) / times;
}
