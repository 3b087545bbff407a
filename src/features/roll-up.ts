import type { BarCalendar } from '../domain/candles.ts';
import { BAR_FIELDS, type BarRows, mergeBar } from './bar-rows.ts';
import { periodOf } from './periods.ts';

/**
 * Adds shorter bars with trades up to those of a longer interval, and appends these. The last one is
 * of a period that may go on.
 */
export function rollUp(
  calendar: BarCalendar,
  interval: number,
  shorter: BarRows,
  into: BarRows,
): void {
  let end = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < shorter.length; i += 1) {
    const seconds = shorter.secondsAt(i);
    if (seconds < end) {
      mergeBar(into.data, (into.length - 1) * BAR_FIELDS, shorter.data, i * BAR_FIELDS);
      continue;
    }
    const period = periodOf(calendar, interval, seconds);
    end = period.endSeconds;
    into.push(shorter.data, i * BAR_FIELDS);
    into.data[(into.length - 1) * BAR_FIELDS] = period.startSeconds;
  }
}
