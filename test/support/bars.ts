import { BAR_FIELDS, type BarRows } from '../../src/features/bar-rows.ts';
import type { NaiveBar } from './naive-candles.ts';

/** Rows in the form of the naive recomputation. */
export function barsOf(rows: BarRows, count = rows.length): NaiveBar[] {
  return Array.from({ length: count }, (_, i) => barOf(rows.data, i * BAR_FIELDS));
}

export function barOf(data: Float64Array, at: number): NaiveBar {
  const [openSeconds, open, high, low, close, lots, tickLots, trades] = data.subarray(at, at + 8);
  return { openSeconds, open, high, low, close, lots, tickLots, trades };
}
