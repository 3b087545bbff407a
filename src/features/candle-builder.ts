import { type BarCalendar, INTERVAL_COUNT, INTERVAL_SECONDS } from '../domain/candles.ts';
import {
  BAR_CLOSE,
  BAR_FIELDS,
  BAR_HIGH,
  BAR_LOTS,
  BAR_LOW,
  BAR_OPEN,
  BAR_SECONDS,
  BAR_TICK_LOTS,
  BAR_TRADES,
  mergeBar,
} from './bar-rows.ts';
import { periodOf } from './periods.ts';

/** Gets every bar with trades once, when the first trade after it is known. */
export interface BarSink {
  /**
   * @param interval place in `CANDLE_INTERVALS`
   * @param rows REUSED: the bar's row begins at `at`; take what is wanted of it now
   */
  closed(interval: number, rows: Float64Array, at: number): void;
}

const NOTHING_YET = Number.NEGATIVE_INFINITY;
/** All open rows together: what a builder knows. */
export const BUILDER_DOUBLES = INTERVAL_COUNT * BAR_FIELDS;

/**
 * Builds the bars of all intervals from a market's trades, in the order in which they happened.
 * Pure: no clock closes a bar here, only a later trade does, so the same trades always give the same
 * bars, wherever and however often they are built.
 *
 * A trade changes one row, the minute's. When a trade of a later minute comes, the minute is added
 * to the rows of the longer intervals, and those whose period is over are handed to the sink. So
 * longer bars are the sum of minute bars by construction.
 *
 * Venue time does not go back; a trade that is stamped before the minute under way all the same (a
 * recording beside live orders) counts in the minute under way.
 */
export class CandleBuilder {
  private readonly calendar: BarCalendar;
  private readonly sink: BarSink;
  /** Row `i` is the bar under way of interval `i`; those of longer ones lack the minute under way. */
  private readonly rows = new Float64Array(BUILDER_DOUBLES);
  /** When the periods under way end. */
  private readonly ends = new Float64Array(INTERVAL_COUNT).fill(NOTHING_YET);

  constructor(calendar: BarCalendar, sink: BarSink) {
    this.calendar = calendar;
    this.sink = sink;
  }

  /** When the minute under way began; -Infinity before the first trade. */
  get minuteSeconds(): number {
    return this.rows[BAR_TRADES] === 0 ? NOTHING_YET : this.rows[BAR_SECONDS];
  }

  trade(seconds: number, priceTicks: number, qtyLots: number): void {
    const { rows } = this;
    if (seconds >= this.ends[0]) this.turn(seconds);
    if (rows[BAR_TRADES] === 0) {
      rows[BAR_OPEN] = priceTicks;
      rows[BAR_HIGH] = priceTicks;
      rows[BAR_LOW] = priceTicks;
    } else if (priceTicks > rows[BAR_HIGH]) rows[BAR_HIGH] = priceTicks;
    else if (priceTicks < rows[BAR_LOW]) rows[BAR_LOW] = priceTicks;
    rows[BAR_CLOSE] = priceTicks;
    rows[BAR_LOTS] += qtyLots;
    rows[BAR_TICK_LOTS] += priceTicks * qtyLots;
    rows[BAR_TRADES] += 1;
  }

  /**
   * Takes a whole minute as someone else has built it, in place of what is known of that minute.
   * @param at where the minute's row begins
   * @returns false when it comes too late, or nothing traded in it: nothing has changed then
   */
  bar(row: Float64Array, at: number): boolean {
    const seconds = row[at + BAR_SECONDS];
    if (seconds < this.minuteSeconds || row[at + BAR_TRADES] === 0) return false;
    if (seconds >= this.ends[0]) this.turn(seconds);
    for (let i = BAR_OPEN; i < BAR_FIELDS; i += 1) this.rows[i] = row[at + i];
    return true;
  }

