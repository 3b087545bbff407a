import {
  type BarCalendar,
  INTERVAL_1D,
  INTERVAL_1M,
  INTERVAL_COUNT,
  MINUTE_SECONDS,
} from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { BAR_FIELDS, BarRows } from '../features/bar-rows.ts';
import { rollUp } from '../features/roll-up.ts';
import { Prng } from '../lib/prng.ts';
import { HistoryBars } from './history-bars.ts';
import { dayPath, type HistoryAsset, minutePath } from './history-path.ts';
import { deriveSeed } from './seeds.ts';

/** How far back the bars of a simulated market reach. */
const MINUTES_BACK_SECONDS = 30 * 86_400;
const YEARS_BACK = 5;

/** A market whose past is to be made. */
export interface HistoryMarket {
  readonly market: Market;
  /** The live simulation's bars begin here: a whole minute, seconds since the Unix epoch. */
  readonly endSeconds: number;
  /** Trades in a minute in the mean, and lots of one, as the live simulation makes them. */
  readonly tradesPerMinute: number;
  readonly lotsPerTrade: number;
}

/** Markets of one base asset: they share its value. */
export interface HistoryTask {
  readonly asset: HistoryAsset;
  readonly markets: readonly HistoryMarket[];
  readonly seed: number;
}

/**
 * Makes the bars that a simulated market would have if it had traded before its first start: 30 days
 * by the minute, whole days as the calendar counts them, and days for five years before. Minutes
 * add up exactly to all longer bars of their time, and the last one closes at the market's start
 * price, from where the live simulation goes on. Pure: equal tasks give equal bars.
 * @returns for each market the rows of every interval, oldest first; bars at the end may be parts of
 *   periods that the live simulation continues
 */
export function generateHistory(task: HistoryTask, calendar: BarCalendar): Float64Array[][] {
  const { asset, markets, seed } = task;
  const endSeconds = Math.max(...markets.map((one) => one.endSeconds));
  const minutesFrom = calendar.period('day', endSeconds - MINUTES_BACK_SECONDS).startSeconds;
  const daysFrom = calendar.period('day', yearsBefore(endSeconds)).startSeconds;
  const minutes = minutePath(asset, calendar, minutesFrom, endSeconds, seed);
  const days = dayPath(asset, calendar, daysFrom, minutesFrom, seed);
  return markets.map((one) => {
    const prng = new Prng(deriveSeed(seed, one.market.id, 0x4b1d));
    const bars = new HistoryBars(one, prng);
    const minuteRows = bars.minutes(minutes, calendar);
    const dayRows = bars.daysBefore(days, minutes);
    return rowsOfAll(calendar, minuteRows, dayRows);
  });
}

function rowsOfAll(calendar: BarCalendar, minutes: BarRows, oldDays: BarRows): Float64Array[] {
  const days = new BarRows(oldDays.length + 64);
  days.append(oldDays.data.subarray(0, oldDays.length * BAR_FIELDS));
  rollUp(calendar, INTERVAL_1D, minutes, days);
  const all: Float64Array[] = [];
  for (let interval = 0; interval < INTERVAL_COUNT; interval += 1) {
    let rows: BarRows;
    if (interval === INTERVAL_1M) rows = minutes;
    else if (interval === INTERVAL_1D) rows = days;
    else {
      rows = new BarRows(1024);
      rollUp(calendar, interval, interval < INTERVAL_1D ? minutes : days, rows);
    }
    all.push(rows.data.slice(0, rows.length * BAR_FIELDS));
  }
  return all;
}

function yearsBefore(seconds: number): number {
  const date = new Date(seconds * 1000);
  return date.setUTCFullYear(date.getUTCFullYear() - YEARS_BACK) / 1000;
}

/** The minute with this second: where a market's live bars begin. */
export function historyEndAt(seconds: number): number {
  return seconds - (seconds % MINUTE_SECONDS);
}
