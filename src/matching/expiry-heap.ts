import type { ExtraPool } from './extra-pool.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import type { OrderPool } from './order-pool.ts';

const NONE = NO_ORDER;

/**
 * Orders by the time at which they expire, then by id: a binary heap of slots. Each order's extra
 * record says where in the heap it is, so that it can be taken out from anywhere.
 */
export class ExpiryHeap {
  /** Whole seconds of the next expiry; Infinity when nothing expires. Nanoseconds count as well. */
  nextSeconds = Number.POSITIVE_INFINITY;
  private heap = new Int32Array(64);
  private count = 0;
  private readonly orders: OrderPool;
  private readonly extras: ExtraPool;

  constructor(orders: OrderPool, extras: ExtraPool) {
    this.orders = orders;
    this.extras = extras;
  }

  /** The order that expires next if its expiry is not after this time, else `NONE`. */
  due(seconds: number, nanos: number): number {
    if (this.nextSeconds > seconds) return NONE;
    const slot = this.heap[0];
    if (this.nextSeconds < seconds) return slot;
    return this.extras.int(this.orders.extra(slot), EXTRA.I_EXPIRE_NANOS) <= nanos ? slot : NONE;
  }

  insert(slot: number): void {
    if (this.count === this.heap.length) {
      const { heap } = this;
      this.heap = new Int32Array(heap.length * 2);
      this.heap.set(heap);
    }
    this.count += 1;
    this.rise(this.count - 1, slot);
    this.noteNext();
  }

  remove(slot: number): void {
    const { extras, orders, heap } = this;
    const at = extras.int(orders.extra(slot), EXTRA.I_HEAP);
    extras.setInt(orders.extra(slot), EXTRA.I_HEAP, NONE);
    this.count -= 1;
    const moved = heap[this.count];
    if (moved !== slot) {
      if (at > 0 && this.isBefore(moved, heap[(at - 1) >>> 1])) this.rise(at, moved);
      else this.sink(at, moved);
    }
    this.noteNext();
  }

  private noteNext(): void {
    const { count, orders, heap } = this;
    this.nextSeconds = count === 0 ? Number.POSITIVE_INFINITY : this.seconds(orders.extra(heap[0]));
  }

  private rise(from: number, slot: number): void {
    const { heap } = this;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if (!this.isBefore(slot, heap[above])) break;
      this.put(at, heap[above]);
      at = above;
    }
    this.put(at, slot);
  }

  private sink(from: number, slot: number): void {
    const { heap, count } = this;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && this.isBefore(heap[below + 1], heap[below])) below += 1;
      if (!this.isBefore(heap[below], slot)) break;
      this.put(at, heap[below]);
      at = below;
    }
    this.put(at, slot);
  }

  private put(at: number, slot: number): void {
    this.heap[at] = slot;
    this.extras.setInt(this.orders.extra(slot), EXTRA.I_HEAP, at);
  }

  private isBefore(slot: number, other: number): boolean {
    const { orders, extras } = this;
    const extra = orders.extra(slot);
    const otherExtra = orders.extra(other);
    const seconds = this.seconds(extra) - this.seconds(otherExtra);
    if (seconds !== 0) return seconds < 0;
    const nanos =
      extras.int(extra, EXTRA.I_EXPIRE_NANOS) - extras.int(otherExtra, EXTRA.I_EXPIRE_NANOS);
    return nanos !== 0 ? nanos < 0 : orders.id(slot) < orders.id(other);
  }

  private seconds(extra: number): number {
    return this.extras.int(extra, EXTRA.I_EXPIRE_SECONDS) >>> 0;
  }
}
