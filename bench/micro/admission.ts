import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Answer, defineRoute, type Route } from '../../src/gateway/http/route.ts';
import { createHttpServer } from '../../src/gateway/http/server.ts';
import { NO_CLIENT } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import type { KeyRequest } from '../../src/identity/key-desk.ts';
import { IdentityRefused } from '../../src/identity/refused.ts';
import { signRequest } from '../../src/identity/signed-requests.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { HttpMetrics } from '../../src/metrics/http-metrics.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { takashiSurface } from '../../src/surfaces/takashi/errors.ts';
import { InstantVenue } from '../../test/support/instant-venue.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const PASSWORD = 'a password for the bench';
const BODY = Buffer.from(
  '{"exchange":"NASDAQ","symbol":"AAPL","side":"buy","type":"limit","quantity":100,"price":150.5}',
);

interface Case {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: () => Record<string, string>;
  /** Fewer at a time: the memory for nonces is bounded. */
  readonly fewer?: boolean;
}

/**
 * What a request costs before its handler runs, beside a route that asks for nothing: the gateway's
 * own code from the router to the reply, over requests and responses that only exist in memory.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  try {
    const stage = await openStage(directory);
    const batch = smoke ? 200 : 5000;
    const rounds = smoke ? 3 : 41;
    const samples = new Map<Case, number[]>(stage.cases.map((each) => [each, []]));
    for (let round = 0; round < rounds + 5; round += 1) {
      for (const [each, list] of samples) {
        const micros = stage.time(each, each.fewer ? batch / 10 : batch);
        if (round >= 5) list.push(micros);
      }
    }
    return report(stage.cases, samples, batch);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openStage(directory: string) {
  const clock = new SystemClock();
  const identity = Identity.open({ directory, clock, record: async () => undefined });
  await identity.ensureAdmin('admin', PASSWORD);
  const login = await identity.login('admin', PASSWORD, NO_CLIENT);
  if (login instanceof IdentityRefused) throw new Error(login.message);
  const key = async (changed: Partial<KeyRequest>) => {
    const plain = { name: 'bench', scopes: ['admin'] as const, allowedAddresses: [] };
    const request = { ...plain, expiresAtMs: null, signing: false, ...changed };
    const made = await identity.keys.create(login.user, request, login.user, NO_CLIENT);
    if (made instanceof IdentityRefused) throw new Error(made.message);
    return { apiKey: made.key.key, secret: made.secret };
  };
  const plain = await key({});
  const bound = await key({ allowedAddresses: ['10.0.0.0/8', '127.0.0.0/8', '2001:db8::/32'] });
  const signing = await key({ signing: true });
  const secretHeaders = (pair: { apiKey: string; secret: string }) => () => ({
    'x-api-key': pair.apiKey,
    'x-api-secret': pair.secret,
  });
  const bearer = { authorization: `Bearer ${login.accessToken}` };
  const json = { 'content-type': 'application/json', 'content-length': String(BODY.length) };
  let nonce = 0;
  const signed = () => {
    nonce += 1;
    const parts = {
      timestamp: String(Math.floor(clock.nowMs())),
      nonce: `bench-nonce-${nonce}`,
      method: 'GET',
      target: QUERY_PATH,
      contentSha256: '',
    };
    return {
      'x-api-key': signing.apiKey,
      'x-api-timestamp': parts.timestamp,
      'x-api-nonce': parts.nonce,
      'x-api-signature': signRequest(signing.secret, parts),
    };
  };
  const cases: Case[] = [
    { name: BARE, method: 'GET', path: '/bare', headers: () => ({}) },
    { name: 'token, limit, query', method: 'GET', path: QUERY_PATH, headers: () => bearer },
    {
      name: 'API key and secret, limit, query',
      method: 'GET',
      path: QUERY_PATH,
      headers: secretHeaders(plain),
    },
    {
      name: 'API key bound to addresses, limit, query',
      method: 'GET',
      path: QUERY_PATH,
      headers: secretHeaders(bound),
    },
    {
      name: 'signed request, limit, query',
      method: 'GET',
      path: QUERY_PATH,
      headers: signed,
      fewer: true,
    },
    { name: BARE_BODY, method: 'POST', path: '/bare-body', headers: () => json },
    {
      name: 'token, limit, order body',
      method: 'POST',
      path: '/order',
      headers: () => ({ ...bearer, ...json }),
    },
  ];
  return { cases, time: timer(identity, clock) };
}

const BARE = 'bare route';
const BARE_BODY = 'bare route with a body';
const QUERY_PATH = '/book/binance/BTC?depth=20';

/** Limits that are counted and never reached. */
const surface = {
  ...takashiSurface,
  rateLimits: { rest: { limit: 1e12, windowSeconds: 60, burst: 1e12 } },
};
const ANSWER = Answer.encoded('{"status":"ok"}');
const BASE = {
  surface: surface.name,
  limit: 'rest',
  summary: 'for the bench',
  successStatus: 200,
  handler: () => ANSWER,
} as const;
const CLOSED = { additionalProperties: false } as const;

function bareRoutes(): Route[] {
  const open = { ...BASE, auth: 'public', scope: null } as const;
  return [
    defineRoute({ ...open, method: 'GET', path: '/bare' }),
    defineRoute({ ...open, method: 'POST', path: '/bare-body', body: Type.Any() }),
  ];
}

