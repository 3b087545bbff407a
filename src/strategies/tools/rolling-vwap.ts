/** Average price of the trades of the newest so many buckets of time, weighted by quantity. */
export class RollingVwap {
  private readonly lots: Float64Array;
  private readonly weighted: Float64Array;
  private readonly bucketMs: number;
  /** Number of the newest bucket since the Unix epoch. */
  private newest = 0;

  constructor(buckets: number, bucketMs: number) {
    this.lots = new Float64Array(buckets);
    this.weighted = new Float64Array(buckets);
    this.bucketMs = bucketMs;
  }

  add(atMs: number, priceTicks: number, qtyLots: number): void {
    this.pass(atMs);
    const slot = this.newest % this.lots.length;
    this.lots[slot] += qtyLots;
    this.weighted[slot] += priceTicks * qtyLots;
  }

  /** 0 when nothing has traded in the window. */
  priceTicks(nowMs: number): number {
    this.pass(nowMs);
    let lots = 0;
    let weighted = 0;
    for (let i = 0; i < this.lots.length; i += 1) {
      lots += this.lots[i];
      weighted += this.weighted[i];
    }
    return lots === 0 ? 0 : weighted / lots;
  }

  /** Empties the buckets that time has passed over. */
  private pass(atMs: number): void {
    const bucket = Math.floor(atMs / this.bucketMs);
    if (bucket <= this.newest) return;
    const passed = Math.min(bucket - this.newest, this.lots.length);
    for (let i = 0; i < passed; i += 1) {
      const slot = (bucket - i) % this.lots.length;
      this.lots[slot] = 0;
      this.weighted[slot] = 0;
    }
    this.newest = bucket;
  }
}
