import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { RawConnection } from '../support/raw-http.ts';
import { type Client, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** What a server behind a proxy on this machine, and one without a proxy, make of a client. */
async function start(env: Record<string, string>) {
  const directory = openTemporaryDirectory();
  const server = await ServerProcess.start(directory.path, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    OPENBELL_RATE_LIMITS: 'on',
    ...env,
  });
  const end = async () => {
    await server.end('SIGKILL');
    directory.remove();
  };
  return { server, end };
}

const status = async (server: ServerProcess, path: string, headers: Record<string, string>) => {
  const reply = await fetch(`${server.url}${path}`, { headers });
  await reply.arrayBuffer();
  return reply.status;
};

/** 101, or the status of the refusal. */
function upgradeStatus(url: string, headers: Record<string, string>, kept: WebSocket[]) {
  const socket = new WebSocket(url, { headers });
  kept.push(socket);
  return new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

describe('without a trusted proxy', () => {
  let server: ServerProcess;
  let end: (() => Promise<void>) | undefined;
  before(async () => {
    ({ server, end } = await start({ OPENBELL_RATE_LIMIT_OVERRIDES: 'takashi.rest=20' }));
  });
  after(() => end?.());

  it('a forged address does not get a limit of its own', async () => {
    const seen: number[] = [];
    for (let i = 0; i < 25; i += 1) {
      seen.push(
        await status(server, '/', {
          'x-forwarded-for': `203.0.113.${i}`,
          forwarded: `for=203.0.113.${i}`,
        }),
      );
    }
    assert.deepEqual(seen, [...Array(20).fill(200), ...Array(5).fill(429)]);
  });

  it('nor more sockets', async () => {
    const kept: WebSocket[] = [];
    const seen: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      seen.push(await upgradeStatus(server.webSocketUrl('/v1/ws/market'), headers, kept));
    }
    for (const socket of kept) socket.terminate();
    assert.deepEqual(seen, [...Array(10).fill(101), 429, 429]);
  });

  it('nor more guesses of a token, however many sockets it opens', async () => {
    const guess = async (path: string): Promise<string> => {
      const socket = new WebSocket(server.webSocketUrl(path), {
        headers: { 'x-forwarded-for': '203.0.113.9' },
      });
      const texts: string[] = [];
      socket.on('message', (text) => texts.push(String(text)));
      await once(socket, path.startsWith('/v1') ? 'close' : 'open');
      while (!texts.some((text) => text.includes('code'))) await once(socket, 'message');
      socket.terminate();
      const message = JSON.parse(texts.find((text) => text.includes('code')) as string);
      return message.code ?? message.error.code;
    };
    const seen: string[] = [];
    for (let i = 0; i < 3; i += 1) seen.push(await guess(`/v1/ws/orders?token=guess${i}`));
    for (let i = 0; i < 4; i += 1) seen.push(await guess(`/ws/stream?token=guess${i}`));
    seen.push(await guess('/v1/ws/orders?token=guess'));
    assert.deepEqual(seen, [
      ...Array(3).fill('AUTHENTICATION_ERROR'),
      ...Array(2).fill('UNAUTHORIZED'),
      ...Array(3).fill('RATE_LIMIT_EXCEEDED'),
    ]);
  });

  it('every refusal is counted under its code', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    for (const line of [
      /^openbell_http_refusals_total\{surface="takashi",code="RATE_LIMIT_EXCEEDED"\} 5$/m,
      /^openbell_rate_limited_total\{surface="takashi"\} 5$/m,
      /^openbell_stream_refusals_total\{endpoint="velocimex_market",code="RATE_LIMIT_EXCEEDED"\} 2$/m,
      /^openbell_stream_refusals_total\{endpoint="velocimex_orders",code="AUTHENTICATION_ERROR"\} 3$/m,
      /^openbell_stream_refusals_total\{endpoint="native",code="UNAUTHORIZED"\} 2$/m,
    ]) {
      assert.match(text, line);
    }
  });
});

describe('a limit that no surface has', () => {
  it('ends the start with the names that there are', async () => {
    const wrong = start({ OPENBELL_RATE_LIMIT_OVERRIDES: 'velocimex.west=1' });
    await assert.rejects(wrong, /no rate limit velocimex\.west; there are velocimex\.rest, /);
  });
});

