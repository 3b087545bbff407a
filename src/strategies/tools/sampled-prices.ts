const SECONDS_PER_YEAR = 365 * 86_400;

/** Prices at even distances in time, the newest so many of them. */
export class SampledPrices {
  private readonly values: Float64Array;
  private count = 0;
  private nextMs = 0;
  private readonly everyMs: number;

  /** @param capacity samples kept */
  constructor(capacity: number, everyMs: number) {
    this.values = new Float64Array(capacity);
    this.everyMs = everyMs;
  }

  /** Takes the price if its time has come; 0, which is no price, waits for the next one. */
  offer(nowMs: number, price: number): boolean {
    if (nowMs < this.nextMs || price <= 0) return false;
    // After a gap the samples go on from now: none is made up for the time without prices.
    this.nextMs =
      nowMs < this.nextMs + this.everyMs ? this.nextMs + this.everyMs : nowMs + this.everyMs;
    this.values[this.count % this.values.length] = price;
    this.count += 1;
    return true;
  }

  get length(): number {
    return Math.min(this.count, this.values.length);
  }

  /** Mean of the newest `n` samples. */
  mean(n: number): number {
    let sum = 0;
    for (let i = 1; i <= n; i += 1) sum += this.at(i);
    return sum / n;
  }

  /** Standard deviation of the newest `n` samples around their mean. */
  deviation(n: number): number {
    const mean = this.mean(n);
    let sum = 0;
    for (let i = 1; i <= n; i += 1) sum += (this.at(i) - mean) ** 2;
    return Math.sqrt(sum / n);
  }

  /** Annualised standard deviation of the logarithmic returns between the newest `n` samples. */
  annualVolatility(n: number): number {
    let sum = 0;
    for (let i = 1; i < n; i += 1) sum += Math.log(this.at(i) / this.at(i + 1)) ** 2;
    const perSample = Math.sqrt(sum / Math.max(1, n - 1));
    return perSample * Math.sqrt((SECONDS_PER_YEAR * 1000) / this.everyMs);
  }

  /** The `age`-th newest sample, 1 for the newest. */
  private at(age: number): number {
    return this.values[(this.count - age) % this.values.length];
  }
}
