import { CANDLE_INTERVALS, type CandleInterval } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import * as BAR from '../../features/bar-rows.ts';
import type { Venue } from '../../gateway/venue.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import { CandleWriter } from './candle-messages.ts';
import { type CandleQuery, lengthOf, readCandles } from './candle-range.ts';

const BEGIN = 123; // {
const END = 125;
const LIST = 91; // [
const LIST_END = 93;
const NOT_KNOWN = jsonBytes(',null,null,"0"]');

/** Writes candles of REST replies into memory of its own. */
export class CandleReplies {
  private readonly writer = new JsonWriter();
  private readonly candles = new CandleWriter(this.writer);

  /** A list of the model OHLC. @returns REUSED: valid until the next call of any method. */
  list(venue: Venue, market: Market, interval: CandleInterval, query: CandleQuery): Uint8Array {
    this.writer.begin();
    this.append(venue, market, interval, query);
    return this.writer.take();
  }

  /** Such a list for each exchange; empty where it has no such market. @returns REUSED, as above */
  byExchange(
    venue: Venue,
    markets: readonly (readonly [exchange: string, market: Market | undefined])[],
    interval: CandleInterval,
    query: CandleQuery,
  ): Uint8Array {
    const { writer } = this;
    writer.begin();
    writer.char(BEGIN);
    for (const [i, [exchange, market]] of markets.entries()) {
      if (i > 0) writer.comma();
      writer.raw(jsonBytes(`${JSON.stringify(exchange)}:`));
      if (market !== undefined) this.append(venue, market, interval, query);
      else writer.raw(jsonBytes('[]'));
    }
    writer.char(END);
    return writer.take();
  }

  /**
   * The list as Binance has it, without names. What buyers took is not kept by candle, so these two
   * places are null. @returns REUSED, as above
   */
  klines(venue: Venue, market: Market, interval: CandleInterval, query: CandleQuery): Uint8Array {
    const { writer } = this;
    const { data, length } = readCandles(venue.candleSeries(market, interval), query);
    const seconds = lengthOf(interval);
    writer.begin();
    writer.char(LIST);
    for (let i = 0; i < length; i += 1) {
      const at = i * BAR.BAR_FIELDS;
      if (i > 0) writer.comma();
      writer.char(LIST);
      writer.integer(data[at + BAR.BAR_SECONDS] * 1000);
      for (const field of [BAR.BAR_OPEN, BAR.BAR_HIGH, BAR.BAR_LOW, BAR.BAR_CLOSE]) {
        writer.comma();
        writer.decimalText(data[at + field] * market.tickUnits, market.priceDecimals);
      }
      writer.comma();
      writer.decimalText(data[at + BAR.BAR_LOTS] * market.lotUnits, market.qtyDecimals);
      writer.comma();
      writer.integer((data[at + BAR.BAR_SECONDS] + seconds) * 1000 - 1);
      writer.comma();
      const quoteUnits = data[at + BAR.BAR_TICK_LOTS] * market.quoteUnitsPerTickLot;
      writer.decimalText(quoteUnits, market.quote.decimals);
      writer.comma();
      writer.integer(data[at + BAR.BAR_TRADES]);
      writer.raw(NOT_KNOWN);
    }
    writer.char(LIST_END);
    return writer.take();
  }

  private append(venue: Venue, market: Market, interval: CandleInterval, query: CandleQuery): void {
    const { writer } = this;
    const series = venue.candleSeries(market, interval);
    const openSeconds = series.nowSeconds() - lengthOf(interval);
    const bars = readCandles(series, query);
    const place = CANDLE_INTERVALS.indexOf(interval);
    writer.char(LIST);
    for (let index = 0; index < bars.length; index += 1) {
      if (index > 0) writer.comma();
      const isClosed = bars.secondsAt(index) <= openSeconds;
      this.candles.append({ market, interval: place, bars, index, isClosed });
    }
    writer.char(LIST_END);
  }
}
