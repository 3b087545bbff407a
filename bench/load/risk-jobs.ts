import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_PASSWORD, eventually, ServerProcess } from '../../test/support/server-process.ts';
import { writeSomeMarkets } from '../../test/support/some-markets.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import type { PacedJob, PacedReport } from './paced-client.ts';

const ROUNDS = 15;
const ROUND_MS = 1000;
/** Kept under way: two run, two wait. */
const JOBS = 4;
const PATHS = 300_000;
/** Of the server, unless it is told otherwise. */
const THREADS = 2;
/** Made up in little time. */
const MARKETS = ['NASDAQ:AAPL', 'NASDAQ:GOOGL', 'binance:BTC-USDT'];
const PRICE = '/api/v1/market/price/BTC-USDT';

/** Whether who asks for a price feels that others have risk computed. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/risk-jobs-');
  const client = fork(fileURLToPath(new URL('./paced-client.js', import.meta.url)));
  const server = await ServerProcess.start(join(directory, 'data'), {
    OPENBELL_MARKETS_FILE: writeSomeMarkets(directory, MARKETS),
    OPENBELL_SIMULATION_HISTORY: 'on',
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '20',
  });
  try {
    const headers = await authorise(server.url);
    await eventually('the past is there', async () => {
      const reply = await fetch(`${server.url}/api/v1/analysis/risk/BTC-USDT`, { headers });
      return reply.ok || undefined;
    });
    return await measure(client, server.url, headers, smoke);
  } finally {
    client.kill();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function authorise(url: string): Promise<Record<string, string>> {
  const reply = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
  });
  const { access_token: token } = (await reply.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}

async function measure(
  client: ChildProcess,
  url: string,
  headers: Record<string, string>,
  smoke: boolean,
): Promise<BenchResult> {
  const job: PacedJob = {
    port: Number(new URL(url).port),
    request: `GET ${PRICE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${headers.authorization}\r\n\r\n`,
    connections: 4,
    perSecond: 100,
    milliseconds: smoke ? 200 : ROUND_MS,
  };
  const lanes = [
    { what: 'no jobs', rounds: [] as number[][], jobs: 0, begin: undefined },
    {
      what: `${JOBS} jobs under way`,
      rounds: [] as number[][],
      jobs: 0,
      begin: () => keepJobs(url, headers),
    },
    {
      what: `${THREADS} other processes that spin, same priority`,
      rounds: [] as number[][],
      jobs: 0,
      begin: spin,
    },
  ];
  for (let round = 0; round < (smoke ? 1 : ROUNDS + 1); round += 1) {
    for (const lane of lanes) {
      const load = lane.begin?.();
      const { micros } = await ask(client, job);
      const done = (await load?.stop()) ?? 0;
      if (round === 0 && !smoke) continue;
      lane.jobs += done;
      lane.rounds.push([0.5, 0.99, 0.999].map((share) => percentile(micros, share)));
    }
  }
  return {
    name: 'risk-jobs',
    rows: lanes.map(({ what, rounds, jobs }) => {
      const middle = (place: number) => {
        return percentile(
          rounds.map((each) => each[place]),
          0.5,
        );
      };
      return {
        case: what,
        'p50 µs': middle(0),
        'p99 µs': middle(1),
        'p99.9 µs': middle(2),
        'jobs done': jobs,
      };
    }),
    notes: [
      `GET ${PRICE}: 400 requests/s due on 4 connections, latency from when they were due; rounds of ${ROUND_MS} ms by turns, medians of their percentiles`,
      `jobs: POST /api/risk/var, two assets, three methods, ${PATHS} paths; ${THREADS} threads of the lowest priority`,
      'server with journal and 20 simulated orders/s; client and server share the machine',
    ],
  };
}

/** What the machine itself makes of as much work of as low a priority, elsewhere. */
function spin() {
  const script = `require('os').setPriority(0, ${constants.priority.PRIORITY_LOW}); for (;;);`;
  const children = Array.from({ length: THREADS }, () => spawn(process.execPath, ['-e', script]));
  return {
    stop: async (): Promise<number> => {
      for (const child of children) child.kill('SIGKILL');
      return 0;
    },
  };
}

/** Keeps jobs under way until it is told to stop. */
function keepJobs(url: string, headers: Record<string, string>) {
  let stopped = false;
  let done = 0;
  const body = JSON.stringify({
    positions: [
      { symbol: 'AAPL', value: 17_584 },
      { symbol: 'GOOGL', value: 25_000 },
    ],
    confidence_level: 0.99,
    time_horizon: 10,
    paths: PATHS,
  });
  const keep = async (): Promise<void> => {
    while (!stopped) {
      const reply = await fetch(`${url}/api/risk/var`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      });
      if (!reply.ok) throw new Error(await reply.text());
      done += 1;
    }
  };
  const all = Promise.all(Array.from({ length: JOBS }, keep));
  return {
    stop: async (): Promise<number> => {
      stopped = true;
      await all;
      return done;
    },
  };
}

function ask(client: ChildProcess, job: PacedJob): Promise<PacedReport> {
  return new Promise((resolve, reject) => {
    client.once('message', (reply: PacedReport | { error: string }) =>
      'error' in reply ? reject(new Error(reply.error)) : resolve(reply),
    );
    client.send(job);
  });
}
