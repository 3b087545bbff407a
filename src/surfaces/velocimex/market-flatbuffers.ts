import { Builder, type Offset } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Execution } from '../../codec/generated/openbell/stream/execution.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { VelocimexMarket } from '../../codec/generated/openbell/stream/velocimex-market.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView } from '../../projections/market-view.ts';
import type { TradeBatch } from '../../projections/trade-batch.ts';
import { symbolToWire } from './translate.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_VENUE_TIME_NS = 4;
const PRICE_UNITS = 4;
const VOLUME_UNITS = 5;
const BID_UNITS = 6;
const ASK_UNITS = 7;
const EXECUTION_BYTES = Execution.sizeOf();
const EXECUTION_PADDING = 7;

/** Writes the data format "Market Data" in FlatBuffers: the facts of `MarketMessageWriter`. */
export class MarketFlatBuffers {
  private readonly builder = new Builder(4096);
  private readonly long = new LongBuilder(this.builder);
  private readonly clock: Clock;
  /** By market id: exchange and symbol. */
  private readonly names: (readonly [Uint8Array, Uint8Array])[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * The state of a settled view with the trades of a batch.
   * @returns REUSED: valid until the next call.
   */
  write(view: MarketView, trades: TradeBatch): Uint8Array {
    const { builder, long, clock } = this;
    const { market, best, ticker } = view;
    const { tickUnits, lotUnits } = market;
    builder.clear();
    const tradesAt = trades.length === 0 ? 0 : this.trades(market, trades);
    const [exchange, symbol] = this.namesOf(market);
    const symbolAt = builder.createString(symbol);
    const exchangeAt = builder.createString(exchange);
    let volumeLots = 0;
    for (let i = 0; i < trades.length; i += 1) volumeLots += trades.qtysLots[i];
    VelocimexMarket.startVelocimexMarket(builder);
    long.add(PRICE_UNITS, ticker.lastPriceTicks * tickUnits);
    long.add(VOLUME_UNITS, volumeLots * lotUnits);
    long.add(BID_UNITS, best.bidTicks * tickUnits);
    long.add(ASK_UNITS, best.askTicks * tickUnits);
    VelocimexMarket.addExchange(builder, exchangeAt);
    VelocimexMarket.addSymbol(builder, symbolAt);
    VelocimexMarket.addTrades(builder, tradesAt);
    VelocimexMarket.addPriceDecimals(builder, market.priceDecimals);
    VelocimexMarket.addQtyDecimals(builder, market.qtyDecimals);
    const body = VelocimexMarket.endVelocimexMarket(builder);

    Message.startMessage(builder);
    // Of a market where nothing has happened yet, the state is that of this moment.
    const isNew = ticker.updatedSeconds === 0;
    const seconds = isNew ? clock.seconds : ticker.updatedSeconds;
    long.addTime(MESSAGE_VENUE_TIME_NS, seconds, isNew ? clock.nanos : ticker.updatedNanos);
    Message.addBody(builder, body);
    Message.addMarketId(builder, market.id);
    Message.addBodyType(builder, Body.VelocimexMarket);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }

  private trades(market: Market, trades: TradeBatch): Offset {
    const { builder, long } = this;
    builder.startVector(EXECUTION_BYTES, trades.length, 8);
    // A FlatBuffer is built from its end, so the last trade comes first.
    for (let i = trades.length - 1; i >= 0; i -= 1) {
      builder.prep(8, EXECUTION_BYTES);
      builder.pad(EXECUTION_PADDING);
      builder.writeInt8(trades.sides[i]);
      long.writeTime(trades.seconds[i], trades.nanos[i]);
      long.write(trades.qtysLots[i] * market.lotUnits);
      long.write(trades.pricesTicks[i] * market.tickUnits);
      long.write(trades.ids[i]);
    }
    return builder.endVector();
  }

  private namesOf(market: Market): readonly [Uint8Array, Uint8Array] {
    this.names[market.id] ??= [Buffer.from(market.exchange), Buffer.from(symbolToWire(market))];
    return this.names[market.id];
  }
}
