import { assert } from '../lib/assert.ts';

/** Pieces the whole index is made of: one is forgotten at a time. */
const SEGMENTS = 16;
const MIN_SEGMENT_IDS = 1024;

/** Finds an order whose fingerprint fits; says whether it is the one that was asked for. */
export type IsIt = (orderId: number) => boolean;

/**
 * Which order a portfolio's client order id stands for: a hash index in memory, because ids chosen
 * by clients are random keys, and a random write per order is what the journal cannot afford.
 *
 * An entry is twelve bytes (fingerprint u32, order id f64) in a table half empty: the ids
 * themselves stay in the orders table, where a hit is checked. Entries come in order of order ids
 * into segments; past the bound the oldest segment is forgotten whole, so nothing is ever rehashed
 * and no order waits for that. Memory: 24 bytes per id, touched only as it fills.
 */
export class ClientOrderIndex {
  readonly capacityIds: number;
  private readonly segmentIds: number;
  private readonly seed: number;
  /** Oldest first. */
  private readonly segments: Segment[] = [];

  /**
   * @param capacityIds ids remembered at most, rounded up; at least 15 of every 16 of them are
   * @param seed makes collisions unpredictable for those who choose the ids
   */
  constructor(capacityIds: number, seed: number) {
    const wanted = Math.max(MIN_SEGMENT_IDS, Math.ceil(capacityIds / SEGMENTS));
    this.segmentIds = 2 ** Math.ceil(Math.log2(wanted));
    this.capacityIds = this.segmentIds * SEGMENTS;
    this.seed = seed | 0;
  }

  get size(): number {
    return this.segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** The newest order that fits and that `isIt` confirms; 0 when there is none. */
  find(portfolioId: number, clientOrderId: string, isIt: IsIt): number {
    const hash = this.hash(portfolioId, clientOrderId);
    for (let i = this.segments.length - 1; i >= 0; i -= 1) {
      const orderId = this.segments[i].find(hash, isIt);
      if (orderId !== 0) return orderId;
    }
    return 0;
  }

  /** Remembers an order newer than all others; forgets the oldest when there are too many. */
  add(portfolioId: number, clientOrderId: string, orderId: number): void {
    let newest = this.segments.at(-1);
    if (newest === undefined || newest.size === this.segmentIds) {
      if (this.segments.length === SEGMENTS) this.segments.shift();
      newest = new Segment(this.segmentIds);
      this.segments.push(newest);
    }
    newest.add(this.hash(portfolioId, clientOrderId), orderId);
  }

  /**
   * Remembers an order older than all others; for filling the index backwards at start.
   * @returns false when there is no room and nothing older needs to be offered
   */
  addOlder(portfolioId: number, clientOrderId: string, orderId: number): boolean {
    let oldest = this.segments[0];
    if (oldest === undefined || oldest.size === this.segmentIds) {
      if (this.segments.length === SEGMENTS) return false;
      oldest = new Segment(this.segmentIds);
      this.segments.unshift(oldest);
    }
    oldest.add(this.hash(portfolioId, clientOrderId), orderId);
    return true;
  }

  /** FNV-1a over portfolio and id with a final mix; 32 bits, never 0. */
  private hash(portfolioId: number, clientOrderId: string): number {
    let hash = this.seed ^ Math.imul(portfolioId, 0x9e37_79b1);
    for (let i = 0; i < clientOrderId.length; i += 1) {
      hash = Math.imul(hash ^ clientOrderId.charCodeAt(i), 0x0100_0193);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return (hash ^ (hash >>> 16)) >>> 0 || 1;
  }
}

/** An open-addressed table with linear probing, never more than half full, nothing ever removed. */
class Segment {
  size = 0;
  private readonly mask: number;
  /** 0 marks an empty place. */
  private readonly fingerprints: Uint32Array;
  private readonly orderIds: Float64Array;

  constructor(ids: number) {
    this.mask = 2 * ids - 1;
    this.fingerprints = new Uint32Array(2 * ids);
    this.orderIds = new Float64Array(2 * ids);
  }

  find(hash: number, isIt: IsIt): number {
    const { mask, fingerprints, orderIds } = this;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const fingerprint = fingerprints[at];
      if (fingerprint === 0) return 0;
      if (fingerprint === hash && isIt(orderIds[at])) return orderIds[at];
    }
  }

  add(hash: number, orderId: number): void {
    assert(orderId > 0 && 2 * this.size <= this.mask, 'a segment takes its number of orders');
    let at = hash & this.mask;
    while (this.fingerprints[at] !== 0) at = (at + 1) & this.mask;
    this.fingerprints[at] = hash;
    this.orderIds[at] = orderId;
    this.size += 1;
  }
}
