import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { formatScaled } from '../../../../src/lib/fixed-point.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import {
  conflationIntervalMs,
  MESSAGES_PER_SECOND,
  VelocimexMarketStream,
} from '../../../../src/surfaces/velocimex/streams.ts';
import { MarketFlow, sortedLevels } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import {
  FakeHub,
  type FakeSocket,
  PLAIN_REQUEST,
  StepClock,
} from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();

/** A clock that stands still between the moments a test names. */
class ManualClock extends StepClock {
  override tick(): void {}

  advanceMs(ms: number): void {
    const micros = this.nanos / 1000 + ms * 1000;
    this.seconds += Math.floor(micros / 1_000_000);
    this.nanos = (micros % 1_000_000) * 1000;
  }
}

function bench(seed = 1) {
  const clock = new ManualClock();
  const views = new MarketViews(registry.all);
  const stream = new VelocimexMarketStream(registry, views, clock, new ConnectionLimit(3));
  const hub = new StreamHub({ views, clock, endpoints: [stream] });
  const wire = new FakeHub();
  stream.bind(wire);
  const flows = [new MarketFlow(6, seed), new MarketFlow(1, seed + 1, 15_050)];
  return {
    clock,
    stream,
    flows,
    connect: (): FakeSocket => {
      const socket = wire.socket();
      socket.session = stream.open(socket, PLAIN_REQUEST);
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

test('a connection starts with one message per market: the state, in the documented fields', () => {
  const { connect, drain, flows } = bench();
  drain(300);
  const messages = connect().received.map((text) => JSON.parse(text as string));
  assert.equal(messages.length, registry.all.length);
  assert.deepEqual(
    messages.map((message) => `${message.exchange}:${message.symbol}`),
    registry.all.map((market) => `${market.exchange}:${market.symbol.replace('-', '/')}`),
  );
  const [aapl] = messages;
  assert.deepEqual(Object.keys(aapl), [
    'timestamp',
    'exchange',
    'symbol',
    'price',
    'volume',
    'bid',
    'ask',
  ]);
  assert.equal(aapl.price, Number(formatScaled(flows[1].trades.at(-1)!.priceTicks, 2)));
  assert.equal(aapl.bid, sortedLevels(flows[1], 0)[0][0] / 100);
  assert.equal(aapl.ask, sortedLevels(flows[1], 1)[0][0] / 100);
  assert.equal(aapl.volume, 0);
  assert.match(aapl.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const untouched = messages[1];
  assert.deepEqual([untouched.price, untouched.bid, untouched.ask], [null, null, null]);
});

test('numbers are printed exactly', () => {
  const { connect, drain, clock } = bench();
  const client = connect();
  for (let i = 0; i < 50; i += 1) {
    clock.advanceMs(100);
    drain(5);
  }
  for (const text of client.received as string[]) {
    for (const [, number] of text.matchAll(/":(-?\d[^,}\]]*)/g)) {
      assert.match(number, /^\d+(\.\d{0,2}[1-9])?$/, text);
      assert.equal(String(Number(number)), number);
    }
  }
});

test('no trade is lost, none comes twice, and volume is the sum of the message', () => {
  const { connect, drain, clock, flows, stream } = bench(21);
  const client = connect();
  const start = client.received.length;
  for (let i = 0; i < 400; i += 1) {
    clock.advanceMs(1);
    drain(3);
    stream.flush();
  }
  clock.advanceMs(100);
  stream.flush();
  const ids = new Map<string, string[]>([
    ['BTC/USDT', []],
    ['AAPL', []],
  ]);
  let previous = '';
  for (const text of client.received.slice(start) as string[]) {
    const message = JSON.parse(text);
    const trades = (message.trades ?? []) as {
      trade_id: string;
      quantity: number;
      price: number;
    }[];
    ids.get(message.symbol)!.push(...trades.map((trade) => trade.trade_id));
    const sum = trades.reduce((total, trade) => total + Math.round(trade.quantity * 1000), 0);
    assert.equal(Math.round(message.volume * 1000), sum);
    if (trades.length > 0) assert.equal(message.price, trades.at(-1)!.price);
    assert.notEqual(text, previous);
    previous = text;
  }
  for (const [i, symbol] of ['BTC/USDT', 'AAPL'].entries()) {
    assert.deepEqual(
      ids.get(symbol),
      flows[i].trades.map((trade) => String(trade.id)),
    );
  }
});

test('one market sends at most once per interval, and the newest quote wins', () => {
  const { connect, drain, clock, flows, stream } = bench(4);
  drain(50);
  const client = connect();
  const start = client.received.length;
  for (let i = 0; i < stream.intervalMs * 10; i += 1) {
    clock.advanceMs(1);
    drain(2);
    stream.flush();
  }
  clock.advanceMs(stream.intervalMs);
  stream.flush();
  const btc = client.received
    .slice(start)
    .map((text) => JSON.parse(text as string))
    .filter((message) => message.symbol === 'BTC/USDT');
  assert.ok(btc.length >= 9 && btc.length <= 12, `${btc.length} messages in ten intervals`);
  assert.equal(btc.at(-1).bid, sortedLevels(flows[0], 0)[0][0] / 10);
});

test('the interval keeps all markets together below the documented rate', () => {
  for (const markets of [1, 2, 14, 50, 100, 200, 400]) {
    const interval = conflationIntervalMs(markets);
    const perSecond = markets * (Math.floor(1000 / interval) + 2);
    assert.ok(perSecond <= MESSAGES_PER_SECOND, `${markets} markets: ${perSecond}`);
  }
  assert.equal(conflationIntervalMs(14), 15);
});

test('subscribe narrows, then adds; unsubscribe takes away', () => {
  const { connect, drain, clock } = bench();
  const client = connect();
  assert.equal(client.topics.size, registry.all.length);
  const answer = client.answer({ action: 'subscribe', symbols: ['AAPL', 'binance:BTC/USDT'] });
  assert.deepEqual(answer, { type: 'subscribed', symbols: ['NASDAQ:AAPL', 'binance:BTC/USDT'] });
  assert.equal(client.topics.size, 2);
  const more = client.ask({ action: 'subscribe', symbols: ['btc-usdt'] });
  assert.deepEqual(JSON.parse(more[0] as string).symbols, ['binance:BTC/USDT', 'bybit:BTC/USDT']);
  assert.equal(more.length, 2, 'only the market that is new sends its state');
  assert.equal(client.topics.size, 3);
  const less = client.answer({ action: 'unsubscribe', symbols: ['BTC/USDT'] });
  assert.equal(less.type, 'unsubscribed');
  const start = client.received.length;
  clock.advanceMs(100);
  drain(100);
  const symbols = client.received.slice(start).map((text) => JSON.parse(text as string).symbol);
  assert.deepEqual([...new Set(symbols)], ['AAPL']);
  client.ask({ action: 'unsubscribe', symbols: ['AAPL'] });
  assert.equal(client.topics.size, 0, 'nothing left is nothing, not everything');
});

test('bad input gets the error of the surface and changes nothing', () => {
  const { connect, stream } = bench();
  const client = connect();
  const bad = [
    '{',
    '[]',
    {},
    { action: 'buy' },
    { action: 'subscribe' },
    { action: 'subscribe', symbols: [] },
    { action: 'subscribe', symbols: 'AAPL' },
    { action: 'subscribe', symbols: ['AAPL', 'DOGE/USDT'] },
    { action: 'subscribe', symbols: [7] },
    { action: 'unsubscribe', symbols: ['kraken:BTC/USDT'] },
  ];
  for (const message of bad) {
    const answer = client.answer(message);
    assert.equal(answer.error.code, 'INVALID_PARAMETER', JSON.stringify(message));
    assert.equal(typeof answer.error.message, 'string');
    assert.equal(typeof answer.error.details.parameter, 'string');
  }
  assert.equal(client.topics.size, registry.all.length);
  assert.equal(stream.counters.errors, bad.length);
  assert.equal(client.answer({ action: 'ping' }).type, 'pong');
  client.session!.closed();
  assert.equal(stream.counters.subscriptions, 0);
});

test('one address holds only so many sockets', () => {
  const { connect, stream } = bench();
  const sockets = [connect(), connect()];
  assert.deepEqual(stream.negotiate(PLAIN_REQUEST), { subprotocol: '' });
  sockets.push(connect());
  const refused = stream.negotiate(PLAIN_REQUEST);
  assert.ok('status' in refused && refused.status.startsWith('429'));
  assert.equal(JSON.parse(refused.body).error.code, 'RATE_LIMIT_EXCEEDED');
  assert.deepEqual(stream.negotiate({ ...PLAIN_REQUEST, clientKey: '10.0.0.1' }), {
    subprotocol: '',
  });
  sockets[0].session!.closed();
  assert.deepEqual(stream.negotiate(PLAIN_REQUEST), { subprotocol: '' });
});
