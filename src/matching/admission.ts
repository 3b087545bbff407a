import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { PriceBounds } from './bounds.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import { MOST_CHILDREN } from './links.ts';
import type { LookAhead } from './look-ahead.ts';
import type { MarketState } from './market-state.ts';
import { RESTS, remainderFate } from './order-rules.ts';

const NONE = NO_ORDER;
const { PHASE_CONTINUOUS, HELD_STOP, HELD_UNPRICED, ORDER_FLAG_REDUCE_ONLY } = O;

/**
 * Whether an order may act, and how: what rejects it, whether it waits, and with which price and
 * quantity it would act. Nothing in the market changes here.
 */
export class Admission {
  /** Of the order looked at last: HELD_… if it waits, 0 if it acts at once. */
  waitsFor = 0;
  /** The price and quantity it acts with. */
  priceTicks = 0;
  qtyLots = 0;
  private readonly state: MarketState;
  private readonly bounds: PriceBounds;
  private readonly lookAhead: LookAhead;
  private readonly maxWaiting: number;

  constructor(state: MarketState, bounds: PriceBounds, lookAhead: LookAhead, maxWaiting: number) {
    this.state = state;
    this.bounds = bounds;
    this.lookAhead = lookAhead;
    this.maxWaiting = maxWaiting;
  }

  /** Why the phase does not let the order in, or `OK`. */
  phaseRefusal(slot: number): number {
    const { phase } = this.state;
    if (phase === PHASE_CONTINUOUS) return C.OK;
    if (phase === O.PHASE_CLOSED) return C.MARKET_CLOSED;
    if (phase !== O.PHASE_PRE_OPEN) return C.MARKET_HALTED;
    const { orders } = this.state.book;
    const type = orders.orderType(slot);
    if (isStop(type)) return C.OK;
    const tif = orders.tif(slot);
    const hurried =
      tif === O.TIF_IOC ||
      tif === O.TIF_FOK ||
      (orders.flags(slot) & (O.ORDER_FLAG_ALL_OR_NONE | O.ORDER_FLAG_POST_ONLY_SLIDE)) !== 0;
    return type === O.ORDER_TYPE_LIMIT && !hurried ? C.OK : C.NOT_BEFORE_AUCTION;
  }

  /** True when the order's time is over by now. */
  isExpired(slot: number, views: FrameViews, at: number): boolean {
    const { state } = this;
    if (!state.expires(slot)) return false;
    const extra = state.book.orders.extra(slot);
    const expire = state.extras.int(extra, EXTRA.I_EXPIRE_SECONDS) >>> 0;
    const seconds = views.i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    if (expire !== seconds) return expire < seconds;
    return state.extras.int(extra, EXTRA.I_EXPIRE_NANOS) <= views.i32[(at + R.RECORD_NANOS) >>> 2];
  }

  /** Why the order cannot replace this one, or `OK`. @param replaced its slot, or `NONE` */
  replacementRefusal(slot: number, replaced: number, tradedLots: number): number {
    const { state } = this;
    const { orders } = state.book;
    const fits =
      replaced !== NONE &&
      orders.portfolio(replaced) === orders.portfolio(slot) &&
      orders.side(replaced) === orders.side(slot) &&
      orders.total(replaced) - state.openLots(replaced) === tradedLots;
    return fits ? C.OK : C.REPLACED_ORDER_GONE;
  }

  /** Why the order cannot have this partner and this parent, or `OK`. Ids are 0 where it has none. */
  linkRefusal(slot: number, partnerId: number, parentId: number): number {
    const { state } = this;
    const { links } = state;
    const { index, orders } = state.book;
    const partner = partnerId === 0 ? NONE : index.find(partnerId);
    const parent = parentId === 0 ? NONE : index.find(parentId);
    if (partnerId !== 0) {
      if (!this.isOwn(slot, partner)) return C.LINKED_ORDER_GONE;
      if (orders.total(partner) > state.openLots(partner)) return C.LINKED_ORDER_GONE;
    }
    if (parentId !== 0 && !this.isOwn(slot, parent)) return C.LINKED_ORDER_GONE;
    if (partner !== NONE) {
      if (links.partner(partner) !== NONE) return C.LINK_NOT_ALLOWED;
      // So that partners of a child are its siblings, and no chain of links is longer than that.
      if (links.parent(partner) !== parent) return C.LINK_NOT_ALLOWED;
    }
    if (parent === NONE) return C.OK;
    const full = links.childCount(parent) >= MOST_CHILDREN;
    return full || links.parent(parent) !== NONE ? C.LINK_NOT_ALLOWED : C.OK;
  }

