import { assert } from '../lib/assert.ts';
import * as L from './layout.ts';

const { EXTRA, EXTRA_BYTES, EXTRA_F, EXTRA_I, NONE } = L;

const FIRST_CAPACITY = 64;

/**
 * The extra records, of the orders that need one; see layout.ts. Memory grows by doubling, freed
 * records are used again.
 */
export class ExtraPool {
  /** REUSED: both are replaced when the pool grows; read them anew after `take`. */
  f64: Float64Array;
  i32: Int32Array;
  private capacity: number;
  private readonly maxRecords: number;
  private untouched = 0;
  /** Head of the list of freed records, linked through `I_NEXT_CHILD`. */
  private firstFree: number = NONE;

  constructor(maxRecords: number) {
    this.maxRecords = maxRecords;
    this.capacity = Math.min(FIRST_CAPACITY, maxRecords);
    const buffer = new ArrayBuffer(this.capacity * EXTRA_BYTES);
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  /** A record that says nothing: no terms, no links, in no list. */
  take(): number {
    let extra = this.firstFree;
    if (extra !== NONE) {
      this.firstFree = this.i32[extra * EXTRA_I + EXTRA.I_NEXT_CHILD];
    } else {
      if (this.untouched === this.capacity) this.grow();
      extra = this.untouched;
      this.untouched += 1;
    }
    const { f64, i32 } = this;
    const at = extra * EXTRA_I;
    f64.fill(0, extra * EXTRA_F, (extra + 1) * EXTRA_F);
    i32[at + EXTRA.I_HEAP] = NONE;
    i32[at + EXTRA.I_PLACE] = L.ARRIVING;
    i32[at + EXTRA.I_PARTNER] = NONE;
    i32[at + EXTRA.I_PARENT] = NONE;
    i32[at + EXTRA.I_FIRST_CHILD] = NONE;
    return extra;
  }

  free(extra: number): void {
    this.i32[extra * EXTRA_I + EXTRA.I_NEXT_CHILD] = this.firstFree;
    this.firstFree = extra;
  }

  /** @param field EXTRA.F_… */
  double(extra: number, field: number): number {
    return this.f64[extra * EXTRA_F + field];
  }

  setDouble(extra: number, field: number, value: number): void {
    this.f64[extra * EXTRA_F + field] = value;
  }

  /** @param field EXTRA.I_… */
  int(extra: number, field: number): number {
    return this.i32[extra * EXTRA_I + field];
  }

  setInt(extra: number, field: number, value: number): void {
    this.i32[extra * EXTRA_I + field] = value;
  }

  private grow(): void {
    assert(this.capacity < this.maxRecords, 'extra pool is used beyond its size');
    this.capacity = Math.min(this.capacity * 2, this.maxRecords);
    const buffer = new ArrayBuffer(this.capacity * EXTRA_BYTES);
    const { i32 } = this;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i32.set(i32);
  }
}
