import {
  type BarCalendar,
  CANDLES_PER_QUERY,
  INTERVAL_COUNT,
  MINUTE_SECONDS,
} from '../domain/candles.ts';
import { BAR_FIELDS, BAR_SECONDS, BAR_TRADES, BarRows } from '../features/bar-rows.ts';
import {
  type BarSink,
  BUILDER_DOUBLES,
  CandleBuilder,
  continueBar,
} from '../features/candle-builder.ts';
import { fillBars } from '../features/fill-bars.ts';
import { periodOf, UTC_CALENDAR } from '../features/periods.ts';

/** Closed bars of one interval in memory at most; then the older half of them goes. */
export const BARS_IN_MEMORY = 2 * CANDLES_PER_QUERY + 240;
/** Bars that are told of as closed in one publication; a longer pause is told of by its end. */
const CLOSED_TOLD_MAX = 1_000;

/**
 * The bars of one market as of its newest durable trade: those under way, and the newest closed
 * ones with trades. What is older lies in the journal and is put before them when someone asks.
 */
export class MarketCandles implements BarSink {
  readonly calendar: BarCalendar;
  /**
   * Closed bars with trades by interval, oldest first. With `countWithCurrent` the bar under way
   * lies behind them.
   */
  readonly closedBars: readonly BarRows[] = Array.from({ length: INTERVAL_COUNT }, newRows);
  /** By interval: 1 when the journal holds no bar that is not here. */
  readonly complete = new Uint8Array(INTERVAL_COUNT);
  /** Raised when bars that had been closed became others: generated history joined them. */
  version = 0;
  /** Bars before this time were generated, not traded, seconds; 0 when none were. */
  generatedBefore = 0;
  /** Up to here time has passed in this market, as far as is durable. */
  nowSeconds = 0;
  /** Bars that end at this time or before have been told of as closed. */
  private toldSeconds = 0;
  private readonly builder: CandleBuilder;
  /** By interval the newest generated bar: the first live one of its period continues it. */
  private readonly generated = new Float64Array(BUILDER_DOUBLES);
  /** REUSED by `closedSinceTold` and by `current`. */
  private readonly told = new BarRows(16);
  private readonly now = new BarRows(1);

  constructor(calendar: BarCalendar = UTC_CALENDAR) {
    this.calendar = calendar;
    this.builder = new CandleBuilder(calendar, this);
  }

  trade(seconds: number, priceTicks: number, qtyLots: number): void {
    this.builder.trade(seconds, priceTicks, qtyLots);
  }

  /** A minute as its exchange tells it; false when that changes nothing. */
  bar(rows: Float64Array, at: number): boolean {
    return this.builder.bar(rows, at);
  }

  /** Another source takes over: what there was has nothing to do with what comes. */
  restart(): void {
    this.builder.clear();
    for (const bars of this.closedBars) bars.clear();
    this.generated.fill(0);
    this.generatedBefore = 0;
    this.complete.fill(0);
    this.version += 1;
  }

  /** Time passes; true when it ends a minute that was not told of as closed, and there are bars. */
  advance(seconds: number): boolean {
    if (seconds > this.nowSeconds) this.nowSeconds = seconds;
    return this.hasClosings;
  }

  /** True when a bar has ended that was not told of as closed. */
  get hasClosings(): boolean {
    const { nowSeconds, toldSeconds } = this;
    if (nowSeconds - (nowSeconds % MINUTE_SECONDS) <= toldSeconds) return false;
    return this.builder.minuteSeconds > 0;
  }

  /**
   * The bars of an interval that ended since the last publication, empty ones too, oldest first; of a
   * long pause the newest thousand. REUSED: valid until the next call.
   */
  closedSinceTold(interval: number): BarRows {
    const { told, closedBars, calendar, toldSeconds, nowSeconds } = this;
    told.length = 0;
    const underWay = periodOf(calendar, interval, nowSeconds).startSeconds;
    if (underWay <= toldSeconds) return told;
    const fromSeconds = periodOf(calendar, interval, toldSeconds).startSeconds;
    const range = { fromSeconds, toSeconds: underWay - 1, limit: CLOSED_TOLD_MAX };
    fillBars(
      calendar,
      interval,
      closedBars[interval],
      this.countWithCurrent(interval),
      range,
      told,
    );
    return told;
  }

  /**
   * The bar under way now, also an empty one; no bar before the first trade, and none where nothing
   * traded and the market is closed. REUSED: valid until the next call.
   */
  current(interval: number): BarRows {
    const { now, closedBars, calendar, nowSeconds } = this;
    const { startSeconds } = periodOf(calendar, interval, nowSeconds);
    const range = { fromSeconds: startSeconds, toSeconds: nowSeconds, limit: 1 };
    fillBars(calendar, interval, closedBars[interval], this.countWithCurrent(interval), range, now);
    return now;
  }

  /** What has changed was published. */
  clearChanges(): void {
    this.toldSeconds = this.nowSeconds;
  }

  /** Bars with trades, the one under way included, which then lies behind the closed ones. */
  countWithCurrent(interval: number): number {
    const rows = this.closedBars[interval];
    rows.reserve(rows.length + 1);
    const at = rows.length * BAR_FIELDS;
    if (!this.builder.current(interval, rows.data, at)) return rows.length;
    if (this.forgetGenerated(rows, rows.data[at])) return this.countWithCurrent(interval);
    this.joinGenerated(interval, rows.data, at);
    return rows.length + 1;
  }

  /** Before this time no bar of the interval changes any more. */
  sealedBefore(interval: number): number {
    return this.builder.currentSeconds(interval);
  }

  closed(interval: number, rows: Float64Array, at: number): void {
    const bars = this.closedBars[interval];
    if (bars.length >= BARS_IN_MEMORY) {
      bars.dropOldest(BARS_IN_MEMORY / 2);
      this.complete[interval] = 0;
    }
    this.forgetGenerated(bars, rows[at]);
    bars.push(rows, at);
    this.joinGenerated(interval, bars.data, (bars.length - 1) * BAR_FIELDS);
  }

  /**
   * Starts from what the journal holds: all trades so far are in `image`.
   * @param nowSeconds time of the newest durable event
   */
  restore(image: Float64Array, nowSeconds: number): void {
    this.builder.restore(image);
    for (const bars of this.closedBars) bars.clear();
    this.complete.fill(0);
    this.version += 1;
    this.nowSeconds = nowSeconds;
    this.toldSeconds = nowSeconds;
  }

  /**
   * Generated history lies in the journal now.
   * @param newest its newest bars, one row for each interval
   * @param endSeconds where it ends
   */
  joinHistory(newest: Float64Array, endSeconds: number): void {
    this.generated.set(newest);
    this.generatedBefore = endSeconds;
    this.complete.fill(0);
    this.version += 1;
    this.closedBars.forEach((bars, interval) => {
      if (bars.length > 0) this.joinGenerated(interval, bars.data, 0);
    });
  }

  /** The first live trade continues a bar of which the generated part was taken for all. */
  private forgetGenerated(bars: BarRows, seconds: number): boolean {
    if (bars.length === 0 || bars.secondsAt(bars.length - 1) !== seconds) return false;
    bars.length -= 1;
    return true;
  }

  private joinGenerated(interval: number, rows: Float64Array, at: number): void {
    const { generated } = this;
    const from = interval * BAR_FIELDS;
    if (generated[from + BAR_TRADES] === 0) return;
    if (generated[from + BAR_SECONDS] !== rows[at + BAR_SECONDS]) return;
    continueBar(rows, at, generated, from);
  }
}

function newRows(): BarRows {
  return new BarRows();
}
