/** Something that must be looked at when a price is reached. */
export interface Watched {
  /** Entries of former versions count for nothing. */
  version: number;
}

interface Entry<T> {
  readonly ticks: number;
  readonly watched: T;
  readonly version: number;
}

/** Entries that were superseded are thrown out when there are more than so many for each live one. */
const STALE_SHARE = 3;
const STALE_MIN = 64;

/** Binary heap by price: of those that watch for falling prices the highest first, else the lowest. */
export class PriceHeap<T extends Watched> {
  private entries: Entry<T>[] = [];
  private live = 0;
  private readonly direction: number;

  /** @param falling whether entries are due when the price falls to theirs, or when it rises */
  constructor(falling: boolean) {
    this.direction = falling ? -1 : 1;
  }

  /** Entries, superseded ones included. */
  get size(): number {
    return this.entries.length;
  }

  add(ticks: number, watched: T): void {
    if (this.entries.length > STALE_MIN && this.entries.length > this.live * STALE_SHARE) {
      this.sweep();
    }
    this.live += 1;
    this.entries.push({ ticks, watched, version: watched.version });
    this.up(this.entries.length - 1);
  }

  /** Takes out the next one whose price is reached; `undefined` when there is none (left). */
  take(priceTicks: number): T | undefined {
    for (;;) {
      const first = this.entries[0];
      if (first === undefined || (first.ticks - priceTicks) * this.direction > 0) return undefined;
      this.pop();
      if (first.version === first.watched.version) return first.watched;
    }
  }

  private sweep(): void {
    const kept = this.entries.filter(({ version, watched }) => version === watched.version);
    kept.sort((a, b) => (a.ticks - b.ticks) * this.direction);
    this.entries = kept;
    this.live = kept.length;
  }

  private pop(): void {
    const { entries } = this;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    entries[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let next = at;
      if (left < entries.length && this.isBefore(left, next)) next = left;
      if (right < entries.length && this.isBefore(right, next)) next = right;
      if (next === at) return;
      this.swap(at, next);
      at = next;
    }
  }

  private up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!this.isBefore(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private isBefore(a: number, b: number): boolean {
    return (this.entries[a].ticks - this.entries[b].ticks) * this.direction < 0;
  }

  private swap(a: number, b: number): void {
    const { entries } = this;
    const one = entries[a];
    entries[a] = entries[b];
    entries[b] = one;
  }
}
