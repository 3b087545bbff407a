import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import { Body } from '../../../../src/codec/generated/openbell/stream/body.ts';
import { Message } from '../../../../src/codec/generated/openbell/stream/message.ts';
import { Trades } from '../../../../src/codec/generated/openbell/stream/trades.ts';
import { MarketView } from '../../../../src/projections/market-view.ts';
import { type ChannelEncoder, channelEncoders } from '../../../support/channel-encoders.ts';
import { MarketFlow, sortedLevels } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { ClientOrdersBook } from '../../../support/orders-facts.ts';
import {
  factsOfBinary,
  factsOfJson,
  type MessageFacts,
  referenceChecksum,
} from '../../../support/stream-facts.ts';
import { StepClock } from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();
const clock = new StepClock();
const { json, binary } = channelEncoders(7, clock);

/** The facts of one message, after checking that both codecs state the same. */
function facts(encode: (encoder: ChannelEncoder) => Uint8Array): MessageFacts {
  const fromJson = factsOfJson(Buffer.from(encode(json)).toString(), registry);
  const fromBinary = factsOfBinary(encode(binary).slice(), registry);
  assert.deepEqual(fromJson, fromBinary);
  return fromJson;
}

test('JSON and FlatBuffers carry the same facts, and these are the facts of the market', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...registry.all),
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 30 }),
      (market, seed, runs, depth) => {
        const flow = new MarketFlow(market.id, seed);
        const view = new MarketView(market);
        view.orders.follow(true);
        const orders = new ClientOrdersBook(market);
        orders.apply(facts((encoder) => encoder.state('orders_book', view)));
        let trades = 0;
        for (const run of runs) {
          const prevSeq = view.bookPosition.seq;
          for (let i = 0; i < run; i += 1) {
            flow.step();
            view.apply(flow.views, 0);
          }
          view.settle();
          clock.tick();
          const [bids, asks] = [sortedLevels(flow, 0), sortedLevels(flow, 1)];
          const delta = facts((encoder) => encoder.update('book', view));
          assert.equal(delta.prevSeq, prevSeq);
          assert.equal(delta.epoch, 7);
          assert.equal(delta.crc32, referenceChecksum(market, bids, asks));
          for (const [side, levels] of [delta.bids!, delta.asks!].entries()) {
            for (const [price, qty, orders] of levels) {
              assert.deepEqual([qty, orders], flow.levels[side].get(price) ?? [0, 0]);
            }
          }
          const tape = facts((encoder) => encoder.update('trades', view));
          const expected = flow.trades.slice(trades);
          assert.deepEqual(
            tape.trades!.map(({ micros: _, ...trade }) => trade),
            expected,
          );
          trades = flow.trades.length;
          const bbo = facts((encoder) => encoder.update('bbo', view));
          const [bid, ask] = [bids[0] ?? [0, 0], asks[0] ?? [0, 0]];
          assert.deepEqual(bbo.best, [bid[0], bid[1], ask[0], ask[1]]);
          if (view.ordersPosition.changed) {
            orders.apply(facts((encoder) => encoder.update('orders_book', view)));
          }
          view.clearChanges();
          const queues = new ClientOrdersBook(market);
          queues.apply(facts((encoder) => encoder.state('orders_book', view)));
          for (const side of [0, 1]) assert.deepEqual(orders.queue(side), queues.queue(side));
          const snapshot = facts((encoder) => encoder.state('book', view, depth));
          assert.equal(snapshot.seq, delta.seq);
          assert.equal(snapshot.prevSeq, snapshot.seq, 'a state starts a sequence');
          assert.deepEqual(snapshot.bids, bids.slice(0, depth));
          assert.deepEqual(snapshot.asks, asks.slice(0, depth));
          assert.deepEqual(snapshot.totals, [bids.length, asks.length]);
          assert.equal(snapshot.crc32, delta.crc32);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('an empty market has an empty book, no time, no quote and checksum 0', () => {
  const view = new MarketView(registry.get(1)!);
  const snapshot = facts((encoder) => encoder.state('book', view, 10));
  assert.equal(snapshot.crc32, 0);
  assert.equal(snapshot.venueMicros, 0);
  assert.deepEqual(facts((encoder) => encoder.update('bbo', view)).best, [0, 0, 0, 0]);
});

test('the largest numbers survive both codecs', () => {
  const market = registry.get(6)!;
  const view = new MarketView(market);
  view.depth.setLevel(0, 2 ** 40, 2 ** 52 + 1, 2 ** 31 - 1);
  view.depth.setLevel(1, 2 ** 40 + 1, 2 ** 53 - 1, 1);
  view.ticker.seq = 2 ** 53 - 1;
  view.ticker.updatedSeconds = 2 ** 32 - 1;
  view.ticker.updatedNanos = 999_999_999;
  view.markRecovered();
  const snapshot = facts((encoder) => encoder.state('book', view, 10));
  assert.deepEqual(snapshot.bids, [[2 ** 40, 2 ** 52 + 1, 2 ** 31 - 1]]);
  assert.deepEqual(snapshot.asks, [[2 ** 40 + 1, 2 ** 53 - 1, 1]]);
  assert.equal(snapshot.seq, 2 ** 53 - 1);
});

test('binary times are whole nanoseconds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (seconds, nanos) => {
        const view = new MarketView(registry.get(6)!);
        view.ticker.updatedSeconds = seconds;
        view.ticker.updatedNanos = nanos;
        view.markRecovered();
        const bytes = binary.state('book', view, 1);
        const message = Message.getRootAsMessage(new ByteBuffer(bytes));
        assert.equal(message.venueTimeNs(), BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
        assert.equal(
          message.sentTimeNs(),
          BigInt(clock.seconds) * 1_000_000_000n + BigInt(clock.nanos),
        );
      },
    ),
  );
});

