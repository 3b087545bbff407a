import type { FeedRecord } from '../normalised.ts';
import { decimalOf, type Fields, optionalDecimal, optionalTimeMs } from '../reading.ts';

const MARK_FIELDS = ['markPrice', 'indexPrice', 'fundingRate', 'nextFundingTime'];
const INTEREST_FIELDS = ['openInterest', 'openInterestValue'];
const TICKER_FIELDS = [
  'lastPrice',
  'prevPrice24h',
  'highPrice24h',
  'lowPrice24h',
  'volume24h',
  'turnover24h',
];

/**
 * Bybit tells everything about a symbol in one channel: all of it once, then what changed. Records
 * are whole, so what did not change is remembered.
 */
export class TickerState {
  private readonly symbol: string;
  private fields: Record<string, unknown> = {};

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** @returns a record for each matter in which something was told */
  update(isSnapshot: boolean, told: Fields, venueTimeMs: number): FeedRecord[] {
    this.fields = isSnapshot ? { ...told } : { ...this.fields, ...told };
    return recordsOf(this.symbol, this.fields, told, venueTimeMs);
  }
}

/** What one row of `/v5/market/tickers` holds, or `told` of it. */
export function recordsOf(
  symbol: string,
  all: Fields,
  told: Fields,
  venueTimeMs: number,
): FeedRecord[] {
  const records: FeedRecord[] = [];
  const isTold = (names: readonly string[]) => names.some((name) => told[name] !== undefined);
  if (isTold(MARK_FIELDS)) {
    records.push({
      kind: 'mark',
      symbol,
      markPrice: optionalDecimal(all.markPrice),
      indexPrice: optionalDecimal(all.indexPrice),
      fundingRate: optionalDecimal(all.fundingRate),
      nextFundingTimeMs: optionalTimeMs(all.nextFundingTime),
      venueTimeMs,
    });
  }
  if (isTold(INTEREST_FIELDS) && all.openInterest !== undefined && all.openInterest !== '') {
    records.push({
      kind: 'open_interest',
      symbol,
      openInterest: decimalOf(all.openInterest),
      value: optionalDecimal(all.openInterestValue),
      venueTimeMs,
    });
  }
  if (isTold(TICKER_FIELDS)) {
    records.push({
      kind: 'ticker',
      symbol,
      last: optionalDecimal(all.lastPrice),
      open: optionalDecimal(all.prevPrice24h),
      high: optionalDecimal(all.highPrice24h),
      low: optionalDecimal(all.lowPrice24h),
      volume: optionalDecimal(all.volume24h),
      quoteVolume: optionalDecimal(all.turnover24h),
      trades: null,
      venueTimeMs,
    });
  }
  return records;
}