describe('behind a trusted proxy', () => {
  let server: ServerProcess;
  let end: (() => Promise<void>) | undefined;
  before(async () => {
    ({ server, end } = await start({
      OPENBELL_TRUSTED_PROXIES: '127.0.0.0/8',
      OPENBELL_REQUIRE_TLS: 'on',
      OPENBELL_RATE_LIMIT_OVERRIDES: 'takashi.rest=3',
      OPENBELL_WEBSOCKET_CONNECTIONS_PER_IP: '2',
    }));
  });
  after(() => end?.());

  const via = (address: string, proto = 'https') => ({
    'x-forwarded-for': address,
    'x-forwarded-proto': proto,
  });

  it('each client has limits of its own, and what it forges before the proxy is not believed', async () => {
    const seen: number[] = [];
    for (const chain of [
      '203.0.113.1',
      '8.8.8.8, 203.0.113.1',
      '9.9.9.9,203.0.113.1',
      '203.0.113.1',
    ]) {
      seen.push(await status(server, '/', via(chain)));
    }
    seen.push(await status(server, '/', via('203.0.113.2')));
    assert.deepEqual(seen, [200, 200, 200, 429, 200]);
  });

  it('a proxy that adds a header line of its own is heard, not the line before it', async () => {
    const connection = await RawConnection.open(Number(new URL(server.url).port));
    const seen: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      connection.send(
        `GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.${100 + i}\r\n` +
          'X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\r\n',
      );
      seen.push((await connection.reply()).status);
    }
    connection.end();
    assert.deepEqual(seen, [200, 200, 200, 429]);
  });

  it('an IPv6 client is limited by its network', async () => {
    const seen: number[] = [];
    for (let i = 0; i < 4; i += 1) seen.push(await status(server, '/', via(`2001:DB8:0:1::${i}`)));
    seen.push(await status(server, '/', via('2001:db8:0:2::1')));
    assert.deepEqual(seen, [200, 200, 200, 429, 200]);
  });

  it('sockets are counted by the forwarded address', async () => {
    const kept: WebSocket[] = [];
    const seen: number[] = [];
    for (const address of ['203.0.113.3', '203.0.113.3', '203.0.113.3', '203.0.113.4']) {
      seen.push(await upgradeStatus(server.webSocketUrl('/v1/ws/market'), via(address), kept));
    }
    for (const socket of kept) socket.terminate();
    assert.deepEqual(seen, [101, 101, 429, 101]);
  });

  it('with TLS required, what came to the proxy in plain is refused, requests and upgrades', async () => {
    const refused = await fetch(`${server.url}/v1/markets/status`, {
      headers: via('203.0.113.5', 'http'),
    });
    assert.equal(refused.status, 403);
    const { error } = (await refused.json()) as { error: { code: string; details: object } };
    assert.equal(error.code, 'AUTHENTICATION_ERROR');
    assert.deepEqual(error.details, { reason: 'TLS_REQUIRED' });
    const kept: WebSocket[] = [];
    const url = server.webSocketUrl('/ws/stream');
    assert.equal(await upgradeStatus(url, via('203.0.113.5', 'http'), kept), 403);
    assert.equal(await upgradeStatus(url, via('203.0.113.5'), kept), 101);
    for (const socket of kept) socket.terminate();
    assert.equal(await status(server, '/health', {}), 200, 'who is on this machine may use plain');
  });
});

describe('the messages of a socket', () => {
  it('are as many per second as the setting allows, and twice as many at once', async () => {
    const { server, end } = await start({ OPENBELL_WEBSOCKET_MESSAGES_PER_SECOND: '3' });
    try {
      const socket = new WebSocket(server.webSocketUrl('/v1/ws/orders'));
      const seen: string[] = [];
      socket.on('message', (text) => seen.push(String(text).includes('pong') ? 'pong' : 'refused'));
      await once(socket, 'open');
      for (let i = 0; i < 8; i += 1) socket.send('{"action":"ping"}');
      while (seen.length < 8) await once(socket, 'message');
      assert.deepEqual(seen, [...Array(6).fill('pong'), 'refused', 'refused']);
      socket.terminate();
    } finally {
      await end();
    }
  });
});

describe('orders over sockets and over REST', () => {
  let server: ServerProcess;
  let client: Client;
  let end: (() => Promise<void>) | undefined;
  before(async () => {
    ({ server, end } = await start({ OPENBELL_RATE_LIMIT_OVERRIDES: 'velocimex.rest=6' }));
    client = await server.login();
  });
  after(() => end?.());

  it('share one limit, and the same error on both says so', async () => {
    const socket = new WebSocket(server.webSocketUrl('/ws/stream'), {
      headers: { authorization: `Bearer ${client.token}` },
    });
    const replies: Record<string, unknown>[] = [];
    socket.on('message', (text) => replies.push(JSON.parse(String(text))));
    await once(socket, 'open');
    const order = {
      op: 'order.place',
      market: 'NASDAQ:AAPL',
      side: 'buy',
      type: 'limit',
      quantity: '1',
      price: '1.00',
    };
    for (let id = 1; id <= 4; id += 1) socket.send(JSON.stringify({ ...order, id }));
    const rest = {
      exchange: 'NASDAQ',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      quantity: 1,
      price: 1,
    };
    while (!replies.some(({ id }) => id === 4)) await once(socket, 'message');
    const over: number[] = [];
    for (let i = 0; i < 3; i += 1)
      over.push((await client.post('/v1/trading/orders', rest)).status);
    assert.deepEqual(over, [201, 201, 429]);
    socket.send(JSON.stringify({ ...order, id: 5 }));
    while (!replies.some(({ id }) => id === 5)) await once(socket, 'message');
    const refused = replies.find(({ id }) => id === 5) as {
      code: string;
      details: { limit: number };
    };
    assert.equal(refused.code, 'RATE_LIMIT_EXCEEDED');
    assert.equal(refused.details.limit, 6);
    socket.terminate();
  });
});

describe('limits switched off', () => {
  it('are off, and health says so', async () => {
    const { server, end } = await start({ OPENBELL_RATE_LIMITS: 'off' });
    try {
      const reply = await fetch(`${server.url}/health`);
      assert.equal(reply.headers.get('uwebsockets'), null, 'nor does a reply name its maker');
      const health = await reply.json();
      assert.equal((health as { rate_limits: string }).rate_limits, 'off');
      const kept: WebSocket[] = [];
      for (let i = 0; i < 12; i += 1) {
        assert.equal(await upgradeStatus(server.webSocketUrl('/v1/ws/market'), {}, kept), 101);
      }
      for (const socket of kept) socket.terminate();
    } finally {
      await end();
    }
  });
});
