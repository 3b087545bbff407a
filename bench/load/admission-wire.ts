/**
 * What authentication, rate limit and validation add to a request: server CPU per reply, each stage
 * by itself, beside a bare uWebSockets.js route that sends the same bytes in the same run.
 */
import { App, us_listen_socket_close } from 'uWebSockets.js';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { type Authenticator, RateLimits } from '../../src/gateway/http/admission.ts';
import { defineRoute, type Route } from '../../src/gateway/http/route.ts';
import { createHttpServer } from '../../src/gateway/http/server.ts';
import { NO_CLIENT } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { HttpMetrics } from '../../src/metrics/http-metrics.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { allSurfaces } from '../../src/surfaces/all.ts';
import { InstantVenue } from '../../test/support/instant-venue.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import { type Case, listen, measureCase } from './http.ts';

const PASSWORD = 'a password for the bench';
const BODY =
  '{"exchange":"binance","symbol":"BTC/USDT","side":"buy","quantity":0.25,"price":97250.1}';
const REPLY = { status: 'ok', data: { value: 1 } };

const Params = Type.Object(
  { name: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
);
const Query = Type.Object(
  { depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) },
  { additionalProperties: false },
);
const Order = Type.Object(
  {
    exchange: Type.String({ minLength: 1, maxLength: 64 }),
    symbol: Type.String({ minLength: 1, maxLength: 64 }),
    side: Type.Enum(['buy', 'sell'], { type: 'string' }),
    quantity: Type.Number(),
    price: Type.Number(),
  },
  { additionalProperties: false },
);

/** Routes that do nothing, so that what is before the handler is all that is measured. */
function routes(): Route[] {
  const common = {
    surface: 'velocimex',
    limit: 'rest',
    summary: 'bench',
    successStatus: 200,
    handler: () => REPLY,
  } as const;
  const closed = { ...common, auth: 'required', scope: 'read' } as const;
  return [
    defineRoute({ ...closed, method: 'GET', path: '/v1/closed' }),
    defineRoute({
      ...closed,
      method: 'GET',
      path: '/v1/valid/{name}',
      params: Params,
      query: Query,
    }),
    defineRoute({ ...closed, method: 'POST', path: '/v1/closed' }),
    defineRoute({ ...closed, method: 'POST', path: '/v1/valid', body: Order }),
  ];
}

export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const rounds = smoke ? 1 : 7;
  const milliseconds = smoke ? 100 : 700;
  const connections = smoke ? 4 : 32;
  const stage = await openStage();
  const client = fork(fileURLToPath(new URL('./http-client.js', import.meta.url)));
  const cpu = new Map<string, number[]>();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const { port, ...each } of stage.cases) {
        const job = { port, connections, milliseconds };
        const { cpuMicros } = await measureCase(client, each, job);
        // The first round warms up.
        if (round > 0) cpu.set(each.name, [...(cpu.get(each.name) ?? []), cpuMicros]);
      }
    }
  } finally {
    client.kill();
    stage.close();
  }
  return report(stage.cases, cpu, { rounds, milliseconds, connections });
}

