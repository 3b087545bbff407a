import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LIMITS } from '../../src/config/limits.ts';
import { marketName } from '../../src/domain/markets.ts';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { type HeartbeatFacts, heartbeatOf } from '../support/heartbeat-facts.ts';
import { MarketFlow, sortedLevels } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { ClientOrdersBook } from '../support/orders-facts.ts';
import {
  ClientBook,
  factsOfBinary,
  factsOfJson,
  type MessageFacts,
} from '../support/stream-facts.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { closed, FrameReader, type StreamServer, serveStreams } from '../support/stream-server.ts';

const registry = shippedMarkets();
const BTC = registry.get(6)!;
const MARKET = 'binance:BTC-USDT';
const EPOCH = 5;

let server: StreamServer;

before(async () => {
  server = await serveStreams(registry, (views, clock) => [
    new NativeStream({ markets: registry, views, epoch: EPOCH, clock, ...NO_ORDERS }),
  ]);
});

after(() => server.close());

function drain(flow: MarketFlow, records: number): void {
  for (let i = 0; i < records; i += 1) {
    flow.step();
    server.hub.views.apply(flow.views, 0);
  }
  server.hub.publish();
}

async function connected(query = ''): Promise<FrameReader> {
  const reader = new FrameReader(server.connect(`/ws/stream${query}`));
  await once(reader.socket, 'open');
  assert.equal((await reader.nextJson()).type, 'welcome');
  return reader;
}

function facts(frame: string | Uint8Array): MessageFacts {
  return typeof frame === 'string' ? factsOfJson(frame, registry) : factsOfBinary(frame, registry);
}

const CHECKED = [
  [7, 'book', ''],
  [8, 'book', '?format=flatbuffers'],
  [9, 'orders_book', ''],
  [10, 'orders_book', '?format=flatbuffers'],
] as const;

for (const [marketId, channel, query] of CHECKED) {
  test(`${channel}${query} goes on after a disconnection with what was missed`, async () => {
    const market = registry.get(marketId)!;
    const flow = new MarketFlow(marketId, 71);
    drain(flow, 200);
    const first = await connected(query);
    const request = { op: 'subscribe', channel, market: marketName(market) };
    first.send(request);
    assert.equal((await first.nextJson()).type, 'subscribed');
    const book = channel === 'book' ? new ClientBook(market) : new ClientOrdersBook(market);
    book.apply(facts(await first.next()));
    drain(flow, 20);
    book.apply(facts(await first.next()));
    first.socket.terminate();
    for (let i = 0; i < 10; i += 1) {
      drain(flow, 15);
      await turn();
    }
    const again = await connected(query);
    again.send({ ...request, resume: { epoch: EPOCH, seq: book.seq } });
    const ack = await again.nextJson();
    assert.equal(ack.recovered, true);
    assert.equal(ack.markets[0].seq, book.seq, 'the first message continues it');
    drain(flow, 15);
    const { bookPosition, ordersPosition } = server.hub.views.get(marketId)!;
    const newest = channel === 'book' ? bookPosition : ordersPosition;
    while (book.seq < newest.publishedSeq) book.apply(facts(await again.next()));
    if (book instanceof ClientBook) assert.deepEqual(book.levels(0), sortedLevels(flow, 0));
    assert.equal(again.frames.length, 0, 'no snapshot, and nothing twice');
    again.socket.close();
  });
}

test('who cannot be helped is told so, and starts from a new snapshot', async () => {
  const flow = new MarketFlow(BTC.id, 72);
  drain(flow, 100);
  const reader = await connected();
  const ask = async (channel: string, resume: object) => {
    reader.send({ op: 'subscribe', channel, market: MARKET, resume });
    return reader.nextJson();
  };
  const { bookPosition, tradesPosition } = server.hub.views.get(BTC.id)!;
  const otherEpoch = await ask('book', { epoch: EPOCH - 1, seq: bookPosition.publishedSeq });
  assert.equal(otherEpoch.recovered, false);
  assert.equal(facts(await reader.next()).type, 'snapshot');
  const neverThere = await ask('book', { epoch: EPOCH, seq: 3 });
  assert.equal(neverThere.recovered, false);
  assert.equal(facts(await reader.next()).type, 'snapshot');
  const nothingMissed = await ask('book', { epoch: EPOCH, seq: bookPosition.publishedSeq });
  assert.equal(nothingMissed.recovered, true);
  const trades = await ask('trades', { epoch: EPOCH, seq: 1 });
  assert.equal(trades.recovered, false);
  assert.equal(trades.markets[0].seq, tradesPosition.publishedSeq);
  for (const resume of [{}, { epoch: 1 }, { epoch: 1, seq: -1 }, { epoch: 1, seq: 1, x: 1 }, 7]) {
    assert.equal((await ask('book', resume as object)).code, 'INVALID_REQUEST');
  }
  reader.send({ op: 'subscribe', channel: 'book', market: '*', resume: { epoch: 1, seq: 1 } });
  assert.equal((await reader.nextJson()).code, 'INVALID_REQUEST');
  assert.equal(reader.frames.length, 0);
  reader.socket.close();
});

