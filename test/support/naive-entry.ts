import * as O from '../../src/domain/orders.ts';
import * as C from '../../src/domain/result-codes.ts';
import * as N from './naive-orders.ts';
import { ARRIVING, type NaiveOrder, RESTING } from './naive-orders.ts';
import { NaiveTrading } from './naive-trading.ts';

const PRE_OPEN_TYPES: readonly number[] = [
  O.ORDER_TYPE_LIMIT,
  O.ORDER_TYPE_STOP,
  O.ORDER_TYPE_STOP_LIMIT,
  O.ORDER_TYPE_TRAILING_STOP,
];
const MAX_CHILDREN = 4;

/** The order whose place another takes (id 0: none), and what it is said to have traded. */
export interface Replaces {
  readonly orderId: number;
  readonly tradedLots: number;
}

/** Section 2 of the matching rules: an arriving order. */
export class NaiveEntry extends NaiveTrading {
  protected place(order: NaiveOrder, replaces: Replaces): void {
    const { state } = this;
    const { orderId } = order;
    const trails = N.isTrailing(order) && order.parentOrderId === 0;
    if (trails && state.lastTradePriceTicks > 0) this.startTrail(order);
    const code = this.refusal(order, replaces);
    if (code !== C.OK) {
      this.emit('rejected', { orderId, code });
      return;
    }
    this.emit('accepted', { orderId });
    state.orders.push(order);
    const partner = state.find(order.ocoOrderId);
    if (partner !== undefined) partner.ocoOrderId = orderId;
    const replaced = state.find(replaces.orderId);
    if (replaced !== undefined) this.leave(replaced, O.CANCEL_REPLACED);
    if (state.isOpen(order)) this.act(order, false);
  }

  /** Why the book does not take an arriving order, or `OK`: the first that holds. */
  private refusal(order: NaiveOrder, replaces: Replaces): number {
    const { state } = this;
    if (state.find(order.orderId) !== undefined) return C.DUPLICATE_ORDER_ID;
    if (state.phase === O.PHASE_CLOSED) return C.MARKET_CLOSED;
    if (state.phase === O.PHASE_HALTED || state.phase === O.PHASE_AUCTION) return C.MARKET_HALTED;
    if (state.phase === O.PHASE_PRE_OPEN && !canWaitForAuction(order)) return C.NOT_BEFORE_AUCTION;
    if (N.hasExpired(order, state.seconds, state.nanos)) return C.EXPIRED_ON_ARRIVAL;
    const replaced = state.find(replaces.orderId);
    const found =
      replaced?.portfolioId === order.portfolioId &&
      replaced.side === order.side &&
      N.tradedLots(replaced) === replaces.tradedLots;
    if (replaces.orderId !== 0 && !found) return C.REPLACED_ORDER_GONE;
    const link = this.linkRefusal(order);
    if (link !== C.OK) return link;
    const gone = replaced === undefined ? [] : this.leavingWith(replaced);
    return state.without(gone, () => this.refusalByBook(order));
  }

  private linkRefusal(order: NaiveOrder): number {
    const { state } = this;
    const isOwn = (one: NaiveOrder | undefined): boolean => one?.portfolioId === order.portfolioId;
    const partner = state.find(order.ocoOrderId);
    const parent = state.find(order.parentOrderId);
    if (order.ocoOrderId !== 0 && !isOwn(partner)) return C.LINKED_ORDER_GONE;
    if (partner !== undefined && N.tradedLots(partner) > 0) return C.LINKED_ORDER_GONE;
    if (order.parentOrderId !== 0 && !isOwn(parent)) return C.LINKED_ORDER_GONE;
    if (partner !== undefined && partner.ocoOrderId !== 0) return C.LINK_NOT_ALLOWED;
    if (partner !== undefined && partner.parentOrderId !== order.parentOrderId) {
      return C.LINK_NOT_ALLOWED;
    }
    if (parent === undefined) return C.OK;
    if (parent.parentOrderId !== 0) return C.LINK_NOT_ALLOWED;
    return state.children(parent).length < MAX_CHILDREN ? C.OK : C.LINK_NOT_ALLOWED;
  }

