import { CANDLE_INTERVALS, type CandleInterval, INTERVAL_SECONDS } from '../../domain/candles.ts';
import type { BarRows } from '../../features/bar-rows.ts';
import type { BarRange } from '../../features/fill-bars.ts';
import type { CandleSeries } from '../../gateway/candle-series.ts';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';

const DAY_SECONDS = 86_400;

/** The covered markets never close, so their days are all equally long. */
export function lengthOf(interval: CandleInterval): number {
  return INTERVAL_SECONDS[CANDLE_INTERVALS.indexOf(interval)] || DAY_SECONDS;
}

/** What a query asks for, milliseconds since the Unix epoch. */
export interface CandleQuery {
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly limit: number;
}

/** The range is the wrong way round, or `undefined`. */
export function rangeRefusal({ startMs, endMs }: CandleQuery): Refusal | undefined {
  if (startMs === undefined || endMs === undefined || startMs <= endMs) return undefined;
  return invalidParameter('start_time', startMs, 'the start is after the end');
}

/**
 * As the exchanges answer: from a start on the first candles that begin then or later, without a start
 * the newest ones; oldest first in both. REUSED: valid until the next reading of any series.
 */
export function readCandles(series: CandleSeries, query: CandleQuery): BarRows {
  const { startMs, endMs, limit } = query;
  const nowSeconds = series.nowSeconds();
  const fromSeconds = Math.ceil((startMs ?? 0) / 1000);
  const toSeconds = Math.min(nowSeconds, Math.floor((endMs ?? nowSeconds * 1000) / 1000));
  if (startMs === undefined) return series.read({ fromSeconds, toSeconds, limit });
  const span = limit * lengthOf(CANDLE_INTERVALS[series.interval]);
  const cut = (from: number): BarRange => {
    return { fromSeconds: from, toSeconds: Math.min(toSeconds, from + span - 1), limit };
  };
  const first = cut(fromSeconds);
  const rows = series.read(first);
  if (rows.length > 0 || first.toSeconds === toSeconds) return rows;
  const beginSeconds = firstBegin(series, first.toSeconds, toSeconds);
  return series.read(cut(beginSeconds));
}

/** When the first candle between two times begins, or just after them; candles have no gaps. */
function firstBegin(series: CandleSeries, fromSeconds: number, toSeconds: number): number {
  let none = fromSeconds;
  let some = toSeconds + 1;
  while (some - none > 1) {
    const middle = Math.floor((none + some) / 2);
    const rows = series.read({ fromSeconds, toSeconds: middle, limit: 1 });
    if (rows.length > 0) some = rows.secondsAt(0);
    else none = middle;
  }
  return some;
}
