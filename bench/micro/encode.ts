/**
 * Cost of one message in each codec, beside the obvious way to write the same: an object through
 * `JSON.stringify`, and FlatBuffers through the generated code with its BigInts.
 */
import { fileURLToPath } from 'node:url';
import { Builder } from 'flatbuffers';
import { Bench } from 'tinybench';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { BookDelta } from '../../src/codec/generated/openbell/stream/book-delta.ts';
import { Level } from '../../src/codec/generated/openbell/stream/level.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { loadMarkets } from '../../src/config/markets.ts';
import { marketName } from '../../src/domain/markets.ts';
import { isoMicros, SystemClock } from '../../src/lib/clock.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';
import type { ChangedPrices, DepthSide } from '../../src/projections/depth.ts';
import { MarketView } from '../../src/projections/market-view.ts';
import { BookChecksum } from '../../src/surfaces/native/channels/book-checksum.ts';
import { channelEncoders } from '../../test/support/channel-encoders.ts';
import { MarketFlow } from '../../test/support/market-flow.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';

const SEED = 7;
const RECORDS_BEFORE = 5000;
const RECORDS_IN_DELTA = 24;
const EPOCH = 1;
const ALL_LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const FIFTH_LEVEL = [4];

export async function run(options: BenchOptions): Promise<BenchResult> {
  const markets = loadMarkets(
    fileURLToPath(new URL('../../../config/markets.json', import.meta.url)),
  );
  const view = new MarketView(markets.get(6)!);
  view.orders.follow(true);
  const flow = new MarketFlow(6, SEED);
  apply(flow, view, RECORDS_BEFORE);
  view.clearChanges();
  apply(flow, view, RECORDS_IN_DELTA);
  const clock = new SystemClock();
  const checksum = new BookChecksum();
  const { json, binary } = channelEncoders(EPOCH, clock);
  const crc = checksum.of(view);
  const builder = new Builder(64 * 1024);
  // The checksum remembers what it summed: best levels that all differ, and one that does.
  const other = new MarketView(markets.get(6)!);
  apply(new MarketFlow(6, SEED + 1), other, RECORDS_BEFORE);
  const summed = new Uint8Array(4);
  const checksumAfter = (levels: readonly number[]) => {
    for (const side of [other.depth.asks, other.depth.bids]) {
      for (const level of levels) side.qtysLots[level] ^= 1;
    }
    other.bookPosition.seq += 1;
    summed[0] = checksum.of(other);
    return summed;
  };
  const cases: [string, () => Uint8Array][] = [
    ['delta json', () => json.update('book', view)],
    ['delta flatbuffers', () => binary.update('book', view)],
    ['delta json by stringify', () => Buffer.from(JSON.stringify(deltaObject(view, clock, crc)))],
    ['delta flatbuffers by generated code', () => deltaGenerated(builder, view, clock, crc)],
    ['snapshot json', () => json.state('book', view, 1000)],
    ['snapshot flatbuffers', () => binary.state('book', view, 1000)],
    ['trades json', () => json.update('trades', view)],
    ['trades flatbuffers', () => binary.update('trades', view)],
    ['bbo json', () => json.update('bbo', view)],
    ['bbo flatbuffers', () => binary.update('bbo', view)],
    ['orders delta json', () => json.update('orders_book', view)],
    ['orders delta flatbuffers', () => binary.update('orders_book', view)],
    ['checksum, all levels changed', () => checksumAfter(ALL_LEVELS)],
    ['checksum, the fifth changed', () => checksumAfter(FIFTH_LEVEL)],
  ];
  const bench = new Bench({ time: options.smoke ? 20 : 500, warmupTime: options.smoke ? 5 : 200 });
  for (const [name, encode] of cases) bench.add(name, () => void encode());
  await bench.run();
  const { changed, bids, asks } = view.depth;
  return {
    name: 'encode',
    rows: bench.tasks.map((task, i) => ({
      message: task.name,
      bytes: cases[i][1]().length,
      'ns/message p50': Math.round((latencyOf(task.result)?.p50 ?? 0) * 1e6),
      'ns/message mean': Math.round((latencyOf(task.result)?.mean ?? 0) * 1e6),
    })),
    notes: [
      `seed ${SEED}; delta of ${changed.bids.length + changed.asks.length} levels, snapshot of ` +
        `${bids.length + asks.length}, ${view.trades.length} trades`,
      'the checksum is computed once per market and publication, and is not in the message rows',
    ],
  };
}

function latencyOf(result: unknown): { p50: number; mean: number } | undefined {
  return (result as { latency?: { p50: number; mean: number } }).latency;
}

function apply(flow: MarketFlow, view: MarketView, records: number): void {
  for (let i = 0; i < records; i += 1) {
    flow.step();
    view.apply(flow.views, 0);
  }
  view.settle();
}

function deltaObject(view: MarketView, clock: SystemClock, crc: number) {
  const { market, bookPosition, depth } = view;
  const levels = (side: DepthSide, changed: ChangedPrices) =>
    Array.from({ length: changed.length }, (_, i) => {
      const priceTicks = changed.pricesTicks[i];
      return [
        formatScaled(priceTicks * market.tickUnits, market.priceDecimals, market.priceDecimals),
        formatScaled(
          side.qtyAt(priceTicks) * market.lotUnits,
          market.qtyDecimals,
          market.qtyDecimals,
        ),
        side.ordersAt(priceTicks),
      ];
    });
  return {
    channel: 'book',
    type: 'delta',
    market: marketName(market),
    epoch: EPOCH,
    seq: bookPosition.seq,
    prev_seq: bookPosition.publishedSeq,
    venue_time: isoMicros(bookPosition.seconds, bookPosition.nanos),
    ingest_time: null,
    sent_time: isoMicros(clock.seconds, clock.nanos),
    crc32: crc,
    bids: levels(depth.bids, depth.changed.bids),
    asks: levels(depth.asks, depth.changed.asks),
  };
}

function nanoseconds(seconds: number, nanos: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

function deltaGenerated(
  builder: Builder,
  view: MarketView,
  clock: SystemClock,
  crc: number,
): Uint8Array {
  const { market, bookPosition, depth } = view;
  const vector = (
    side: DepthSide,
    changed: ChangedPrices,
    start: typeof BookDelta.startBidsVector,
  ) => {
    start(builder, changed.length);
    for (let i = changed.length - 1; i >= 0; i -= 1) {
      const priceTicks = changed.pricesTicks[i];
      Level.createLevel(
        builder,
        BigInt(priceTicks),
        BigInt(side.qtyAt(priceTicks)),
        side.ordersAt(priceTicks),
      );
    }
    return builder.endVector();
  };
  builder.clear();
  const asksAt = vector(depth.asks, depth.changed.asks, BookDelta.startAsksVector);
  const bidsAt = vector(depth.bids, depth.changed.bids, BookDelta.startBidsVector);
  const body = BookDelta.createBookDelta(builder, crc | 0, bidsAt, asksAt, false);
  const message = Message.createMessage(
    builder,
    market.id,
    BigInt(EPOCH),
    BigInt(bookPosition.seq),
    BigInt(bookPosition.publishedSeq),
    nanoseconds(bookPosition.seconds, bookPosition.nanos),
    nanoseconds(clock.seconds, clock.nanos),
    Body.BookDelta,
    body,
    0n,
    0,
  );
  Message.finishMessageBuffer(builder, message);
  return builder.asUint8Array();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await run({ smoke: process.argv.includes('--smoke') });
  console.table(result.rows);
  for (const note of result.notes) console.log(note);
}
