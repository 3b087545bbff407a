/** The intervals of bars, shortest first. A place in this list is how the inside names one. */
export const CANDLE_INTERVALS = ['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1wk', '1mo'] as const;
export type CandleInterval = (typeof CANDLE_INTERVALS)[number];
export const INTERVAL_COUNT = CANDLE_INTERVALS.length;
/** Places in the list of the intervals that others rest on. */
export const INTERVAL_1M = 0;
export const INTERVAL_1D = 6;

export const MINUTE_SECONDS = 60;
/**
 * Length of an interval whose bars all are equally long, in the order of `CANDLE_INTERVALS`; they
 * begin at its multiples since the Unix epoch. 0 for those that follow the market's calendar.
 */
export const INTERVAL_SECONDS: readonly number[] = [60, 300, 900, 1_800, 3_600, 14_400, 0, 0, 0];

/** The most bars one query is answered with. */
export const CANDLES_PER_QUERY = 5_000;

/** What was traded in one market in one period. */
export interface Candle {
  /** When the period begins, seconds since the Unix epoch. */
  readonly openSeconds: number;
  /** Prices of the first and last trade, and the bounds; of an empty bar all are the close before. */
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  /** 0 when nothing traded. */
  readonly volumeLots: number;
  /**
   * Sum of price × quantity, smallest units of the quote asset. Exact up to 2^53, to about 16 digits
   * above that; `volumeTickLots` is exact where this is not.
   */
  readonly notionalUnits: number;
  /** The same sum in ticks × lots: over `volumeLots` it is the mean price in ticks. */
  readonly volumeTickLots: number;
  readonly trades: number;
}

/** From the start, included, to the end, excluded; seconds since the Unix epoch. */
export interface Period {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** A stretch of time in which a market trades, or in which it does not. */
export interface TradingSpell extends Period {
  readonly isTrading: boolean;
}

export type CalendarUnit = 'day' | 'week' | 'month';

/** What bars must know of a market's calendar. Pure: it is told what time it is. */
export interface BarCalendar {
  /** The day, week or month with this second; weeks begin on Monday. */
  period(unit: CalendarUnit, seconds: number): Period;
  /** The spell with this second. Without a pause its bounds are infinite. */
  spell(seconds: number): TradingSpell;
}

/**
 * What happened in a market lately, by minute bars: the window is the minute under way and the 1 440
 * before it. Where nothing has traded in the window, prices are the last one before it and volumes
 * 0; where nothing ever has, all is 0.
 */
export interface MarketStatistics {
  /** Price of the last trade. */
  readonly lastTicks: number;
  /** Price when the window began: the last one before it, else the first one in it. */
  readonly openTicks: number;
  /** `lastTicks` - `openTicks` */
  readonly changeTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly volumeLots: number;
  readonly notionalUnits: number;
  /** Sum of price × quantity in ticks × lots; over `volumeLots` the volume-weighted mean price. */
  readonly volumeTickLots: number;
  readonly trades: number;
  readonly windowSeconds: number;
  /** The day under way by the market's calendar; 0 while nothing has traded in it. */
  readonly dayOpenTicks: number;
  readonly dayHighTicks: number;
  readonly dayLowTicks: number;
  readonly dayVolumeLots: number;
  /** Close of the newest day before that with trades; `null` when there is none. */
  readonly previousCloseTicks: number | null;
}
