import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Histogram } from 'hdr-histogram-js';
import { ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import type { OrdersJob, OrdersReport } from './orders-client.ts';

/** Cases of the pipeline: sockets and requests under way on each. */
const LOADS = [
  [1, 1],
  [1, 16],
  [1, 256],
  [4, 16],
  [4, 256],
] as const;
/** `/proc` counts CPU time in hundredths of a second. */
const MICROS_PER_CPU_TICK = 10_000;
const NOTES = [
  'Latency: one order at a time, request to durable reply at a raw client in a process of its own; the ' +
    'order rests and is cancelled, untimed, before the next. The server is as built, with durability commit, ' +
    'rate limits off and no simulated traders.',
  'raw: 4 KiB written over in place and fdatasync, by turns with the others on the same disk; the append also ' +
    'has to make the new length durable. LMDB syncs twice a transaction, data and then its meta page, and its ' +
    'file grows, so its row is the floor of what is durable here.',
  'Throughput: every reply is one durable order; half of them rest, half take one that rests. Time to reply is ' +
    'under that load.',
  'async syncs nothing: it shows what is left without the disk, and is no mode to trade in.',
];

interface Stage {
  readonly directory: string;
  readonly client: ChildProcess;
  readonly venues: Readonly<Record<Durability, Venue>>;
}

interface Venue {
  readonly server: ServerProcess;
  readonly port: number;
  readonly token: string;
}

type Durability = 'commit' | 'async';
type Row = Record<string, string | number>;

/** Order to durable acknowledgement over real sockets, and what the disk alone would allow. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/orders-');
  const client = fork(fileURLToPath(new URL('./orders-client.js', import.meta.url)));
  const servers: ServerProcess[] = [];
  try {
    const venues = {
      commit: await openVenue(directory, 'commit', servers),
      async: await openVenue(directory, 'async', servers),
    };
    const stage = { directory, client, venues };
    const rows = [...(await latencyRows(stage, smoke)), ...(await throughputRows(stage, smoke))];
    return { name: 'orders', rows, notes: NOTES };
  } finally {
    client.kill();
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openVenue(
  directory: string,
  durability: Durability,
  servers: ServerProcess[],
): Promise<Venue> {
  const server = await ServerProcess.start(join(directory, durability), {
    OPENBELL_DURABILITY: durability,
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=1000000',
    OPENBELL_LOG_LEVEL: 'error',
  });
  servers.push(server);
  const { token } = await server.login();
  return { server, port: Number(new URL(server.url).port), token };
}

/** All cases by turns in every round, so that a neighbour's load meets all of them. */
async function latencyRows(stage: Stage, smoke: boolean): Promise<Row[]> {
  const rounds = smoke ? 1 : 10;
  const times = smoke ? 20 : 400;
  const { directory, venues } = stage;
  const cases: readonly [string, OrdersJob][] = [
    ['raw 4 KiB write + fdatasync', { kind: 'sync', directory, times }],
    ['raw 4 KiB append + fdatasync', { kind: 'append', directory, times }],
    ['raw LMDB, 512 bytes in one transaction', { kind: 'lmdb', directory, times }],
    ['order over /ws/stream', { ...target(venues.commit), kind: 'socket', times }],
    ['order over HTTP', { ...target(venues.commit), kind: 'http', times }],
    ['order over /ws/stream, async', { ...target(venues.async), kind: 'socket', times }],
    ['order over HTTP, async', { ...target(venues.async), kind: 'http', times }],
  ];
  const histograms = cases.map(() => nanoHistogram());
  for (const [, job] of cases)
    await ask(stage.client, { ...job, times: smoke ? 5 : 1000 } as OrdersJob);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, [, job]] of cases.entries()) {
      record(histograms[i], (await ask(stage.client, job)).micros);
    }
  }
  const [raw] = histograms;
  return cases.map(([name], i) => ({
    case: name,
    ...latencyColumns(histograms[i]),
    'p50 / raw': ratio(histograms[i], raw, 50),
    'p99 / raw': ratio(histograms[i], raw, 99),
  }));
}

async function throughputRows(stage: Stage, smoke: boolean): Promise<Row[]> {
  const rounds = smoke ? 1 : 3;
  const milliseconds = smoke ? 50 : 700;
  const rows: Row[] = [];
  for (const durability of ['commit', 'async'] as const) {
    for (const [sockets, inFlight] of LOADS) {
      const venue = stage.venues[durability];
      const job = {
        ...target(venue),
        kind: 'pipeline',
        closing: 'sell',
        sockets,
        inFlight,
      } as const;
      await ask(stage.client, { ...job, milliseconds: milliseconds / 2 });
      const histogram = nanoHistogram();
      const perSecond: number[] = [];
      const cpuMicros: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const cpuBefore = cpuTicks(venue.server.pid);
        const report = await ask(stage.client, { ...job, milliseconds });
        const ticks = cpuTicks(venue.server.pid) - cpuBefore;
        record(histogram, report.micros);
        perSecond.push(report.orders / report.seconds);
        cpuMicros.push((ticks * MICROS_PER_CPU_TICK) / report.orders);
      }
      rows.push({
        case: `${durability}: ${sockets} socket${sockets > 1 ? 's' : ''} × ${inFlight} under way`,
        ...latencyColumns(histogram),
        'orders/s': Math.round(percentile(perSecond, 0.5)),
        'server CPU µs/order': Number.isNaN(cpuMicros[0])
          ? 'unknown'
          : percentile(cpuMicros, 0.5).toFixed(1),
      });
    }
  }
  return rows;
}

function target({ port, token }: Venue): { port: number; token: string } {
  return { port, token };
}

async function ask(client: ChildProcess, job: OrdersJob): Promise<OrdersReport> {
  const reply = await new Promise<OrdersReport | { error: string }>((resolve) => {
    client.once('message', resolve);
    client.send(job);
  });
  if ('error' in reply) throw new Error(reply.error);
  return reply;
}

function nanoHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1000,
    highestTrackableValue: 60_000_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: Histogram, micros: readonly number[]): void {
  for (const value of micros) histogram.recordValue(Math.round(value * 1000));
}

function latencyColumns(histogram: Histogram): Row {
  const micros = (percentile: number): number =>
    Math.round(histogram.getValueAtPercentile(percentile) / 1000);
  return { 'p50 µs': micros(50), 'p99 µs': micros(99), 'p99.9 µs': micros(99.9) };
}

function ratio(of: Histogram, to: Histogram, percentile: number): string {
  return (of.getValueAtPercentile(percentile) / to.getValueAtPercentile(percentile)).toFixed(2);
}

/** CPU time of all threads of a process; `NaN` where the system does not tell. */
function cpuTicks(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return Number.NaN;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, notes } = await run({ smoke: process.argv.includes('--smoke') });
  console.table(rows);
  for (const note of notes) console.log(note);
}
