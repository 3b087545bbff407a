import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/config/limits.ts';
import { buildRegistry, type MarketsFile } from '../../../../src/config/markets.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { NativeStream } from '../../../../src/surfaces/native/stream.ts';
import { MarketFlow, sortedLevels } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { ClientBook, factsOfBinary, factsOfJson } from '../../../support/stream-facts.ts';
import {
  FakeHub,
  type FakeSocket,
  NO_ORDERS,
  PLAIN_REQUEST,
  StepClock,
} from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();
const BTC = registry.resolve('binance', 'BTC-USDT')!;

interface Bench {
  stream: NativeStream;
  hub: StreamHub;
  wire: FakeHub;
  flow: MarketFlow;
  connect(query?: string): FakeSocket;
  /** Applies a number of records and publishes them. */
  drain(records: number): void;
}

function bench(seed = 1, markets = registry): Bench {
  const clock = new StepClock();
  const views = new MarketViews(markets.all);
  const stream = new NativeStream({ markets, views, epoch: 3, clock, ...NO_ORDERS });
  const hub = new StreamHub({ views, clock, endpoints: [stream] });
  const wire = new FakeHub();
  stream.bind(wire);
  const flow = new MarketFlow(BTC.id, seed);
  return {
    stream,
    hub,
    wire,
    flow,
    connect: (query = '') => {
      const socket = wire.socket();
      socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
      return socket;
    },
    drain: (records) => {
      for (let i = 0; i < records; i += 1) {
        flow.step();
        hub.views.apply(flow.views, 0);
      }
      hub.publish();
    },
  };
}

function json(frame: string | Uint8Array) {
  return factsOfJson(frame as string, registry);
}

test('a connection is welcomed with epoch, format and what the data is', () => {
  const { connect } = bench();
  assert.deepEqual(JSON.parse(connect().received[0] as string), {
    type: 'welcome',
    protocol: 'openbell.stream.v1',
    epoch: 3,
    heartbeat_ms: 15_000,
    format: 'json',
    simulated: true,
  });
  const binary = JSON.parse(connect('format=flatbuffers').received[0] as string);
  assert.equal(binary.format, 'flatbuffers');
});

test('the subprotocol is the first known one that was offered; an unknown format is refused', () => {
  const { stream } = bench();
  const offer = (...subprotocols: string[]) => stream.negotiate({ ...PLAIN_REQUEST, subprotocols });
  assert.deepEqual(offer(), { subprotocol: '' });
  assert.deepEqual(offer('chat', 'openbell.fb.v1'), { subprotocol: 'openbell.fb.v1' });
  assert.deepEqual(offer('openbell.json.v1', 'openbell.fb.v1'), {
    subprotocol: 'openbell.json.v1',
  });
  const refused = stream.negotiate({ ...PLAIN_REQUEST, query: 'format=xml' });
  assert.ok('status' in refused && refused.status.startsWith('400'));
});

test('a book subscription: acknowledgement, snapshot, then deltas that continue it', () => {
  const { connect, drain } = bench();
  drain(200);
  const client = connect();
  const frames = client.ask({
    op: 'subscribe',
    id: 1,
    channel: 'book',
    market: 'binance:btc/usdt',
  });
  const ack = JSON.parse(frames[0] as string);
  assert.equal(ack.type, 'subscribed');
  assert.equal(ack.id, 1);
  assert.equal(ack.channel, 'book');
  const { seq, ...market } = ack.markets[0];
  assert.deepEqual(market, {
    market: 'binance:BTC-USDT',
    market_id: 6,
    exchange: 'binance',
    symbol: 'BTC-USDT',
    base: 'BTC',
    quote: 'USDT',
    asset_class: 'crypto_perpetual',
    source: 'simulated',
    tick: '0.1',
    lot: '0.001',
    price_decimals: 1,
    qty_decimals: 3,
    tick_units: 1,
    lot_units: 1,
  });
  const snapshot = json(frames[1]);
  assert.equal(snapshot.type, 'snapshot');
  assert.equal(snapshot.seq, seq);
  const start = client.received.length;
  drain(50);
  const delta = json(client.received[start]);
  assert.equal(delta.type, 'delta');
  assert.equal(delta.prevSeq, snapshot.seq);
});

