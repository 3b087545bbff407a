import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { TakashiCandle } from '../../codec/generated/openbell/stream/takashi-candle.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import { CANDLE_INTERVALS } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import * as BAR from '../../features/bar-rows.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import { venueSymbol } from './exchanges.ts';

/** A bar of a market, and whether it has ended. */
export interface CandleSource {
  readonly market: Market;
  /** Place in `CANDLE_INTERVALS`. */
  readonly interval: number;
  readonly bars: BAR.BarRows;
  /** Which of these bars. */
  readonly index: number;
  readonly isClosed: boolean;
}

const TIMESTAMP = jsonBytes(',"timestamp":');
const INTERVALS = CANDLE_INTERVALS.map((name) => jsonBytes(`,"interval":"${name}","open":`));
const HIGH = jsonBytes(',"high":');
const LOW = jsonBytes(',"low":');
const CLOSE = jsonBytes(',"close":');
const VOLUME = jsonBytes(',"volume":');
const QUOTE_VOLUME = jsonBytes(',"quote_volume":');
const TRADES = jsonBytes(',"trades_count":');
const CLOSED = ['false', 'true'].map((closed) => jsonBytes(`,"is_closed":${closed}}`));

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_VENUE_TIME_NS = 4;
const OPEN_UNITS = 8;
const HIGH_UNITS = 9;
const LOW_UNITS = 10;
const CLOSE_UNITS = 11;
const VOLUME_UNITS = 12;
const QUOTE_VOLUME_UNITS = 13;

/** Writes the model OHLC. */
export class CandleWriter {
  private readonly writer: JsonWriter;
  /** By market id. */
  private readonly heads: Uint8Array[] = [];

  constructor(writer = new JsonWriter(1024)) {
    this.writer = writer;
  }

  /** One bar. @returns REUSED: valid until the next call. */
  write(source: CandleSource): Uint8Array {
    this.writer.begin();
    this.append(source);
    return this.writer.take();
  }

  /** Appends one bar to what was written. */
  append({ market, interval, bars, index, isClosed }: CandleSource): void {
    const { writer } = this;
    const { data } = bars;
    const at = index * BAR.BAR_FIELDS;
    writer.raw(this.headOf(market));
    writer.raw(TIMESTAMP);
    writer.isoSeconds(data[at + BAR.BAR_SECONDS]);
    writer.raw(INTERVALS[interval]);
    this.price(market, data[at + BAR.BAR_OPEN]);
    writer.raw(HIGH);
    this.price(market, data[at + BAR.BAR_HIGH]);
    writer.raw(LOW);
    this.price(market, data[at + BAR.BAR_LOW]);
    writer.raw(CLOSE);
    this.price(market, data[at + BAR.BAR_CLOSE]);
    writer.raw(VOLUME);
    writer.decimalNumber(data[at + BAR.BAR_LOTS] * market.lotUnits, market.qtyDecimals);
    writer.raw(QUOTE_VOLUME);
    const quoteUnits = data[at + BAR.BAR_TICK_LOTS] * market.quoteUnitsPerTickLot;
    writer.decimalNumber(quoteUnits, market.quote.decimals);
    writer.raw(TRADES);
    writer.integer(data[at + BAR.BAR_TRADES]);
    writer.raw(CLOSED[isClosed ? 1 : 0]);
  }

  private price({ tickUnits, priceDecimals }: Market, ticks: number): void {
    this.writer.decimalNumber(ticks * tickUnits, priceDecimals);
  }

  private headOf(market: Market): Uint8Array {
    const head = { exchange: market.exchange, symbol: venueSymbol(market) };
    this.heads[market.id] ??= jsonBytes(JSON.stringify(head).slice(0, -1));
    return this.heads[market.id];
  }
}

/** Writes the same facts in FlatBuffers. */
export class CandleFlatBuffers {
  private readonly builder = new Builder(512);
  private readonly long = new LongBuilder(this.builder);

  /** @returns REUSED: valid until the next call. */
  write({ market, interval, bars, index, isClosed }: CandleSource): Uint8Array {
    const { builder, long } = this;
    const { tickUnits } = market;
    const { data } = bars;
    const at = index * BAR.BAR_FIELDS;
    builder.clear();
    const symbolAt = builder.createString(venueSymbol(market));
    const exchangeAt = builder.createString(market.exchange);
    TakashiCandle.startTakashiCandle(builder);
    long.add(OPEN_UNITS, data[at + BAR.BAR_OPEN] * tickUnits);
    long.add(HIGH_UNITS, data[at + BAR.BAR_HIGH] * tickUnits);
    long.add(LOW_UNITS, data[at + BAR.BAR_LOW] * tickUnits);
    long.add(CLOSE_UNITS, data[at + BAR.BAR_CLOSE] * tickUnits);
    long.add(VOLUME_UNITS, data[at + BAR.BAR_LOTS] * market.lotUnits);
    long.add(QUOTE_VOLUME_UNITS, data[at + BAR.BAR_TICK_LOTS] * market.quoteUnitsPerTickLot);
    TakashiCandle.addExchange(builder, exchangeAt);
    TakashiCandle.addSymbol(builder, symbolAt);
    TakashiCandle.addTrades(builder, data[at + BAR.BAR_TRADES]);
    TakashiCandle.addInterval(builder, interval);
    TakashiCandle.addClosed(builder, isClosed);
    TakashiCandle.addPriceDecimals(builder, market.priceDecimals);
    TakashiCandle.addQtyDecimals(builder, market.qtyDecimals);
    TakashiCandle.addQuoteDecimals(builder, market.quote.decimals);
    const body = TakashiCandle.endTakashiCandle(builder);
    Message.startMessage(builder);
    long.addTime(MESSAGE_VENUE_TIME_NS, data[at + BAR.BAR_SECONDS], 0);
    Message.addBody(builder, body);
    Message.addMarketId(builder, market.id);
    Message.addBodyType(builder, Body.TakashiCandle);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }
}
