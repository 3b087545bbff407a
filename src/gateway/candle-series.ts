import type { Market } from '../domain/markets.ts';
import type { BarRows } from '../features/bar-rows.ts';
import type { BarRange } from '../features/fill-bars.ts';

/**
 * The bars of one market and interval as rows of doubles (see `bar-rows.ts`): no object is made for
 * a bar. Get it once, keep it, read it as often as wanted.
 */
export interface CandleSeries {
  readonly market: Market;
  /** Place in `CANDLE_INTERVALS`. */
  readonly interval: number;

  /**
   * The bars of a range, oldest first, empty ones too; the bar under way is the last one when the
   * range includes now. REUSED: valid until the next read of any series.
   * @param range its limit is at most `CANDLES_PER_QUERY`
   */
  read(range: BarRange): BarRows;

  /** Bars that begin before this time never change while `version` stays. */
  sealedBefore(): number;

  /** Raised when sealed bars became others: generated history joined them. */
  readonly version: number;

  /** The market's time now, seconds since the Unix epoch: a bar that ended before it is closed. */
  nowSeconds(): number;
}