  /** Forgets everything: as if nothing had ever traded. */
  clear(): void {
    this.rows.fill(0);
    this.ends.fill(NOTHING_YET);
  }

  /**
   * Writes the bar under way of an interval, with all trades so far.
   * @returns false when there is none: nothing has traded
   */
  current(interval: number, into: Float64Array, at: number): boolean {
    return currentBar(this.rows, interval, into, at);
  }

  /** When the bar under way of an interval began; -Infinity before the first trade. */
  currentSeconds(interval: number): number {
    return this.rows[BAR_TRADES] === 0 ? NOTHING_YET : this.rows[interval * BAR_FIELDS];
  }

  /** All that `restore` needs: `BUILDER_DOUBLES` whole numbers. A copy. */
  image(): Float64Array<ArrayBuffer> {
    return this.rows.slice();
  }

  /** Goes on where a builder of the same market stood. */
  restore(image: Float64Array): void {
    this.rows.set(image);
    if (this.rows[BAR_TRADES] === 0) return;
    for (let interval = 0; interval < INTERVAL_COUNT; interval += 1) {
      const seconds = this.rows[interval * BAR_FIELDS];
      this.ends[interval] = periodOf(this.calendar, interval, seconds).endSeconds;
    }
  }

  /** Closes what is over when a trade happens at this time, and opens what it falls into. */
  private turn(seconds: number): void {
    const { rows, ends, sink } = this;
    if (rows[BAR_TRADES] > 0) {
      sink.closed(0, rows, 0);
      for (let interval = 1; interval < INTERVAL_COUNT; interval += 1) this.addMinute(interval);
    }
    for (let interval = 1; interval < INTERVAL_COUNT; interval += 1) {
      if (seconds < ends[interval]) continue;
      const row = interval * BAR_FIELDS;
      if (rows[row + BAR_TRADES] > 0) sink.closed(interval, rows, row);
      this.open(interval, seconds);
    }
    this.open(0, seconds);
  }

  private addMinute(interval: number): void {
    const { rows } = this;
    const row = interval * BAR_FIELDS;
    if (rows[row + BAR_TRADES] > 0) mergeBar(rows, row, rows, 0);
    else for (let i = BAR_OPEN; i < BAR_FIELDS; i += 1) rows[row + i] = rows[i];
  }

  private open(interval: number, seconds: number): void {
    const { rows, ends } = this;
    const row = interval * BAR_FIELDS;
    rows.fill(0, row, row + BAR_FIELDS);
    const length = INTERVAL_SECONDS[interval];
    if (length > 0) {
      const start = seconds - (seconds % length);
      rows[row + BAR_SECONDS] = start;
      ends[interval] = start + length;
      return;
    }
    const { startSeconds, endSeconds } = periodOf(this.calendar, interval, seconds);
    rows[row + BAR_SECONDS] = startSeconds;
    ends[interval] = endSeconds;
  }
}

/** Puts the earlier part of a bar before what there is of it. */
export function continueBar(
  rows: Float64Array,
  at: number,
  earlier: Float64Array,
  earlierAt: number,
): void {
  const whole = earlier.slice(earlierAt, earlierAt + BAR_FIELDS);
  mergeBar(whole, 0, rows, at);
  rows.set(whole, at);
}

/**
 * Writes the bar under way of an interval, which a builder's rows (its `image`) tell of.
 * @returns false when there is none: nothing has traded
 */
export function currentBar(
  rows: Float64Array,
  interval: number,
  into: Float64Array,
  at: number,
): boolean {
  if (rows[BAR_TRADES] === 0) return false;
  const row = interval * BAR_FIELDS;
  const alone = interval === 0 || rows[row + BAR_TRADES] === 0;
  const from = alone ? 0 : row;
  for (let i = 0; i < BAR_FIELDS; i += 1) into[at + i] = rows[from + i];
  into[at + BAR_SECONDS] = rows[row + BAR_SECONDS];
  if (!alone) mergeBar(into, at, rows, 0);
  return true;
}
