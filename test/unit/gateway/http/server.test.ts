import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Type } from 'typebox';
import { OK } from '../../../../src/domain/result-codes.ts';
import { defineRoute, LATER, type Route } from '../../../../src/gateway/http/route.ts';
import { RawConnection } from '../../../support/raw-http.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

const OPEN = { surface: 'takashi', limit: 'rest', auth: 'public', scope: null } as const;
const ECHO = { ...OPEN, summary: 'for tests', successStatus: 200 } as const;

const extraRoutes: Route[] = [
  defineRoute({
    ...ECHO,
    method: 'GET',
    path: '/t/throws',
    handler: () => {
      throw new Error('a secret detail');
    },
  }),
  defineRoute({
    ...ECHO,
    method: 'GET',
    path: '/t/rejects',
    handler: () => Promise.reject(new Error('a secret detail')),
  }),
  defineRoute({
    ...ECHO,
    method: 'GET',
    path: '/t/twice',
    handler: ({ settle }) => {
      setTimeout(() => {
        settle({ reply: 1 });
        settle({ reply: 2 });
      }, 5);
      return LATER;
    },
  }),
  defineRoute({
    ...ECHO,
    method: 'GET',
    path: '/t/unprintable',
    handler: () => ({ value: 1n }),
  }),
  defineRoute({
    ...ECHO,
    method: 'POST',
    path: '/t/echo',
    body: Type.Object({ text: Type.String() }),
    handler: ({ body, clientIp, requestId }) => ({ ...body, clientIp, requestId }),
  }),
];

let server: TestServer;
before(async () => {
  server = await startTestServer({ extraRoutes });
});
after(() => server.close());
beforeEach(() => {
  server.venue.nextCode = OK;
  server.venue.holding = false;
  server.logged.length = 0;
  server.clock.aheadMs += 61_000;
});

const echo = (text: string) =>
  `POST /t/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${text.length}\r\n\r\n${text}`;

test('every reply carries a request id: a sane one of the client, else ours', async () => {
  const given = await fetch(`${server.base}/`, { headers: { 'x-request-id': 'my-id_1.2' } });
  assert.equal(given.headers.get('x-request-id'), 'my-id_1.2');
  const ids = new Set<string>();
  for (const bad of ['', 'with space', 'x'.repeat(65), '<script>']) {
    const reply = await fetch(`${server.base}/nowhere`, { headers: { 'x-request-id': bad } });
    const id = String(reply.headers.get('x-request-id'));
    assert.match(id, /^req_[a-z0-9]+$/);
    ids.add(id);
  }
  assert.equal(ids.size, 4);
});

test('errors nobody expected are 500 without detail, and logged with the request id', async () => {
  for (const path of ['/t/throws', '/t/rejects', '/t/unprintable']) {
    const reply = await fetch(server.base + path);
    assert.equal(reply.status, 500, path);
    assert.deepEqual(await reply.json(), {
      detail: 'The server could not process the request.',
    });
    const { fields } = server.logged.at(-1) as TestServer['logged'][0];
    assert.equal(fields.requestId, reply.headers.get('x-request-id'));
    assert.ok(fields.err instanceof Error);
  }
});

test('the first reply stands', async () => {
  const reply = await fetch(`${server.base}/t/twice`);
  assert.deepEqual(await reply.json(), { reply: 1 });
  assert.deepEqual(server.logged, []);
});

test('HEAD answers as GET without the body, and the connection goes on', async () => {
  const whole = await (await fetch(`${server.base}/`)).text();
  const connection = await RawConnection.open(server.port);
  connection.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
  const head = await connection.reply(true);
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), String(whole.length));
  connection.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal((await connection.reply()).body, whole);
  connection.end();
});

