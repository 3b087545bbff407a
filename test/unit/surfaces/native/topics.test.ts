import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/config/limits.ts';
import { FORMAT_JSON } from '../../../../src/gateway/streams/formats.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { NativeStream } from '../../../../src/surfaces/native/stream.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { FakeHub, NO_ORDERS, PLAIN_REQUEST, StepClock } from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();
const BTC = registry.resolve('binance', 'BTC-USDT')!;

/** Remembers which topics it was asked about. */
class CuriousHub extends FakeHub {
  readonly asked: string[] = [];

  override numSubscribers(topic: string): number {
    this.asked.push(topic);
    return super.numSubscribers(topic);
  }
}

function scene() {
  const clock = new StepClock();
  const views = new MarketViews(registry.all);
  const stream = new NativeStream({ markets: registry, views, epoch: 3, clock, ...NO_ORDERS });
  const hub = new StreamHub({ views, clock, endpoints: [stream] });
  const wire = new CuriousHub();
  stream.bind(wire);
  const flow = new MarketFlow(BTC.id, 1);
  const socket = wire.socket();
  socket.session = stream.open(socket, PLAIN_REQUEST);
  const drain = (): string[] => {
    wire.asked.length = 0;
    for (let i = 0; i < 200; i += 1) {
      flow.step();
      hub.views.apply(flow.views, 0);
    }
    hub.publish();
    return [...wire.asked];
  };
  const request = (op: string, channel: string): void => {
    socket.ask({ op, channel, market: 'binance:BTC-USDT' });
  };
  return { clock, drain, request, socket, stream };
}

test('the library is asked about topics that somebody holds, and about no other', () => {
  const { drain, request } = scene();
  assert.deepEqual(drain(), []);
  request('subscribe', 'trades');
  assert.deepEqual(drain(), [`native/json/trades/${BTC.id}`]);
  request('unsubscribe', 'trades');
  assert.deepEqual(drain(), []);
});

test('messages of a drain go out in the order of the channels, whatever was asked for first', () => {
  const { drain, request, socket } = scene();
  for (const channel of ['bbo', 'trades', 'orders_book', 'book']) request('subscribe', channel);
  socket.received.length = 0;
  drain();
  const channels = socket.received.map((frame) => JSON.parse(frame as string).channel);
  assert.deepEqual(channels, ['book', 'orders_book', 'trades', 'bbo']);
});

test('a topic that nobody holds is kept for a while, and not a moment longer', () => {
  const { clock, drain, request, stream } = scene();
  request('subscribe', 'book');
  drain();
  request('unsubscribe', 'book');
  const topic = stream.topic(stream.channel('book')!, BTC, 0, FORMAT_JSON);
  const before = topic.history?.length;
  assert.deepEqual(drain(), []);
  assert.equal(topic.history?.length, before! + 1, 'who comes back finds what was not sent to him');
  stream.topics.sweep(clock.nowMs() + LIMITS.streamHistoryIdleMs);
  assert.deepEqual(stream.topics.keptOf(BTC.id), []);
  assert.equal(topic.history, undefined);
  drain();
  request('subscribe', 'book');
  assert.deepEqual(drain(), [`native/json/book/${BTC.id}`]);
});
