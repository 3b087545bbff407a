import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { RateLimits } from '../../../../src/gateway/http/admission.ts';
import { Clients } from '../../../../src/gateway/http/client-address.ts';
import type { Principal } from '../../../../src/identity/principal.ts';
import { allSurfaces } from '../../../../src/surfaces/all.ts';
import { assertErrorShape } from '../../../support/error-shapes.ts';
import { ADMIN_PASSWORD, startTestServer, type TestServer } from '../../../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());
beforeEach(() => {
  server.clock.aheadMs += 61_000;
});

/** Requests per minute on the TAKASHI surface, as an operator sets them. */
const takashiLimit = (limit: number) =>
  new RateLimits(allSurfaces(), true, new Map([['takashi.rest', { limit }]]));

/** A path of the route with its parameters filled in. */
const pathOf = (pattern: string) => pattern.replaceAll(/\{\w+\+?\}/g, '1');

test('every route but the public ones answers 401 without a credential', async () => {
  // On a server of its own: moving the clock for every route outlives the others' token.
  const strict = await startTestServer();
  let checked = 0;
  try {
    for (const { method, path, auth, surface } of strict.routes) {
      strict.clock.aheadMs += 61_000;
      const reply = await fetch(strict.base + pathOf(path), { method });
      const what = `${method} ${path}`;
      if (auth === 'public' || auth === 'required_unless_local') {
        assert.notEqual(reply.status, 401, what);
        continue;
      }
      checked += 1;
      assert.equal(reply.status, 401, what);
      assert.equal(reply.headers.get('www-authenticate'), 'Bearer realm="openbell"', what);
      assert.ok(reply.headers.has('x-ratelimit-remaining'), what);
      assertErrorShape(surface, 401, await reply.json(), what);
    }
  } finally {
    strict.close();
  }
  assert.ok(checked >= 7, `${checked} routes checked`);
});

test('API keys and wrong tokens are invalid credentials', async () => {
  const cases: Record<string, string>[] = [
    { 'x-api-key': 'key', 'x-api-secret': 'secret' },
    { 'x-api-key': 'key', authorization: server.bearer },
    { authorization: 'Bearer nonsense' },
    { authorization: `${server.bearer}x` },
    { authorization: 'Basic YWRtaW46YWRtaW4=' },
  ];
  for (const headers of cases) {
    const reply = await fetch(`${server.base}/v1/markets/status`, { headers });
    assert.equal(reply.status, 401, JSON.stringify(headers));
    assert.match(String(reply.headers.get('www-authenticate')), /error="invalid_token"/);
  }
});

test('a scope below the one needed is 403 in the shape of the surface', async () => {
  const reader: Principal = {
    userId: 7,
    username: 'reader',
    scopes: ['read'],
    credential: 'user:7',
  };
  const limited = await startTestServer({
    http: { authenticator: { authenticate: () => reader } },
  });
  try {
    assert.equal((await limited.request('/v1/markets/status')).status, 200);
    const refused = await limited.request('/v1/trading/orders/1', { method: 'DELETE' });
    assert.equal(refused.status, 403);
    assert.deepEqual(await refused.json(), {
      error: {
        code: 'AUTHENTICATION_ERROR',
        message: 'This endpoint needs scope write.',
        details: { required_scope: 'write', scopes: ['read'] },
      },
    });
  } finally {
    limited.close();
  }
});

test('Velocimex: 100 requests a minute per credential, told on every reply', async () => {
  for (let i = 1; i <= 100; i += 1) {
    const reply = await server.request('/v1/markets/status');
    await reply.arrayBuffer();
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('x-ratelimit-limit'), '100');
    assert.equal(reply.headers.get('x-ratelimit-remaining'), String(100 - i));
    assert.equal(reply.headers.get('x-ratelimit-burst'), null);
    assert.equal(reply.headers.get('retry-after'), null);
    const reset = Number(reply.headers.get('x-ratelimit-reset'));
    assert.ok(reset > server.clock.nowMs() / 1000 && reset <= server.clock.nowMs() / 1000 + 61);
  }
  const refused = await server.request('/v1/markets/status');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
  const retryAfter = Number(refused.headers.get('retry-after'));
  assert.ok(retryAfter > 50 && retryAfter <= 60, `${retryAfter}`);
  const body = (await refused.json()) as { error: { code: string } };
  assert.equal(body.error.code, 'RATE_LIMIT_EXCEEDED');

  const other = await fetch(`${server.base}/v1/markets/status`);
  assert.equal(other.status, 401, 'callers without a credential have a limit of their own');
  assert.equal((await server.request('/api/v1/health')).status, 200, 'so has another surface');
  server.clock.aheadMs += 60_000;
  assert.equal((await server.request('/v1/markets/status')).status, 200);
});

