import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { eventually, ServerProcess } from '../../test/support/server-process.ts';
import { Crowd, mebibytes, residentKib } from '../support/crowd.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';

const REQUEST = JSON.stringify({ op: 'subscribe', channel: 'bbo', market: '*' });
/** The welcome, the acknowledgement and the present state of each market. */
const FRAMES_OF_REQUEST = 15;
const NOTES = [
  'Each round opens all connections, subscribes each to bbo of all markets under a simulated market of 20 orders/s, and ends half of them in ' +
    'order, half without a word.',
  'resident: the serving process, once its own metrics count no connection and no subscription any more.',
  'growth: over the second round, after which nothing may be left behind.',
];

/** Connections that come and go by the thousand: what they leave behind. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const connections = smoke ? 200 : 5000;
  const rounds = smoke ? 3 : 10;
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/storm-');
  const server = await ServerProcess.start(directory, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '20',
  });
  const crowd = new Crowd();
  try {
    const port = Number(new URL(server.url).port);
    const rows: Record<string, string | number>[] = [];
    const resident: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const started = performance.now();
      const order = { kind: 'open', port, path: '/ws/stream', connections } as const;
      await crowd.tell({ ...order, request: REQUEST, framesBefore: FRAMES_OF_REQUEST });
      const openSeconds = (performance.now() - started) / 1000;
      const busyKib = residentKib(server.pid);
      const open = await count(server);
      await crowd.tell({ kind: 'close' });
      const closeSeconds = (performance.now() - started) / 1000 - openSeconds;
      const left = await eventually('every connection is forgotten', async () => {
        const now = await count(server);
        return now.connections === 0 && now.subscriptions === 0 ? now : undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      resident.push(residentKib(server.pid));
      const second = resident[1];
      rows.push({
        round,
        'opened s': openSeconds.toFixed(2),
        'closed s': closeSeconds.toFixed(2),
        'connections open': open.connections,
        'subscriptions open': open.subscriptions,
        'left of both': left.connections + left.subscriptions,
        'resident MiB, open': mebibytes(busyKib),
        'resident MiB, closed': mebibytes(resident[round - 1]),
        'growth MiB': round > 2 ? mebibytes(resident[round - 1] - second) : '',
      });
    }
    return { name: 'storm', rows, notes: NOTES };
  } finally {
    crowd.end();
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The server's own metrics of the native stream. */
async function count(server: ServerProcess) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name: string): number => {
    const pattern = new RegExp(`^openbell_stream_${name}\\{endpoint="native"\\} (\\d+)`, 'm');
    return Number(pattern.exec(text)?.[1]);
  };
  return { connections: read('connections'), subscriptions: read('subscriptions') };
}