test('depth narrows the snapshot and never the deltas; the totals say what was left out', () => {
  const { connect, drain, flow } = bench();
  drain(400);
  const client = connect();
  const request = { op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT', depth: 3 };
  const snapshot = json(client.ask(request)[1]);
  assert.deepEqual(snapshot.bids, sortedLevels(flow, 0).slice(0, 3));
  assert.deepEqual(snapshot.totals, [flow.levels[0].size, flow.levels[1].size]);
  assert.ok(flow.levels[0].size > 3);
});

test('trades and bbo continue the sequence of the acknowledgement', () => {
  const { connect, drain, flow } = bench(9);
  drain(300);
  const client = connect();
  const ack = client.answer({ op: 'subscribe', channel: 'trades', market: 'binance:BTC-USDT' });
  const [, bbo] = client.ask({ op: 'subscribe', channel: 'bbo', market: 'binance:BTC-USDT' });
  let last = json(bbo);
  assert.equal(last.prevSeq, last.seq, 'the first is the state');
  let tradesSeq = ack.markets[0].seq as number;
  const before = flow.trades.length;
  const ids: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    const start = client.received.length;
    drain(7);
    for (const frame of client.received.slice(start)) {
      const facts = json(frame);
      if (facts.type === 'bbo') {
        assert.notDeepEqual(facts.best, last.best, 'only a changed quote is sent');
        assert.equal(facts.prevSeq, last.seq);
        last = facts;
      } else {
        assert.equal(facts.prevSeq, tradesSeq);
        tradesSeq = facts.seq;
        ids.push(...facts.trades!.map((trade) => trade.id));
      }
    }
  }
  assert.deepEqual(
    ids,
    flow.trades.slice(before).map((trade) => trade.id),
  );
  assert.deepEqual(last.best, [
    ...sortedLevels(flow, 0)[0].slice(0, 2),
    ...sortedLevels(flow, 1)[0].slice(0, 2),
  ]);
});

