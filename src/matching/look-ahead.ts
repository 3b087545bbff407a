import * as O from '../domain/orders.ts';
import { HALT_HIGH as HIGH, HALT_LOW as LOW, type PriceBounds } from './bounds.ts';
import { NONE as NO_ORDER } from './layout.ts';
import type { MarketState } from './market-state.ts';

const NONE = NO_ORDER;
const HALT_LOW = LOW;
const HALT_HIGH = HIGH;

/**
 * What an order would meet in the book, before anything happens. Orders that are about to leave,
 * because the arriving one replaces an order, count as gone.
 */
export class LookAhead {
  private readonly state: MarketState;
  private readonly bounds: PriceBounds;
  private readonly maxFills: number;
  private readonly leaving: number[] = [];

  constructor(state: MarketState, bounds: PriceBounds, maxFills: number) {
    this.state = state;
    this.bounds = bounds;
    this.maxFills = maxFills;
  }

  /** From now on this order and all that leave with it count as gone. */
  without(slot: number): void {
    const { links } = this.state;
    if (this.leaving.includes(slot)) return;
    this.leaving.push(slot);
    const partner = links.partner(slot);
    if (partner !== NONE) this.without(partner);
    for (let child = links.firstChild(slot); child !== NONE; child = links.nextChild(child)) {
      this.without(child);
    }
  }

  /** All orders count again. */
  withAll(): void {
    if (this.leaving.length > 0) this.leaving.length = 0;
  }

  /** Best price of a side, 0 when it is empty. */
  bestPrice(side: number): number {
    const ladder = this.state.book.ladders[side];
    if (this.leaving.length === 0) return ladder.bestPrice();
    let level = ladder.bestLevel();
    while (level !== NONE && !this.hasOrder(level, false)) level = ladder.nextWorse(level);
    return level === NONE ? 0 : this.state.book.levels.price(level);
  }

  /** The same, pegged orders left out. */
  bestUnpegged(side: number): number {
    if (this.leaving.length === 0) return this.state.pegs.bestUnpegged(side);
    const ladder = this.state.book.ladders[side];
    let level = ladder.bestLevel();
    while (level !== NONE && !this.hasOrder(level, true)) level = ladder.nextWorse(level);
    return level === NONE ? 0 : this.state.book.levels.price(level);
  }

  /** True when the other side's best price is within the limit of an order of this side. */
  crosses(side: number, limitTicks: number): boolean {
    if (this.leaving.length === 0) return this.state.book.ladders[1 - side].crosses(limitTicks);
    const best = this.bestPrice(1 - side);
    return best !== 0 && (side === O.SIDE_BUY ? best <= limitTicks : best >= limitTicks);
  }

  /** True when the order, with this limit and quantity, would trade whole at once. */
  tradesWhole(slot: number, limitTicks: number, qtyLots: number): boolean {
    const { state, bounds } = this;
    const { book } = state;
    const side = book.orders.side(slot);
    const buys = side === O.SIDE_BUY;
    const { limits } = bounds;
    const limit = buys
      ? Math.min(limitTicks, limits[HALT_HIGH])
      : Math.max(limitTicks, limits[HALT_LOW]);
    const best = this.bestPrice(1 - side);
    if (best === 0 || !bounds.allowsTrade(best)) return false;
    const plain = state.restingExtras === 0 && this.leaving.length === 0;
    if (plain && book.orders.selfTrade(slot) === O.SELF_TRADE_ALLOWED) {
      return book.canFill(1 - side, limit, qtyLots, this.maxFills);
    }
    return this.canFill(slot, limit, qtyLots);
  }

  /** True when the order could rest at this price. */
  hasRoom(slot: number, priceTicks: number): boolean {
    const { book } = this.state;
    const { levels, orders } = book;
    let ordersLeft = book.ordersLeft();
    let levelFreed = false;
    for (const other of this.leaving) {
      if (this.state.place(other) !== O.PLACE_RESTING) continue;
      ordersLeft += 1;
      if (!this.hasOrder(orders.level(other), false)) levelFreed = true;
    }
    if (ordersLeft <= 0) return false;
    return !levels.full || levelFreed || book.ladders[orders.side(slot)].find(priceTicks) !== NONE;
  }

  /** How many of those that are leaving wait. */
  waitingLess(): number {
    let count = 0;
    for (const slot of this.leaving) {
      if (this.state.place(slot) !== O.PLACE_RESTING) count += 1;
    }
    return count;
  }

  /** Goes through the other side order by order. */
  private canFill(slot: number, limitTicks: number, qtyLots: number): boolean {
    const { state, leaving } = this;
    const { orders, levels, ladders } = state.book;
    const ladder = ladders[1 - orders.side(slot)];
    const mode = orders.selfTrade(slot);
    const portfolioId = orders.portfolio(slot);
    let open = qtyLots;
    let looks = this.maxFills;
    let level = ladder.bestLevel();
    while (level !== NONE && ladder.levelCrosses(level, limitTicks)) {
      for (let maker = levels.first(level); maker !== NONE; maker = orders.next(maker)) {
        if (leaving.includes(maker)) continue;
        if (looks === 0) return false;
        looks -= 1;
        if (mode !== O.SELF_TRADE_ALLOWED && orders.portfolio(maker) === portfolioId) {
          if (mode !== O.SELF_TRADE_EXPIRE_MAKER) return false;
          continue;
        }
        open -= this.offered(maker);
        if (open <= 0) return true;
      }
      level = ladder.nextWorse(level);
    }
    return false;
  }

  private offered(maker: number): number {
    const { state } = this;
    const open = state.openLots(maker);
    if ((state.book.orders.flags(maker) & O.ORDER_FLAG_REDUCE_ONLY) === 0) return open;
    return Math.min(open, state.reduceOnly.allowed(maker));
  }

  /** True when the level has an order that stays. */
  private hasOrder(level: number, unpegged: boolean): boolean {
    const { orders, levels } = this.state.book;
    for (let slot = levels.first(level); slot !== NONE; slot = orders.next(slot)) {
      if (this.leaving.includes(slot)) continue;
      if (!unpegged || orders.orderType(slot) !== O.ORDER_TYPE_PEGGED) return true;
    }
    return false;
  }
}
