import { App, us_listen_socket_close } from 'uWebSockets.js';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../src/config/settings.ts';
import { createHttpServer } from '../../src/gateway/http/server.ts';
import { openRiskDesk } from '../../src/gateway/risk/open-risk-desk.ts';
import { NO_CLIENT } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { HttpMetrics } from '../../src/metrics/http-metrics.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { SystemLoadSampler } from '../../src/metrics/system-load.ts';
import { allRoutes, allSurfaces } from '../../src/surfaces/all.ts';
import { openTestAnalytics } from '../../test/support/analytics.ts';
import { InstantVenue } from '../../test/support/instant-venue.ts';
import { MarketFlow } from '../../test/support/market-flow.ts';
import { openTestJobs } from '../../test/support/test-jobs.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import { type Case, listen, measureCase } from './http.ts';

const BARS = 5000;
const PASSWORD = 'a password for the bench';
/** What is asked for, by the path of the raw route that answers with as many bytes. */
const QUERIES = {
  '/raw/price': '/api/v1/market/price/BTC-USDT',
  '/raw/history': `/api/v1/market/history/BTC-USDT?interval=1m&limit=${BARS}`,
} as const;

/** Headers that uWebSockets.js writes by itself. */
const OF_THE_LIBRARY = ['content-length', 'date', 'uwebsockets'];

type Measured = Awaited<ReturnType<typeof measureCase>>;

/** Price and history of the Entasis surface beside raw routes that send as many bytes. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rounds = smoke ? 1 : 5;
  const milliseconds = smoke ? 150 : 1500;
  const connections = smoke ? 4 : 16;
  const stage = await openStage();
  const client = fork(fileURLToPath(new URL('./http-client.js', import.meta.url)));
  try {
    const results = new Map<string, Measured[]>();
    const job = { port: stage.port, connections };
    for (let round = -1; round < rounds; round += 1) {
      for (const each of stage.cases) {
        const warmUp = round < 0;
        const ms = warmUp ? Math.min(milliseconds, 500) : milliseconds;
        const measured = await measureCase(client, each, { ...job, milliseconds: ms });
        const list = results.get(each.name) ?? [];
        if (!warmUp) list.push(measured);
        results.set(each.name, list);
      }
    }
    return report(stage.cases, results, `${rounds} interleaved rounds of ${milliseconds} ms`);
  } finally {
    client.kill();
    stage.close();
  }
}

async function openStage() {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  const clock = new SystemClock();
  const venue = new InstantVenue();
  fillBars(venue, clock.nowMs() / 1000);
  const identity = Identity.open({ directory, clock, record: async () => undefined });
  await identity.ensureAdmin('admin', PASSWORD);
  const login = await identity.login('admin', PASSWORD, NO_CLIENT);
  const token = 'accessToken' in login ? login.accessToken : '';
  const metrics = new Metrics();
  const app = App();
  const settings = readSettings({});
  const jobs = openTestJobs();
  const parts = {
    settings,
    jobs,
    risk: openRiskDesk({ settings, venue, jobs }),
    ...openTestAnalytics({ settings, venue, jobs, clock }),
    clock,
    identity,
    metrics,
    systemLoad: new SystemLoadSampler(directory),
    openAccount: async () => undefined,
    version: '0.0.0',
  };
  createHttpServer({
    app,
    routes: allRoutes(parts),
    surfaces: allSurfaces(),
    authenticator: identity,
    venue,
    clock,
    metrics: new HttpMetrics(metrics),
    log: { error: (fields) => console.error(fields) },
    rateLimits: 'off',
  });
  const { port, socket } = await listen(app);
  const headers = { authorization: `Bearer ${token}` };
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const cases: Case[] = [];
  for (const [raw, path] of Object.entries(QUERIES)) {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const body = Buffer.from(await reply.arrayBuffer());
    // As much as the head of the reply that the gateway sends, with the least that a route can do.
    const padding = [...reply.headers]
      .filter(([name]) => !OF_THE_LIBRARY.includes(name))
      .map(([name, value]) => `${name}: ${value}  `)
      .join('')
      .slice('X-Padding: '.length);
    app.get(raw, (res) => {
      res.writeHeader('X-Padding', padding).end(body);
    });
    cases.push({ name: `raw route of equal bytes, ${raw}`, request: get(raw) });
    cases.push({ name: path, request: get(path) });
  }
  return {
    port,
    cases,
    close: () => {
      us_listen_socket_close(socket);
      app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Trades in each of so many minutes up to now. */
function fillBars(venue: InstantVenue, nowSeconds: number): void {
  const flow = new MarketFlow(venue.market('binance', 'BTC-USDT').id, 1);
  const start = Math.floor(nowSeconds) - 60 * (BARS + 10);
  for (let minute = 0; minute < BARS + 10; minute += 1) {
    flow.seconds = start + 60 * minute;
    for (let i = 0; i < 20; i += 1) {
      flow.step();
      venue.views.apply(flow.views, 0);
    }
    venue.views.clearChanges();
  }
}

function report(
  cases: readonly Case[],
  results: ReadonlyMap<string, Measured[]>,
  load: string,
): BenchResult {
  const middle = (name: string, key: keyof Measured): number => {
    const values = (results.get(name) as Measured[]).map((each) => each[key]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  return {
    name: 'market-replies',
    rows: cases.map(({ name }, i) => {
      const raw = cases[i - (i % 2)].name;
      return {
        case: name,
        'replies/s': Math.round(middle(name, 'perSecond')),
        'of raw': (middle(name, 'perSecond') / middle(raw, 'perSecond')).toFixed(2),
        'server CPU µs/reply': middle(name, 'cpuMicros').toFixed(1),
        'raw CPU / CPU': (middle(raw, 'cpuMicros') / middle(name, 'cpuMicros')).toFixed(2),
        'p50 µs': middle(name, 'p50'),
        'bytes/reply': Math.round(middle(name, 'bytes')),
      };
    }),
    notes: [
      `16 keep-alive connections from a process of their own, one request each at a time; ${load}, medians.`,
      'Rate limits off; authentication, validation, metrics and request ids on; no engine behind.',
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, notes } = await run({ smoke: process.argv.includes('--smoke') });
  console.table(rows);
  for (const note of notes) console.log(note);
}
