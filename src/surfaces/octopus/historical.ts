import { DateTime, type DurationLike } from 'luxon';
import { BARS_MAX, type INTERVALS, type PERIODS } from '../../../schemas/octopus-market.ts';
import { CANDLES_PER_QUERY } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import {
  BAR_CLOSE,
  BAR_FIELDS,
  BAR_HIGH,
  BAR_LOTS,
  BAR_LOW,
  BAR_OPEN,
  BAR_SECONDS,
} from '../../features/bar-rows.ts';
import type { CandleSeries } from '../../gateway/candle-series.ts';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';
import type { Venue } from '../../gateway/venue.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';

export type HistoryPeriod = (typeof PERIODS)[number];
export type HistoryInterval = (typeof INTERVALS)[number];

const DURATIONS: Readonly<Record<Exclude<HistoryPeriod, 'max'>, DurationLike>> = {
  '1d': { days: 1 },
  '5d': { days: 5 },
  '1mo': { months: 1 },
  '3mo': { months: 3 },
  '6mo': { months: 6 },
  '1y': { years: 1 },
  '2y': { years: 2 },
  '5y': { years: 5 },
};
const DAILY: ReadonlySet<HistoryInterval> = new Set(['1d', '1wk', '1mo']);
const DAY_SECONDS = 86_400;
const HALF_DAY_SECONDS = DAY_SECONDS / 2;

const DATE = jsonBytes('{"date":');
const OPEN = jsonBytes(',"open":');
const HIGH = jsonBytes(',"high":');
const LOW = jsonBytes(',"low":');
const CLOSE = jsonBytes(',"close":');
const VOLUME = jsonBytes(',"volume":');
const QUOTE = 34;
const ZERO = 48;
const COLON = 58;
const ZULU = 90; // Z
const END = 125; // }
const LISTS_END = jsonBytes(']}');

/** Writes the bars of a market into memory of its own. */
export class HistoricalReplies {
  private readonly writer = new JsonWriter();
  /** The day last printed, and its `"2026-11-21T`. */
  private daySeconds = Number.NaN;
  private dayHead: Uint8Array = new Uint8Array(0);

  /**
   * The bars that begin within the period up to now, oldest first, the one under way included.
   * @returns REUSED: valid until the next call; or a refusal where they are too many
   */
  write(
    venue: Venue,
    market: Market,
    period: HistoryPeriod,
    interval: HistoryInterval,
  ): Uint8Array | Refusal {
    const { writer } = this;
    const series = venue.candleSeries(market, interval);
    const pages = readPages(series, periodStart(period, series.nowSeconds()));
    if (pages === undefined) return tooManyBars(period, interval);
    const { symbol, exchange } = market;
    const head = { symbol, exchange, period, interval, data: [] };
    writer.begin();
    writer.block(jsonBytes(JSON.stringify(head).slice(0, -LISTS_END.length)));
    let isFirst = true;
    for (const page of pages) {
      for (let at = 0; at < page.length; at += BAR_FIELDS) {
        if (!isFirst) writer.comma();
        isFirst = false;
        this.bar(market, page, at, DAILY.has(interval));
      }
    }
    writer.raw(LISTS_END);
    return writer.take();
  }

  /** `"2026-11-21T14:30:00Z"`: thousands of bars share a day, and printing that costs the most. */
  private intradayDate(seconds: number): void {
    const { writer } = this;
    const secondOfDay = seconds % DAY_SECONDS;
    if (seconds - secondOfDay !== this.daySeconds) {
      this.daySeconds = seconds - secondOfDay;
      const text = new Date(this.daySeconds * 1000).toISOString();
      this.dayHead = jsonBytes(`"${text.slice(0, 11)}`);
    }
    writer.raw(this.dayHead);
    twoDigits(writer, Math.trunc(secondOfDay / 3600), COLON);
    twoDigits(writer, Math.trunc(secondOfDay / 60) % 60, COLON);
    twoDigits(writer, secondOfDay % 60, ZULU);
    writer.char(QUOTE);
  }

  private bar(market: Market, rows: Float64Array, at: number, isDaily: boolean): void {
    const { writer } = this;
    const { tickUnits, priceDecimals } = market;
    const seconds = rows[at + BAR_SECONDS];
    writer.raw(DATE);
    if (isDaily) writer.raw(jsonBytes(`"${dateOf(seconds)}"`));
    else this.intradayDate(seconds);
    for (const [label, field] of PRICES) {
      writer.raw(label);
      writer.decimalNumber(rows[at + field] * tickUnits, priceDecimals);
    }
    writer.raw(VOLUME);
    writer.decimalNumber(rows[at + BAR_LOTS] * market.lotUnits, market.qtyDecimals);
    writer.char(END);
  }
}

/** Two digits and what follows them. */
function twoDigits(writer: JsonWriter, value: number, separator: number): void {
  writer.char(ZERO + Math.trunc(value / 10));
  writer.char(ZERO + (value % 10));
  writer.char(separator);
}

const PRICES = [
  [OPEN, BAR_OPEN],
  [HIGH, BAR_HIGH],
  [LOW, BAR_LOW],
  [CLOSE, BAR_CLOSE],
] as const;

/** Copies of the bars' rows, oldest first; `undefined`: they are more than an answer may have. */
function readPages(series: CandleSeries, fromSeconds: number): Float64Array[] | undefined {
  const pages: Float64Array[] = [];
  let toSeconds = series.nowSeconds();
  for (let left = BARS_MAX; left > 0; left -= CANDLES_PER_QUERY) {
    const bars = series.read({ fromSeconds, toSeconds, limit: CANDLES_PER_QUERY });
    pages.unshift(bars.data.slice(0, bars.length * BAR_FIELDS));
    if (bars.length < CANDLES_PER_QUERY) return pages;
    toSeconds = bars.secondsAt(0) - 1;
  }
  return series.read({ fromSeconds, toSeconds, limit: 1 }).length === 0 ? pages : undefined;
}

/** @returns seconds since the Unix epoch */
function periodStart(period: HistoryPeriod, nowSeconds: number): number {
  if (period === 'max') return 0;
  const now = DateTime.fromSeconds(nowSeconds, { zone: 'utc' });
  return Math.ceil(now.minus(DURATIONS[period]).toSeconds());
}

/**
 * The date of a bar that begins when a day does on the market's wall. Twelve hours later it is that
 * date in UTC too, in whatever zone the wall is, and where a day begins on the evening before.
 */
function dateOf(seconds: number): string {
  return new Date((seconds + HALF_DAY_SECONDS) * 1000).toISOString().slice(0, 10);
}

function tooManyBars(period: HistoryPeriod, interval: HistoryInterval): Refusal {
  const message = `period ${period} has more than ${BARS_MAX} bars of ${interval}; ask for less`;
  return invalidParameter('period', period, message, { maximum: BARS_MAX });
}
