import { PLACE_RESTING } from '../domain/orders.ts';
import type { ExtraPool } from './extra-pool.ts';
import { IdList } from './id-list.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import type { OrderPool } from './order-pool.ts';
import type { Positions } from './positions.ts';

const NONE = NO_ORDER;

/** Reduce-only orders by portfolio, so that a trade finds those whose position it has changed. */
export class ReduceOnly {
  /** Orders kept here. */
  count = 0;
  /** Portfolios whose positions have changed since their orders were looked at. */
  private readonly changed = new Set<number>();
  private readonly lists = new Map<number, IdList>();
  private readonly orders: OrderPool;
  private readonly extras: ExtraPool;
  private readonly positions: Positions;
  private readonly found: number[] = [];

  constructor(orders: OrderPool, extras: ExtraPool, positions: Positions) {
    this.orders = orders;
    this.extras = extras;
    this.positions = positions;
  }

  add(slot: number): void {
    const portfolioId = this.orders.portfolio(slot);
    let list = this.lists.get(portfolioId);
    if (list === undefined) {
      const { I_REDUCE_NEXT, I_REDUCE_PREVIOUS } = EXTRA;
      list = new IdList(this.orders, this.extras, I_REDUCE_NEXT, I_REDUCE_PREVIOUS);
      this.lists.set(portfolioId, list);
    }
    list.insert(slot);
    this.count += 1;
  }

  remove(slot: number): void {
    this.lists.get(this.orders.portfolio(slot))?.remove(slot);
    this.count -= 1;
  }

  /** The portfolio's position has changed, or is not known to fit its orders. */
  note(portfolioId: number): void {
    if (this.count > 0 && this.lists.has(portfolioId)) this.changed.add(portfolioId);
  }

  /** What the order may trade at most. */
  allowed(slot: number): number {
    return this.positions.reducible(this.orders.portfolio(slot), this.orders.side(slot));
  }

  /** True when a resting order has more open than its position allows. */
  hasExcess(): boolean {
    return this.changed.size > 0 && this.excessive().length > 0;
  }

  /** Resting orders with more open than their position allows, by id. REUSED: until the next call. */
  excessive(): readonly number[] {
    const { found, orders } = this;
    found.length = 0;
    for (const portfolioId of this.changed) {
      const before = found.length;
      const list = this.lists.get(portfolioId);
      if (list !== undefined) this.collect(list);
      if (found.length === before) this.changed.delete(portfolioId);
    }
    return found.sort((a, b) => orders.id(a) - orders.id(b));
  }

  private collect(list: IdList): void {
    const { extras, orders, found } = this;
    for (let slot = list.first; slot !== NONE; slot = list.next(slot)) {
      const extra = orders.extra(slot);
      if (extras.int(extra, EXTRA.I_PLACE) !== PLACE_RESTING) continue;
      const open = orders.remaining(slot) + extras.double(extra, EXTRA.F_HIDDEN);
      if (open > this.allowed(slot)) found.push(slot);
    }
  }
}
