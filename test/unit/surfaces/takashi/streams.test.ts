import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import type { StreamEndpoint } from '../../../../src/gateway/streams/endpoint.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { INTERVAL_MS } from '../../../../src/surfaces/takashi/ohlc-feed.ts';
import { takashiStreams } from '../../../../src/surfaces/takashi/streams.ts';
import { InstantVenue } from '../../../support/instant-venue.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import {
  FakeHub,
  type FakeSocket,
  PLAIN_REQUEST,
  StepClock,
} from '../../../support/stream-fakes.ts';
import { factsOf } from '../../../support/takashi-facts.ts';

const registry = shippedMarkets();
const BTC = registry.get(6)!;
const SYMBOL = { exchange: 'binance', symbol: 'BTCUSDT' };

const SILENT = { markets: registry, venue: new InstantVenue() };

class ManualClock extends StepClock {
  override tick(): void {}

  advanceMs(ms: number): void {
    const micros = this.nanos / 1000 + ms * 1000;
    this.seconds += Math.floor(micros / 1_000_000);
    this.nanos = (micros % 1_000_000) * 1000;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: messages are what the test compares
type Message = any;

function bench(connections = 100) {
  const clock = new ManualClock();
  const views = new MarketViews(registry.all);
  const connectionLimit = new ConnectionLimit(connections);
  const endpoints = takashiStreams({ ...SILENT, views, clock, connectionLimit });
  const hub = new StreamHub({ views, clock, endpoints });
  const wire = new FakeHub();
  for (const endpoint of endpoints) endpoint.bind(wire);
  const flow = new MarketFlow(BTC.id, 3);
  const stream = (name: string): StreamEndpoint =>
    endpoints.find((one) => one.name === `takashi_${name}`) ?? assert.fail(name);
  return {
    clock,
    flow,
    stream,
    view: views.get(BTC.id)!,
    connect: (name: string, query = '', params: Record<string, string> = SYMBOL): FakeSocket => {
      const socket = wire.socket();
      socket.session = stream(name).open(socket, { ...PLAIN_REQUEST, params, query });
      return socket;
    },
    drain: (records: number) => {
      for (let i = 0; i < records; i += 1) {
        flow.step();
        views.apply(flow.views, 0);
      }
      hub.publish();
    },
    pass: (seconds: number) => {
      views.advance(seconds);
      hub.publish();
    },
  };
}

const facts = ({ received }: FakeSocket): Message[] =>
  received.map((frame) => (typeof frame === 'string' ? JSON.parse(frame) : factsOf(frame)));

test('candles: every one that ended, empty ones too, in order and once', () => {
  const { connect, drain, pass, flow, clock } = bench();
  drain(300);
  const socket = connect('ohlc');
  const binary = connect('ohlc', 'format=flatbuffers');
  const hours = connect('ohlc', 'interval=1h');
  const heardFrom = flow.seconds - (flow.seconds % 60);
  for (let i = 0; i < 40; i += 1) {
    drain(200);
    clock.advanceMs(INTERVAL_MS);
  }
  const traded = flow.seconds - (flow.seconds % 60);
  pass(traded + 60);
  pass(traded + 180);
  const closed = facts(socket).filter(({ is_closed: isClosed }) => isClosed);
  const starts = closed.map(({ timestamp }) => Date.parse(timestamp) / 1000);
  const expected: number[] = [];
  for (let start = heardFrom; start < traded + 180; start += 60) expected.push(start);
  assert.deepEqual(starts, expected);
  assert.deepEqual(facts(binary), facts(socket), 'both formats say the same');
  for (const { timestamp, ...bar } of closed.slice(1)) {
    const start = Date.parse(timestamp) / 1000;
    const own = closed.find((one) => Date.parse(one.timestamp) / 1000 === start - 60);
    if (bar.trades_count === 0) {
      assert.deepEqual(
        [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume],
        [own.close, own.close, own.close, own.close, 0, 0],
      );
    } else assert.ok(bar.low <= bar.open && bar.open <= bar.high && bar.volume > 0);
  }
  const last = closed.slice(-2).map(({ trades_count: count }) => count);
  assert.deepEqual(last, [0, 0], 'time alone ends candles, too');
  assert.ok(facts(hours).every(({ interval }) => interval === '1h'));
});

test('candles under way are conflated, and the newest state comes in the end', () => {
  const { connect, drain, clock, stream, view } = bench();
  drain(500);
  const socket = connect('ohlc', 'interval=1d');
  const before = socket.received.length;
  assert.equal(before, 1, 'the state comes first');
  for (let i = 0; i < 20; i += 1) drain(20);
  assert.equal(socket.received.length, before + 1, 'once in an interval');
  clock.advanceMs(INTERVAL_MS);
  drain(60);
  const newest = facts(socket).at(-1);
  const bar = view.candles.current(6).data;
  assert.equal(newest.trades_count, bar[7]);
  assert.equal(newest.close, (bar[4] * BTC.tickUnits) / 10);
  const { messages, deliveries } = stream('ohlc').counters;
  connect('ohlc', 'interval=1d');
  clock.advanceMs(INTERVAL_MS);
  drain(60);
  assert.equal(stream('ohlc').counters.messages, messages + 1, 'encoded once');
  assert.equal(stream('ohlc').counters.deliveries, deliveries + 2, 'for two');
});

test('large trades: the flow’s trades with a side, and nothing is encoded for nobody', () => {
  const { connect, drain, flow, stream } = bench();
  drain(300);
  assert.equal(stream('large_trades').counters.messages, 0);
  const socket = connect('large_trades', 'min_value_usd=0');
  const binary = connect('all_large_trades', 'min_value_usd=0&format=flatbuffers');
  const large = connect('all_large_trades');
  const already = flow.trades.length;
  for (let i = 0; i < 300; i += 1) drain(3);
  const sided = flow.trades.slice(already).filter(({ side }) => side < 2);
  const heard = facts(socket);
  const lots = (sum: number, { qtyLots }: { qtyLots: number }) => sum + qtyLots;
  const total = heard.reduce((sum, { quantity }) => sum + Math.round(quantity * 1000), 0);
  assert.equal(total, sided.reduce(lots, 0), 'nothing is lost, nothing is told twice');
  assert.deepEqual(facts(binary), heard);
  assert.deepEqual(
    facts(large),
    heard.filter(({ value }) => value >= 100_000),
  );
  assert.ok(facts(large).length > 0 && facts(large).length < heard.length);
  socket.session?.closed();
  large.session?.closed();
  binary.session?.closed();
  const { messages } = stream('all_large_trades').counters;
  drain(300);
  assert.equal(stream('all_large_trades').counters.messages, messages);
});

test('what is unknown is told before the socket closes with 4404', async () => {
  const { connect, stream } = bench();
  const socket = connect('liquidations', '', { exchange: 'hyperliquid', symbol: 'BTC' });
  const closeCode = () => socket.closedWith?.code;
  assert.equal(closeCode(), undefined, 'not before the session is known');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closeCode(), 4404);
  assert.match(facts(socket)[0].detail, /not supported/);
  assert.equal(stream('liquidations').counters.subscriptions, 0);
  assert.equal(stream('liquidations').counters.refusals.get('NOT_FOUND'), 1);
});

test('connections are limited over all paths, and messages but ping are refused', () => {
  const { connect, stream } = bench(2);
  const socket = connect('ohlc');
  const other = connect('all_liquidations');
  assert.equal(socket.answer({ action: 'ping' }).type, 'pong');
  assert.match(socket.answer('{').detail, /message/);
  assert.match(socket.answer('null').detail, /ping/);
  assert.match(other.answer({ type: 'subscribe' }).detail, /ping/);
  const refused = stream('large_trades').negotiate({ ...PLAIN_REQUEST, params: SYMBOL });
  assert.ok('status' in refused && refused.status.startsWith('429'));
  other.session?.closed();
  const admitted = stream('large_trades').negotiate({ ...PLAIN_REQUEST, params: SYMBOL });
  assert.deepEqual(admitted, { subprotocol: '' });
});
