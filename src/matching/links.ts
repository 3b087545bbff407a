import type { ExtraPool } from './extra-pool.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import type { OrderPool } from './order-pool.ts';

const NONE = NO_ORDER;

/** Children one order may have open. */
export const MOST_CHILDREN = 4;

/**
 * Pairs of which one cancels the other, and orders that wait for a parent. Both ends of a link know
 * each other by slot, so a link ends before either slot is freed. What a link leads to is not
 * decided here.
 */
export class Links {
  private readonly orders: OrderPool;
  private readonly extras: ExtraPool;

  constructor(orders: OrderPool, extras: ExtraPool) {
    this.orders = orders;
    this.extras = extras;
  }

  /** The other order of the pair, or `NONE`. */
  partner(slot: number): number {
    return this.read(slot, EXTRA.I_PARTNER);
  }

  /** The order this one waits for, or `NONE`. */
  parent(slot: number): number {
    return this.read(slot, EXTRA.I_PARENT);
  }

  /** The child with the lowest id, or `NONE`. */
  firstChild(slot: number): number {
    return this.read(slot, EXTRA.I_FIRST_CHILD);
  }

  /** The next child of the same parent, or `NONE`. */
  nextChild(slot: number): number {
    return this.read(slot, EXTRA.I_NEXT_CHILD);
  }

  childCount(slot: number): number {
    const extra = this.orders.extra(slot);
    return extra === NONE ? 0 : this.extras.int(extra, EXTRA.I_CHILDREN);
  }

  /** Makes two orders a pair; both have extra records. */
  pair(slot: number, other: number): void {
    this.write(slot, EXTRA.I_PARTNER, other);
    this.write(other, EXTRA.I_PARTNER, slot);
  }

  /** Ends the pair. @returns who the partner was, or `NONE` */
  part(slot: number): number {
    const other = this.partner(slot);
    if (other === NONE) return NONE;
    this.write(slot, EXTRA.I_PARTNER, NONE);
    this.write(other, EXTRA.I_PARTNER, NONE);
    return other;
  }

  /** Makes an order wait for a parent; both have extra records. Children are kept by id. */
  adopt(parent: number, child: number): void {
    this.write(child, EXTRA.I_PARENT, parent);
    this.write(parent, EXTRA.I_CHILDREN, this.childCount(parent) + 1);
    let before = NONE;
    let after = this.firstChild(parent);
    while (after !== NONE && this.orders.id(after) < this.orders.id(child)) {
      before = after;
      after = this.nextChild(after);
    }
    this.write(child, EXTRA.I_NEXT_CHILD, after);
    if (before === NONE) this.write(parent, EXTRA.I_FIRST_CHILD, child);
    else this.write(before, EXTRA.I_NEXT_CHILD, child);
  }

  /** The order waits for its parent no longer. */
  disown(child: number): void {
    const parent = this.parent(child);
    if (parent === NONE) return;
    this.write(child, EXTRA.I_PARENT, NONE);
    this.write(parent, EXTRA.I_CHILDREN, this.childCount(parent) - 1);
    const after = this.nextChild(child);
    if (this.firstChild(parent) === child) {
      this.write(parent, EXTRA.I_FIRST_CHILD, after);
      return;
    }
    let before = this.firstChild(parent);
    while (this.nextChild(before) !== child) before = this.nextChild(before);
    this.write(before, EXTRA.I_NEXT_CHILD, after);
  }

  /** Ends all links of an order that is gone. */
  forget(slot: number): void {
    this.part(slot);
    this.disown(slot);
    for (let child = this.firstChild(slot); child !== NONE; child = this.firstChild(slot)) {
      this.disown(child);
    }
  }

  private read(slot: number, field: number): number {
    const extra = this.orders.extra(slot);
    return extra === NONE ? NONE : this.extras.int(extra, field);
  }

  private write(slot: number, field: number, value: number): void {
    this.extras.setInt(this.orders.extra(slot), field, value);
  }
}
