import type { CandleInterval } from '../../domain/candles.ts';
import { INTERVAL_MS } from '../intervals.ts';

/** What changes with every trade: asking more often than once a second serves nobody. */
export const PRICE_FRESH_MS = 1_000;
/** Listings, tick sizes, contract sizes. */
export const LISTING_FRESH_MS = 3_600_000;
/** Funding is applied once an hour or less; the row of a settlement may come a moment late. */
export const FUNDING_FRESH_MS = 30_000;

/** Candles that all are complete stay as they are; with the one under way they are a price. */
export function candlesFreshMs(
  interval: CandleInterval,
  endMs: number | undefined,
  nowMs: number,
): number {
  const lengthMs = INTERVAL_MS[interval] ?? 28 * 86_400_000;
  return endMs !== undefined && endMs < nowMs - lengthMs ? 60_000 : PRICE_FRESH_MS;
}

/** Samples at the ends of periods: nothing new comes before the next end. */
export function samplesFreshMs(periodMs: number, nowMs: number): number {
  const leftMs = periodMs - (nowMs % periodMs);
  return Math.min(leftMs, 60_000);
}
