import { CHANGES_MIN } from './period-figures.ts';

const MINUTES_PER_DAY = 1440;
const TAIL = 0.05;

export interface InventoryRisk {
  /** Loss of one day that 95 % of days stay below, in the positions' currency; NaN: unknown. */
  readonly valueAtRisk: number;
  /** Mean of the losses beyond it. */
  readonly expectedShortfall: number;
}

/**
 * What the positions would have gained and lost minute by minute in the last day, scaled to a day by
 * the square root of time: historical simulation with today's inventory.
 * @param positions worth of each position, signed
 * @param returns of each market, by minute; equally many of each
 */
export function inventoryRisk(
  positions: readonly number[],
  returns: readonly (readonly number[])[],
): InventoryRisk {
  const count = Math.min(...returns.map(({ length }) => length));
  if (returns.length === 0 || count < CHANGES_MIN) {
    return { valueAtRisk: Number.NaN, expectedShortfall: Number.NaN };
  }
  const losses = Array.from(
    { length: count },
    (_, i) => -positions.reduce((sum, worth, m) => sum + worth * returns[m][i], 0),
  ).toSorted((a, b) => b - a);
  const tail = losses.slice(0, Math.max(1, Math.floor(count * TAIL)));
  const scale = Math.sqrt(MINUTES_PER_DAY);
  const mean = tail.reduce((sum, loss) => sum + loss, 0) / tail.length;
  return {
    valueAtRisk: Math.max(0, tail[tail.length - 1]) * scale,
    expectedShortfall: Math.max(0, mean) * scale,
  };
}

/** Pearson's; NaN with too few values, or where one does not move. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const count = Math.min(a.length, b.length);
  if (count < CHANGES_MIN) return Number.NaN;
  const meanA = a.slice(0, count).reduce((sum, x) => sum + x, 0) / count;
  const meanB = b.slice(0, count).reduce((sum, x) => sum + x, 0) / count;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < count; i += 1) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb);
}

/**
 * Returns from minute to minute of several series of closes; a minute that one series lacks has its
 * last close.
 * @param closes by minute, of each market
 */
export function alignedReturns(closes: readonly ReadonlyMap<number, number>[]): number[][] {
  const minutes = [...new Set(closes.flatMap((series) => [...series.keys()]))].toSorted(
    (a, b) => a - b,
  );
  const last = closes.map(() => 0);
  const returns: number[][] = closes.map(() => []);
  for (const minute of minutes) {
    const now = closes.map((series, m) => series.get(minute) ?? last[m]);
    const isWhole = last.every((price) => price > 0);
    for (const [m, price] of now.entries()) {
      if (isWhole) returns[m].push(price / last[m] - 1);
      last[m] = price;
    }
  }
  return returns;
}