test('a known path answers other methods with 405 and Allow, OPTIONS with 204', async () => {
  const cases: [string, string, string][] = [
    ['PUT', '/v1/trading/orders', 'DELETE, GET, HEAD, OPTIONS, POST'],
    ['POST', '/v1/trading/orders/5', 'DELETE, GET, HEAD, OPTIONS'],
    ['DELETE', '/v1/markets/status', 'GET, HEAD, OPTIONS'],
    ['GET', '/auth/login', 'OPTIONS, POST'],
    ['POST', '/api/v1/health', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/', 'GET, HEAD, OPTIONS'],
    ['BREW', '/health', 'GET, HEAD, OPTIONS'],
  ];
  for (const [method, path, allow] of cases) {
    const refused = await server.request(path, { method });
    assert.equal(refused.status, 405, `${method} ${path}`);
    assert.equal(refused.headers.get('allow'), allow, `${method} ${path}`);
    const options = await fetch(server.base + path, { method: 'OPTIONS' });
    assert.equal(options.status, 204, path);
    assert.equal(options.headers.get('allow'), allow, path);
  }
});

test('a 405 has the shape of the endpoint that owns the path', async () => {
  const login = await fetch(`${server.base}/auth/login`);
  const body = (await login.json()) as { error: { code: string } };
  assert.equal(body.error.code, 'METHOD_NOT_ALLOWED');
  const order = await server.request('/v1/trading/orders', { method: 'PUT' });
  assert.deepEqual(((await order.json()) as { error: { details: object } }).error.details, {
    parameter: 'method',
    value: 'PUT',
    allowed: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST'],
  });
});

test('a body that dribbles in is read whole, also when it is chunked', async () => {
  const connection = await RawConnection.open(server.port);
  // uWebSockets.js wants the request line in one piece; the rest may come byte by byte.
  const [line, ...rest] = echo('{"text":"slow"}').split(/(?<=\n)/);
  for (const piece of [line, ...rest.join('')]) {
    connection.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const slow = await connection.reply();
  assert.equal(slow.status, 200);
  assert.equal(JSON.parse(slow.body).text, 'slow');
  assert.equal(JSON.parse(slow.body).clientIp, '127.0.0.1');
  connection.send(
    'POST /t/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n' +
      'Transfer-Encoding: chunked\r\n\r\n9\r\n{"text":"\r\n5\r\nchunk\r\n2\r\n"}\r\n0\r\n\r\n',
  );
  assert.equal(JSON.parse((await connection.reply()).body).text, 'chunk');
  connection.end();
});

test('requests in one packet are all answered, in their order', async () => {
  const connection = await RawConnection.open(server.port);
  connection.send(echo('{"text":"1"}') + echo('{"text":2}') + echo('{"text":"3"}'));
  assert.equal(JSON.parse((await connection.reply()).body).text, '1');
  assert.equal((await connection.reply()).status, 422);
  assert.equal(JSON.parse((await connection.reply()).body).text, '3');
  connection.end();
});

test('a body above the limit is 413, announced or not, and the connection ends', async () => {
  const announced = await RawConnection.open(server.port);
  announced.send(
    'POST /t/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Content-Length: 65537\r\n\r\n{',
  );
  const early = await announced.reply();
  assert.equal(early.status, 413);
  assert.equal(early.headers.get('connection'), 'close');
  await announced.closing();

  const hidden = await RawConnection.open(server.port);
  hidden.send(
    'POST /t/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Transfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  for (let i = 0; i < 5; i += 1) hidden.send(chunk);
  assert.equal((await hidden.reply()).status, 413);
  await hidden.closing();

  const text = 'x'.repeat(65_536 - '{"text":""}'.length);
  const largest = await fetch(`${server.base}/t/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  assert.equal(largest.status, 200);
});

test('a client that goes away mid-body or before its reply disturbs nobody', async () => {
  for (let i = 0; i < 20; i += 1) {
    const connection = await RawConnection.open(server.port);
    connection.send(echo('{"text":"never finished"}').slice(0, -5));
    await new Promise((resolve) => setTimeout(resolve, 2));
    connection.abort();
  }
  server.venue.holding = true;
  const order = JSON.stringify({
    exchange: 'NASDAQ',
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    quantity: 1,
    price: 1,
  });
  const head =
    `POST /v1/trading/orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${server.bearer}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${order.length}\r\n\r\n`;
  const gone = await RawConnection.open(server.port);
  gone.send(head + order);
  const staying = await RawConnection.open(server.port);
  staying.send(head + order);
  while (server.venue.waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(server.server.inFlight, 2);
  gone.abort();
  while (server.server.inFlight > 1) await new Promise((resolve) => setImmediate(resolve));
  for (const answer of server.venue.waiting.splice(0)) answer();
  assert.equal((await staying.reply()).status, 201);
  staying.end();
  assert.equal(server.server.inFlight, 0);
  assert.deepEqual(server.logged, []);
});

test('CORS is open on TAKASHI, elsewhere a setting', async () => {
  const origin = 'https://desk.example';
  const open = await fetch(`${server.base}/health`, { headers: { origin } });
  assert.equal(open.headers.get('access-control-allow-origin'), '*');
  const closed = await server.request('/v1/markets/status', { headers: { origin } });
  assert.equal(closed.headers.get('access-control-allow-origin'), null);
  const none = await fetch(`${server.base}/health`);
  assert.equal(none.headers.get('access-control-allow-origin'), null);

  const other = await startTestServer({ http: { corsOrigins: [origin] } });
  try {
    const allowed = await fetch(`${other.base}/v1/trading/orders`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), origin);
    const methods = 'DELETE, GET, HEAD, OPTIONS, POST';
    assert.equal(allowed.headers.get('access-control-allow-methods'), methods);
    assert.match(String(allowed.headers.get('access-control-allow-headers')), /Authorization/);
    const foreign = await other.request('/v1/markets/status', {
      headers: { origin: 'https://else.example' },
    });
    assert.equal(foreign.headers.get('access-control-allow-origin'), null);
    assert.equal(foreign.headers.get('vary'), 'Origin');
  } finally {
    other.close();
  }
});

test('draining waits for replies under way and ends connections', async () => {
  const draining = await startTestServer();
  try {
    draining.venue.holding = true;
    const pending = draining.request('/v1/trading/orders/1', { method: 'DELETE' });
    while (draining.venue.waiting.length < 1) await new Promise((resolve) => setImmediate(resolve));
    let drained = false;
    const drain = draining.server.drain(5000).then(() => {
      drained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(drained, false);
    draining.venue.waiting.splice(0)[0]();
    await drain;
    const reply = await pending;
    assert.equal(reply.status, 404);
    assert.equal(reply.headers.get('connection'), 'close');
    await draining.server.drain(5000);
  } finally {
    draining.close();
  }
});
