import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import * as L from './layout.ts';
import { LevelPool } from './level-pool.ts';
import { OrderIndex } from './order-index.ts';
import { OrderPool } from './order-pool.ts';
import { LadderMemory, PriceLadder } from './price-ladder.ts';

const { F_REMAINING, I_LEVEL, I_NEXT, I_PREVIOUS } = L.HOT;
const { F_PRICE, I_TERMS } = L.COLD;
const { F_QTY, I_FIRST, I_LAST, I_ORDERS } = L.LEVEL;
const I_LEVEL_SIDE = L.LEVEL.I_SIDE;
const NONE = L.NONE;

/**
 * The resting orders of one market: price levels best first, in each level orders by time. It knows
 * how to keep itself consistent, and no rule of matching.
 *
 * Orders are addressed by slot, levels by number; both are plain integers, so nothing is allocated
 * for an order. An order that arrives has a slot of the pool (`orders.take`), is linked into its
 * level by `rest`, and leaves by `unlink` and then `release` or `detach`: between the two the level's
 * totals are already those without the order, and still there to be reported.
 */
export class OrderBook {
  readonly orders: OrderPool;
  readonly levels: LevelPool;
  readonly index: OrderIndex;
  /** What both ladders lie in. */
  readonly memory = new LadderMemory();
  readonly bids: PriceLadder;
  readonly asks: PriceLadder;
  /** By side: a lookup, because a branch on the side is a coin toss to the processor. */
  readonly ladders: readonly PriceLadder[];
  /** Orders that may be in the index: those that may rest, and those that wait elsewhere. */
  mostIndexed: number;

  /** @param maxWaiting orders that share pool and index, and wait outside the book */
  constructor(maxOrders: number, maxLevels: number, maxWaiting = 0) {
    this.mostIndexed = maxOrders;
    // One slot more than may rest: the arriving order has one while it is decided what becomes of it.
    this.orders = new OrderPool(maxOrders + maxWaiting + 1);
    this.levels = new LevelPool(maxLevels);
    this.index = new OrderIndex(this.orders);
    this.bids = new PriceLadder(SIDE_BUY, this.orders, this.levels, this.memory);
    this.asks = new PriceLadder(SIDE_SELL, this.orders, this.levels, this.memory);
    this.ladders = [this.bids, this.asks];
  }

  /** True when the pools may have no room for one more order: `hasRoom` knows more. */
  isFull(): boolean {
    return this.index.size >= this.mostIndexed || this.levels.full;
  }

  /** An order in the index waits elsewhere from now on (1), or does so no longer (-1). */
  countWaiting(change: number): void {
    this.mostIndexed += change;
  }

  /** Room for orders that rest. */
  ordersLeft(): number {
    return this.mostIndexed - this.index.size;
  }

  /** True when the arrived order could rest. */
  hasRoom(slot: number): boolean {
    if (this.index.size >= this.mostIndexed) return false;
    return !this.levels.full || this.hasLevel(slot, this.orders.price(slot));
  }

  /** True when the resting order could rest at another price instead. */
  hasRoomToMove(slot: number, priceTicks: number): boolean {
    if (!this.levels.full || this.hasLevel(slot, priceTicks)) return true;
    return this.levels.orders(this.orders.level(slot)) === 1;
  }

  /** True when the other side's best price lies within the order's limit. */
  crosses(slot: number): boolean {
    const { cold64, cold32 } = this.orders;
    const against = 1 - (cold32[(slot << 3) + I_TERMS] & 0xff);
    return this.ladders[against].crosses(cold64[(slot << 2) + F_PRICE]);
  }

  /** Puts an order that has arrived at the end of the queue at its price. */
  rest(slot: number): void {
    this.link(slot);
    this.index.add(slot);
  }

