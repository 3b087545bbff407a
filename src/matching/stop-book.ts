import { ORDER_TYPE_TRAILING_STOP, SIDE_BUY, SIDE_SELL, TRAIL_BPS } from '../domain/orders.ts';
import { shareOf } from './bounds.ts';
import type { ExtraPool } from './extra-pool.ts';
import { IdList } from './id-list.ts';
import { EXTRA, HOT, LEVEL, NONE as NO_ORDER } from './layout.ts';
import { LevelPool } from './level-pool.ts';
import type { OrderPool } from './order-pool.ts';
import { LadderMemory, PriceLadder } from './price-ladder.ts';

const NONE = NO_ORDER;

/** Levels of a ladder are numbered up to this; there are never more than orders. */
const MOST_LEVELS = 1 << 24;

/**
 * Stops that wait for their trigger, in ladders like those of the book, keyed by trigger price: what
 * a rising price triggers first is the lowest trigger, so purchases lie as asks do, and sales as
 * bids. At one trigger they wait by age.
 */
export class StopBook {
  private readonly orders: OrderPool;
  private readonly extras: ExtraPool;
  private readonly levels = new LevelPool(MOST_LEVELS);
  /** By the side of the waiting orders. */
  private readonly ladders: readonly PriceLadder[];
  /** Trailing stops, by side. */
  private readonly trailing: readonly IdList[];
  /**
   * By side, the price up to which (a purchase: down to which) no trailing stop can move: each has
   * seen it or a better one. It saves looking at them at every trade.
   */
  private readonly seen = new Float64Array([0, Number.POSITIVE_INFINITY]);

  constructor(orders: OrderPool, extras: ExtraPool) {
    this.orders = orders;
    this.extras = extras;
    const memory = new LadderMemory();
    this.ladders = [
      new PriceLadder(SIDE_SELL, orders, this.levels, memory),
      new PriceLadder(SIDE_BUY, orders, this.levels, memory),
    ];
    const list = (): IdList =>
      new IdList(orders, extras, EXTRA.I_FOLLOW_NEXT, EXTRA.I_FOLLOW_PREVIOUS);
    this.trailing = [list(), list()];
  }

  /** True when a trade at this price triggers the order. */
  isMet(slot: number, priceTicks: number): boolean {
    const trigger = this.trigger(slot);
    return this.orders.side(slot) === SIDE_BUY ? priceTicks >= trigger : priceTicks <= trigger;
  }

  /**
   * Puts an order at the end of its trigger's queue.
   * @param seenTicks the price a trailing stop's trigger goes by; 0 when that is not known
   */
  insert(slot: number, seenTicks: number): void {
    const { seen } = this;
    this.link(slot);
    if (this.orders.orderType(slot) !== ORDER_TYPE_TRAILING_STOP) return;
    this.trailing[this.orders.side(slot)].insert(slot);
    if (this.orders.side(slot) === SIDE_SELL)
      seen[SIDE_SELL] = Math.min(seen[SIDE_SELL], seenTicks);
    else seen[SIDE_BUY] = Math.max(seen[SIDE_BUY], seenTicks || Number.POSITIVE_INFINITY);
  }

  remove(slot: number): void {
    this.unlink(slot);
    if (this.orders.orderType(slot) !== ORDER_TYPE_TRAILING_STOP) return;
    this.trailing[this.orders.side(slot)].remove(slot);
  }

  /** The order of this side that a trade at this price triggers first, or `NONE`. */
  firstMet(side: number, priceTicks: number): number {
    const ladder = this.ladders[side];
    return ladder.crosses(priceTicks) ? this.levels.first(ladder.bestLevel()) : NONE;
  }

  /** The first order of a side, in the sequence in which a price would trigger them. */
  first(side: number): number {
    const level = this.ladders[side].bestLevel();
    return level === NONE ? NONE : this.levels.first(level);
  }

  /** The order after this one in that sequence. */
  next(slot: number): number {
    const behind = this.orders.next(slot);
    if (behind !== NONE) return behind;
    const level = this.ladders[this.orders.side(slot)].nextWorse(this.orders.level(slot));
    return level === NONE ? NONE : this.levels.first(level);
  }

  /** Where a trailing stop's trigger starts, or would go, with this price. */
  trailedTrigger(slot: number, priceTicks: number): number {
    const extra = this.orders.extra(slot);
    const offset = this.extras.double(extra, EXTRA.F_TRAIL_OFFSET);
    const inBps = (this.extras.int(extra, EXTRA.I_UNITS) & 0xff) === TRAIL_BPS;
    const ticks = inBps ? Math.max(1, shareOf(priceTicks, offset)) : offset;
    if (this.orders.side(slot) === SIDE_BUY) return priceTicks + ticks;
    return Math.max(1, priceTicks - ticks);
  }

  /** Moves the triggers of trailing stops that the newest price takes along. */
  follow(priceTicks: number): void {
    if (priceTicks < this.seen[SIDE_BUY]) this.followSide(SIDE_BUY, priceTicks);
    if (priceTicks > this.seen[SIDE_SELL]) this.followSide(SIDE_SELL, priceTicks);
  }

  private followSide(side: number, priceTicks: number): void {
    const list = this.trailing[side];
    this.seen[side] = priceTicks;
    for (let slot = list.first; slot !== NONE; slot = list.next(slot)) {
      const trigger = this.trailedTrigger(slot, priceTicks);
      const moves = this.trigger(slot) - trigger;
      if (side === SIDE_BUY ? moves > 0 : moves < 0) this.move(slot, trigger);
    }
  }

  private move(slot: number, triggerTicks: number): void {
    const { orders, extras } = this;
    const before = this.trigger(slot);
    this.unlink(slot);
    extras.setDouble(orders.extra(slot), EXTRA.F_TRIGGER, triggerTicks);
    orders.setPrice(slot, Math.max(1, orders.price(slot) + (triggerTicks - before)));
    this.link(slot);
  }

  private trigger(slot: number): number {
    return this.extras.double(this.orders.extra(slot), EXTRA.F_TRIGGER);
  }

  private link(slot: number): void {
    const level = this.ladders[this.orders.side(slot)].obtainAt(this.trigger(slot));
    const { hot32 } = this.orders;
    const { i32 } = this.levels;
    const last = i32[(level << 3) + LEVEL.I_LAST];
    hot32[(slot << 3) + HOT.I_LEVEL] = ~level;
    hot32[(slot << 3) + HOT.I_PREVIOUS] = last;
    hot32[(slot << 3) + HOT.I_NEXT] = NONE;
    if (last === NONE) i32[(level << 3) + LEVEL.I_FIRST] = slot;
    else hot32[(last << 3) + HOT.I_NEXT] = slot;
    i32[(level << 3) + LEVEL.I_LAST] = slot;
  }

  private unlink(slot: number): void {
    const { hot32 } = this.orders;
    const { i32 } = this.levels;
    const level = this.orders.level(slot);
    const next = hot32[(slot << 3) + HOT.I_NEXT];
    const previous = hot32[(slot << 3) + HOT.I_PREVIOUS];
    if (previous === NONE) i32[(level << 3) + LEVEL.I_FIRST] = next;
    else hot32[(previous << 3) + HOT.I_NEXT] = next;
    if (next === NONE) i32[(level << 3) + LEVEL.I_LAST] = previous;
    else hot32[(next << 3) + HOT.I_PREVIOUS] = previous;
    hot32[(slot << 3) + HOT.I_LEVEL] = NONE;
    if (previous === NONE && next === NONE) this.ladders[this.orders.side(slot)].remove(level);
  }
}
