import type { ExtraPool } from './extra-pool.ts';
import { NONE as NO_ORDER } from './layout.ts';
import type { OrderPool } from './order-pool.ts';

const NONE = NO_ORDER;

/**
 * Orders sorted by id, linked through two fields of their extra records. Ids rise, so a new order
 * nearly always goes to the end, where the search for its place begins.
 */
export class IdList {
  first: number = NONE;
  private last: number = NONE;
  private readonly orders: OrderPool;
  private readonly extras: ExtraPool;
  private readonly nextField: number;
  private readonly previousField: number;

  /** @param nextField, previousField EXTRA.I_… */
  constructor(orders: OrderPool, extras: ExtraPool, nextField: number, previousField: number) {
    this.orders = orders;
    this.extras = extras;
    this.nextField = nextField;
    this.previousField = previousField;
  }

  /** The order with the next higher id, or `NONE`. */
  next(slot: number): number {
    return this.extras.int(this.orders.extra(slot), this.nextField);
  }

  insert(slot: number): void {
    const { orders } = this;
    const orderId = orders.id(slot);
    let before = this.last;
    while (before !== NONE && orders.id(before) > orderId) before = this.previous(before);
    const after = before === NONE ? this.first : this.next(before);
    this.join(before, slot);
    this.join(slot, after);
  }

  remove(slot: number): void {
    this.join(this.previous(slot), this.next(slot));
  }

  private previous(slot: number): number {
    return this.extras.int(this.orders.extra(slot), this.previousField);
  }

  /** Makes two orders neighbours; `NONE` stands for the end on its side. */
  private join(before: number, after: number): void {
    const { orders, extras } = this;
    if (before === NONE) this.first = after;
    else extras.setInt(orders.extra(before), this.nextField, after);
    if (after === NONE) this.last = before;
    else extras.setInt(orders.extra(after), this.previousField, before);
  }
}
