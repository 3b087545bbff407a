import { multiply } from '../decimal.ts';
import { endOf } from '../intervals.ts';
import type { CandleRecord, FeedRecord } from '../normalised.ts';
import { decimalOf, type Fields, integerOf, optionalDecimal, textOf } from '../reading.ts';
import { HYPERLIQUID_INTERVALS } from './names.ts';

/** A context holds mark, interest and the day's figures of one coin. */
export function contextRecords(
  coin: string,
  ctx: Fields,
  venueTimeMs: number,
  nextFundingTimeMs: number | null,
): FeedRecord[] {
  const markPrice = decimalOf(ctx.markPx);
  const openInterest = decimalOf(ctx.openInterest);
  return [
    {
      kind: 'mark',
      symbol: coin,
      markPrice,
      indexPrice: optionalDecimal(ctx.oraclePx),
      fundingRate: optionalDecimal(ctx.funding),
      nextFundingTimeMs,
      venueTimeMs,
    },
    {
      kind: 'open_interest',
      symbol: coin,
      openInterest,
      value: multiply(openInterest, markPrice),
      venueTimeMs,
    },
    {
      kind: 'ticker',
      symbol: coin,
      // The middle of the book is no trade.
      last: null,
      open: optionalDecimal(ctx.prevDayPx),
      high: null,
      low: null,
      volume: optionalDecimal(ctx.dayBaseVlm),
      quoteVolume: optionalDecimal(ctx.dayNtlVlm),
      trades: null,
      venueTimeMs,
    },
  ];
}

/** `undefined` for intervals that Openbell does not have. */
export function candleOf(candle: Fields, isClosed: boolean): CandleRecord | undefined {
  const interval = HYPERLIQUID_INTERVALS.intervalOf(textOf(candle.i));
  if (interval === undefined) return undefined;
  const openTimeMs = integerOf(candle.t);
  return {
    kind: 'candle',
    symbol: textOf(candle.s),
    interval,
    openTimeMs,
    endTimeMs: endOf(interval, openTimeMs),
    open: decimalOf(candle.o),
    high: decimalOf(candle.h),
    low: decimalOf(candle.l),
    close: decimalOf(candle.c),
    volume: decimalOf(candle.v),
    quoteVolume: null,
    trades: integerOf(candle.n),
    isClosed,
  };
}
