import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
import { allSurfaces } from '../../src/surfaces/all.ts';
import {
  type ContractEndpoint,
  endpointOf,
  hasContract,
  loadContract,
  loadShapes,
  readDocument,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { ADMIN_PASSWORD, startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let shapeErrors: ShapeErrors;
before(async () => {
  if (skip !== false) return;
  shapeErrors = await loadShapes();
  server = await startTestServer({ http: { rateLimits: 'on' } });
  const { venue } = server;
  for (const market of venue.markets.all) {
    Object.assign(venue.ticker(market), { updatedSeconds: 1_713_191_400, updatedNanos: 1 });
    venue.depth(market).setLevel(SIDE_BUY, 15_049, 10, 1);
    venue.depth(market).setLevel(SIDE_SELL, 15_051, 10, 1);
  }
});
after(() => server?.close());

const load = loadContract;
const endpoint = endpointOf;

/** Sends the documented example request; login with a password that exists. */
async function sendExample({
  exampleRequest,
  requestExample,
  id,
}: ContractEndpoint): Promise<Response> {
  server.clock.aheadMs += 61_000;
  const [method, path] = exampleRequest.split(' ');
  if (requestExample === null) return server.request(path, { method });
  const body =
    id === 'flashmm.auth.login'
      ? { username: 'admin', password: ADMIN_PASSWORD }
      : (requestExample as object);
  return server.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const ENDPOINTS: [string, string, number][] = [
  ['octopus', 'octopus.auth.register', 201],
  ['octopus', 'octopus.auth.login', 200],
  ['octopus', 'octopus.auth.refresh', 200],
  ['octopus', 'octopus.auth.me', 200],
  ['flashmm', 'flashmm.auth.login', 200],
  ['flashmm', 'flashmm.health', 200],
  ['takashi', 'takashi.root', 200],
  ['takashi', 'takashi.health', 200],
];

for (const [surface, id, status] of ENDPOINTS) {
  test(`${id} answers its example request in its documented shape`, { skip }, async () => {
    const documented = endpoint(load(surface), id);
    const reply = await sendExample(documented);
    const body = (await reply.json()) as { data?: unknown };
    assert.equal(reply.status, status, JSON.stringify(body));
    if (documented.responseExample !== null) {
      assert.deepEqual(shapeErrors(documented.responseExample, body), []);
    }
  });
}

test('refresh answers as login does, and me as register', { skip }, async () => {
  const contract = load('octopus');
  for (const [id, like] of [
    ['octopus.auth.refresh', 'octopus.auth.login'],
    ['octopus.auth.me', 'octopus.auth.register'],
  ]) {
    const reply = await sendExample(endpoint(contract, id));
    const { responseExample } = endpoint(contract, like);
    assert.deepEqual(shapeErrors(responseExample, await reply.json()), [], id);
  }
});

test('the metrics have every documented series, labels and buckets', { skip }, async () => {
  const documented = endpoint(load('flashmm'), 'flashmm.metrics');
  const text = await (await sendExample(documented)).text();
  const lines = readDocument('flashmm')
    .split('\n')
    .filter((line) => /^# (HELP|TYPE) flashmm_/.test(line));
  assert.ok(lines.length >= 10);
  for (const line of lines) assert.ok(text.split('\n').includes(line), line);
});

test('errors have the documented shape on every surface', { skip }, async () => {
  for (const [surface, path] of [
    ['velocimex', '/v1/nowhere'],
    ['flashmm', '/api/v1/nowhere'],
    ['octopus', '/api/nowhere'],
    ['takashi', '/nowhere'],
  ]) {
    const reply = await server.request(path);
    assert.equal(reply.status, 404);
    assert.deepEqual(shapeErrors(load(surface).errorFormat.example, await reply.json()), [], path);
  }
});

/** Documented categories under the names that the surfaces give them. */
const CATEGORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  velocimex: { 'REST API': 'rest' },
  octopus: { Default: 'default' },
  entasis: { 'Rate Limiting': 'rest' },
  flashmm: {
    'Health/Status': 'health',
    'Trading Data': 'trading',
    Metrics: 'metrics',
    'Admin Controls': 'admin',
    'ML Predictions': 'ml',
  },
};

test('every documented limit of requests is the limit in force', { skip }, () => {
  let checked = 0;
  for (const surface of allSurfaces().filter(({ name }) => hasContract(name))) {
    for (const documented of load(surface.name).rateLimits ?? []) {
      if (documented.windowSeconds === null || documented.unit === 'messages') continue;
      const category = CATEGORIES[surface.name]?.[documented.category];
      const what = `${surface.name}, ${documented.category}`;
      assert.ok(category !== undefined, `${what}: which category is that?`);
      const rule = surface.rateLimits[category];
      assert.equal(rule.limit, documented.limit, what);
      assert.equal(rule.windowSeconds, documented.windowSeconds, what);
      assert.equal(rule.burst ?? null, documented.burst, what);
      assert.equal(rule.burstWindowSeconds ?? null, documented.burstWindowSeconds ?? null, what);
      checked += 1;
    }
  }
  assert.ok(checked >= 8, `${checked} limits`);
});

test('the documented rate-limit headers are on every reply', { skip }, async () => {
  for (const [surface, path] of [
    ['velocimex', '/v1/markets/status'],
    ['velocimex', '/v1/nowhere'],
    ['flashmm', '/api/v1/health'],
    ['octopus', '/api/nowhere'],
  ]) {
    server.clock.aheadMs += 61_000;
    const reply = await server.request(path);
    for (const name of load(surface).rateLimitHeaders ?? []) {
      if (name !== 'Retry-After') assert.ok(reply.headers.has(name), `${path} ${name}`);
    }
  }
});

test('every authenticated endpoint that is served refuses strangers', { skip }, async () => {
  let checked = 0;
  for (const [surface, id] of ENDPOINTS) {
    const documented = endpoint(load(surface), id);
    if (documented.auth === 'none' || documented.auth === null) continue;
    server.clock.aheadMs += 61_000;
    const [method, path] = documented.exampleRequest.split(' ');
    const reply = await fetch(server.base + path, { method });
    assert.equal(reply.status, 401, id);
    checked += 1;
  }
  assert.ok(checked >= 3, `${checked} endpoints`);
});
