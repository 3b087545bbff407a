import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import WebSocket from 'ws';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import type { OrderView } from '../../src/gateway/venue.ts';
import { AuthFailure } from '../../src/identity/principal.ts';
import type { DepthSide } from '../../src/projections/depth.ts';
import { NO_EXTENSION } from '../../src/projections/order-extension.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { VelocimexOrderStream } from '../../src/surfaces/velocimex/order-stream.ts';
import { VelocimexMarketStream } from '../../src/surfaces/velocimex/streams.ts';
import { MarketFlow, sortedLevels } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { eventually } from '../support/server-process.ts';
import {
  ClientBook,
  factsOfBinary,
  factsOfJson,
  type LevelFacts,
} from '../support/stream-facts.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { closed, FrameReader, type StreamServer, serveStreams } from '../support/stream-server.ts';

const registry = shippedMarkets();
const BTC = registry.get(6)!;
const BOOK = { op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' };
const BACKPRESSURE_BYTES = 64 * 1024;

let server: StreamServer;
let orders: VelocimexOrderStream;

before(async () => {
  const limit = new ConnectionLimit(3);
  server = await serveStreams(
    registry,
    (views, clock) => {
      orders = new VelocimexOrderStream(
        ({ authorization }) =>
          authorization === 'Bearer alice'
            ? { userId: 11, username: 'alice', scopes: ['read'], credential: 'user:11' }
            : new AuthFailure('INVALID_CREDENTIALS', 'not valid'),
        clock,
        limit,
      );
      return [
        new NativeStream({
          markets: registry,
          views,
          epoch: 5,
          clock,
          ...NO_ORDERS,
          snapshotBacklogBytes: BACKPRESSURE_BYTES / 2,
        }),
        new VelocimexMarketStream(registry, views, clock, limit),
        orders,
      ];
    },
    { backpressureBytes: BACKPRESSURE_BYTES, slowGraceMs: 500 },
  );
});

after(() => server.close());

function drain(flow: MarketFlow, records: number): void {
  for (let i = 0; i < records; i += 1) {
    flow.step();
    server.hub.views.apply(flow.views, 0);
  }
  server.hub.publish();
}

/** Publishes deltas of a thousand levels until some socket has left too much unread. */
async function floodUntilSlow(flow: MarketFlow): Promise<void> {
  const counters = server.hub.metrics.get('native')!;
  const { depth } = server.hub.views.get(flow.marketId)!;
  for (let round = 1; counters.slow === 0; round += 1) {
    for (let price = 1; price <= 1000; price += 1) depth.setLevel(SIDE_BUY, price, round, 1);
    drain(flow, 10);
    // The system's buffers grow while they are filled: what waits shall wait for the client alone.
    if (server.hub.queuedBytes > 0) await sleep(2);
    else await turn();
  }
}

function levelsOf(side: DepthSide): LevelFacts[] {
  return Array.from({ length: side.length }, (_, i) => [
    side.pricesTicks[i],
    side.qtysLots[i],
    side.orders[i],
  ]);
}

async function connected(path: string, subprotocols?: string[]): Promise<FrameReader> {
  const reader = new FrameReader(server.connect(path, subprotocols));
  await once(reader.socket, 'open');
  return reader;
}

test('subprotocol and query choose the format; an unknown format is refused at the upgrade', async () => {
  const plain = await connected('/ws/stream');
  assert.equal(plain.socket.protocol, '');
  assert.equal((await plain.nextJson()).format, 'json');
  const binary = await connected('/ws/stream', ['openbell.fb.v1']);
  assert.equal(binary.socket.protocol, 'openbell.fb.v1');
  assert.equal((await binary.nextJson()).format, 'flatbuffers');
  const query = await connected('/ws/stream?format=flatbuffers');
  assert.equal((await query.nextJson()).format, 'flatbuffers');
  const refused = server.connect('/ws/stream?format=xml');
  refused.on('error', () => {});
  const [, response] = await once(refused, 'unexpected-response');
  assert.equal(response.statusCode, 400);
  for (const reader of [plain, binary, query]) reader.socket.close();
});

test('both codecs rebuild the same book over real sockets, with joins in the middle of the flow', async () => {
  const flow = new MarketFlow(BTC.id, 31);
  drain(flow, 500);
  const readers: FrameReader[] = [];
  for (let i = 0; i < 12; i += 1) {
    const reader = await connected(i % 2 === 0 ? '/ws/stream' : '/ws/stream?format=flatbuffers');
    reader.send(BOOK);
    readers.push(reader);
    // The request arrives at some moment between these drains.
    for (let k = 0; k < 20; k += 1) {
      drain(flow, 5);
      await turn();
    }
  }
  await sleep(20);
  drain(flow, 50);
  for (const reader of readers) {
    assert.equal((await reader.nextJson()).type, 'welcome');
    assert.equal((await reader.nextJson()).type, 'subscribed');
    const book = new ClientBook(BTC);
    while (book.seq < server.hub.views.get(BTC.id)!.bookPosition.seq) {
      const frame = await reader.next();
      book.apply(
        typeof frame === 'string' ? factsOfJson(frame, registry) : factsOfBinary(frame, registry),
      );
    }
    assert.deepEqual(book.levels(0), sortedLevels(flow, 0));
    assert.deepEqual(book.levels(1), sortedLevels(flow, 1));
    reader.socket.close();
  }
});

test('what was applied and not yet published goes out before a newcomer gets its snapshot', async () => {
  const flow = new MarketFlow(registry.get(13)!.id, 3);
  const request = { ...BOOK, market: 'sei:SEI-USDC' };
  const early = await connected('/ws/stream');
  early.send(request);
  for (let i = 0; i < 3; i += 1) await early.next();
  for (let i = 0; i < 10; i += 1) {
    flow.step();
    server.hub.views.apply(flow.views, 0);
  }
  const late = await connected('/ws/stream');
  const delta = factsOfJson((await early.next()) as string, registry);
  assert.equal(delta.type, 'delta', 'the connection alone made the hub publish');
  flow.step();
  server.hub.views.apply(flow.views, 0);
  late.send(request);
  for (let i = 0; i < 2; i += 1) await late.next();
  const snapshot = factsOfJson((await late.next()) as string, registry);
  drain(flow, 10);
  const next = factsOfJson((await late.next()) as string, registry);
  assert.equal(next.prevSeq, snapshot.seq);
  for (const reader of [early, late]) reader.socket.close();
});

test('a binary frame or nonsense is answered, and the connection goes on', async () => {
  const reader = await connected('/ws/stream');
  await reader.next();
  reader.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await reader.nextJson()).code, 'INVALID_REQUEST');
  reader.socket.send('{"op":');
  assert.equal((await reader.nextJson()).code, 'INVALID_JSON');
  reader.send({ op: 'ping', id: 1 });
  assert.equal((await reader.nextJson()).type, 'pong');
  reader.socket.close();
});