  /**
   * Decides whether the order waits (in `waitsFor`), parents aside.
   * @param triggered its stop was triggered before
   */
  decide(slot: number, triggered: boolean): void {
    const { state } = this;
    const { orders } = state.book;
    const type = orders.orderType(slot);
    this.waitsFor = 0;
    if (type === O.ORDER_TYPE_LIMIT) return;
    if (isStop(type) && !triggered) {
      const met = state.lastPriceTicks > 0 && state.stops.isMet(slot, state.lastPriceTicks);
      if (state.phase !== PHASE_CONTINUOUS || !met) this.waitsFor = HELD_STOP;
    } else if (type === O.ORDER_TYPE_PEGGED) {
      const side = state.pegs.followedSide(slot);
      if (this.lookAhead.bestUnpegged(side) === 0) this.waitsFor = HELD_UNPRICED;
    }
  }

  /** Why an arriving order is rejected by checks 6 to 10, or `OK`. It was decided about. */
  refusal(slot: number): number {
    const { state } = this;
    const { orders } = state.book;
    const reduceOnly = (orders.flags(slot) & ORDER_FLAG_REDUCE_ONLY) !== 0;
    const acts = this.waitsFor === 0;
    if (acts && reduceOnly && state.reduceOnly.allowed(slot) === 0) {
      return C.REDUCE_ONLY_WOULD_INCREASE;
    }
    const type = orders.orderType(slot);
    if (type === O.ORDER_TYPE_TRAILING_STOP && state.lastPriceTicks === 0) {
      return C.NO_TRIGGER_REFERENCE;
    }
    if (type === O.ORDER_TYPE_LIMIT && !this.bounds.allowsOrder(orders.price(slot))) {
      return C.PRICE_OUTSIDE_BAND;
    }
    if (acts) return this.actionRefusal(slot);
    const waiting = state.waitingCount - this.lookAhead.waitingLess();
    return waiting >= this.maxWaiting ? C.ORDER_POOL_FULL : C.OK;
  }

  /**
   * Why an order cannot act at once, or `OK`; with which price and quantity it would, stands in
   * `priceTicks` and `qtyLots`. Whether it could only increase a position was asked before.
   */
  actionRefusal(slot: number): number {
    const { state, lookAhead } = this;
    const { orders } = state.book;
    const side = orders.side(slot);
    const flags = orders.flags(slot);
    const pegged = orders.orderType(slot) === O.ORDER_TYPE_PEGGED;
    this.qtyLots = orders.remaining(slot);
    this.priceTicks = orders.price(slot);
    if ((flags & ORDER_FLAG_REDUCE_ONLY) !== 0) {
      this.qtyLots = Math.min(this.qtyLots, state.reduceOnly.allowed(slot));
    }
    if (state.phase !== PHASE_CONTINUOUS) {
      return lookAhead.hasRoom(slot, this.priceTicks) ? C.OK : C.ORDER_POOL_FULL;
    }
    if (pegged) {
      const followed = lookAhead.bestUnpegged(state.pegs.followedSide(slot));
      this.priceTicks = state.pegs.price(slot, followed);
    }
    let takes = lookAhead.crosses(side, this.priceTicks);
    if (takes && (flags & (O.ORDER_FLAG_POST_ONLY | O.ORDER_FLAG_POST_ONLY_SLIDE)) !== 0) {
      if ((flags & O.ORDER_FLAG_POST_ONLY) !== 0 || pegged) return C.POST_ONLY_WOULD_TAKE;
      const best = lookAhead.bestPrice(1 - side);
      this.priceTicks = side === O.SIDE_BUY ? best - 1 : best + 1;
      if (this.priceTicks < 1) return C.POST_ONLY_WOULD_TAKE;
      takes = false;
    }
    return this.tradeRefusal(slot, takes);
  }

  /** The part of `actionRefusal` that asks what the order would trade. */
  private tradeRefusal(slot: number, takes: boolean): number {
    const { lookAhead, priceTicks, qtyLots } = this;
    const { orders } = this.state.book;
    const tif = orders.tif(slot);
    if (tif === O.TIF_FOK && !lookAhead.tradesWhole(slot, priceTicks, qtyLots)) {
      return C.FOK_NOT_FILLABLE;
    }
    if (takes && (orders.flags(slot) & O.ORDER_FLAG_ALL_OR_NONE) !== 0) {
      if (!lookAhead.tradesWhole(slot, priceTicks, qtyLots)) return C.ALL_OR_NONE_NOT_FILLABLE;
    }
    const fate = remainderFate(orders.orderType(slot), tif);
    if (!takes && fate === O.CANCEL_MARKET_REMAINDER) return C.NO_LIQUIDITY;
    if (fate !== RESTS || lookAhead.hasRoom(slot, priceTicks)) return C.OK;
    return lookAhead.tradesWhole(slot, priceTicks, qtyLots) ? C.OK : C.ORDER_POOL_FULL;
  }

  private isOwn(slot: number, other: number): boolean {
    const { orders } = this.state.book;
    return other !== NONE && orders.portfolio(other) === orders.portfolio(slot);
  }
}

/** True for orders that wait for a trigger price. */
export function isStop(orderType: number): boolean {
  return orderType >= O.ORDER_TYPE_STOP && orderType <= O.ORDER_TYPE_TRAILING_STOP;
}