test('a second subscription to the same book sends a fresh snapshot: that is how to resync', () => {
  const { connect, drain, stream } = bench();
  drain(100);
  const client = connect();
  const request = { op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' };
  client.ask(request);
  drain(100);
  const snapshot = json(client.ask(request)[1]);
  const start = client.received.length;
  drain(100);
  assert.equal(client.received.length, start + 1, 'each delta still arrives once');
  assert.equal(json(client.received[start]).prevSeq, snapshot.seq);
  assert.equal(stream.counters.subscriptions, 1);
});

test('wildcards name all markets, or all of one exchange', () => {
  const { connect, stream } = bench();
  const client = connect();
  const names = (market: string): string[] =>
    client
      .answer({ op: 'subscribe', channel: 'trades', market })
      .markets.map((entry: { market: string }) => entry.market);
  assert.deepEqual(names('BINANCE:*'), [
    'binance:BTC-USDT',
    'binance:ETH-USDT',
    'binance:SOL-USDT',
  ]);
  assert.equal(names('*').length, registry.all.length);
  assert.deepEqual(names('AAPL'), ['NASDAQ:AAPL'], 'a symbol that one exchange has');
  assert.equal(stream.counters.subscriptions, registry.all.length);
  client.session!.closed();
  assert.equal(stream.counters.subscriptions, 0);
});

test('unsubscribing stops the channel and leaves the others', () => {
  const { connect, drain } = bench();
  const client = connect();
  client.ask({ op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' });
  client.ask({ op: 'subscribe', channel: 'trades', market: 'binance:BTC-USDT' });
  const answer = client.answer({
    op: 'unsubscribe',
    id: 'x',
    channel: 'book',
    market: 'binance:BTC-USDT',
  });
  assert.deepEqual(answer, {
    type: 'unsubscribed',
    id: 'x',
    channel: 'book',
    markets: ['binance:BTC-USDT'],
  });
  const start = client.received.length;
  drain(300);
  const types = new Set(client.received.slice(start).map((frame) => json(frame).type));
  assert.deepEqual([...types], ['trades']);
});

test('ping and markets are answered', () => {
  const client = bench().connect();
  const pong = client.answer({ op: 'ping', id: 5 });
  assert.equal(pong.type, 'pong');
  assert.equal(pong.id, 5);
  assert.match(pong.time, /^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/);
  const { markets } = client.answer({ op: 'markets' });
  assert.equal(markets.length, registry.all.length);
  assert.equal(markets[0].source, 'simulated');
});

const BAD_REQUESTS: [unknown, string, unknown][] = [
  ['{"op":', 'INVALID_JSON', null],
  ['', 'INVALID_JSON', null],
  ['[]', 'INVALID_REQUEST', null],
  ['null', 'INVALID_REQUEST', null],
  ['7', 'INVALID_REQUEST', null],
  [{ op: 'dance', id: 1 }, 'UNKNOWN_OP', 1],
  [{ id: 2 }, 'UNKNOWN_OP', 2],
  [{ op: 'toString' }, 'UNKNOWN_OP', null],
  [{ op: '__proto__' }, 'UNKNOWN_OP', null],
  [{ op: 'ping', id: { a: 1 } }, 'INVALID_REQUEST', null],
  [{ op: 'ping', id: 'x'.repeat(65) }, 'INVALID_REQUEST', null],
  [{ op: 'ping', market: '*' }, 'INVALID_REQUEST', null],
  [{ op: 'subscribe', channel: 'l4', market: '*' }, 'UNKNOWN_CHANNEL', null],
  [{ op: 'subscribe', market: '*' }, 'UNKNOWN_CHANNEL', null],
  [{ op: 'subscribe', channel: 'book' }, 'UNKNOWN_MARKET', null],
  [{ op: 'subscribe', channel: 'book', market: 6 }, 'UNKNOWN_MARKET', null],
  [{ op: 'subscribe', channel: 'book', market: 'binance:DOGE' }, 'UNKNOWN_MARKET', null],
  [{ op: 'subscribe', channel: 'book', market: 'kraken:*' }, 'UNKNOWN_MARKET', null],
  [{ op: 'subscribe', channel: 'book', market: 'BTC-USDT' }, 'UNKNOWN_MARKET', null],
  [{ op: 'subscribe', channel: 'book', market: '*', depth: 0 }, 'INVALID_DEPTH', null],
  [{ op: 'subscribe', channel: 'book', market: '*', depth: 1001 }, 'INVALID_DEPTH', null],
  [{ op: 'subscribe', channel: 'book', market: '*', depth: 2.5 }, 'INVALID_DEPTH', null],
  [{ op: 'subscribe', channel: 'book', market: '*', depth: '9' }, 'INVALID_DEPTH', null],
  [{ op: 'subscribe', channel: 'bbo', market: '*', depth: 9 }, 'INVALID_DEPTH', null],
  [{ op: 'subscribe', channel: 'book', market: '*', dpeth: 9 }, 'INVALID_REQUEST', null],
  [{ op: 'subscribe', channel: 'features', market: '*' }, 'FEATURES_UNAVAILABLE', null],
  [{ op: 'subscribe', channel: 'predictions', market: 'AAPL' }, 'MODEL_UNAVAILABLE', null],
  [{ op: 'subscribe', channel: 'funding', market: 'NASDAQ:*' }, 'NOT_A_PERPETUAL', null],
  [{ op: 'subscribe', channel: 'orders' }, 'UNAUTHORIZED', null],
  [{ op: 'subscribe', channel: 'session', market: '*' }, 'INVALID_REQUEST', null],
  [{ op: 'unsubscribe', channel: 'session' }, 'NOT_SUBSCRIBED', null],
  [{ op: 'unsubscribe', id: 3, channel: 'bbo', market: '*' }, 'NOT_SUBSCRIBED', 3],
];

test('bad input is named, and other subscriptions go on', () => {
  const { connect, drain, stream } = bench();
  const client = connect();
  client.ask({ op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' });
  for (const [message, code, id] of BAD_REQUESTS) {
    const frames = client.ask(message);
    assert.equal(frames.length, 1);
    const answer = JSON.parse(frames[0] as string);
    assert.equal(answer.type, 'error', JSON.stringify(message));
    assert.equal(answer.code, code, JSON.stringify(message));
    assert.equal(answer.id, id);
    assert.ok(answer.message.length > 10);
  }
  client.session!.binaryMessage(new Uint8Array(4));
  assert.equal(JSON.parse(client.received.at(-1) as string).code, 'INVALID_REQUEST');
  assert.equal(stream.counters.errors, BAD_REQUESTS.length + 1);
  assert.equal(client.closedWith, null);
  const start = client.received.length;
  drain(20);
  assert.equal(json(client.received[start]).type, 'delta');
});

test('a subscription past the limit is refused whole', () => {
  const shipped = registry.all[0];
  const file: MarketsFile = {
    assets: { USD: { decimals: 6 }, X: { decimals: 0 } },
    exchanges: { E: { assetClass: 'equity', makerFeePpm: 0, takerFeePpm: 0 } },
    markets: Array.from({ length: 700 }, (_, i) => ({
      ...shipped.reference,
      id: i + 1,
      exchange: 'E',
      symbol: `S${i}`,
      base: 'X',
      quote: 'USD',
      tick: '0.01',
      lot: '1',
      maxQty: '1000',
    })),
  };
  const { connect, stream } = bench(1, buildRegistry(file));
  const client = connect();
  assert.equal(client.answer({ op: 'subscribe', channel: 'book', market: '*' }).type, 'subscribed');
  assert.equal(client.answer({ op: 'subscribe', channel: 'bbo', market: '*' }).type, 'subscribed');
  assert.ok(3 * 700 > LIMITS.streamSubscriptionsPerSocket);
  const refused = client.answer({ op: 'subscribe', channel: 'trades', market: '*' });
  assert.equal(refused.code, 'TOO_MANY_SUBSCRIPTIONS');
  assert.equal(stream.counters.subscriptions, 1400);
});

test('snapshots wait while the client is behind, and still continue seamlessly', () => {
  const { connect, drain, stream } = bench();
  drain(200);
  const client = connect('format=flatbuffers');
  client.bufferedBytes = stream.snapshotBacklogBytes + 1;
  const frames = client.ask({ op: 'subscribe', channel: 'book', market: 'binance:*' });
  assert.equal(frames.length, 1, 'the acknowledgement alone');
  drain(50);
  assert.equal(client.received.length, 2);
  client.bufferedBytes = 0;
  client.session!.drained();
  drain(50);
  const book = new ClientBook(BTC);
  const binary = client.received.slice(2) as Uint8Array[];
  for (const frame of binary) {
    const facts = factsOfBinary(frame, registry);
    if (facts.market === 'binance:BTC-USDT') book.apply(facts);
  }
  assert.equal(binary.length, 4, 'three snapshots and a delta');
  assert.ok(book.levels(0).length > 0);
});

test('an unsubscription also takes back a snapshot that still waits', () => {
  const { connect, stream } = bench();
  const client = connect();
  client.bufferedBytes = stream.snapshotBacklogBytes + 1;
  client.ask({ op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' });
  client.ask({ op: 'unsubscribe', channel: 'book', market: 'binance:BTC-USDT' });
  const before = client.received.length;
  client.bufferedBytes = 0;
  client.session!.drained();
  assert.equal(client.received.length, before);
  assert.equal(client.topics.size, 0);
});

test('nothing is encoded when nobody listens, and one message serves all who do', () => {
  const { connect, drain, stream } = bench();
  drain(100);
  assert.equal(stream.counters.messages, 0);
  const request = { op: 'subscribe', channel: 'book', market: 'binance:BTC-USDT' };
  for (let i = 0; i < 5; i += 1) connect().ask(request);
  drain(10);
  assert.equal(stream.counters.messages, 1);
  assert.equal(stream.counters.deliveries, 5);
  assert.ok(stream.counters.bytes > 5 * 100);
});