  /** The order, its partner, both their children and so on: all who leave when it leaves. */
  private leavingWith(order: NaiveOrder): NaiveOrder[] {
    const { state } = this;
    const gone = [order];
    for (const one of gone) {
      const partner = state.find(one.ocoOrderId);
      const linked = [...(partner === undefined ? [] : [partner]), ...state.children(one)];
      for (const next of linked) if (!gone.includes(next)) gone.push(next);
    }
    return gone;
  }

  /** Reasons 6 to 10. */
  private refusalByBook(order: NaiveOrder): number {
    const { state } = this;
    const held = this.whyHeld(order, false);
    if (held === 0 && N.isReduceOnly(order) && state.allowance(order) === 0) {
      return C.REDUCE_ONLY_WOULD_INCREASE;
    }
    if (N.isTrailing(order) && state.lastTradePriceTicks === 0) return C.NO_TRIGGER_REFERENCE;
    const isLimit = order.orderType === O.ORDER_TYPE_LIMIT;
    if (isLimit && !state.isWithinBand(order.priceTicks)) return C.PRICE_OUTSIDE_BAND;
    if (held !== 0) {
      const waiting = state.orders.filter(N.isWaiting).length;
      return waiting < this.config.maxWaiting ? C.OK : C.ORDER_POOL_FULL;
    }
    return this.actionRefusal(order);
  }

  /** Reason 10, of the order as steps 2 to 4 would make it. */
  private actionRefusal(arriving: NaiveOrder): number {
    const { state } = this;
    const order = { ...arriving };
    const trades = state.phase === O.PHASE_CONTINUOUS;
    if (N.isReduceOnly(order)) order.openLots = Math.min(order.openLots, state.allowance(order));
    order.priceTicks = this.priceOnArrival(order);
    const takes = trades && state.crosses(order);
    const isWhole = trades && this.tradesWhole(order);
    if (order.priceTicks < 1) return C.POST_ONLY_WOULD_TAKE;
    if (takes && N.hasFlag(order, O.ORDER_FLAG_POST_ONLY)) return C.POST_ONLY_WOULD_TAKE;
    if (trades && order.tif === O.TIF_FOK && !isWhole) return C.FOK_NOT_FILLABLE;
    if (takes && N.hasFlag(order, O.ORDER_FLAG_ALL_OR_NONE) && !isWhole) {
      return C.ALL_OR_NONE_NOT_FILLABLE;
    }
    if (N.actsAsMarket(order) && !takes) return C.NO_LIQUIDITY;
    const rests = N.remainderReason(order) === 0;
    const hasRoom = state.hasRoom(order.side, order.priceTicks);
    return rests && !hasRoom && !isWhole ? C.ORDER_POOL_FULL : C.OK;
  }

  /** The price that step 4 gives an order; 0 when post-only-slide leaves none. */
  private priceOnArrival(order: NaiveOrder): number {
    const { state } = this;
    if (N.isPegged(order)) return state.pegPrice(order);
    const slides = N.hasFlag(order, O.ORDER_FLAG_POST_ONLY_SLIDE);
    if (!slides || !state.crosses(order)) return order.priceTicks;
    const bestTicks = state.best(N.other(order.side));
    return order.side === O.SIDE_BUY ? bestTicks - 1 : bestTicks + 1;
  }

  /** Why an order waits rather than acts, or 0. */
  private whyHeld(order: NaiveOrder, isTriggered: boolean): number {
    const { state } = this;
    if (order.parentOrderId !== 0) return O.HELD_CHILD;
    if (N.isStop(order) && !isTriggered) {
      const acts = state.phase === O.PHASE_CONTINUOUS;
      return acts && N.triggerMet(order, state.lastTradePriceTicks) ? 0 : O.HELD_STOP;
    }
    return N.isPegged(order) && state.pegPrice(order) === 0 ? O.HELD_UNPRICED : 0;
  }

  private startTrail(order: NaiveOrder): void {
    order.triggerTicks = N.trailedTrigger(order, this.state.lastTradePriceTicks);
  }