test('each trade keeps its own nanoseconds in the binary form', () => {
  const flow = new MarketFlow(6, 4);
  const view = new MarketView(registry.get(6)!);
  const times: bigint[] = [];
  while (times.length < 40) {
    const before = flow.trades.length;
    flow.step();
    view.apply(flow.views, 0);
    if (flow.trades.length > before) {
      times.push(BigInt(flow.seconds) * 1_000_000_000n + BigInt(flow.nanos));
    }
  }
  view.settle();
  const message = Message.getRootAsMessage(new ByteBuffer(binary.update('trades', view)));
  assert.equal(message.bodyType(), Body.Trades);
  const body = message.body(new Trades())!;
  assert.deepEqual(
    Array.from({ length: body.tradesLength() }, (_, i) => body.trades(i)!.venueTimeNs()),
    times,
  );
});

test('a JSON message reads as documented', () => {
  const view = new MarketView(registry.get(6)!);
  view.depth.setLevel(0, 972_500, 1500, 2);
  view.depth.setLevel(1, 972_501, 20, 1);
  view.bookPosition.set(12, 1_713_191_400, 123_456_789);
  clock.seconds = 1_713_191_400;
  clock.nanos = 124_000_000;
  view.settle();
  assert.equal(
    Buffer.from(json.update('book', view)).toString(),
    '{"channel":"book","type":"delta","market":"binance:BTC-USDT","epoch":7,"seq":12,"prev_seq":0,' +
      '"venue_time":"2024-04-15T14:30:00.123456Z","ingest_time":null,"sent_time":"2024-04-15T14:30:00.124000Z",' +
      '"crc32":145937360,"bids":[["97250.0","1.500",2]],"asks":[["97250.1","0.020",1]]}',
  );
  assert.equal(
    Buffer.from(json.update('bbo', view)).toString(),
    '{"channel":"bbo","type":"bbo","market":"binance:BTC-USDT","epoch":7,"seq":12,"prev_seq":0,' +
      '"venue_time":"2024-04-15T14:30:00.123456Z","ingest_time":null,"sent_time":"2024-04-15T14:30:00.124000Z",' +
      '"bid_price":"97250.0","bid_qty":"1.500","ask_price":"97250.1","ask_qty":"0.020"}',
  );
});
