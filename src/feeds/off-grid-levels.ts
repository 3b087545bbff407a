/**
 * Levels of one side that our grid cannot carry. Exchanges widen their ticks while old orders stay
 * where they are, mostly far from the market: the book is right without them as long as none of them
 * is the best.
 */
export class OffGridLevels {
  /** By price as the exchange wrote it: where that is, in our ticks, near enough to compare. */
  private readonly places = new Map<string, number>();
  private readonly sign: 1 | -1;

  constructor(side: 'bid' | 'ask') {
    this.sign = side === 'bid' ? 1 : -1;
  }

  get size(): number {
    return this.places.size;
  }

  clear(): void {
    this.places.clear();
  }

  set(price: string, nearTicks: number, isGone: boolean): void {
    if (isGone) this.places.delete(price);
    else this.places.set(price, nearTicks);
  }

  /** True when one of them is as good as a best level of the book, or better. */
  reaches(bestTicks: number, isEmpty: boolean): boolean {
    for (const nearTicks of this.places.values()) {
      if (isEmpty || this.sign * nearTicks >= this.sign * bestTicks) return true;
    }
    return false;
  }
}
