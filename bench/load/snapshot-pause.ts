import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import type { OrdersJob, OrdersReport } from './orders-client.ts';

type Row = Record<string, string | number>;

/** The first warms up. */
const ROUNDS = 25;
const ROUND_MS = 1500;

const NOTES = [
  'Two servers side by side, the same client by turns, 1 socket × 8 requests under way (place, cancel, place …); one takes a ' +
    'snapshot as soon as the one before is done (the worst case: by default it is one every 256 MiB or hour), the other none.',
  'percentiles are medians over the rounds, so that a neighbour’s moment is not taken for a snapshot’s.',
];

/** Whether a client feels a snapshot: orders to durable replies with one always under way, and without. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/snapshot-pause-');
  try {
    return { name: 'snapshot-pause', rows: await pauseRows(directory, smoke), notes: NOTES };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Both servers live all the time and are asked by turns, so that the machine is as fair as it is. */
async function pauseRows(directory: string, smoke: boolean): Promise<Row[]> {
  const client = fork(fileURLToPath(new URL('./orders-client.js', import.meta.url)));
  const servers: ServerProcess[] = [];
  try {
    const cases = [
      ['acks, no snapshot', '2000000000', '31536000'],
      ['acks, snapshots without end', '16', '1'],
    ] as const;
    const jobs: { what: string; job: OrdersJob; rounds: number[][]; orders: number }[] = [];
    for (const [what, kib, seconds] of cases) {
      const server = await openVenue(join(directory, `pause-${kib}`), kib, seconds);
      servers.push(server);
      const { token } = await server.login();
      const port = Number(new URL(server.url).port);
      const load = { sockets: 1, inFlight: 8, milliseconds: smoke ? 50 : ROUND_MS };
      const job: OrdersJob = { kind: 'pipeline', closing: 'cancel', port, token, ...load };
      jobs.push({ what, job, rounds: [], orders: 0 });
    }
    for (let round = 0; round < (smoke ? 1 : ROUNDS); round += 1) {
      for (const lane of jobs) {
        const report = await ask(client, lane.job);
        if (round === 0 && !smoke) continue;
        lane.rounds.push([0.5, 0.99, 0.999].map((share) => percentile(report.micros, share)));
        lane.orders += report.orders;
      }
    }
    return jobs.map(({ what, rounds, orders }, i) => ({
      what,
      requests: orders,
      snapshots: count(servers[i]),
      'p50 µs': Math.round(middle(rounds, 0)),
      'p99 µs': Math.round(middle(rounds, 1)),
      'p99.9 µs': Math.round(middle(rounds, 2)),
    }));
  } finally {
    client.kill();
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
  }
}

function middle(rounds: readonly number[][], column: number): number {
  return percentile(
    rounds.map((round) => round[column]),
    0.5,
  );
}

function openVenue(directory: string, kib: string, seconds: string): Promise<ServerProcess> {
  return ServerProcess.start(directory, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '200',
    OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=1000000',
    OPENBELL_SNAPSHOT_INTERVAL_KIB: kib,
    OPENBELL_SNAPSHOT_INTERVAL_SECONDS: seconds,
  });
}

function count(server: ServerProcess): number {
  return server.log.split('"msg":"snapshot"').length - 1;
}

function ask(client: ChildProcess, job: OrdersJob): Promise<OrdersReport> {
  return new Promise((resolve, reject) => {
    client.once('message', (reply: OrdersReport | { error: string }) => {
      if ('error' in reply) reject(new Error(reply.error));
      else resolve(reply);
    });
    client.send(job);
  });
}
