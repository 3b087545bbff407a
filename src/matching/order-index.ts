import * as L from './layout.ts';
import type { OrderPool } from './order-pool.ts';

const { F_ID, I_CHAIN } = L.HOT;
const NONE = L.NONE;

/** 2^32 divided by the golden ratio: spreads evenly spaced numbers (Knuth, TAOCP 6.4). */
const GOLDEN = 0x9e3779b1 | 0;

/**
 * Ids that differ only in their lowest bits share a block of neighbouring buckets, one cache line:
 * orders arrive with rising ids, so their buckets are in the cache already.
 */
const BLOCK_BITS = 4;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;

const FIRST_BUCKET_BITS = 13;

/**
 * The bucket an id belongs into.
 * @param blockShift see `OrderIndex.blockShift`
 */
export function bucketOf(orderId: number, blockShift: number): number {
  const low = orderId | 0;
  const block = Math.imul(low >>> BLOCK_BITS, GOLDEN) >>> blockShift;
  return (block << BLOCK_BITS) | (low & BLOCK_MASK);
}

/**
 * Order id → slot. A hash of bucket heads; orders of one bucket are chained through their records,
 * which a lookup reads anyhow. Against open addressing the table needs no keys (4 bytes a bucket),
 * removal shifts nothing, and long-lived orders cannot grow clusters.
 */
export class OrderIndex {
  private readonly pool: OrderPool;
  /** First slot of each bucket, or `NONE`. At least twice as many buckets as orders. */
  heads: Int32Array;
  /** Right shift that makes a block number of a hash. */
  blockShift: number;
  /** Orders in the index. */
  count = 0;
  /** Highest id ever added. */
  readonly newest = new Float64Array(1);

  constructor(pool: OrderPool) {
    this.pool = pool;
    this.heads = new Int32Array(1 << FIRST_BUCKET_BITS).fill(NONE);
    this.blockShift = 32 - FIRST_BUCKET_BITS + BLOCK_BITS;
  }

  get size(): number {
    return this.count;
  }

  /** The slot of the order with this id, or `NONE`. */
  find(orderId: number): number {
    const { hot64, hot32 } = this.pool;
    let slot = this.heads[bucketOf(orderId, this.blockShift)];
    while (slot !== NONE && hot64[(slot << 2) + F_ID] !== orderId) {
      slot = hot32[(slot << 3) + I_CHAIN];
    }
    return slot;
  }

  /** The same for an id that is likely new: ids rise, so one above all others needs no look-up. */
  has(orderId: number): boolean {
    return orderId <= this.newest[0] && this.find(orderId) !== NONE;
  }

  /** Adds the order in this slot; its id must not be in the index. */
  add(slot: number): void {
    if (this.count === this.heads.length >>> 1) this.grow();
    this.count = (this.count + 1) | 0;
    const { heads, newest } = this;
    const { hot64, hot32 } = this.pool;
    const orderId = hot64[(slot << 2) + F_ID];
    if (orderId > newest[0]) newest[0] = orderId;
    const bucket = bucketOf(orderId, this.blockShift);
    hot32[(slot << 3) + I_CHAIN] = heads[bucket];
    heads[bucket] = slot;
  }

  /** Removes the order in this slot, which must be in the index. */
  remove(slot: number): void {
    this.count = (this.count - 1) | 0;
    const { heads } = this;
    const { hot64, hot32 } = this.pool;
    const bucket = bucketOf(hot64[(slot << 2) + F_ID], this.blockShift);
    const after = hot32[(slot << 3) + I_CHAIN];
    let before = heads[bucket];
    if (before === slot) {
      heads[bucket] = after;
      return;
    }
    while (hot32[(before << 3) + I_CHAIN] !== slot) before = hot32[(before << 3) + I_CHAIN];
    hot32[(before << 3) + I_CHAIN] = after;
  }

  private grow(): void {
    const old = this.heads;
    const { hot32 } = this.pool;
    this.heads = new Int32Array(old.length * 2).fill(NONE);
    this.blockShift -= 1;
    this.count = 0;
    for (let bucket = 0; bucket < old.length; bucket += 1) {
      let slot = old[bucket];
      while (slot !== NONE) {
        const after = hot32[(slot << 3) + I_CHAIN];
        this.add(slot);
        slot = after;
      }
    }
  }
}
