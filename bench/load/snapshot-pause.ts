import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import type { OrdersJob, OrdersReport } from './orders-client.ts';

type Row = Record<string, string | number>;

const NOTES = [
  'Two servers side by side, the same client by turns, 1 socket × 8 orders under way; one takes a snapshot as soon as ' +
    'the one before is done (the worst case: by default it is one every 256 MiB or hour), the other none.',
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
    const jobs: { what: string; job: OrdersJob; micros: number[]; orders: number }[] = [];
    for (const [what, kib, seconds] of cases) {
      const server = await openVenue(join(directory, `pause-${kib}`), kib, seconds);
      servers.push(server);
      const { token } = await server.login();
      const port = Number(new URL(server.url).port);
      const load = { sockets: 1, inFlight: 8, milliseconds: smoke ? 50 : 1000 };
      jobs.push({ what, job: { kind: 'pipeline', port, token, ...load }, micros: [], orders: 0 });
    }
    for (let round = 0; round < (smoke ? 1 : 12); round += 1) {
      for (const lane of jobs) {
        const report = await ask(client, lane.job);
        // The first round warms up.
        if (round === 0 && !smoke) continue;
        lane.micros.push(...report.micros);
        lane.orders += report.orders;
      }
    }
    return jobs.map(({ what, micros, orders }, i) => ({
      what,
      orders,
      snapshots: count(servers[i]),
      'p50 µs': Math.round(percentile(micros, 0.5)),
      'p99 µs': Math.round(percentile(micros, 0.99)),
      'p99.9 µs': Math.round(percentile(micros, 0.999)),
    }));
  } finally {
    client.kill();
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
  }
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
