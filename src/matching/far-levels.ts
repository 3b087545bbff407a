import { NONE as NO_LEVEL } from './layout.ts';

const NONE = NO_LEVEL;

/**
 * Levels too far behind the best price for the ladder's window: two parallel arrays, worst first,
 * so that the best of them is the last. Such levels are few and seldom touched; inserting moves
 * what lies behind, 12 bytes a level.
 */
export class FarLevels {
  private keys = new Float64Array(16);
  private levels = new Int32Array(16);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The level with this key, or `NONE`. */
  find(key: number): number {
    const at = this.search(key);
    return at < this.count && this.keys[at] === key ? this.levels[at] : NONE;
  }

  /** The best level with a key below this one, or `NONE`. */
  below(key: number): number {
    const at = this.search(key);
    return at === 0 ? NONE : this.levels[at - 1];
  }

  insert(key: number, level: number): void {
    if (this.count === this.keys.length) this.grow();
    const at = this.search(key);
    if (at < this.count) {
      this.keys.copyWithin(at + 1, at, this.count);
      this.levels.copyWithin(at + 1, at, this.count);
    }
    this.keys[at] = key;
    this.levels[at] = level;
    this.count += 1;
  }

  /** Adds a level that is better than all others, but see `reverseLast`. */
  append(key: number, level: number): void {
    if (this.count === this.keys.length) this.grow();
    this.keys[this.count] = key;
    this.levels[this.count] = level;
    this.count += 1;
  }

  /** Sorts what was appended best first: turns the levels from this number on around. */
  reverseLast(from: number): void {
    this.keys.subarray(from, this.count).reverse();
    this.levels.subarray(from, this.count).reverse();
  }

  remove(key: number): void {
    const at = this.search(key);
    this.keys.copyWithin(at, at + 1, this.count);
    this.levels.copyWithin(at, at + 1, this.count);
    this.count -= 1;
  }

  /** Key of the best level; there must be one. */
  bestKey(): number {
    return this.keys[this.count - 1];
  }

  /** Removes the best level and returns it; there must be one. */
  takeBest(): number {
    this.count -= 1;
    return this.levels[this.count];
  }

  /** Index of the first level with this key or a better one. */
  private search(key: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const keys = new Float64Array(this.keys.length * 2);
    const levels = new Int32Array(keys.length);
    keys.set(this.keys);
    levels.set(this.levels);
    this.keys = keys;
    this.levels = levels;
  }
}
