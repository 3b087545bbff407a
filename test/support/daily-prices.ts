import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PriceSeries } from '../../src/risk/price-series.ts';

const DAY_MS = 86_400_000;

/**
 * Daily prices as recorded files have them: CSV, gzipped, a date in one column and prices in others.
 * @returns by the name of the column
 */
export function readDailyPrices(path: string, dateColumn = 0): Map<string, PriceSeries> {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split(/\r?\n/);
  const names = lines[0].split(',');
  const days: number[][] = names.map(() => []);
  const closes: number[][] = names.map(() => []);
  for (const line of lines.slice(1)) {
    const cells = line.split(',');
    const day = Date.parse(cells[dateColumn].slice(0, 10)) / DAY_MS;
    for (const [i, cell] of cells.entries()) {
      if (i === dateColumn || cell === '') continue;
      days[i].push(day);
      closes[i].push(Number(cell));
    }
  }
  return new Map(
    names.map((name, i) => [
      name,
      { days: Int32Array.from(days[i]), closes: Float64Array.from(closes[i]) },
    ]),
  );
}

/** A series as it was known on a date. */
export function until(series: PriceSeries, date: string): PriceSeries {
  const last = Date.parse(date) / DAY_MS;
  const count = series.days.findLastIndex((day) => day <= last) + 1;
  return { days: series.days.subarray(0, count), closes: series.closes.subarray(0, count) };
}
