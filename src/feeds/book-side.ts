/** Levels beyond this many, the worst ones, are forgotten: nobody looks at them. */
export const SIDE_LEVELS_MAX = 20_000;

/**
 * One side of a followed book. Levels lie sorted in two arrays with the best at the end, where most
 * changes are: a change there moves little memory.
 */
export class BookSide {
  /** Ticks of bids, minus ticks of asks: rising towards the best on both sides. */
  private keys: number[] = [];
  private lots: number[] = [];
  private readonly sign: 1 | -1;

  constructor(side: 'bid' | 'ask') {
    this.sign = side === 'bid' ? 1 : -1;
  }

  get size(): number {
    return this.keys.length;
  }

  /** 0 when there is none. */
  get bestTicks(): number {
    return this.keys.length === 0 ? 0 : this.sign * this.keys[this.keys.length - 1];
  }

  get bestLots(): number {
    return this.keys.length === 0 ? 0 : this.lots[this.lots.length - 1];
  }

  clear(): void {
    this.keys = [];
    this.lots = [];
  }

  /** Lots at a price; 0: there is no such level. */
  at(ticks: number): number {
    const key = this.sign * ticks;
    const place = this.placeOf(key);
    return this.keys[place] === key ? this.lots[place] : 0;
  }

  /** @param lots 0 removes the level */
  set(ticks: number, lots: number): void {
    const key = this.sign * ticks;
    const place = this.placeOf(key);
    if (this.keys[place] === key) {
      if (lots > 0) this.lots[place] = lots;
      else this.remove(place);
      return;
    }
    if (lots === 0) return;
    this.keys.splice(place, 0, key);
    this.lots.splice(place, 0, lots);
    if (this.keys.length > SIDE_LEVELS_MAX) this.remove(0);
  }

  /** `[ticks, lots, …]`, the best first. */
  levels(countMax = Number.POSITIVE_INFINITY): number[] {
    const flat: number[] = [];
    const end = Math.max(0, this.keys.length - countMax);
    for (let i = this.keys.length - 1; i >= end; i -= 1) {
      flat.push(this.sign * this.keys[i], this.lots[i]);
    }
    return flat;
  }

  private remove(place: number): void {
    this.keys.splice(place, 1);
    this.lots.splice(place, 1);
  }

  /** The first place whose key is not below. */
  private placeOf(key: number): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