test('a client that stops reading is closed with 4008 after its backlog, and says so in the counters', async () => {
  const counters = server.hub.metrics.get('native')!;
  const flow = new MarketFlow(BTC.id, 8);
  const slow = await connected('/ws/stream');
  const quick = await connected('/ws/stream');
  for (const reader of [slow, quick]) {
    reader.send(BOOK);
    await reader.next();
    await reader.next();
  }
  const closing = closed(slow.socket);
  slow.socket.pause();
  await floodUntilSlow(flow);
  assert.equal(counters.slowCloses, 0, 'not yet: first it may read what waits');
  await turn();
  slow.socket.resume();
  assert.deepEqual(await closing, { code: 4008, reason: 'slow_consumer' });
  assert.equal(counters.slowCloses, 1);
  assert.equal(counters.drops, 0, 'it was told before anything had to be dropped');
  // What it did receive has no gap: the backlog is delivered whole.
  const book = new ClientBook(BTC);
  const lastWords = JSON.parse(slow.frames.pop() as string);
  for (const frame of slow.frames) book.apply(factsOfJson(frame as string, registry));
  assert.equal(lastWords.type, 'slow_consumer');
  const place = { channel: 'book', market: 'binance:BTC-USDT', seq: book.seq };
  assert.deepEqual(lastWords.subscriptions, [place], 'up to where nothing is missing');
  drain(flow, 10);
  const other = new ClientBook(BTC);
  while (other.seq < server.hub.views.get(BTC.id)!.bookPosition.seq) {
    other.apply(factsOfJson((await quick.next()) as string, registry));
  }
  const { bids } = server.hub.views.get(BTC.id)!.depth;
  assert.deepEqual(other.levels(0), levelsOf(bids), 'the quick one lost nothing');
  quick.socket.close();
});

test('a client that never reads again is cut off after its grace', async () => {
  const counters = server.hub.metrics.get('native')!;
  const flow = new MarketFlow(BTC.id, 9);
  const stuck = await connected('/ws/stream');
  stuck.send(BOOK);
  await stuck.next();
  await stuck.next();
  stuck.socket.pause();
  const connections = counters.connections;
  await floodUntilSlow(flow);
  assert.ok(server.hub.queuedBytes > 0);
  await eventually(
    'it is cut off',
    () => (counters.slowCuts === 1 && counters.slow === 0) || undefined,
  );
  assert.equal(counters.connections, connections - 1);
  stuck.socket.terminate();
});

