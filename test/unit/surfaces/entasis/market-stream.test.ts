import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { AddressList } from '../../../../src/lib/address-list.ts';
import { formatScaled, parseScaled } from '../../../../src/lib/fixed-point.ts';
import type { DepthSide } from '../../../../src/projections/depth.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import {
  EntasisMarketStream,
  INTERVAL_MS,
} from '../../../../src/surfaces/entasis/market-stream.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import {
  FakeHub,
  type FakeSocket,
  PLAIN_REQUEST,
  StepClock,
} from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();
/** binance:BTC-USDT and NASDAQ:AAPL. */
const BTC = registry.get(6)!;
const AAPL = registry.get(1)!;

class ManualClock extends StepClock {
  override tick(): void {}

  advanceMs(ms: number): void {
    const micros = this.nanos / 1000 + ms * 1000;
    this.seconds += Math.floor(micros / 1_000_000);
    this.nanos = (micros % 1_000_000) * 1000;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: messages differ, and the tests say what they expect
type Message = any;

function bench(options: { allowed?: string[]; connections?: number } = {}) {
  const clock = new ManualClock();
  const views = new MarketViews(registry.all);
  const stream = new EntasisMarketStream({
    markets: registry,
    views,
    clock,
    connectionLimit: new ConnectionLimit(options.connections ?? 5),
    allowedAddresses: new AddressList(options.allowed ?? []),
  });
  const hub = new StreamHub({ views, clock, endpoints: [stream] });
  const wire = new FakeHub();
  stream.bind(wire);
  const flows = [new MarketFlow(BTC.id, 1), new MarketFlow(AAPL.id, 2, 15_050)];
  return {
    clock,
    stream,
    view: (id: number) => views.get(id)!,
    connect: (acceptLanguage = ''): FakeSocket => {
      const socket = wire.socket();
      socket.session = stream.open(socket, { ...PLAIN_REQUEST, acceptLanguage });
      return socket;
    },
    drain: (records: number) => {
      for (let i = 0; i < records; i += 1) {
        for (const flow of flows) {
          flow.step();
          hub.views.apply(flow.views, 0);
        }
      }
      hub.publish();
    },
  };
}

const parsed = (frames: (string | Uint8Array)[]): Message[] =>
  frames.map((frame) => JSON.parse(frame as string));
const ask = (socket: FakeSocket, message: unknown): Message[] => parsed(socket.ask(message));
const SUBSCRIBE_BTC = { action: 'subscribe', channel: 'market', symbols: ['BTC-USDT'] };
const BOOK_BTC = { action: 'subscribe', channel: 'orderbook', symbol: 'BTC-USDT' };

test('market: acknowledged, the price now, then one message per interval with all volume', () => {
  const { connect, drain, clock, view } = bench();
  drain(400);
  const socket = connect();
  const [answer, now] = ask(socket, SUBSCRIBE_BTC);
  assert.deepEqual(answer, { type: 'subscribed', channel: 'market', symbols: ['BTC-USDT'] });
  const { ticker } = view(BTC.id);
  const price = formatScaled(ticker.lastPriceTicks * BTC.tickUnits, BTC.priceDecimals, 1);
  assert.equal(now.price, price);
  assert.equal(now.volume, '0.000');
  assert.deepEqual(Object.keys(now), [
    'channel',
    'symbol',
    'exchange',
    'price',
    'timestamp',
    'volume',
    'sequence',
  ]);
  assert.match(now.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  const tradedBefore = ticker.tradedLotsTotal;
  const heard = socket.received.length;
  for (let i = 0; i < 200; i += 1) {
    drain(5);
    clock.advanceMs(7);
  }
  clock.advanceMs(INTERVAL_MS);
  drain(0);
  const stream = parsed(socket.received.slice(heard));
  assert.ok(
    stream.length >= 10 && stream.length <= 1 + (200 * 7) / INTERVAL_MS,
    `${stream.length}`,
  );
  assert.ok(stream.every(({ symbol }) => symbol === 'BTC-USDT'));
  const sequences = stream.map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    [...new Set(sequences)].sort((a, b) => a - b),
  );
  const volume = stream.reduce((sum, each) => sum + parseScaled(each.volume, 3)!, 0);
  const waiting = ticker.tradedLotsTotal - tradedBefore - volume;
  assert.ok(waiting >= 0, 'nothing is told twice');
  const last = stream.at(-1);
  if (waiting === 0) {
    assert.equal(last.price, formatScaled(ticker.lastPriceTicks * BTC.tickUnits, 1, 1));
  }
});

const levels = (side: DepthSide, depth: number): string[][] =>
  Array.from({ length: Math.min(depth, side.length) }, (_, i) => [
    formatScaled(side.pricesTicks[i] * BTC.tickUnits, BTC.priceDecimals, BTC.priceDecimals),
    formatScaled(side.qtysLots[i] * BTC.lotUnits, BTC.qtyDecimals, BTC.qtyDecimals),
  ]);

test('orderbook: whoever listens has the best levels, whatever depth was asked for', () => {
  const { connect, drain, clock, view } = bench();
  drain(300);
  const sockets = new Map<number, FakeSocket>();
  for (const depth of [1, 3, 10]) {
    const socket = connect();
    const [answer, book] = ask(socket, depth === 10 ? BOOK_BTC : { ...BOOK_BTC, depth });
    assert.deepEqual(answer, {
      type: 'subscribed',
      channel: 'orderbook',
      symbol: 'BTC-USDT',
      depth,
    });
    assert.deepEqual(book.bids, levels(view(BTC.id).depth.bids, depth));
    sockets.set(depth, socket);
  }
  for (let i = 0; i < 400; i += 1) {
    drain(1);
    clock.advanceMs(INTERVAL_MS);
    for (const [depth, socket] of sockets) {
      const { channel, bids, asks } = parsed(socket.received.slice(-1))[0];
      assert.equal(channel, 'orderbook');
      const { depth: book } = view(BTC.id);
      assert.deepEqual(
        { bids, asks },
        {
          bids: levels(book.bids, depth),
          asks: levels(book.asks, depth),
        },
      );
    }
  }
  const [narrow, wide] = [sockets.get(1)!.received.length, sockets.get(10)!.received.length];
  assert.ok(narrow < wide, `${narrow} messages for one level, ${wide} for ten`);
});

test('a book is encoded once for all who follow it, and not at all for nobody', () => {
  const { connect, drain, clock, stream } = bench();
  drain(300);
  const followers = [connect(), connect()];
  for (const socket of followers) ask(socket, BOOK_BTC);
  const count = (): [number, number] => [stream.counters.messages, stream.counters.deliveries];
  const [messages, deliveries] = count();
  for (let i = 0; i < 50; i += 1) {
    clock.advanceMs(INTERVAL_MS);
    drain(4);
  }
  const [more, delivered] = count();
  assert.ok(more > messages);
  assert.equal(delivered - deliveries, 2 * (more - messages));
  for (const socket of followers) ask(socket, { ...BOOK_BTC, action: 'unsubscribe' });
  for (let i = 0; i < 50; i += 1) {
    clock.advanceMs(INTERVAL_MS);
    drain(4);
  }
  assert.deepEqual(count(), [more, delivered]);
  assert.equal(stream.counters.subscriptions, 0);
});

test('one depth per book and socket: another subscription changes it', () => {
  const { connect, drain, stream } = bench();
  drain(300);
  const socket = connect();
  ask(socket, { ...BOOK_BTC, depth: 5 });
  assert.equal(ask(socket, { ...BOOK_BTC, depth: 2 })[1].asks.length, 2);
  assert.equal(ask(socket, { ...BOOK_BTC, depth: 2 }).length, 1, 'nothing to change');
  assert.deepEqual([...socket.topics], [`entasis/orderbook/json/${BTC.id}/2`]);
  ask(socket, SUBSCRIBE_BTC);
  assert.equal(stream.counters.subscriptions, 2);
  socket.session!.closed();
  assert.equal(stream.counters.subscriptions, 0);
});

test('another exchange by name; a price nobody has made is not told', () => {
  const { connect, drain } = bench();
  const socket = connect();
  assert.equal(ask(socket, SUBSCRIBE_BTC).length, 1, 'nothing has traded');
  const [, book] = ask(socket, { ...BOOK_BTC, exchange: 'bybit' });
  assert.deepEqual([book.exchange, book.bids, book.asks], ['bybit', [], []]);
  drain(400);
  const [first] = parsed(socket.received.slice(-1));
  assert.deepEqual([first.channel, first.exchange], ['market', 'binance']);
  const [pong] = ask(socket, { action: 'ping' });
  assert.equal(pong.type, 'pong');
});

test('messages that cannot be obeyed are told why, in the language of the client', () => {
  const { connect, stream } = bench();
  const socket = connect('en');
  const cases: [unknown, string, string][] = [
    ['{', 'HTTP_400', 'INVALID_JSON'],
    ['[]', 'HTTP_400', 'INVALID_PARAMETER'],
    ['null', 'HTTP_400', 'INVALID_PARAMETER'],
    [{ action: 'buy' }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ action: 'subscribe', channel: 'trades' }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ action: 'subscribe', channel: 'market' }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ ...SUBSCRIBE_BTC, symbols: [] }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ ...SUBSCRIBE_BTC, symbols: ['BTC-USDT', 'DOGE'] }, 'MARKET_001', 'UNKNOWN_MARKET'],
    [{ ...SUBSCRIBE_BTC, exchange: 'LSE' }, 'MARKET_001', 'UNKNOWN_EXCHANGE'],
    [{ ...BOOK_BTC, depth: 0 }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ ...BOOK_BTC, depth: 101 }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ ...BOOK_BTC, depth: 1.5 }, 'HTTP_400', 'INVALID_PARAMETER'],
    [{ ...BOOK_BTC, deep: 5 }, 'HTTP_400', 'INVALID_PARAMETER'],
  ];
  const requestIds = new Set<string>();
  for (const [message, code, reason] of cases) {
    const what = JSON.stringify(message);
    const answers = ask(socket, message);
    assert.equal(answers.length, 1, what);
    const { error } = answers[0];
    assert.deepEqual([error.code, error.details.reason], [code, reason], what);
    assert.match(error.message, code === 'MARKET_001' ? /^invalid symbol$/ : /^bad request$/, what);
    requestIds.add(error.request_id);
  }
  assert.equal(requestIds.size, cases.length);
  assert.equal(stream.counters.errors, cases.length);
  assert.equal(socket.topics.size, 0, 'nothing of it was subscribed');
  const [korean] = ask(connect(), '{');
  assert.equal(korean.error.message, '잘못된 요청');
});

test('who comes from elsewhere, or too often, is refused at the upgrade', () => {
  const closed = bench({ allowed: ['10.0.0.0/8'] });
  const refused = closed.stream.negotiate(PLAIN_REQUEST) as { status: string; body: string };
  assert.equal(refused.status, '403 Forbidden');
  assert.equal(JSON.parse(refused.body).error.code, 'HTTP_403');
  assert.ok('subprotocol' in closed.stream.negotiate({ ...PLAIN_REQUEST, address: '10.1.2.3' }));

  const { stream, connect } = bench({ connections: 2 });
  const first = connect();
  connect();
  const full = stream.negotiate(PLAIN_REQUEST) as { status: string; body: string };
  assert.equal(full.status, '429 Too Many Requests');
  assert.equal(JSON.parse(full.body).error.message, '요청 한도 초과');
  first.session!.closed();
  assert.ok('subprotocol' in stream.negotiate(PLAIN_REQUEST));
});