test('a heartbeat lists what was quiet since the last one, with where it stands', async () => {
  const flow = new MarketFlow(BTC.id, 73);
  drain(flow, 100);
  for (const query of ['', '?format=flatbuffers']) {
    const reader = await connected(query);
    for (const channel of ['book', 'trades', 'bbo']) {
      reader.send({ op: 'subscribe', channel, market: MARKET });
    }
    reader.send({ op: 'subscribe', channel: 'candles', market: 'NASDAQ:AAPL', interval: '5m' });
    reader.send({ op: 'session.heartbeat', id: 9, interval_ms: LIMITS.heartbeatMsMin });
    const beats: HeartbeatFacts[] = [];
    while (beats.length < 2) {
      const frame = await reader.next();
      const beat = heartbeatOf(frame);
      if (beat !== undefined) beats.push(beat);
    }
    const view = server.hub.views.get(BTC.id)!;
    const [first, second] = beats;
    assert.equal(second.seq, first.seq + 1);
    assert.equal(second.prevSeq, first.seq);
    assert.equal(second.intervalMs, LIMITS.heartbeatMsMin);
    assert.equal(second.subscriptions, 4);
    assert.deepEqual(second.quiet, [
      ['book', MARKET, '', view.bookPosition.publishedSeq],
      ['trades', MARKET, '', view.tradesPosition.publishedSeq],
      ['bbo', MARKET, '', view.bboPosition.publishedSeq],
      ['candles', 'NASDAQ:AAPL', '5m', 0],
    ]);
    const bookSeq = view.bookPosition.publishedSeq;
    while (view.bookPosition.publishedSeq === bookSeq) drain(flow, 1);
    for (;;) {
      const beat = heartbeatOf(await reader.next());
      if (beat === undefined) continue;
      assert.ok(!beat.quiet.some(([channel]) => channel === 'book'), 'its messages tell');
      break;
    }
    reader.socket.close();
  }
});

test('intervals of heartbeats have bounds', async () => {
  const reader = await connected();
  for (const interval of [0, LIMITS.heartbeatMsMin - 1, LIMITS.heartbeatMsMax + 1, 'x', 1500.5]) {
    reader.send({ op: 'session.heartbeat', interval_ms: interval });
    assert.equal((await reader.nextJson()).code, 'INVALID_REQUEST');
  }
  reader.socket.close();
});

test('a slow client gets the newest state of what can be conflated, and is told how much it missed', async () => {
  const flow = new MarketFlow(BTC.id, 74);
  drain(flow, 100);
  const counters = server.hub.metrics.get('native')!;
  const before = counters.conflations;
  const slow = await connected();
  const quick = await connected();
  slow.send({ op: 'subscribe', channel: 'book', market: MARKET, conflate: true });
  slow.send({ op: 'subscribe', channel: 'bbo', market: MARKET });
  quick.send({ op: 'subscribe', channel: 'book', market: MARKET });
  for (let i = 0; i < 4; i += 1) await slow.next();
  for (let i = 0; i < 2; i += 1) await quick.next();
  slow.socket.pause();
  const { depth, bookPosition, bboPosition } = server.hub.views.get(BTC.id)!;
  // Far more than the bound of a socket goes by, after the system's own buffers are full.
  let rest = 100;
  for (let round = 1; rest > 0; round += 1) {
    if (server.hub.queuedBytes > LIMITS.socketConflationBytes) rest -= 1;
    for (let price = 1; price <= 1000; price += 1) depth.setLevel(SIDE_BUY, price, round, 1);
    drain(flow, 10);
    await turn();
  }
  assert.ok(slow.socket.readyState === slow.socket.OPEN);
  slow.socket.resume();
  const seen: MessageFacts[] = [];
  while (seen.at(-1)?.type !== 'bbo' || seen.at(-1)?.conflated === 0) {
    seen.push(facts(await slow.next()));
  }
  const snapshot = seen.findLast(({ type }) => type === 'snapshot')!;
  assert.ok(snapshot.conflated > 0);
  assert.equal(snapshot.seq, bookPosition.publishedSeq);
  assert.equal(snapshot.prevSeq, snapshot.seq, 'a state to start from');
  assert.equal(seen.at(-1)!.seq, bboPosition.publishedSeq);
  assert.ok(counters.conflations - before >= snapshot.conflated);
  const book = new ClientBook(BTC);
  book.apply(snapshot);
  drain(flow, 10);
  for (;;) {
    const next = facts(await slow.next());
    if (next.type !== 'delta') continue;
    book.apply(next);
    break;
  }
  assert.ok(quick.frames.length > 100, 'who reads gets everything');
  assert.equal(facts(quick.frames.at(-1) as string).conflated, 0);
  slow.socket.close();
  quick.socket.close();
});

test('before the connections are closed everybody is told, and when to come back', async () => {
  const readers = [await connected(), await connected(), await connected('?format=flatbuffers')];
  readers[0].send({ op: 'subscribe', channel: 'session' });
  assert.equal((await readers[0].nextJson()).type, 'subscribed');
  const state = await readers[0].nextJson();
  assert.equal(state.event, 'state');
  assert.equal(state.user, null);
  server.hub.announceShutdown(1500);
  const hints: number[] = [];
  for (const reader of readers) {
    const notice = await reader.nextJson();
    assert.equal(notice.type, 'server_shutdown');
    assert.equal(notice.grace_ms, 1500);
    hints.push(notice.reconnect_after_ms);
  }
  assert.equal(new Set(hints).size, hints.length, 'not all at the same moment');
  assert.ok(hints.every((ms) => ms >= LIMITS.reconnectMsMin && ms <= LIMITS.reconnectMsMax));
  const draining = await readers[0].nextJson();
  assert.deepEqual(
    [draining.event, draining.seq, draining.prev_seq, draining.grace_ms],
    ['draining', 1, 0, 1500],
  );
  const endings = readers.map(({ socket }) => closed(socket));
  server.hub.closeAll(1001, 'server_shutdown');
  for (const ending of await Promise.all(endings)) assert.equal(ending.code, 1001);
});
