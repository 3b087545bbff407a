import { MINUTE_MS, type QuoteMinute } from '../strategies/quote-minutes.ts';
import type { MarketQuotes } from '../strategies/quote-record.ts';

/** Averages over the time in which both the maker and the others quoted both sides; NaN: never. */
export interface SpreadFigures {
  readonly marketBps: number;
  readonly oursBps: number;
  /** (market − ours) ÷ market, percent. */
  readonly improvementPercent: number;
}

/** Of sums over any number of minutes. */
export function spreadFigures({
  pairedMs,
  marketBpsMs,
  oursBpsMs,
}: Pick<QuoteMinute, 'pairedMs' | 'marketBpsMs' | 'oursBpsMs'>): SpreadFigures {
  return {
    marketBps: marketBpsMs / pairedMs,
    oursBps: oursBpsMs / pairedMs,
    improvementPercent: ((marketBpsMs - oursBpsMs) / marketBpsMs) * 100,
  };
}

/** Orders that traded at all, of those that were sent; NaN where there were none. */
export function fillRatePercent({
  orders,
  filledOrders,
}: Pick<QuoteMinute, 'orders' | 'filledOrders'>): number {
  return orders === 0 ? Number.NaN : Math.min(100, (filledOrders / orders) * 100);
}

/**
 * Profit over all markets at the end of each minute in which any was heard of, oldest first: a market
 * that was silent stands where it stood.
 */
export function profitCurve(markets: Iterable<MarketQuotes>, sinceMinute: number): number[] {
  const changes = new Map<number, Map<MarketQuotes, number>>();
  const standing = new Map<MarketQuotes, number>();
  for (const market of markets) {
    standing.set(market, market.minutes.profitBefore(sinceMinute));
    for (const { minute, profitUnits } of market.minutes.all) {
      if (minute < sinceMinute) continue;
      const here = changes.get(minute) ?? new Map<MarketQuotes, number>();
      changes.set(minute, here.set(market, profitUnits));
    }
  }
  return [...changes.keys()]
    .toSorted((a, b) => a - b)
    .map((minute) => {
      for (const [market, profitUnits] of changes.get(minute) ?? []) {
        standing.set(market, profitUnits);
      }
      return [...standing.values()].reduce((sum, units) => sum + units, 0);
    });
}

/** Fewer changes from minute to minute than this say nothing of a distribution. */
export const CHANGES_MIN = 30;
const MINUTES_PER_YEAR = 365 * 24 * 60;

/**
 * Mean over deviation of the profit's changes from minute to minute, for a year; NaN with too few of
 * them, or when nothing moved. No riskless rate is taken off: inventory is financed by the venue.
 */
export function sharpeRatio(curve: readonly number[]): number {
  const changes = curve.slice(1).map((units, i) => units - curve[i]);
  if (changes.length < CHANGES_MIN) return Number.NaN;
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const squares = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (changes.length - 1));
  return deviation === 0 ? Number.NaN : (mean / deviation) * Math.sqrt(MINUTES_PER_YEAR);
}

/**
 * Greatest fall from a peak: in units, and in percent of what the account was worth at that peak.
 * @param startUnits worth of the account where the curve is 0
 */
export function drawdown(
  curve: readonly number[],
  startUnits: number,
): { readonly units: number; readonly percent: number } {
  let peak = Number.NEGATIVE_INFINITY;
  let units = 0;
  let percent = 0;
  for (const profitUnits of curve) {
    peak = Math.max(peak, profitUnits);
    units = Math.max(units, peak - profitUnits);
    const worth = startUnits + peak;
    if (worth > 0) percent = Math.max(percent, ((peak - profitUnits) / worth) * 100);
  }
  return { units, percent };
}

/** The minute with the beginning of the UTC day. */
export function dayStartMinute(nowMs: number): number {
  return Math.floor(nowMs / 86_400_000) * 1440;
}

/** The first whole minute of a period that ends now. */
export function sinceMinuteOf(nowMs: number, periodMs: number): number {
  return Math.floor((nowMs - periodMs) / MINUTE_MS) + 1;
}
