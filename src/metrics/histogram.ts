/** Counts of observations by upper bound: what a Prometheus histogram is made of. */
export class Histogram {
  /** Upper bounds, rising, without +Inf. */
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulated; the last one is above every bound. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket += 1;
    counts[bucket] += 1;
    this.sum += value;
    this.count += 1;
  }
}

/**
 * The value that a share of the observations does not exceed, evenly spread within its bucket; the
 * greatest bound where it is above all of them, NaN without observations.
 * @param counts not cumulated, one more than bounds
 */
export function percentileOf(
  bounds: readonly number[],
  counts: ArrayLike<number>,
  share: number,
): number {
  let total = 0;
  for (let i = 0; i < counts.length; i += 1) total += counts[i];
  if (total === 0) return Number.NaN;
  const wanted = total * share;
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    const inside = counts[i];
    if (inside > 0 && below + inside >= wanted) {
      const low = i === 0 ? 0 : bounds[i - 1];
      return low + ((bound - low) * (wanted - below)) / inside;
    }
    below += inside;
  }
  return bounds[bounds.length - 1];
}