  /** Steps 3 to 7. */
  private act(order: NaiveOrder, isTriggered: boolean): void {
    const { state } = this;
    const held = this.whyHeld(order, isTriggered);
    if (held !== 0) {
      state.put(order, held);
      const triggerTicks = held === O.HELD_STOP ? order.triggerTicks : 0;
      this.emit('held', { orderId: order.orderId, triggerTicks, why: held });
      return;
    }
    this.trimToPosition(order);
    const { priceTicks, openLots: oldLots } = order;
    order.priceTicks = this.priceOnArrival(order);
    if (order.priceTicks !== priceTicks) this.sayAmended(order, { priceTicks, oldLots }, true);
    if (N.isStop(order) && !isTriggered) this.sayTriggered(order, O.HELD_STOP);
    this.arrive(order);
  }

  /** `OrderTriggered`; when it was a stop that was triggered, the order's partner leaves. */
  private sayTriggered(order: NaiveOrder, why: number): void {
    const priceTicks = why === O.HELD_STOP ? this.state.lastTradePriceTicks : 0;
    this.emit('triggered', { orderId: order.orderId, priceTicks, why });
    if (why === O.HELD_STOP) this.partnerLeaves(order);
  }

  /** Step 3: a reduce-only order asks for no more than the position. */
  private trimToPosition(order: NaiveOrder): void {
    const most = this.state.allowance(order);
    if (N.isReduceOnly(order) && order.openLots > most) this.amendDown(order, most);
  }

  /** An order that has left its level, or has got a price to follow, comes back. */
  protected arriveAnew(order: NaiveOrder): void {
    if (N.isReduceOnly(order) && this.state.allowance(order) === 0) {
      this.leave(order, O.CANCEL_REDUCE_ONLY);
      return;
    }
    this.trimToPosition(order);
    this.arrive(order);
  }

  /** Continued work, kind 4: an order whose trigger or parent has come through acts now. */
  protected activate(order: NaiveOrder): void {
    const { state } = this;
    const why = order.heldFor;
    order.place = ARRIVING;
    order.heldFor = 0;
    this.sayTriggered(order, why);
    const isTriggered = why === O.HELD_STOP;
    if (N.isTrailing(order) && !isTriggered) this.startTrail(order);
    if (this.whyHeld(order, isTriggered) === 0) {
      const reduces = !N.isReduceOnly(order) || state.allowance(order) > 0;
      if (!reduces) return this.leave(order, O.CANCEL_REDUCE_ONLY);
      if (this.actionRefusal(order) !== C.OK) return this.leave(order, O.CANCEL_ON_ACTIVATION);
    }
    this.act(order, isTriggered);
  }

  /** The pegged order whose turn it is to get another price. */
  protected pegDue(): NaiveOrder | undefined {
    const { state } = this;
    return state.orders
      .filter((order) => N.isPegged(order))
      .filter((order) => order.place === RESTING || order.place === O.HELD_UNPRICED)
      .sort((a, b) => a.orderId - b.orderId)
      .find((order) => {
        const priceTicks = state.pegPrice(order);
        if (priceTicks === 0) return false;
        return order.place === O.HELD_UNPRICED || priceTicks !== order.priceTicks;
      });
  }

  /** Continued work, kind 5: a pegged order follows. */
  protected follow(order: NaiveOrder): void {
    const { state } = this;
    if (order.place === O.HELD_UNPRICED) {
      order.heldFor = O.HELD_UNPRICED;
      return this.activate(order);
    }
    const { priceTicks, openLots: oldLots } = order;
    const newTicks = state.pegPrice(order);
    const fits = state.without([order], () => state.hasRoom(order.side, newTicks));
    if (!fits) return this.leave(order, O.CANCEL_ON_ACTIVATION);
    order.place = ARRIVING;
    order.visibleLots = 0;
    order.priceTicks = newTicks;
    this.sayAmended(order, { priceTicks, oldLots }, false, true);
    this.arriveAnew(order);
  }
}

/** Section 2, reason 2: what phase pre-open takes. */
function canWaitForAuction(order: NaiveOrder): boolean {
  if (!PRE_OPEN_TYPES.includes(order.orderType)) return false;
  if (order.orderType !== O.ORDER_TYPE_LIMIT) return true;
  const acts = order.tif === O.TIF_IOC || order.tif === O.TIF_FOK;
  const flags = O.ORDER_FLAG_ALL_OR_NONE | O.ORDER_FLAG_POST_ONLY_SLIDE;
  return !acts && !N.hasFlag(order, flags);
}
