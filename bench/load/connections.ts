import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../../test/support/server-process.ts';
import { Crowd, kernelKib, mebibytes, residentKib } from '../support/crowd.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';

type Row = Record<string, string | number>;

const NOTES = [
  'All connections come from one process through 16 loopback addresses; no market moves, so nothing is being sent.',
  'idle: connected and greeted; subscribed: book and trades of one market besides, one snapshot each delivered.',
  'KiB/connection: resident memory of the serving process over what it had before the first connection.',
  'kernel: TCP buffers and kernel objects of the whole machine, both ends of each connection, and whatever else runs.',
  'raw: uWebSockets.js alone in a process of its own, greeting each connection and joining it to one topic.',
];
const SUBSCRIBE = ['book', 'trades'].map((channel) =>
  JSON.stringify({ op: 'subscribe', channel, market: 'binance:BTC-USDT' }),
);

/** Who serves, and what a client asks of it. */
interface Side {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  readonly framesBefore: number;
  /** Requests that make a subscriber, with the frames that answer each. */
  readonly requests: readonly (readonly [string, number])[];
}

/** Memory of a connection that does nothing, and of one that listens. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const connections = smoke ? 200 : 10_000;
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/connections-');
  const server = await ServerProcess.start(directory, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  });
  const raw = fork(fileURLToPath(new URL('./raw-sockets.js', import.meta.url)));
  try {
    const [{ port: rawPort }] = (await once(raw, 'message')) as [{ port: number }];
    const sides: Side[] = [
      {
        name: 'ours',
        pid: server.pid,
        port: Number(new URL(server.url).port),
        path: '/ws/stream',
        framesBefore: 1,
        requests: [
          [SUBSCRIBE[0], 2],
          [SUBSCRIBE[1], 1],
        ],
      },
      {
        name: 'raw uWebSockets.js',
        pid: raw.pid ?? 0,
        port: rawPort,
        path: '/ws',
        framesBefore: 1,
        requests: [['subscribe', 1]],
      },
    ];
    const rows: Row[] = [];
    for (const side of sides) rows.push(...(await measure(side, connections)));
    return { name: 'connections', rows, notes: NOTES };
  } finally {
    raw.disconnect();
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(side: Side, connections: number): Promise<Row[]> {
  const { name, pid, port, path, framesBefore, requests } = side;
  const crowd = new Crowd();
  // What a first connection loads is no connection's own.
  const open = { kind: 'open', port, path, request: '', framesBefore } as const;
  await crowd.tell({ ...open, connections: 10 });
  for (const [request, frames] of requests) await crowd.tell({ kind: 'ask', request, frames });
  await crowd.tell({ kind: 'close' });
  await settle();
  const before = memory(pid);
  const row = (state: string): Row => {
    const now = memory(pid);
    const each = (kib: number): number => Number((kib / connections).toFixed(2));
    return {
      side: name,
      state,
      connections,
      'resident MiB': mebibytes(now.residentKib),
      'KiB/connection': each(now.residentKib - before.residentKib),
      'kernel buffers KiB': each(now.buffersKib - before.buffersKib),
      'kernel objects KiB': each(now.objectsKib - before.objectsKib),
    };
  };
  await crowd.tell({ ...open, connections });
  await settle();
  const rows = [row('idle')];
  for (const [request, frames] of requests) await crowd.tell({ kind: 'ask', request, frames });
  await settle();
  rows.push(row('subscribed'));
  await crowd.tell({ kind: 'close' });
  await settle();
  rows.push(row('all closed again'));
  crowd.end();
  return rows;
}

function memory(pid: number) {
  return { residentKib: residentKib(pid), ...kernelKib() };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1500));
}
