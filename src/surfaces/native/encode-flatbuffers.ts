import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { BookDelta } from '../../codec/generated/openbell/stream/book-delta.ts';
import { Level } from '../../codec/generated/openbell/stream/level.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { Snapshot } from '../../codec/generated/openbell/stream/snapshot.ts';
import { Trade } from '../../codec/generated/openbell/stream/trade.ts';
import { Trades } from '../../codec/generated/openbell/stream/trades.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ChangedPrices, DepthSide } from '../../projections/depth.ts';
import type { ChannelPosition, MarketView } from '../../projections/market-view.ts';
import type { BookChecksum } from './book-checksum.ts';
import type { StreamEncoder } from './encoder.ts';
import { LongBuilder } from './long-builder.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs). The generated `add…` methods take
// BigInts, which would cost an allocation per number; decoding in the tests pins these ids.
const MESSAGE_EPOCH = 1;
const MESSAGE_SEQ = 2;
const MESSAGE_PREV_SEQ = 3;
const MESSAGE_VENUE_TIME_NS = 4;
const MESSAGE_SENT_TIME_NS = 5;
const BBO_FIELDS = 4;
const BBO_BID_PRICE_TICKS = 0;
const BBO_BID_QTY_LOTS = 1;
const BBO_ASK_PRICE_TICKS = 2;
const BBO_ASK_QTY_LOTS = 3;

const LEVEL_BYTES = Level.sizeOf();
const TRADE_BYTES = Trade.sizeOf();

/** The binary form, identifier `OBL1`; one builder serves all messages. */
export class FlatBuffersEncoder implements StreamEncoder {
  private readonly builder = new Builder(64 * 1024);
  private readonly long = new LongBuilder(this.builder);
  private readonly epoch: number;
  private readonly clock: Clock;
  private readonly checksum: BookChecksum;

  /** `clock` gives the send time: what it said at its last tick. */
  constructor(epoch: number, clock: Clock, checksum: BookChecksum) {
    this.epoch = epoch;
    this.clock = clock;
    this.checksum = checksum;
  }

  snapshot(view: MarketView, levels: number): Uint8Array {
    const { builder } = this;
    const { bids, asks } = view.depth;
    builder.clear();
    const asksAt = this.bestLevels(asks, levels);
    const bidsAt = this.bestLevels(bids, levels);
    const crc = this.checksum.of(view) | 0;
    const body = Snapshot.createSnapshot(builder, crc, bidsAt, asksAt, bids.length, asks.length);
    return this.finish(view, view.bookPosition, Body.Snapshot, body);
  }

  bookDelta(view: MarketView): Uint8Array {
    const { builder } = this;
    const { bids, asks, changed } = view.depth;
    builder.clear();
    const asksAt = this.changedLevels(asks, changed.asks);
    const bidsAt = this.changedLevels(bids, changed.bids);
    const crc = this.checksum.of(view) | 0;
    const body = BookDelta.createBookDelta(builder, crc, bidsAt, asksAt);
    return this.finish(view, view.bookPosition, Body.BookDelta, body);
  }

  trades(view: MarketView): Uint8Array {
    const { builder, long } = this;
    const { trades } = view;
    builder.clear();
    Trades.startTradesVector(builder, trades.length);
    for (let i = trades.length - 1; i >= 0; i -= 1) {
      builder.prep(8, TRADE_BYTES);
      builder.pad(6);
      builder.writeInt8(trades.printed[i]);
      builder.writeInt8(trades.sides[i]);
      long.writeTime(trades.seconds[i], trades.nanos[i]);
      long.write(trades.qtysLots[i]);
      long.write(trades.pricesTicks[i]);
      long.write(trades.ids[i]);
    }
    const body = Trades.createTrades(builder, builder.endVector());
    return this.finish(view, view.tradesPosition, Body.Trades, body);
  }

  bbo(view: MarketView): Uint8Array {
    const { builder, long } = this;
    const { best } = view;
    builder.clear();
    builder.startObject(BBO_FIELDS);
    long.add(BBO_ASK_QTY_LOTS, best.askLots);
    long.add(BBO_ASK_PRICE_TICKS, best.askTicks);
    long.add(BBO_BID_QTY_LOTS, best.bidLots);
    long.add(BBO_BID_PRICE_TICKS, best.bidTicks);
    return this.finish(view, view.bboPosition, Body.Bbo, builder.endObject());
  }

  private finish(
    view: MarketView,
    position: ChannelPosition,
    bodyType: number,
    body: number,
  ): Uint8Array {
    const { builder, long, clock } = this;
    Message.startMessage(builder);
    long.addTime(MESSAGE_SENT_TIME_NS, clock.seconds, clock.nanos);
    long.addTime(MESSAGE_VENUE_TIME_NS, position.seconds, position.nanos);
    long.add(MESSAGE_PREV_SEQ, position.publishedSeq);
    long.add(MESSAGE_SEQ, position.seq);
    long.add(MESSAGE_EPOCH, this.epoch);
    Message.addBody(builder, body);
    Message.addMarketId(builder, view.market.id);
    Message.addBodyType(builder, bodyType);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }

  private bestLevels(side: DepthSide, levels: number): number {
    const count = Math.min(side.length, levels);
    // A FlatBuffer is built from its end, so the worst level comes first.
    this.builder.startVector(LEVEL_BYTES, count, 8);
    for (let i = count - 1; i >= 0; i -= 1) {
      this.level(side.pricesTicks[i], side.qtysLots[i], side.orders[i]);
    }
    return this.builder.endVector();
  }

  private changedLevels(side: DepthSide, changed: ChangedPrices): number {
    this.builder.startVector(LEVEL_BYTES, changed.length, 8);
    for (let i = changed.length - 1; i >= 0; i -= 1) {
      const priceTicks = changed.pricesTicks[i];
      const at = side.indexOf(priceTicks);
      if (at < 0) this.level(priceTicks, 0, 0);
      else this.level(priceTicks, side.qtysLots[at], side.orders[at]);
    }
    return this.builder.endVector();
  }

  private level(priceTicks: number, qtyLots: number, orders: number): void {
    const { builder, long } = this;
    builder.prep(8, LEVEL_BYTES);
    builder.pad(4);
    builder.writeInt32(orders);
    long.write(qtyLots);
    long.write(priceTicks);
  }
}