test('a subscription to everything does not overrun the bound of the socket', async () => {
  const counters = server.hub.metrics.get('native')!;
  const { drops } = counters;
  for (const market of registry.all) {
    const { depth } = server.hub.views.get(market.id)!;
    for (let price = 1; price <= 15_000; price += 1) depth.setLevel(SIDE_BUY, price, 1_000_000, 1);
    drain(new MarketFlow(market.id, market.id), 20);
  }
  const reader = await connected('/ws/stream');
  await reader.next();
  reader.socket.pause();
  const bytes = counters.bytes;
  reader.send({ ...BOOK, market: '*' });
  await sleep(100);
  const sentAtOnce = counters.bytes - bytes;
  reader.socket.resume();
  assert.equal((await reader.nextJson()).markets.length, registry.all.length);
  const seen = new Set<string>();
  while (seen.size < registry.all.length) {
    const facts = factsOfJson((await reader.next()) as string, registry);
    assert.equal(facts.type, 'snapshot');
    seen.add(facts.market);
  }
  assert.ok(counters.bytes - bytes > sentAtOnce, 'some had to wait until the client read on');
  assert.equal(counters.drops, drops);
  reader.socket.close();
});

test('Velocimex sockets: state first, narrowing, orders to their owner, and the limit per address', async () => {
  const market = await connected('/v1/ws/market');
  const first = await market.nextJson();
  assert.equal(first.symbol, 'AAPL');
  for (let i = 1; i < registry.all.length; i += 1) await market.next();
  market.send({ action: 'subscribe', symbols: ['BTC/USDT'] });
  assert.equal((await market.nextJson()).type, 'subscribed');
  const owner = await connected('/v1/ws/orders?token=alice');
  const stranger = server.connect('/v1/ws/orders?token=eve');
  assert.equal((await closed(stranger)).code, 4401);
  const order: OrderView = {
    orderId: 99,
    market: BTC,
    portfolioId: 1,
    side: 0,
    orderType: 0,
    tif: 0,
    flags: 0,
    selfTrade: 0,
    extension: NO_EXTENSION,
    priceTicks: 972_500,
    qtyLots: 10,
    filledLots: 0,
    filledNotionalUnits: 0,
    feeUnits: 0,
    status: 1,
    reason: 0,
    clientOrderId: '',
    createdSeconds: 1,
    createdNanos: 0,
    updatedSeconds: 1,
    updatedNanos: 0,
  };
  orders.publishOrder(11, order);
  assert.equal((await owner.nextJson()).order_id, '99');
  const third = await connected('/v1/ws/market');
  const fourth = server.connect('/v1/ws/market');
  fourth.on('error', () => {});
  const [, response] = await once(fourth, 'unexpected-response');
  assert.equal(response.statusCode, 429);
  for (const reader of [market, owner, third]) reader.socket.close();
});

test('a storm of connections leaves no subscription behind', async () => {
  await sleep(50);
  const counters = server.hub.metrics.get('native')!;
  for (let round = 0; round < 3; round += 1) {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const reader = await connected('/ws/stream');
        reader.send({ op: 'subscribe', channel: 'bbo', market: '*' });
        return reader.socket;
      }),
    );
    for (const [i, socket] of sockets.entries()) {
      if (i % 2 === 0) socket.close();
      else socket.terminate();
    }
    await Promise.all(
      sockets.map((socket) =>
        socket.readyState === WebSocket.CLOSED ? null : once(socket, 'close'),
      ),
    );
    await sleep(30);
    assert.equal(counters.connections, 0);
    assert.equal(counters.subscriptions, 0);
  }
});

test('beyond the connections that all clients may have, an upgrade is 503', async () => {
  const full = await serveStreams(
    registry,
    (views, clock) => [
      new NativeStream({ markets: registry, views, epoch: 1, clock, ...NO_ORDERS }),
    ],
    { connectionsMax: 2 },
  );
  const sockets = [full.connect('/ws/stream'), full.connect('/ws/stream')];
  for (const socket of sockets) await once(socket, 'open');
  const third = full.connect('/ws/stream');
  third.on('error', () => {});
  const [, response] = await once(third, 'unexpected-response');
  assert.equal(response.statusCode, 503);
  assert.equal(full.hub.metrics.get('native')?.refusals.get('TOO_MANY_CONNECTIONS'), 1);
  sockets[0].close();
  await once(sockets[0], 'close');
  await sleep(20);
  const next = full.connect('/ws/stream');
  await once(next, 'open');
  full.close();
});

test('closeAll ends every connection with the given code', async () => {
  const reader = await connected('/ws/stream');
  const end = closed(reader.socket);
  server.hub.closeAll(1001, 'server_shutdown');
  assert.deepEqual(await end, { code: 1001, reason: 'server_shutdown' });
  assert.equal(server.hub.connections, 0);
});
