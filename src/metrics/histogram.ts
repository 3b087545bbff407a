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
