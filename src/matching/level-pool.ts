import { assert } from '../lib/assert.ts';
import * as L from './layout.ts';

const { F_QTY, F_PRICE, I_FIRST, I_LAST, I_ORDERS, I_SIDE } = L.LEVEL;
const NONE = L.NONE;

const FIRST_CAPACITY = 1024;

/**
 * The price levels' records, of both sides. Only prices that have orders have a record, so a book's
 * levels stay together in memory however far apart its prices lie.
 */
export class LevelPool {
  /** See layout.ts. REUSED: both are replaced when the pool grows; read them anew after `take`. */
  f64: Float64Array;
  i32: Int32Array;
  /** Levels there are records for. */
  capacity: number;
  private readonly maxLevels: number;
  /** Levels from here on were never used. */
  untouched = 0;
  /** Head of the list of freed levels, linked through `I_FIRST`. */
  firstFree: number = NONE;
  /** Levels taken and not given back. */
  used = 0;

  constructor(maxLevels: number) {
    assert(maxLevels > 0 && maxLevels <= 1 << 24, 'level pool size is out of range');
    this.maxLevels = maxLevels;
    this.capacity = Math.min(FIRST_CAPACITY, maxLevels);
    const buffer = new ArrayBuffer(this.capacity * L.LEVEL_BYTES);
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  get full(): boolean {
    return this.used === this.maxLevels;
  }

  /** An empty level. */
  take(side: number, priceTicks: number): number {
    let level = this.firstFree;
    if (level !== NONE) {
      this.firstFree = this.i32[(level << 3) + I_FIRST];
    } else {
      if (this.untouched === this.capacity) this.grow();
      level = this.untouched;
      this.untouched = (this.untouched + 1) | 0;
    }
    this.used = (this.used + 1) | 0;
    const { f64, i32 } = this;
    f64[(level << 2) + F_QTY] = 0;
    f64[(level << 2) + F_PRICE] = priceTicks;
    i32[(level << 3) + I_FIRST] = NONE;
    i32[(level << 3) + I_LAST] = NONE;
    i32[(level << 3) + I_ORDERS] = 0;
    i32[(level << 3) + I_SIDE] = side;
    return level;
  }

  free(level: number): void {
    this.i32[(level << 3) + I_FIRST] = this.firstFree;
    this.firstFree = level;
    this.used = (this.used - 1) | 0;
  }

  qty(level: number): number {
    return this.f64[(level << 2) + F_QTY];
  }

  price(level: number): number {
    return this.f64[(level << 2) + F_PRICE];
  }

  side(level: number): number {
    return this.i32[(level << 3) + I_SIDE];
  }

  first(level: number): number {
    return this.i32[(level << 3) + I_FIRST];
  }

  orders(level: number): number {
    return this.i32[(level << 3) + I_ORDERS];
  }

  private grow(): void {
    assert(this.capacity < this.maxLevels, 'level pool is used beyond its size');
    this.capacity = Math.min(this.capacity * 2, this.maxLevels);
    const buffer = new ArrayBuffer(this.capacity * L.LEVEL_BYTES);
    const { i32 } = this;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i32.set(i32);
  }
}