  /** The same for an order that is in the index already. */
  link(slot: number): void {
    const { hot64, hot32, cold32 } = this.orders;
    const at = slot << 3;
    const level = this.ladders[cold32[at + I_TERMS] & 0xff].obtain(slot);
    const { f64, i32 } = this.levels;
    const levelAt = level << 3;
    const last = i32[levelAt + I_LAST];
    hot32[at + I_LEVEL] = level;
    hot32[at + I_PREVIOUS] = last;
    hot32[at + I_NEXT] = NONE;
    if (last === NONE) i32[levelAt + I_FIRST] = slot;
    else hot32[(last << 3) + I_NEXT] = slot;
    i32[levelAt + I_LAST] = slot;
    i32[levelAt + I_ORDERS] += 1;
    f64[(level << 2) + F_QTY] += hot64[(slot << 2) + F_REMAINING];
  }

  /** Takes a resting order out of its queue and its quantity out of its level's totals. */
  unlink(slot: number): void {
    const { hot64, hot32 } = this.orders;
    const { f64, i32 } = this.levels;
    const at = slot << 3;
    const stored = hot32[at + I_LEVEL];
    const level = stored ^ (stored >> 31);
    const levelAt = level << 3;
    const next = hot32[at + I_NEXT];
    const previous = hot32[at + I_PREVIOUS];
    if (previous === NONE) i32[levelAt + I_FIRST] = next;
    else hot32[(previous << 3) + I_NEXT] = next;
    if (next === NONE) i32[levelAt + I_LAST] = previous;
    else hot32[(next << 3) + I_PREVIOUS] = previous;
    const left = i32[levelAt + I_ORDERS] - 1;
    i32[levelAt + I_ORDERS] = left;
    const qtyLots = f64[(level << 2) + F_QTY] - hot64[(slot << 2) + F_REMAINING];
    // An empty level reads 0 even where the sum had left the safe integers and was rounded.
    f64[(level << 2) + F_QTY] = left === 0 ? 0 : qtyLots;
  }

  /** Forgets an unlinked order, and its level when that is empty. */
  release(slot: number): void {
    this.detach(slot);
    this.orders.free(slot);
  }

  /** The same, but keeps the slot: the order may come to rest elsewhere. */
  detach(slot: number): void {
    this.dropLevel(slot);
    this.index.remove(slot);
  }

  /** Takes an unlinked order's level away when that is empty. */
  dropLevel(slot: number): void {
    const stored = this.orders.hot32[(slot << 3) + I_LEVEL];
    const level = stored ^ (stored >> 31);
    const { i32 } = this.levels;
    if (i32[(level << 3) + I_ORDERS] === 0) {
      this.ladders[i32[(level << 3) + I_LEVEL_SIDE]].remove(level);
    }
  }

  /** Lowers what is open of a resting order, which keeps its place in the queue. */
  reduce(slot: number, lots: number): void {
    const { hot64, hot32 } = this.orders;
    const stored = hot32[(slot << 3) + I_LEVEL];
    const level = stored ^ (stored >> 31);
    this.levels.f64[(level << 2) + F_QTY] += lots - hot64[(slot << 2) + F_REMAINING];
    hot64[(slot << 2) + F_REMAINING] = lots;
  }

  /**
   * True when an order of the other side could trade whole against this side, within its limit and
   * within so many fills. Only where all orders of the side are plain: it goes by what levels show.
   */
  canFill(side: number, limitTicks: number, qtyLots: number, maxFills: number): boolean {
    const { orders, levels } = this;
    const ladder = this.ladders[side];
    let open = qtyLots;
    let fills = maxFills;
    let level = ladder.bestLevel();
    while (level !== NONE && ladder.levelCrosses(level, limitTicks)) {
      if (levels.qty(level) >= open) break;
      open -= levels.qty(level);
      fills -= levels.orders(level);
      level = ladder.nextWorse(level);
    }
    if (level === NONE || !ladder.levelCrosses(level, limitTicks)) return false;
    let slot = levels.first(level);
    while (slot !== NONE && fills > 0) {
      open -= orders.remaining(slot);
      if (open <= 0) return true;
      fills -= 1;
      slot = orders.next(slot);
    }
    return false;
  }

  private hasLevel(slot: number, priceTicks: number): boolean {
    return this.ladders[this.orders.side(slot)].find(priceTicks) !== NONE;
  }
}
