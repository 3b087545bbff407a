import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allSurfaces } from '../../src/surfaces/all.ts';
import { BAD_CREDENTIALS, Credentials } from '../support/credentials.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let credentials: Credentials;
before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
  credentials = await Credentials.of(server.base, server.directory);
});
after(() => server.close());

const ORDER = JSON.stringify({
  exchange: 'NASDAQ',
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  quantity: 1,
  price: 150.5,
});

test('each kind of bad credential is refused, on reading and on writing', async () => {
  for (const name of BAD_CREDENTIALS) {
    for (const [method, path, scope] of [
      ['GET', '/v1/markets/status', 'read'],
      ['DELETE', '/v1/trading/orders/1', 'write'],
      ['GET', '/api/auth/audit', 'admin'],
    ] as const) {
      const bad = credentials.bad(name, scope);
      assert.ok(bad !== undefined);
      const reply = await fetch(server.base + path, { method, headers: bad.headers });
      assert.equal(reply.status, bad.status, `${name}: ${method} ${path} ${await reply.text()}`);
    }
  }
});

test('every route says who may call it, and only these are open to more than a scope', () => {
  const open: string[] = [];
  const anyCredential: string[] = [];
  for (const { method, path, auth, scope, surface } of server.routes) {
    // All of TAKASHI and of the documents is public, and reads.
    if (surface === 'takashi' || surface === 'documents')
      assert.deepEqual([method, auth], ['GET', 'public'], path);
    else if (auth !== 'required') open.push(`${method} ${path} ${auth}`);
    else if (scope === null) anyCredential.push(`${method} ${path}`);
  }
  assert.deepEqual(open.sort(), [
    'GET /.well-known/jwks.json public',
    'GET /metrics required_unless_local',
    'POST /api/auth/login public',
    'POST /api/auth/refresh checked_by_handler',
    'POST /api/auth/register public',
    'POST /auth/login public',
  ]);
  assert.deepEqual(anyCredential.sort(), ['POST /api/auth/logout', 'POST /api/auth/password']);
});

test('a key alone reads where the surface says so, and nowhere else', async () => {
  const surfaces = allSurfaces().map((surface) =>
    surface.name === 'octopus' ? { ...surface, keyAlone: true } : surface,
  );
  const lenient = await startTestServer({ http: { rateLimits: 'off', surfaces } });
  try {
    const { apiKey, otherUser } = await Credentials.of(lenient.base, lenient.directory);
    const alone = { 'x-api-key': apiKey['x-api-key'] };
    const status = async (method: string, path: string, headers: Record<string, string>) =>
      (await fetch(lenient.base + path, { method, headers })).status;
    assert.equal(await status('GET', '/api/auth/me', alone), 200);
    assert.equal(await status('GET', '/api/auth/me', { ...alone, ...otherUser }), 200);
    assert.equal(await status('GET', '/api/auth/audit', alone), 403);
    assert.equal(await status('GET', '/v1/markets/status', alone), 401, 'another surface');
    const wrong = { ...alone, 'x-api-secret': 'wrong' };
    assert.equal(await status('GET', '/api/auth/me', wrong), 401);
    const unknown = { 'x-api-key': 'obk_nobody' };
    assert.equal(await status('GET', '/api/auth/me', unknown), 401);
  } finally {
    lenient.close();
  }
});

test('registration can be closed', async () => {
  const closed = await startTestServer({ settings: { registration: 'closed' } });
  try {
    const reply = await fetch(`${closed.base}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'user@example.com', password: 'secure_password' }),
    });
    assert.equal(reply.status, 403);
    assert.equal(closed.events.filter(({ kind }) => kind === 'UserRegistered').length, 1);
  } finally {
    closed.close();
  }
});

test('good credentials of every kind are accepted where they reach', async () => {
  const status = async (path: string, headers: Readonly<Record<string, string>>) =>
    (await fetch(server.base + path, { headers })).status;
  const { admin, otherUser, reader, apiKey } = credentials;
  for (const headers of [admin, otherUser, reader, apiKey]) {
    assert.equal(await status('/v1/markets/status', headers), 200);
    assert.equal(await status('/api/v1/health', headers), 200);
    assert.equal(await status('/api/auth/me', headers), 200);
  }
  assert.equal(await status('/api/auth/audit', admin), 200);
  const both = { ...apiKey, ...otherUser };
  assert.equal(await status('/v1/markets/status', both), 200, 'two of one user');
  const mixed = { ...apiKey, ...admin };
  assert.equal(await status('/v1/markets/status', mixed), 401, 'two of different users');
});

test('a signed request does what one with a secret does, once', async () => {
  const path = '/v1/markets/binance/orderbook/BTC%2FUSDT?depth=5';
  const headers = credentials.signed('GET', path);
  const get = (target: string) => fetch(server.base + target, { headers });
  assert.equal((await get(path)).status, 200);
  assert.equal((await get(path)).status, 401, 'a nonce is good once');
  const place = (body: string, signedBody = body) =>
    fetch(`${server.base}/v1/trading/orders`, {
      method: 'POST',
      headers: {
        ...credentials.signed('POST', '/v1/trading/orders', signedBody),
        'content-type': 'application/json',
      },
      body,
    });
  assert.equal((await place(ORDER)).status, 201);
  const changed = ORDER.replace('150.5', '15.05');
  const refused = await place(changed, ORDER);
  assert.equal(refused.status, 401, 'the body is part of what is signed');
  const { error } = (await refused.json()) as { error: { code: string } };
  assert.equal(error.code, 'AUTHENTICATION_ERROR');
});
