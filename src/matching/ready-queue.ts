import { HOT, NONE as NO_ORDER } from './layout.ts';
import type { OrderPool } from './order-pool.ts';

const NONE = NO_ORDER;

/**
 * Orders whose trigger or parent has come through, in that sequence. They are in no price level, so
 * they are linked through the fields that link a level's queue.
 */
export class ReadyQueue {
  first: number = NONE;
  private last: number = NONE;
  private readonly orders: OrderPool;

  constructor(orders: OrderPool) {
    this.orders = orders;
  }

  next(slot: number): number {
    return this.orders.hot32[(slot << 3) + HOT.I_NEXT];
  }

  push(slot: number): void {
    this.join(this.last, slot);
    this.join(slot, NONE);
  }

  remove(slot: number): void {
    this.join(this.orders.hot32[(slot << 3) + HOT.I_PREVIOUS], this.next(slot));
  }

  private join(before: number, after: number): void {
    const { hot32 } = this.orders;
    if (before === NONE) this.first = after;
    else hot32[(before << 3) + HOT.I_NEXT] = after;
    if (after === NONE) this.last = before;
    else hot32[(after << 3) + HOT.I_PREVIOUS] = before;
  }
}
