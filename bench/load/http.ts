import { App, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../src/config/settings.ts';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
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
import { openTestJobs } from '../../test/support/test-jobs.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import type { ClientJob, ClientReport } from './http-client.ts';

const BOOK_PATH = '/v1/markets/binance/orderbook/BTC%2FUSDT';
const PASSWORD = 'a password for the bench';

export interface Case {
  readonly name: string;
  readonly request: string;
  /** Run before the case, e.g. to have the book change under its readers. */
  setUp?(): void;
  tearDown?(): void;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytes: number;
}

/** REST replies of the gateway beside a raw uWebSockets.js route that sends as many bytes. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rounds = smoke ? 1 : 5;
  const milliseconds = smoke ? 150 : 1500;
  const connections = smoke ? 4 : 32;
  const stage = await openStage();
  const client = fork(fileURLToPath(new URL('./http-client.js', import.meta.url)));
  try {
    const cases = stage.cases();
    const results = new Map<string, Measured[]>();
    const measure = (each: Case, ms: number) =>
      measureCase(client, each, { port: stage.port, connections, milliseconds: ms });
    for (const each of cases) await measure(each, smoke ? 50 : 500);
    for (let round = 0; round < rounds; round += 1) {
      for (const each of cases) {
        const list = results.get(each.name) ?? [];
        list.push(await measure(each, milliseconds));
        results.set(each.name, list);
      }
    }
    return report(cases, results, { rounds, milliseconds, connections });
  } finally {
    client.kill();
    stage.close();
  }
}

async function openStage() {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  const clock = new SystemClock();
  const venue = new InstantVenue();
  fillBook(venue);
  const identity = Identity.open({ directory, clock, record: async () => undefined });
  await identity.ensureAdmin('admin', PASSWORD);
  const login = await identity.login('admin', PASSWORD, NO_CLIENT);
  const token = 'accessToken' in login ? login.accessToken : '';
  const metrics = new Metrics();
  const app = App();
  const settings = readSettings({});
  const jobs = openTestJobs();
  createHttpServer({
    app,
    routes: allRoutes({
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
    }),
    surfaces: allSurfaces(),
    authenticator: identity,
    venue: forBench(venue),
    clock,
    metrics: new HttpMetrics(metrics),
    log: { error: (fields) => console.error(fields) },
    rateLimits: 'off',
  });
  const { port, socket } = await listen(app);
  const authorization = { authorization: `Bearer ${token}` };
  const sample = await fetch(`http://127.0.0.1:${port}${BOOK_PATH}`, { headers: authorization });
  addRawRoute(app, await sample.text(), sample.headers.get('x-request-id') ?? '');
  return {
    port,
    cases: () => casesOf(token),
    close: () => {
      us_listen_socket_close(socket);
      app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type ListenSocket = Parameters<typeof us_listen_socket_close>[0];

export function listen(
  app: ReturnType<typeof App>,
): Promise<{ port: number; socket: ListenSocket }> {
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no port to listen on'));
      else resolve({ port: us_socket_local_port(socket), socket });
    });
  });
}

let bookChanges = false;

function fillBook(venue: InstantVenue): void {
  const market = venue.market('binance', 'BTC-USDT');
  const depth = venue.depth(market);
  for (let i = 0; i < 200; i += 1) {
    depth.setLevel(SIDE_BUY, 972_500 - i, 1 + ((i * 7919) % 4000), 1 + (i % 9));
    depth.setLevel(SIDE_SELL, 972_501 + i, 1 + ((i * 6007) % 4000), 1 + (i % 7));
  }
  depth.seq = 1_000_000;
  Object.assign(venue.ticker(market), { updatedSeconds: 1_713_191_400, updatedNanos: 123_456_000 });
}

/**
 * The venue, with a market that moves between any two reads while `bookChanges` is set, and without
 * a memory of its orders, which would be measured as garbage collection.
 */
function forBench(venue: InstantVenue): InstantVenue {
  const depth = venue.depth.bind(venue);
  venue.depth = (market) => {
    const book = depth(market);
    if (bookChanges) {
      book.seq += 1;
      book.setLevel(SIDE_BUY, 972_500 - (book.seq % 20), 1 + (book.seq % 4000), 1);
      book.changed.clear();
    }
    return book;
  };
  const place = venue.place.bind(venue);
  venue.place = (request, done) => {
    place(request, done);
    venue.orders.clear();
    venue.placed.length = 0;
  };
  return venue;
}

/** As many bytes as the gateway's reply, with the least that a route can do. */
function addRawRoute(app: ReturnType<typeof App>, body: string, requestId: string): void {
  app.get('/raw', (res) => {
    res.writeHeader('X-Request-Id', requestId).writeHeader('Content-Type', 'application/json');
    res.end(body);
  });
}

function casesOf(token: string): Case[] {
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const order =
    '{"exchange":"binance","symbol":"BTC/USDT","side":"buy","type":"limit",' +
    '"quantity":0.25,"price":97250.1,"client_order_id":"bench"}';
  return [
    { name: 'raw route', request: get('/raw') },
    { name: 'order book, unchanged', request: get(BOOK_PATH) },
    {
      name: 'order book, changed at every read',
      request: get(BOOK_PATH),
      setUp: () => {
        bookChanges = true;
      },
      tearDown: () => {
        bookChanges = false;
      },
    },
    {
      name: 'place order, venue answers at once',
      request:
        'POST /v1/trading/orders HTTP/1.1\r\nHost: localhost\r\n' +
        `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${order.length}\r\n\r\n${order}`,
    },
  ];
}

export async function measureCase(
  client: ChildProcess,
  { request, setUp, tearDown }: Case,
  job: Omit<ClientJob, 'request'>,
): Promise<Measured> {
  setUp?.();
  const cpu = process.cpuUsage();
  const reply = await new Promise<ClientReport | { error: string }>((resolve) => {
    client.once('message', resolve);
    client.send({ ...job, request });
  });
  const { user, system } = process.cpuUsage(cpu);
  tearDown?.();
  if ('error' in reply) throw new Error(reply.error);
  return {
    perSecond: reply.replies / reply.seconds,
    cpuMicros: (user + system) / reply.replies,
    p50: reply.p50,
    p99: reply.p99,
    bytes: reply.bytes / reply.replies,
  };
}

function report(
  cases: readonly Case[],
  results: ReadonlyMap<string, Measured[]>,
  load: { rounds: number; milliseconds: number; connections: number },
): BenchResult {
  const middle = (name: string, key: keyof Measured): number => {
    const values = (results.get(name) as Measured[]).map((each) => each[key]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  const raw = cases[0].name;
  return {
    name: 'http',
    rows: cases.map(({ name }) => ({
      case: name,
      'replies/s': Math.round(middle(name, 'perSecond')),
      'of raw': (middle(name, 'perSecond') / middle(raw, 'perSecond')).toFixed(2),
      'server CPU µs/reply': middle(name, 'cpuMicros').toFixed(1),
      'raw CPU / CPU': (middle(raw, 'cpuMicros') / middle(name, 'cpuMicros')).toFixed(2),
      'p50 µs': middle(name, 'p50'),
      'p99 µs': middle(name, 'p99'),
      'bytes/reply': Math.round(middle(name, 'bytes')),
    })),
    notes: [
      `${load.connections} keep-alive connections from a process of their own, one request each at a ` +
        `time; ${load.rounds} interleaved rounds of ${load.milliseconds} ms, medians.`,
      'The client costs as much as the server, so the ratio of CPU times says more than that of replies.',
      'Readers that poll faster than the market moves meet the unchanged book.',
      'Rate limits off; authentication, validation, metrics and request ids on; no engine behind.',
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, notes } = await run({ smoke: process.argv.includes('--smoke') });
  console.table(rows);
  for (const note of notes) console.log(note);
}
