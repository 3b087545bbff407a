import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());
beforeEach(() => {
  server.clock.aheadMs += 61_000;
});

const keys = (value: unknown) => Object.keys(value as object);

/** A reply's status and error body in the shape of the surface, or a failure that names the path. */
const SHAPES = {
  velocimex: (body: Record<string, unknown>, what: string) => {
    assert.deepEqual(keys(body), ['error'], what);
    assert.deepEqual(keys(body.error), ['code', 'message', 'details'], what);
  },
  flashmm: (body: Record<string, unknown>, what: string, reply: Response) => {
    const error = body.error as Record<string, unknown>;
    assert.deepEqual(
      keys(error),
      ['code', 'message', 'details', 'timestamp', 'request_id', 'documentation_url'],
      what,
    );
    assert.equal(error.request_id, reply.headers.get('x-request-id'), what);
    assert.ok(!Number.isNaN(Date.parse(String(error.timestamp))), what);
    assert.equal(reply.headers.get('api-version'), 'v1', what);
  },
  octopus: (body: Record<string, unknown>, what: string, reply: Response) => {
    assert.deepEqual(keys(body), ['error', 'message', 'details', 'timestamp', 'request_id'], what);
    assert.equal(body.request_id, reply.headers.get('x-request-id'), what);
  },
  takashi: (body: Record<string, unknown>, what: string) => {
    assert.deepEqual(keys(body), ['detail'], what);
    assert.equal(typeof body.detail, 'string', what);
  },
};

const LOGIN = { method: 'POST', headers: { 'content-type': 'application/json' } };

test('bad input gets the error of the surface it was meant for', async () => {
  const cases: [keyof typeof SHAPES, number, string, RequestInit?][] = [
    ['velocimex', 404, '/v1'],
    ['velocimex', 404, '/v1/'],
    ['velocimex', 404, '/v1/nowhere'],
    ['velocimex', 404, '/v1/ws'],
    ['velocimex', 400, '/v1/%zz'],
    ['velocimex', 405, '/v1/markets/status', { method: 'POST' }],
    ['velocimex', 400, '/v1/markets/status?a=1'],
    ['flashmm', 404, '/api/v1'],
    ['flashmm', 404, '/api/v1/nowhere'],
    ['flashmm', 405, '/api/v1/health', { method: 'DELETE' }],
    ['flashmm', 400, '/api/v1/health?verbose=1'],
    ['flashmm', 400, '/api/v1/health', { headers: { 'api-version': 'v2' } }],
    ['flashmm', 400, '/auth/login', { ...LOGIN, body: '{' }],
    ['flashmm', 400, '/auth/login', { ...LOGIN, body: '{"username":"a"}' }],
    ['flashmm', 400, '/auth/login', { ...LOGIN, body: '{"username":1,"password":"x"}' }],
    ['flashmm', 400, '/auth/login', { ...LOGIN, body: '{"username":"a","password":"x","a":1}' }],
    ['flashmm', 400, '/auth/login', { ...LOGIN, body: '{"username":"a","username":"b"}' }],
    ['flashmm', 413, '/auth/login', { ...LOGIN, body: 'x'.repeat(65_537) }],
    ['flashmm', 415, '/auth/login', { method: 'POST', body: new URLSearchParams({ a: '1' }) }],
    ['flashmm', 405, '/auth/login'],
    ['octopus', 404, '/api'],
    ['octopus', 404, '/api/nowhere'],
    ['octopus', 404, '/api/v2/health'],
    ['octopus', 400, '/api/%zz'],
    ['takashi', 404, '/nowhere'],
    ['takashi', 404, '/v10/nowhere'],
    ['takashi', 404, '/apis'],
    ['takashi', 404, '//'],
    ['takashi', 422, '/%zz'],
    ['takashi', 422, '/?x=1'],
    ['takashi', 422, '/health?x=1'],
    ['takashi', 405, '/', { method: 'POST', body: '{}' }],
    ['takashi', 405, '/health', { method: 'DELETE' }],
  ];
  for (const [surface, status, path, init] of cases) {
    server.clock.aheadMs += 1000;
    const reply = await server.request(path, init);
    const what = `${init?.method ?? 'GET'} ${path}`;
    const text = await reply.text();
    assert.equal(reply.status, status, `${what}: ${text}`);
    assert.equal(reply.headers.get('content-type'), 'application/json', what);
    assert.ok(reply.headers.has('x-ratelimit-limit'), what);
    SHAPES[surface](JSON.parse(text), what, reply);
  }
});

test('a refused password is not shown back', async () => {
  const password = 'p'.repeat(300);
  const body = JSON.stringify({ username: 'admin', password });
  const reply = await fetch(`${server.base}/auth/login`, { ...LOGIN, body });
  const text = await reply.text();
  assert.equal(reply.status, 400);
  assert.ok(!text.includes('pppp'), text);
});

test('API-Version v1 may be asked for, in any case', async () => {
  for (const version of ['v1', 'V1']) {
    const headers = { 'api-version': version };
    assert.equal((await server.request('/api/v1/health', { headers })).status, 200);
  }
});
