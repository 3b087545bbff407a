import {
  CANDLE_INTERVALS,
  CANDLES_PER_QUERY,
  type Candle,
  type CandleInterval,
  type MarketStatistics,
} from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { BAR_FIELDS, BarRows, candleAt } from '../features/bar-rows.ts';
import { type BarRange, fillBars } from '../features/fill-bars.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import { BARS_IN_MEMORY, type MarketCandles } from '../projections/market-candles.ts';
import type { MarketView, MarketViews } from '../projections/market-view.ts';
import type { OutsideDay } from '../projections/outside-facts.ts';
import type { CandleSeries } from './candle-series.ts';
import { MarketStatisticsDesk } from './market-statistics.ts';

/** Bars with trades that the journal holds, newest ones of those that begin before a time. */
export interface BarStore {
  /**
   * @param interval place in `CANDLE_INTERVALS`
   * @returns at most `count` rows, oldest first; fewer only when there are no more
   */
  readBefore(
    marketId: number,
    interval: number,
    beforeSeconds: number,
    count: number,
  ): Float64Array<ArrayBuffer>;
}

/** A store of nothing, for a venue without a journal. */
export const NO_BARS: BarStore = { readBefore: () => new Float64Array(0) };

export interface CandleDeskParts {
  readonly views: MarketViews;
  readonly store: BarStore;
  readonly clock: Clock;
}

/** Answers what is asked about bars: from memory as a rule, from the journal for what is older. */
export class CandleDesk {
  private readonly parts: CandleDeskParts;
  private readonly series_ = new Map<number, CandleSeries[]>();
  private readonly statisticsOf = new Map<number, MarketStatisticsDesk>();
  /** REUSED for every answer. */
  private readonly answer = new BarRows(CANDLES_PER_QUERY);

  constructor(parts: CandleDeskParts) {
    this.parts = parts;
  }

  candles(market: Market, interval: CandleInterval, range: BarRange): readonly Candle[] {
    const bars = this.series(market, interval).read(range);
    const { quoteUnitsPerTickLot } = market;
    return Array.from({ length: bars.length }, (_, i) => candleAt(bars, i, quoteUnitsPerTickLot));
  }

  series(market: Market, interval: CandleInterval): CandleSeries {
    let all = this.series_.get(market.id);
    if (all === undefined) {
      all = CANDLE_INTERVALS.map((_, place) => this.makeSeries(market, place));
      this.series_.set(market.id, all);
    }
    return all[CANDLE_INTERVALS.indexOf(interval)];
  }

  statistics(market: Market): MarketStatistics {
    let desk = this.statisticsOf.get(market.id);
    if (desk === undefined) {
      desk = new MarketStatisticsDesk(
        market,
        this.series(market, '1m'),
        this.series(market, '1d'),
        this.view(market).candles.calendar,
      );
      this.statisticsOf.set(market.id, desk);
    }
    const { ticker, outside } = this.view(market);
    const own = desk.read(ticker.lastPriceTicks, ticker.tradesTotal);
    return outside.day === undefined ? own : { ...own, ...asTold(market, outside.day, own) };
  }

  private makeSeries(market: Market, interval: number): CandleSeries {
    const { candles } = this.view(market);
    return {
      market,
      interval,
      read: (range) => this.read(market, candles, interval, range),
      sealedBefore: () => candles.sealedBefore(interval),
      get version() {
        return candles.version;
      },
      generatedBefore: () => candles.generatedBefore,
      nowSeconds: () => this.nowSeconds(market, candles),
    };
  }

  /** A recording brings its own time; elsewhere it is the venue's. */
  private nowSeconds(market: Market, candles: MarketCandles): number {
    if (market.source === 'replay') return candles.nowSeconds;
    return Math.max(candles.nowSeconds, Math.floor(this.parts.clock.nowMs() / 1000));
  }

  private read(market: Market, candles: MarketCandles, interval: number, asked: BarRange): BarRows {
    const { answer } = this;
    const toSeconds = Math.min(asked.toSeconds, this.nowSeconds(market, candles));
    const limit = Math.min(asked.limit, CANDLES_PER_QUERY);
    const range = { fromSeconds: asked.fromSeconds, toSeconds, limit };
    answer.length = 0;
    if (!(toSeconds >= 0 && toSeconds >= range.fromSeconds)) return answer;
    const rows = candles.closedBars[interval];
    if (this.lacks(candles, interval, range) && isNear(rows, range)) {
      const firstSeconds = rows.length === 0 ? candles.sealedBefore(interval) : rows.secondsAt(0);
      const beforeSeconds = firstSeconds > 0 ? firstSeconds : Number.POSITIVE_INFINITY;
      const older = this.parts.store.readBefore(market.id, interval, beforeSeconds, limit + 1);
      rows.prepend(older);
      if (older.length / BAR_FIELDS <= limit) candles.complete[interval] = 1;
    }
    if (this.lacks(candles, interval, range)) this.readOld(market, candles, interval, range);
    else {
      const count = candles.countWithCurrent(interval);
      fillBars(candles.calendar, interval, rows, count, range, answer);
    }
    return answer;
  }

  /** True when bars of the range may be in the journal that are not in memory. */
  private lacks(candles: MarketCandles, interval: number, range: BarRange): boolean {
    if (candles.complete[interval] === 1) return false;
    const rows = candles.closedBars[interval];
    const count = candles.countWithCurrent(interval);
    const index = rows.indexAtOrBefore(range.toSeconds, count);
    if (index >= range.limit) return false;
    return index < 0 || rows.secondsAt(0) >= range.fromSeconds;
  }

  /** A range that ends before what is in memory is answered from the journal alone. */
  private readOld(market: Market, candles: MarketCandles, interval: number, range: BarRange): void {
    const old = new BarRows(range.limit + 1);
    const { store } = this.parts;
    old.append(store.readBefore(market.id, interval, range.toSeconds + 1, range.limit + 1));
    fillBars(candles.calendar, interval, old, old.length, range, this.answer);
  }

  private view(market: Market): MarketView {
    const view = this.parts.views.get(market.id);
    assert(view !== undefined, `market ${market.id} has a view`);
    return view;
  }
}

/** What the market's own exchange says of the last 24 hours is right, as far as it says it. */
function asTold(
  { quoteUnitsPerTickLot }: Market,
  day: OutsideDay,
  own: MarketStatistics,
): Partial<MarketStatistics> {
  const openTicks = day.openTicks || own.openTicks;
  const volumeTickLots = day.volumeTickLots || own.volumeTickLots;
  return {
    openTicks,
    changeTicks: own.lastTicks - openTicks,
    highTicks: Math.max(day.highTicks || own.highTicks, own.lastTicks),
    lowTicks: Math.min(day.lowTicks || own.lowTicks, own.lastTicks || Number.POSITIVE_INFINITY),
    volumeLots: day.volumeLots || own.volumeLots,
    volumeTickLots,
    notionalUnits: volumeTickLots * quoteUnitsPerTickLot,
    trades: day.trades || own.trades,
  };
}

/** True when older bars are worth keeping in memory: those before what is there, and not too many. */
function isNear(rows: BarRows, { toSeconds, limit }: BarRange): boolean {
  if (rows.length + limit >= BARS_IN_MEMORY) return false;
  return rows.length === 0 || rows.secondsAt(0) <= toSeconds;
}
