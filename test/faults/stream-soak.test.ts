import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lotsOf, priceText, quantityText, ticksOf } from '../../src/codec/decimals.ts';
import { type Market, marketName } from '../../src/domain/markets.ts';
import { Prng } from '../../src/lib/prng.ts';
import { symbolToWire } from '../../src/surfaces/velocimex/translate.ts';
import { shippedMarkets } from '../support/markets.ts';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import {
  type BookChannel,
  type BookSides,
  type Recorded,
  StreamBookClient,
} from '../support/stream-book.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

/** Ten minutes at night, see `scripts/nightly`. */
const SECONDS = Number(process.env.OPENBELL_SOAK_SECONDS ?? 8);
const ORDERS_PER_SECOND = process.env.OPENBELL_SOAK_ORDERS_PER_SECOND ?? '1000';
const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 20_261_121);
/** Of both sides, that the REST order book gives at most. */
const REST_LEVELS = 1000;
/** A client that says nothing of a sequence for so long will not hear of it any more. */
const QUIET_MS = 3000;
const STALL_MS_MAX = Math.min(20_000, 250 * SECONDS);

const registry = shippedMarkets();

/**
 * Clients that rebuild every book through heavy flow while their connections break, resume and
 * stall: at the end their books are the engine's, and on the way nothing was missing unannounced.
 */
test(`books rebuilt from the stream for ${SECONDS} s are the engine’s`, async (t) => {
  t.diagnostic(`seed ${SEED}, ${ORDERS_PER_SECOND} orders/s`);
  const server = await ServerProcess.start(temporaryDirectory(t), {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: ORDERS_PER_SECOND,
    OPENBELL_OPENING_BALANCES: 'USD=1000000000,USDT=1000000000,USDC=1000000000',
  });
  t.after(() => server.end('SIGKILL'));
  const api = await server.login();
  const clients = open(server);
  t.after(() => {
    for (const client of clients) client.close();
  });
  const endMs = performance.now() + 1000 * SECONDS;
  const troubles = clients.map((client, i) => trouble(client, new Prng(SEED + 100 + i), endMs));
  const trades = registry.all.map((market, i) => trade(server, api, market, SEED + 200 + i, endMs));
  const placed = (await Promise.all([Promise.all(trades), ...troubles]))[0];
  t.diagnostic(`${placed.reduce((sum, each) => sum + each, 0)} orders placed and cancelled`);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const ends = /^openbell_stream_(?:drops|slow_closes|slow_cuts)_total\{endpoint="native"\}.*$/gm;
  for (const [line] of metrics.matchAll(ends)) t.diagnostic(line);
  for (const client of clients) client.record();
  for (const client of clients) {
    const { counts, notRecovered, slowCloses } = client;
    t.diagnostic(`${client.name}: ${JSON.stringify({ ...counts, notRecovered, slowCloses })}`);
  }
  for (const client of clients) await compare(client, api, server);
  assert.deepEqual(
    clients.flatMap(({ faults }) => faults.slice(0, 5)),
    [],
  );
  const sum = (of: (client: StreamBookClient) => number): number =>
    clients.reduce((total, client) => total + of(client), 0);
  assert.ok(sum(({ counts }) => counts.messages) > 100 * SECONDS, 'there was flow');
  assert.ok(sum(({ counts }) => counts.resumed) > 0, 'connections were resumed');
});

function open(server: ServerProcess): StreamBookClient[] {
  const kinds = (['book', 'orders_book'] as const).flatMap((channel) =>
    (['json', 'flatbuffers'] as const).map((format) => ({ channel, format })),
  );
  return kinds.map(({ channel, format }, i) => {
    const url = server.webSocketUrl('/ws/stream');
    const prng = new Prng(SEED + i);
    const client = new StreamBookClient({ url, registry, channel, format, prng });
    client.connect();
    return client;
  });
}

/** Breaks and stalls a client's connection now and then until the time is over. */
async function trouble(client: StreamBookClient, prng: Prng, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    await sleep(prng.integer(100, 1500));
    if (prng.chance(0.7)) client.disconnect();
    else await client.stall(prng.integer(50, STALL_MS_MAX));
  }
}