async function openStage() {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  const clock = new SystemClock();
  const identity = Identity.open({ directory, clock, record: async () => undefined });
  await identity.ensureAdmin('admin', PASSWORD);
  const login = await identity.login('admin', PASSWORD, NO_CLIENT);
  const token = 'accessToken' in login ? login.accessToken : '';
  const surfaces = allSurfaces();
  const unbounded = new Map([['velocimex.rest', { limit: 1_000_000_000, burst: 1_000_000 }]]);
  const serve = async (limits: RateLimits, authenticator: Authenticator) => {
    const app = App();
    createHttpServer({
      app,
      routes: routes(),
      surfaces,
      authenticator,
      venue: new InstantVenue(),
      clock,
      metrics: new HttpMetrics(new Metrics(false)),
      log: { error: (fields) => console.error(fields) },
      limits,
    });
    return { app, ...(await listen(app)) };
  };
  const off = new RateLimits(surfaces, false);
  const unchecked = await serve(off, { authenticate: () => SOMEONE });
  const free = await serve(off, identity);
  const limited = await serve(new RateLimits(surfaces, true, unbounded), identity);
  addBareRoutes(free.app);
  return {
    cases: casesOf(token, { unchecked: unchecked.port, free: free.port, limited: limited.port }),
    close: () => {
      for (const { app, socket } of [unchecked, free, limited]) {
        us_listen_socket_close(socket);
        app.close();
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As many bytes as the gateway's replies, with the least that a route can do. */
function addBareRoutes(app: ReturnType<typeof App>): void {
  const head = 'x'.repeat(300);
  const body = JSON.stringify(REPLY);
  app.get('/bare', (res) => {
    res.writeHeader('X-Bare', head).writeHeader('Content-Type', 'application/json');
    res.end(body);
  });
  app.post('/bare', (res) => {
    res.onAborted(() => undefined);
    res.onData((_chunk, isLast) => {
      if (!isLast) return;
      res.cork(() => {
        res.writeHeader('X-Bare', head).writeHeader('Content-Type', 'application/json');
        res.end(body);
      });
    });
  });
}

const GET_UNCHECKED = 'GET, gateway, unchecked';
const GET_CHECKED = '+ validation';
const POST_UNCHECKED = 'POST, gateway, unchecked';
const POST_CHECKED = 'POST, authentication, limit, strict JSON, validation';
const SOMEONE: Principal = {
  userId: 1,
  username: 'bench',
  scopes: ['read', 'write'],
  credential: 'user:1',
};

interface Measurable extends Case {
  readonly port: number;
  /** The case that this one adds to. */
  readonly beside: string;
}

function casesOf(
  token: string,
  { unchecked, free, limited }: Record<'unchecked' | 'free' | 'limited', number>,
): Measurable[] {
  const head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`;
  const get = (path: string) => `GET ${path} HTTP/1.1\r\n${head}\r\n`;
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\n` +
    `Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
  const bare = 'GET, bare route';
  const barePost = 'POST, bare route';
  return [
    { name: bare, request: get('/bare'), port: free, beside: bare },
    { name: GET_UNCHECKED, request: get('/v1/closed'), port: unchecked, beside: bare },
    { name: '+ authentication', request: get('/v1/closed'), port: free, beside: bare },
    { name: '+ limit', request: get('/v1/closed'), port: limited, beside: bare },
    { name: GET_CHECKED, request: get('/v1/valid/a?depth=5'), port: limited, beside: bare },
    { name: barePost, request: post('/bare'), port: free, beside: barePost },
    { name: POST_UNCHECKED, request: post('/v1/closed'), port: unchecked, beside: barePost },
    {
      name: POST_CHECKED,
      request: post('/v1/valid'),
      port: limited,
      beside: barePost,
    },
  ];
}

function report(
  cases: readonly Measurable[],
  cpu: ReadonlyMap<string, number[]>,
  load: { rounds: number; milliseconds: number; connections: number },
): BenchResult {
  const middle = (name: string): number => {
    const values = [...(cpu.get(name) as number[])].sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  const added = (name: string, without: string) => (middle(name) - middle(without)).toFixed(1);
  return {
    name: 'admission-wire',
    rows: cases.map(({ name, beside }) => ({
      case: name,
      'server CPU µs/reply': middle(name).toFixed(1),
      'added to the bare route': added(name, beside),
      'ratio to the bare route': (middle(name) / middle(beside)).toFixed(2),
    })),
    notes: [
      `authentication, limit and validation add ${added(GET_CHECKED, GET_UNCHECKED)} µs to a GET, ` +
        `and with reading the body ${added(POST_CHECKED, POST_UNCHECKED)} µs to a POST`,
      'unchecked: routing, headers, metrics and request id, for whoever comes, the body unread',
      `${load.connections} keep-alive connections from a process of their own; ${load.rounds} ` +
        `interleaved rounds of ${load.milliseconds} ms, medians; handlers that do nothing`,
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, notes } = await run({ smoke: process.argv.includes('--smoke') });
  console.table(rows);
  for (const note of notes) console.log(note);
}