function guardedRoutes(): Route[] {
  const guarded = { ...BASE, auth: 'required' } as const;
  return [
    defineRoute({
      ...guarded,
      scope: 'read',
      method: 'GET',
      path: '/book/{exchange}/{symbol}',
      params: Type.Object({ exchange: Type.String(), symbol: Type.String() }, CLOSED),
      query: Type.Object({ depth: Type.Integer({ minimum: 1, maximum: 1000 }) }, CLOSED),
    }),
    defineRoute({
      ...guarded,
      scope: 'write',
      method: 'POST',
      path: '/order',
      body: Type.Object(
        {
          exchange: Type.String({ maxLength: 64 }),
          symbol: Type.String({ maxLength: 64 }),
          side: Type.Enum(['buy', 'sell'], { type: 'string' }),
          type: Type.Enum(['limit', 'market'], { type: 'string' }),
          quantity: Type.Number({ exclusiveMinimum: 0 }),
          price: Type.Number({ exclusiveMinimum: 0 }),
        },
        CLOSED,
      ),
    }),
  ];
}

type Handler = (res: HttpResponse, req: HttpRequest) => void;

/** Serves routes to nobody. @returns what uWebSockets.js would call for a request */
function serve(
  routes: readonly Route[],
  identity: Identity,
  clock: SystemClock,
  rateLimits: 'on' | 'off',
): Handler {
  let handler: Handler = () => undefined;
  const app = {
    any: (_path: string, given: Handler) => {
      handler = given;
    },
  } as unknown as TemplatedApp;
  createHttpServer({
    app,
    routes,
    surfaces: [surface],
    authenticator: identity,
    venue: new InstantVenue(),
    clock,
    metrics: new HttpMetrics(new Metrics()),
    log: { error: (fields) => console.error(fields) },
    rateLimits,
  });
  return handler;
}

/** @returns microseconds per request of a case, the mean of `batch` of them */
function timer(identity: Identity, clock: SystemClock) {
  const bare = serve(bareRoutes(), identity, clock, 'off');
  const guarded = serve(guardedRoutes(), identity, clock, 'on');
  return ({ method, path, headers }: Case, batch: number): number => {
    const handler = path.startsWith('/bare') ? bare : guarded;
    const [url, query = ''] = path.split('?');
    const requests = Array.from({ length: batch }, () =>
      request(method, url, query, fresh(headers())),
    );
    const statuses: string[] = [];
    const res = response(statuses);
    const started = performance.now();
    for (const req of requests) handler(res, req);
    const micros = ((performance.now() - started) * 1000) / batch;
    const wrong = statuses.find((status) => status !== '200 OK');
    if (statuses.length !== batch || wrong !== undefined) {
      throw new Error(`${method} ${path}: ${wrong ?? 'not every request was answered'}`);
    }
    return micros;
  };
}

/** New strings, as every request brings them: nothing about them is known yet, such as a hash. */
function fresh(headers: Record<string, string>): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const name in headers) copy[name] = Buffer.from(headers[name]).toString('latin1');
  return copy;
}

function request(
  method: string,
  url: string,
  query: string,
  headers: Record<string, string>,
): HttpRequest {
  return {
    getHeader: (name: string) => headers[name] ?? '',
    getUrl: () => url,
    getQuery: () => query,
    getMethod: () => method.toLowerCase(),
    getCaseSensitiveMethod: () => method,
    forEach: (each: (name: string, value: string) => void) => {
      for (const name in headers) each(name, headers[name]);
    },
  } as unknown as HttpRequest;
}

function response(statuses: string[]): HttpResponse {
  const address = Uint8Array.of(127, 0, 0, 1).buffer;
  const body = new Uint8Array(BODY).buffer;
  const res = {
    cork: (write: () => void) => {
      write();
      return res;
    },
    writeStatus: (status: string) => statuses.push(status),
    writeHeader: () => res,
    end: () => res,
    endWithoutBody: () => res,
    onAborted: () => res,
    onData: (take: (chunk: ArrayBuffer, last: boolean) => void) => {
      take(body, true);
      return res;
    },
    getRemoteAddress: () => address,
  };
  return res as unknown as HttpResponse;
}

function report(
  cases: readonly Case[],
  samples: ReadonlyMap<Case, number[]>,
  batch: number,
): BenchResult {
  const median = (each: Case): number => percentile(samples.get(each) ?? [], 0.5);
  const bareOf = (each: Case): Case =>
    cases.find(({ name }) => name === (each.method === 'POST' ? BARE_BODY : BARE)) ?? each;
  const rows = cases.map((each) => ({
    request: each.name,
    µs: three(median(each)),
    'µs over bare': three(median(each) - median(bareOf(each))),
    'ratio to bare': three(median(each) / median(bareOf(each))),
    'least µs': three(Math.min(...(samples.get(each) ?? []))),
  }));
  return {
    name: 'admission',
    rows,
    notes: [
      `medians over rounds of the mean of ${batch} requests; cases interleaved in one process`,
      'the gateway’s code from router to reply; sockets and HTTP parsing are left out on both sides',
      'bare: public, no limit, no schema (its body is parsed strictly, as every body is)',
      'a token is checked once and then remembered; a signed request is checked each time, and the ' +
        'client’s signing is left out',
    ],
  };
}
