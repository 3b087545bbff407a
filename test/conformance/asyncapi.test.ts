import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { LIMITS } from '../../src/config/limits.ts';
import type { SocketPath } from '../../src/gateway/streams/socket-path.ts';
import { MESSAGES_FILE } from '../../src/openapi/recorded-answers.ts';
import { SURFACES } from '../../src/surfaces/all.ts';
import { PRIVATE_CHANNELS } from '../../src/surfaces/native/private/private-channels.ts';
import { ADMIN_PASSWORD, eventually, ServerProcess } from '../support/server-process.ts';
import { SocketDocument } from '../support/socket-document.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** How long a socket is listened to. */
const LISTEN_MS = 3000;
const BTC = 'binance:BTC-USDT';
/** What makes the native stream tell everything that it can. */
const EVERYTHING = [
  ...['book', 'orders_book', 'trades', 'bbo', 'ticker', 'liquidations', 'funding'],
  ...['open_interest', 'features', 'predictions'],
].map((channel) => ({ op: 'subscribe', channel, market: channel === 'trades' ? '*' : BTC }));
const OWN = [...PRIVATE_CHANNELS.map(({ name }) => name), 'session'].map((channel) => {
  return { op: 'subscribe', channel };
});
const ORDER = { side: 'buy', type: 'limit', quantity: '0.010', price: '80000.0' };
const ORDERS = [
  { op: 'order.place', id: 20, market: BTC, ...ORDER },
  { op: 'order.place', id: 21, market: BTC, ...ORDER, children: [{ ...ORDER, side: 'sell' }] },
  { op: 'order.cancel_all_after', id: 22, seconds: 60 },
  { op: 'order.cancel_all', id: 23 },
  { op: 'session.cancel_on_disconnect', id: 24, enabled: true },
  { op: 'session.heartbeat', id: 25, interval_ms: LIMITS.heartbeatMsMin },
  { op: 'admin.set_reference', id: 26, market: BTC, price: null },
];
const CANDLES = { op: 'subscribe', channel: 'candles', market: BTC, interval: '1m', limit: 2 };

/** Every socket as its table tells it, on a server with simulated markets. */
describe('every socket of the AsyncAPI document', () => {
  const directory = openTemporaryDirectory();
  const told: Record<string, unknown> = {};
  let server: ServerProcess;
  let api: SocketDocument;
  let token: string;

  before(async () => {
    server = await ServerProcess.start(join(directory.path, 'data'));
    const reply = await fetch(`${server.url}/asyncapi.json`);
    api = new SocketDocument(await reply.json());
    const login = await fetch(`${server.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
    });
    token = ((await login.json()) as { access_token: string }).access_token;
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  /** Sends all that the table lists and what else is given; says what was heard, by name. */
  async function listen(
    path: SocketPath,
    requests: readonly object[],
    query = '',
  ): Promise<Map<string, unknown>> {
    const heard = new Map<string, unknown>();
    const strange: string[] = [];
    const address = (path.example ?? path.path).replace('{', '').replace('}', '');
    const socket = new WebSocket(server.webSocketUrl(address + query));
    socket.on('message', (text) => {
      const message = JSON.parse(String(text));
      const name = api.nameOf(path.name, 'get', message);
      if (name === undefined) strange.push(String(text).slice(0, 600));
      else if (!heard.has(name) || String(text).length < 400) heard.set(name, message);
    });
    await once(socket, 'open');
    for (const request of requests) socket.send(JSON.stringify(request));
    await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
    socket.terminate();
    assert.deepEqual(strange, [], `${path.path} sends what the document tells`);
    for (const [name, message] of heard) told[`${path.name}.${name}`] ??= message;
    return heard;
  }

  const withToken = (request: object): object =>
    'token' in request ? { ...request, token } : request;

  it('sends nothing else, whichever it is', async () => {
    const paths = SURFACES.flatMap(({ sockets }) => sockets);
    await Promise.all(
      paths.map(async (path) => {
        const own = path.name === 'native' ? [...EVERYTHING, CANDLES] : [];
        const heard = await listen(path, [...path.requests.map(withToken), ...own]);
        assert.ok(heard.size >= 1, `${path.path} says something`);
      }),
    );
  });

  it('the native stream tells a user everything by its name', async () => {
    const native = SURFACES.flatMap(({ sockets }) => sockets).find(({ name }) => name === 'native');
    assert.ok(native !== undefined);
    await eventually('prices', async () => {
      const reply = await fetch(`${server.url}/binance/tickers/24hr`);
      return ((await reply.json()) as { lastPrice: string }[]).some(({ lastPrice }) => lastPrice);
    });
    const heard = await listen(
      native,
      [...OWN, ...ORDERS, ...EVERYTHING, CANDLES],
      `?token=${token}`,
    );
    const wanted = [
      ...['welcome', 'loggedIn', 'subscribed', 'order', 'cancelledAll', 'cancelAllAfter'],
      ...['cancelOnDisconnect', 'heartbeatInterval', 'done', 'heartbeat', 'bookSnapshot'],
      ...['bookDelta', 'ordersSnapshot', 'ordersDelta', 'trades', 'bbo', 'candles', 'ticker'],
      ...['funding', 'openInterest', 'features', 'orders', 'balances', 'positions', 'session'],
    ];
    const missing = wanted.filter((name) => !heard.has(name));
    assert.deepEqual(missing, [], `heard ${[...heard.keys()]}`);
  });

  it('the messages can be told again, as those in the document', () => {
    assert.ok(Object.keys(told).length >= 40, `${Object.keys(told)}`);
    if (process.env.OPENBELL_RECORD_ANSWERS !== '1') return;
    const shown = Object.entries(told).map(
      ([name, message]) => [name, shortened(message)] as const,
    );
    shown.sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(MESSAGES_FILE, `${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`);
  });
});

const LISTED_MAX = 2;

/** Lists of objects and of rows shortened; rows stay whole. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isList = value.every((item) => typeof item === 'object' && item !== null);
    return (isList ? value.slice(0, LISTED_MAX) : value).map(shortened);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shortened(member)]),
  );
}
