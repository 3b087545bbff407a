import type { MarketRegistry } from '../../config/markets.ts';
import { CANDLES_PER_QUERY } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { BAR_CLOSE, BAR_FIELDS } from '../../features/bar-rows.ts';
import type { PriceSeries } from '../../risk/price-series.ts';
import type { CandleSeries } from '../candle-series.ts';
import type { Venue } from '../venue.ts';

const DAY_SECONDS = 86_400;
const HALF_DAY_SECONDS = DAY_SECONDS / 2;

interface Kept {
  readonly series: PriceSeries;
  readonly version: number;
  /** Start of the market's day under way when it was read. */
  readonly daySeconds: number;
}

/**
 * Closes of the markets' finished days, for calculations beside the gateway. They lie in shared
 * memory that is written once, and are read again when a day has ended: to hand them to a job costs
 * nothing.
 */
export class DailyCloses {
  private readonly venue: Pick<Venue, 'candleSeries'>;
  private readonly markets: MarketRegistry;
  private readonly kept = new Map<number, Kept>();

  constructor(venue: Pick<Venue, 'candleSeries'>, markets: MarketRegistry) {
    this.venue = venue;
    this.markets = markets;
  }

  read(market: Market): PriceSeries {
    const bars = this.venue.candleSeries(market, '1d');
    const calendar = this.markets.opening(market).calendar.bars;
    const daySeconds = calendar.period('day', bars.nowSeconds()).startSeconds;
    const known = this.kept.get(market.id);
    if (known?.version === bars.version && known.daySeconds === daySeconds) return known.series;
    const series = readSeries(bars, daySeconds - 1);
    this.kept.set(market.id, { series, version: bars.version, daySeconds });
    return series;
  }
}

/** The newest closes of bars that begin by a time, at most as many as one query gives: 5 000 days. */
function readSeries(bars: CandleSeries, toSeconds: number): PriceSeries {
  const rows = bars.read({ fromSeconds: 0, toSeconds, limit: CANDLES_PER_QUERY });
  const { length, data } = rows;
  const days = new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
  const closes = new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
  for (let i = 0; i < length; i += 1) {
    days[i] = dayOf(rows.secondsAt(i));
    closes[i] = data[i * BAR_FIELDS + BAR_CLOSE];
  }
  return { days, closes };
}

/**
 * The date of a bar that begins when a day does on the market's wall, as days since 1970-01-01.
 * Twelve hours later it is that date in UTC too, in whatever zone the wall is.
 */
function dayOf(seconds: number): number {
  return Math.floor((seconds + HALF_DAY_SECONDS) / DAY_SECONDS);
}

/** `YYYY-MM-DD` of a day. */
export function dateText(day: number): string {
  return new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}

/** The day of `YYYY-MM-DD`; NaN where there is no such date. */
export function dayOfText(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const day = ms / (DAY_SECONDS * 1000);
  // Date.parse takes 2026-02-30 for a day in March.
  return Number.isNaN(day) || dateText(day) !== text ? Number.NaN : day;
}
