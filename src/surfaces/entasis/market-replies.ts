import type { CandleInterval } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import type { CandleSeries } from '../../gateway/candle-series.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import type { Venue } from '../../gateway/venue.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import { EncodedBars } from './encoded-bars.ts';
import { type HistoryRange, tooManyBars } from './history.ts';

const PRICE = jsonBytes(',"price":');
const TIMESTAMP = jsonBytes(',"timestamp":');
const VOLUME = jsonBytes(',"volume":');
const NULL = jsonBytes('null');
const DATA = jsonBytes(',"data":[');
const DATA_END = jsonBytes(']}');

/** Pieces of a market's replies that never change. */
interface Fixed {
  /** `{"symbol":…` */
  readonly head: Uint8Array;
  /** `,"exchange":…}` */
  readonly exchange: Uint8Array;
}

/** Writes the replies of the market endpoints into memory of its own. */
export class MarketReplies {
  private readonly writer = new JsonWriter();
  private readonly fixed: Fixed[] = [];
  private readonly bars = new Map<CandleSeries, EncodedBars>();

  /**
   * Price and time of the market's newest state, volume of the last 24 hours.
   * @returns REUSED: valid until the next call of any method.
   */
  price(venue: Venue, market: Market): Uint8Array {
    const { writer } = this;
    const { lastPriceTicks, updatedSeconds } = venue.ticker(market);
    const { head, exchange } = this.fixedOf(market);
    writer.begin();
    writer.raw(head);
    writer.raw(PRICE);
    if (lastPriceTicks === 0) writer.raw(NULL);
    else writer.decimalText(lastPriceTicks * market.tickUnits, market.priceDecimals);
    writer.raw(TIMESTAMP);
    if (updatedSeconds === 0) writer.raw(NULL);
    else writer.isoSeconds(updatedSeconds);
    writer.raw(VOLUME);
    const { volumeLots } = venue.statistics(market);
    writer.decimalText(volumeLots * market.lotUnits, market.qtyDecimals);
    writer.raw(exchange);
    return writer.take();
  }

  /**
   * The bars of a range, oldest first, the one under way included.
   * @param start as the client gave it
   * @returns REUSED, as above; or a refusal where a range that was asked for whole has too many
   */
  history(
    venue: Venue,
    market: Market,
    interval: CandleInterval,
    range: HistoryRange,
    start: string | undefined,
  ): Uint8Array | Refusal {
    const { writer } = this;
    const series = venue.candleSeries(market, interval);
    let bars = this.bars.get(series);
    if (bars === undefined) {
      bars = new EncodedBars(series);
      this.bars.set(series, bars);
    }
    writer.begin();
    writer.raw(this.fixedOf(market).head);
    writer.raw(DATA);
    const { count, firstSeconds } = bars.write(range, writer);
    writer.raw(DATA_END);
    if (range.isWhole && count === range.limit) {
      const before = { fromSeconds: range.fromSeconds, toSeconds: firstSeconds - 1, limit: 1 };
      if (series.read(before).length > 0) return tooManyBars(start);
    }
    return writer.take();
  }

  private fixedOf(market: Market): Fixed {
    const { id, symbol, exchange } = market;
    this.fixed[id] ??= {
      head: jsonBytes(JSON.stringify({ symbol }).slice(0, -1)),
      exchange: jsonBytes(`,"exchange":${JSON.stringify(exchange)}}`),
    };
    return this.fixed[id];
  }
}