test('FlashMM: a burst at once, then the steady rate, with the burst headers', async () => {
  for (const left of ['2', '1', '0']) {
    const reply = await server.request('/api/v1/metrics');
    await reply.arrayBuffer();
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('x-ratelimit-limit'), '30');
    assert.equal(reply.headers.get('x-ratelimit-burst'), '3');
    assert.equal(reply.headers.get('x-ratelimit-burst-remaining'), left);
  }
  const refused = await server.request('/api/v1/metrics');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '2');
  assert.equal(refused.headers.get('x-ratelimit-remaining'), '27');
  server.clock.aheadMs += 2000;
  assert.equal((await server.request('/api/v1/metrics')).status, 200);
});

test('wrong credentials are limited by address, so tokens cannot be guessed freely', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 102; i += 1) {
    const headers = { authorization: `Bearer guess${i}` };
    const reply = await fetch(`${server.base}/v1/markets/status`, { headers });
    await reply.arrayBuffer();
    statuses.push(reply.status);
  }
  assert.deepEqual(new Set(statuses.slice(0, 100)), new Set([401]));
  assert.deepEqual(statuses.slice(100), [429, 429]);
});

test('TAKASHI: 1200 a minute per address by default, or as configured', async () => {
  const reply = await fetch(`${server.base}/`);
  assert.equal(reply.headers.get('x-ratelimit-limit'), '1200');
  const strict = await startTestServer({ http: { limits: takashiLimit(2) } });
  try {
    const paths = ['/', '/nowhere', '/health'];
    const replies = [];
    for (const path of paths) replies.push(await fetch(strict.base + path));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 404, 429],
    );
    assert.deepEqual(await replies[2].json(), { detail: 'Too many requests.' });
  } finally {
    strict.close();
  }
});

test('limits can be switched off', async () => {
  const free = await startTestServer({ http: { rateLimits: 'off' } });
  try {
    for (let i = 0; i < 110; i += 1) {
      const reply = await free.request('/v1/markets/status');
      await reply.arrayBuffer();
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get('x-ratelimit-limit'), null);
    }
  } finally {
    free.close();
  }
});

test('a forwarded address is believed only from a trusted proxy', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.5' };
  const status = async (of: TestServer, headers: Record<string, string>) =>
    (await fetch(`${of.base}/metrics`, { headers })).status;
  assert.equal(await status(server, {}), 200, 'a scraper on this machine');
  server.clock.aheadMs += 61_000;
  assert.equal(await status(server, forwarded), 401, "a local proxy's client is not local");
  const behind = await startTestServer({
    http: { clients: new Clients({ trustedProxies: ['127.0.0.1'] }), limits: takashiLimit(1) },
  });
  try {
    const seen = [];
    for (const client of ['203.0.113.5', '203.0.113.5', '203.0.113.6']) {
      const headers = { 'x-forwarded-for': client };
      seen.push((await fetch(`${behind.base}/`, { headers })).status);
    }
    assert.deepEqual(seen, [200, 429, 200]);
  } finally {
    behind.close();
  }
});

test('/metrics takes a credential too, and refuses a wrong one even locally', async () => {
  assert.equal((await server.request('/metrics')).status, 200);
  const wrong = await fetch(`${server.base}/metrics`, { headers: { authorization: 'Bearer x' } });
  assert.equal(wrong.status, 401);
});

test('login: five failures a minute per address and name', async () => {
  const login = (password: string) =>
    fetch(`${server.base}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    });
  for (let i = 0; i < 5; i += 1) {
    const refused = await login('wrong');
    assert.equal(refused.status, 401);
    const { error } = (await refused.json()) as {
      error: { code: string; details: object; request_id: string };
    };
    assert.equal(error.code, 'UNAUTHORIZED');
    assert.deepEqual(error.details, { reason: 'INVALID_CREDENTIALS' });
    assert.equal(error.request_id, refused.headers.get('x-request-id'));
  }
  const sixth = await login(ADMIN_PASSWORD);
  assert.equal(sixth.status, 429);
  assert.ok(Number(sixth.headers.get('retry-after')) > 0);
  server.clock.aheadMs += 61_000;
  const right = await login(ADMIN_PASSWORD);
  assert.equal(right.status, 200);
  assert.equal(right.headers.get('cache-control'), 'no-store');
});
