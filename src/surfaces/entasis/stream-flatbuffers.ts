import { Builder, type Offset } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { EntasisBook } from '../../codec/generated/openbell/stream/entasis-book.ts';
import { EntasisPrice } from '../../codec/generated/openbell/stream/entasis-price.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { UnitLevel } from '../../codec/generated/openbell/stream/unit-level.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DepthSide } from '../../projections/depth.ts';
import type { MarketView } from '../../projections/market-view.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_SEQ = 2;
const MESSAGE_VENUE_TIME_NS = 4;
const PRICE_UNITS = 4;
const VOLUME_UNITS = 5;
const LEVEL_BYTES = UnitLevel.sizeOf();

/** Where a message stands in its channel. */
interface Stamp {
  readonly seq: number;
  readonly seconds: number;
  readonly nanos: number;
}

/** Writes the messages of `/ws/market` in FlatBuffers: the facts of `StreamMessageWriter`. */
export class StreamFlatBuffers {
  private readonly builder = new Builder(4096);
  private readonly long = new LongBuilder(this.builder);
  private readonly clock: Clock;
  /** By market id: exchange and symbol. */
  private readonly names: (readonly [Uint8Array, Uint8Array])[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * The newest trade's price and time.
   * @param volumeLots traded since the message before
   * @returns REUSED: valid until the next call.
   */
  price({ market, ticker, tradesPosition }: MarketView, volumeLots: number): Uint8Array {
    const { builder, long } = this;
    builder.clear();
    const [exchangeAt, symbolAt] = this.namesAt(market);
    EntasisPrice.startEntasisPrice(builder);
    long.add(PRICE_UNITS, ticker.lastPriceTicks * market.tickUnits);
    long.add(VOLUME_UNITS, volumeLots * market.lotUnits);
    EntasisPrice.addExchange(builder, exchangeAt);
    EntasisPrice.addSymbol(builder, symbolAt);
    EntasisPrice.addPriceDecimals(builder, market.priceDecimals);
    EntasisPrice.addQtyDecimals(builder, market.qtyDecimals);
    const body = EntasisPrice.endEntasisPrice(builder);
    return this.finish(market, Body.EntasisPrice, body, tradesPosition);
  }

  /** The best `depth` levels of both sides. @returns REUSED, as above. */
  book({ market, depth: book, bookPosition }: MarketView, depth: number): Uint8Array {
    const { builder, clock } = this;
    builder.clear();
    const asksAt = this.levels(market, book.asks, depth);
    const bidsAt = this.levels(market, book.bids, depth);
    const [exchangeAt, symbolAt] = this.namesAt(market);
    const { priceDecimals, qtyDecimals } = market;
    EntasisBook.startEntasisBook(builder);
    EntasisBook.addExchange(builder, exchangeAt);
    EntasisBook.addSymbol(builder, symbolAt);
    EntasisBook.addBids(builder, bidsAt);
    EntasisBook.addAsks(builder, asksAt);
    EntasisBook.addPriceDecimals(builder, priceDecimals);
    EntasisBook.addQtyDecimals(builder, qtyDecimals);
    const body = EntasisBook.endEntasisBook(builder);
    // Of a market where nothing has happened yet, the state is that of this moment.
    const { seconds, nanos } = bookPosition.seconds === 0 ? clock : bookPosition;
    return this.finish(market, Body.EntasisBook, body, { seq: bookPosition.seq, seconds, nanos });
  }

  private finish({ id }: Market, bodyType: number, body: Offset, stamp: Stamp): Uint8Array {
    const { builder, long } = this;
    Message.startMessage(builder);
    long.addTime(MESSAGE_VENUE_TIME_NS, stamp.seconds, stamp.nanos);
    long.add(MESSAGE_SEQ, stamp.seq);
    Message.addBody(builder, body);
    Message.addMarketId(builder, id);
    Message.addBodyType(builder, bodyType);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }

  private levels({ tickUnits, lotUnits }: Market, side: DepthSide, depth: number): Offset {
    const { builder, long } = this;
    const count = Math.min(depth, side.length);
    builder.startVector(LEVEL_BYTES, count, 8);
    // A FlatBuffer is built from its end, so the worst level comes first.
    for (let i = count - 1; i >= 0; i -= 1) {
      builder.prep(8, LEVEL_BYTES);
      long.write(side.qtysLots[i] * lotUnits);
      long.write(side.pricesTicks[i] * tickUnits);
    }
    return builder.endVector();
  }

  private namesAt({ id, exchange, symbol }: Market): readonly [Offset, Offset] {
    this.names[id] ??= [Buffer.from(exchange), Buffer.from(symbol)];
    const [exchangeName, symbolName] = this.names[id];
    const symbolAt = this.builder.createString(symbolName);
    return [this.builder.createString(exchangeName), symbolAt];
  }
}
