import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { defineRoute } from '../../src/gateway/http/route.ts';
import { RawConnection } from '../support/raw-http.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
/** How often the request that a smuggler hides was served. */
let hits = 0;
before(async () => {
  const hidden = defineRoute({
    surface: 'takashi',
    limit: 'rest',
    method: 'GET',
    path: '/hidden',
    summary: 'The request that a smuggler wants to have served under another name',
    auth: 'public',
    scope: null,
    successStatus: 200,
    handler: () => {
      hits += 1;
      return { hits };
    },
  });
  server = await startTestServer({
    http: { rateLimits: 'off', bodyTimeoutMs: 300 },
    extraRoutes: [hidden],
  });
});
after(() => server.close());

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const TARGET = 'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

async function answers(text: string): Promise<string[]> {
  const connection = await RawConnection.open(server.port);
  connection.send(text);
  const deadline = Date.now() + 1500;
  while (!connection.closed && Date.now() < deadline) await pause(10);
  connection.end();
  return [...connection.everything.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('where a body ends two ways, the request is refused and nothing behind it is served', async () => {
  const body = '{"username":"a","password":"b"}';
  const cases: Record<string, string> = {
    'two lengths': `Content-Length: ${body.length}\r\nContent-Length: 5\r\n\r\n${body}`,
    'a list of lengths': `Content-Length: 5, 5\r\n\r\n${body}`,
    'a signed length': `Content-Length: +5\r\n\r\n${body}`,
    'a hexadecimal length': `Content-Length: 0x5\r\n\r\n${body}`,
    'a length beyond all numbers': `Content-Length: 99999999999999999999\r\n\r\n${body}`,
    'length and chunked': `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'an unknown coding': 'Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'two codings':
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'identity, chunked': 'Transfer-Encoding: identity, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'no chunk size': 'Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n',
    'a chunk beyond all numbers':
      'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    'two hosts': `Host: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    'two credentials': `Authorization: Bearer x\r\nAuthorization: Bearer y\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  };
  for (const [what, rest] of Object.entries(cases)) {
    const seen = await answers(`${TARGET}${rest}${HIDDEN}`);
    assert.ok(seen.length <= 1, `${what}: ${seen}`);
    assert.ok(
      seen.every((status) => status === '400'),
      `${what}: ${seen}`,
    );
    assert.equal(hits, 0, what);
    const alone = await answers(`${TARGET}${rest}`);
    assert.deepEqual(alone, ['400'], `${what}, with nothing behind it`);
  }
});

test('the refusal has the shape of the surface and says what is ambiguous', async () => {
  const connection = await RawConnection.open(server.port);
  connection.send(
    'POST /v1/trading/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  );
  const reply = await connection.reply();
  assert.equal(reply.status, 400);
  assert.equal(reply.headers.get('connection'), 'close');
  const { error } = JSON.parse(reply.body);
  assert.equal(error.code, 'INVALID_PARAMETER');
  assert.deepEqual(error.details, { parameter: 'content-length', value: 'given twice' });
  await connection.closing();
});

test('header lines that are folded, nameless or dribble reach no handler, and their connections end', async () => {
  const lines = ['X-A: b\r\n c', 'X-A: b\rX-B: c', 'no colon', 'Content-Length : 5', 'X: a\0b'];
  const heads = lines.map((line) => `GET /hidden HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n${HIDDEN}`);
  const connections = await Promise.all(heads.map(() => RawConnection.open(server.port)));
  connections.forEach((connection, i) => {
    connection.send(heads[i]);
  });
  const dribbling = await RawConnection.open(server.port);
  dribbling.send('GET /hidden HTTP/1.1\r\nHost: a\r\n');
  const drip = setInterval(() => dribbling.send('X-A: b\r\n'), 200);
  try {
    // uWebSockets.js waits for a head that it can read, but no longer than its ten seconds.
    for (const connection of [...connections, dribbling]) await connection.closing(20_000);
  } finally {
    clearInterval(drip);
  }
  assert.equal(hits, 0);
});

test('pipelined requests are answered in order, each once', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => `pipelined-${i}`);
  const connection = await RawConnection.open(server.port);
  connection.send(
    ids
      .map((id) => `GET /v1/nowhere/${id} HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${id}\r\n\r\n`)
      .join(''),
  );
  for (const id of ids) {
    const reply = await connection.reply();
    assert.equal(reply.status, 404);
    assert.equal(reply.headers.get('x-request-id'), id);
  }
  connection.end();
});

test('a body that dribbles or never comes is 408 in the shape of the surface', async () => {
  const head = `POST /v1/trading/orders HTTP/1.1\r\nHost: a\r\nAuthorization: ${server.bearer}\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n`;
  const silent = await RawConnection.open(server.port);
  silent.send(head);
  const dribbling = await RawConnection.open(server.port);
  dribbling.send(head);
  const drip = setInterval(() => dribbling.send(' '), 40);
  for (const connection of [silent, dribbling]) {
    const reply = await connection.reply();
    assert.equal(reply.status, 408);
    const { error } = JSON.parse(reply.body);
    assert.equal(error.code, 'INVALID_PARAMETER');
    assert.deepEqual(Object.keys(error.details), ['limit_ms']);
    await connection.closing();
  }
  clearInterval(drip);
  assert.equal(server.server.inFlight, 0);
});

test('many slow bodies at once do not keep others waiting', async () => {
  const slow = await Promise.all(
    Array.from({ length: 200 }, () => RawConnection.open(server.port)),
  );
  for (const connection of slow) {
    connection.send(`${TARGET}Content-Length: 100\r\n\r\n{`);
  }
  const started = performance.now();
  assert.equal((await server.request('/v1/markets/status')).status, 200);
  assert.ok(performance.now() - started < 1000);
  for (const connection of slow) await connection.closing();
  assert.equal(server.server.inFlight, 0);
});

test('an address that is too long is 414, a body nobody reads does not stay open', async () => {
  const long = await server.request(`/v1/markets/status?x=${'a'.repeat(2100)}`);
  assert.equal(long.status, 414);
  const connection = await RawConnection.open(server.port);
  connection.send('GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  const reply = await connection.reply();
  assert.equal(reply.headers.get('connection'), 'close');
  await connection.closing();
});

test('replies tell browsers to run, frame and guess nothing, and caches to keep nothing private', async () => {
  const reply = await server.request('/v1/markets/status');
  const header = (name: string) => reply.headers.get(name);
  assert.equal(header('x-content-type-options'), 'nosniff');
  assert.equal(header('x-frame-options'), 'DENY');
  assert.equal(header('referrer-policy'), 'no-referrer');
  assert.equal(header('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
  assert.equal(header('cache-control'), 'no-store');
  assert.equal(header('strict-transport-security'), null, 'this port is plain');
  const open = await fetch(`${server.base}/health`);
  assert.equal(open.headers.get('cache-control'), null);
});