/**
 * Places and cancels around the best bid, one order after the other: every one of them is a message
 * of its own, between those that the simulated traders cause many at a time.
 */
async function trade(
  server: ServerProcess,
  api: Client,
  market: Market,
  seed: number,
  endMs: number,
): Promise<number> {
  const prng = new Prng(seed);
  const url = `${server.webSocketUrl('/ws/stream')}?token=${api.token}`;
  const socket = await StreamClient.connect(url);
  const { sides } = await restBook(api, market);
  const [bestTicks] = sides[0][0];
  let placed = 0;
  while (performance.now() < endMs) {
    const ticks = bestTicks - prng.integer(0, 20);
    const reply = await socket.ask({
      op: 'order.place',
      market: marketName(market),
      side: 'buy',
      type: 'limit',
      quantity: quantityText(market, market.minQtyLots + prng.integer(0, 5)),
      price: priceText(market, ticks),
    });
    assert.ok(reply.order !== undefined, JSON.stringify(reply));
    placed += 1;
    if (reply.order.status !== 'open') continue;
    await socket.ask({ op: 'order.cancel', order_id: reply.order.order_id });
  }
  socket.close();
  return placed;
}

/** Every market's book beside what the engine says, each at the engine's sequence. */
async function compare(client: StreamBookClient, api: Client, server: ServerProcess) {
  const isOrders = client.name.startsWith('orders_book');
  const channel: BookChannel = isOrders ? 'orders_book' : 'book';
  for (const market of registry.all) {
    const what = `${client.name}: ${marketName(market)}`;
    const fromRest = async () => restBook(api, market);
    const fromStream = () => snapshot(server, channel, market);
    const asks = isOrders ? [fromStream] : [fromRest, fromStream];
    for (const ask of asks) {
      await eventually(
        `${what} reaches the engine’s sequence`,
        async () => {
          const { seq, sides } = await ask();
          const mine = await reached(client, market, seq);
          if (mine === undefined) return undefined;
          const limit = ask === fromRest ? REST_LEVELS : Number.POSITIVE_INFINITY;
          const cut = mine.map((side) => side.slice(0, limit));
          assert.deepEqual(cut, sides, `${what} at ${seq}`);
          return true;
        },
        60_000,
      );
    }
  }
}

/** The client's book of that sequence; `undefined` when it has none, because it is starting anew. */
async function reached(
  client: StreamBookClient,
  market: Market,
  seq: number,
): Promise<BookSides | undefined> {
  const endMs = performance.now() + QUIET_MS;
  for (;;) {
    const sides = client.bookAt(market, seq, performance.now() > endMs);
    if (sides !== undefined || performance.now() > endMs) return sides;
    await sleep(10);
  }
}

async function restBook(api: Client, market: Market): Promise<Recorded> {
  const path = `/v1/markets/${market.exchange}/orderbook/${symbolToWire(market)}`;
  const { status, body } = await api.get(`${path}?depth=${REST_LEVELS}`);
  assert.equal(status, 200);
  const levels = (side: { price: number; quantity: number; orders: number }[]) =>
    side.map(({ price, quantity, orders }): [number, number, number] => [
      ticksOf(market, String(price)) ?? 0,
      lotsOf(market, String(quantity)) ?? 0,
      orders,
    ]);
  const { sequence, bids, asks } = body.data;
  return { seq: sequence, sides: [levels(bids), levels(asks)] };
}

/** What a client that comes now is told of one market. */
async function snapshot(
  server: ServerProcess,
  channel: BookChannel,
  market: Market,
): Promise<Recorded> {
  const url = server.webSocketUrl('/ws/stream');
  const prng = new Prng(SEED);
  const fresh = new StreamBookClient({
    url,
    registry,
    markets: [market],
    channel,
    format: 'json',
    prng,
  });
  fresh.record();
  fresh.connect();
  try {
    return await eventually(`a snapshot of ${marketName(market)}`, () => fresh.first(market));
  } finally {
    fresh.close();
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
