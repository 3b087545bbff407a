import { type BarCalendar, INTERVAL_SECONDS } from '../domain/candles.ts';
import { BAR_CLOSE, BAR_FIELDS, type BarRows, writeEmpty } from './bar-rows.ts';
import { periodOf, periodStart, tradesWithin } from './periods.ts';

export interface BarRange {
  /** Only bars that begin at this time or later. */
  readonly fromSeconds: number;
  /** Only bars that begin at this time or before. */
  readonly toSeconds: number;
  /** The newest so many of them. */
  readonly limit: number;
}

/**
 * Puts the bars of a range together, oldest first: those with trades as they are, and in between and
 * after them an empty bar for every period in which the calendar has trading. Before the first bar
 * with trades there is nothing.
 * @param rows bars with trades; the newest `limit` + 1 that begin in the range or before suffice
 * @param count of rows that are to be looked at
 * @param into what was in it is forgotten
 */
export function fillBars(
  calendar: BarCalendar,
  interval: number,
  rows: BarRows,
  count: number,
  { fromSeconds, toSeconds, limit }: BarRange,
  into: BarRows,
): void {
  into.length = 0;
  into.reserve(limit);
  const length = INTERVAL_SECONDS[interval];
  let row = rows.indexAtOrBefore(toSeconds, count);
  if (row < 0) return;
  // From the newest back: only so is it known where `limit` bars begin.
  let free = limit;
  let start = periodStart(calendar, interval, toSeconds);
  while (free > 0 && start >= fromSeconds) {
    const rowSeconds = rows.secondsAt(row);
    if (rowSeconds >= start) {
      if (rowSeconds < fromSeconds) break;
      free -= 1;
      into.copyRow(free, rows, row);
      row -= 1;
      if (row < 0) break;
      start = periodStart(calendar, interval, rowSeconds - 1);
      continue;
    }
    const end = length > 0 ? start + length : periodOf(calendar, interval, start).endSeconds;
    if (tradesWithin(calendar, start, end)) {
      free -= 1;
      const close = rows.data[row * BAR_FIELDS + BAR_CLOSE];
      writeEmpty(into.data, free * BAR_FIELDS, start, close);
      start = periodStart(calendar, interval, start - 1);
      continue;
    }
    const closedSince = calendar.spell(start).startSeconds;
    const before = closedSince > rowSeconds ? periodStart(calendar, interval, closedSince - 1) : 0;
    start = Math.max(rowSeconds, before);
  }
  into.keepFrom(free, limit);
}
