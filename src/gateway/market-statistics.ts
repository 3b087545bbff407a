import { type BarCalendar, type MarketStatistics, MINUTE_SECONDS } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
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
  type BarRows,
} from '../features/bar-rows.ts';
import type { CandleSeries } from './candle-series.ts';

const WINDOW_SECONDS = 86_400;
const WINDOW_MINUTES = WINDOW_SECONDS / MINUTE_SECONDS;

interface Sums {
  openTicks: number;
  highTicks: number;
  lowTicks: number;
  volumeLots: number;
  volumeTickLots: number;
  trades: number;
}

/**
 * The statistics of one market. The 1 440 closed minutes of the window are added up once a minute;
 * between, the first reading after a trade adds the minute under way, and the others are given what
 * that one was.
 */
export class MarketStatisticsDesk {
  private readonly market: Market;
  private readonly minutes: CandleSeries;
  private readonly days: CandleSeries;
  private readonly calendar: BarCalendar;
  /** Of the bars before this minute, in the window that ends with it. */
  private summedMinute = Number.NaN;
  private summedSeal = Number.NaN;
  private summedVersion = -1;
  private readonly sums = emptySums();
  private told: MarketStatistics | undefined;
  private toldTrades = -1;
  private toldTicks = -1;

  constructor(market: Market, minutes: CandleSeries, days: CandleSeries, calendar: BarCalendar) {
    this.market = market;
    this.minutes = minutes;
    this.days = days;
    this.calendar = calendar;
  }

  /**
   * @param lastTicks price of the last trade; 0 when nothing has traded
   * @param tradesTotal of the market; equal ones mean that nothing has traded in between
   */
  read(lastTicks: number, tradesTotal: number): MarketStatistics {
    const nowSeconds = this.minutes.nowSeconds();
    const minute = nowSeconds - (nowSeconds % MINUTE_SECONDS);
    const fromSeconds = minute - WINDOW_SECONDS;
    const sealed = Math.min(minute, this.minutes.sealedBefore());
    const { version } = this.minutes;
    if (
      minute !== this.summedMinute ||
      sealed !== this.summedSeal ||
      version !== this.summedVersion
    ) {
      this.sumUp(fromSeconds, sealed);
      this.summedMinute = minute;
      this.summedSeal = sealed;
      this.summedVersion = version;
      this.told = undefined;
    }
    const isSame = this.toldTrades === tradesTotal && this.toldTicks === lastTicks;
    if (this.told !== undefined && isSame) return this.told;
    this.toldTrades = tradesTotal;
    this.toldTicks = lastTicks;
    this.told = this.readOpen(lastTicks, nowSeconds);
    return this.told;
  }

  /** Adds the bars that still change to those that do not. */
  private readOpen(lastTicks: number, nowSeconds: number): MarketStatistics {
    const fromSeconds = this.summedMinute - WINDOW_SECONDS;
    const sums = { ...this.sums };
    const open = this.minutes.read({
      fromSeconds: Math.max(fromSeconds, this.summedSeal),
      toSeconds: nowSeconds,
      limit: WINDOW_MINUTES + 1,
    });
    for (let i = 0; i < open.length; i += 1) addBar(sums, open, i);
    const last = lastTicks === 0 ? lastClose(open) : lastTicks;
    return {
      lastTicks: last,
      openTicks: sums.openTicks,
      changeTicks: last - sums.openTicks,
      highTicks: sums.highTicks,
      lowTicks: sums.lowTicks,
      volumeLots: sums.volumeLots,
      notionalUnits: sums.volumeTickLots * this.market.quoteUnitsPerTickLot,
      volumeTickLots: sums.volumeTickLots,
      trades: sums.trades,
      windowSeconds: WINDOW_SECONDS,
      ...this.day(nowSeconds),
    };
  }

  /** Adds the bars from the window's beginning up to where they change no more. */
  private sumUp(fromSeconds: number, sealed: number): void {
    Object.assign(this.sums, emptySums());
    const before = this.minutes.read({
      fromSeconds: Number.NEGATIVE_INFINITY,
      toSeconds: fromSeconds - 1,
      limit: 1,
    });
    if (before.length > 0) this.sums.openTicks = before.data[BAR_CLOSE];
    const bars = this.minutes.read({
      fromSeconds,
      toSeconds: sealed - 1,
      limit: WINDOW_MINUTES + 1,
    });
    for (let i = 0; i < bars.length; i += 1) addBar(this.sums, bars, i);
  }

  /** Two bars suffice: a day without trades repeats the close before it. */
  private day(nowSeconds: number) {
    const { startSeconds } = this.calendar.period('day', nowSeconds);
    const bars = this.days.read({
      fromSeconds: Number.NEGATIVE_INFINITY,
      toSeconds: nowSeconds,
      limit: 2,
    });
    const { data } = bars;
    let at = (bars.length - 1) * BAR_FIELDS;
    let today = -1;
    if (at >= 0 && data[at + BAR_SECONDS] >= startSeconds) {
      if (data[at + BAR_TRADES] > 0) today = at;
      at -= BAR_FIELDS;
    }
    return {
      dayOpenTicks: today < 0 ? 0 : data[today + BAR_OPEN],
      dayHighTicks: today < 0 ? 0 : data[today + BAR_HIGH],
      dayLowTicks: today < 0 ? 0 : data[today + BAR_LOW],
      dayVolumeLots: today < 0 ? 0 : data[today + BAR_LOTS],
      previousCloseTicks: at < 0 ? null : data[at + BAR_CLOSE],
    };
  }
}

function emptySums(): Sums {
  return {
    openTicks: 0,
    highTicks: 0,
    lowTicks: 0,
    volumeLots: 0,
    volumeTickLots: 0,
    trades: 0,
  };
}

/** Empty bars count with their price: it stood there. */
function addBar(sums: Sums, bars: BarRows, index: number): void {
  const { data } = bars;
  const at = index * BAR_FIELDS;
  if (sums.openTicks === 0) sums.openTicks = data[at + BAR_OPEN];
  if (data[at + BAR_HIGH] > sums.highTicks) sums.highTicks = data[at + BAR_HIGH];
  if (sums.lowTicks === 0 || data[at + BAR_LOW] < sums.lowTicks) sums.lowTicks = data[at + BAR_LOW];
  sums.volumeLots += data[at + BAR_LOTS];
  sums.volumeTickLots += data[at + BAR_TICK_LOTS];
  sums.trades += data[at + BAR_TRADES];
}

function lastClose(bars: BarRows): number {
  return bars.length === 0 ? 0 : bars.data[(bars.length - 1) * BAR_FIELDS + BAR_CLOSE];
}
