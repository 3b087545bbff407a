import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import { type Admission, isStop } from './admission.ts';
import type { PriceBounds } from './bounds.ts';
import type { Departures } from './departures.ts';
import type { EventWriter } from './event-writer.ts';
import { EXTRA, NONE as NO_ORDER } from './layout.ts';
import type { LookAhead } from './look-ahead.ts';
import type { MarketState } from './market-state.ts';
import { RESTS, remainderFate } from './order-rules.ts';
import type { Trading } from './trading.ts';

const NONE = NO_ORDER;
const F_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const F_PLACE_PRICE = R.PLACE_PRICE_TICKS / 8;
const F_PLACE_QTY = R.PLACE_QTY_LOTS / 8;
const PLACE_FLAGS = R.PLACE_FLAGS;
const { ORDER_FLAG_EXTENDED, ORDER_FLAG_REDUCE_ONLY, PHASE_CONTINUOUS, HELD_STOP } = O;

/** Orders that arrive, and those that act after having waited. */
export class Arrivals {
  /** The market halts when the group ends: a price would have left the bounds. */
  halting = false;
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly departures: Departures;
  private readonly trading: Trading;
  private readonly admission: Admission;
  private readonly lookAhead: LookAhead;
  private readonly bounds: PriceBounds;

  constructor(
    state: MarketState,
    events: EventWriter,
    bounds: PriceBounds,
    rules: {
      readonly departures: Departures;
      readonly trading: Trading;
      readonly admission: Admission;
      readonly lookAhead: LookAhead;
    },
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.departures = rules.departures;
    this.trading = rules.trading;
    this.admission = rules.admission;
    this.lookAhead = rules.lookAhead;
  }

  /** A `PlaceOrder`. */
  place(views: FrameViews, at: number): void {
    const { state, events, departures } = this;
    const { book } = state;
    const word = at >>> 3;
    assert(views.f64[word + F_PLACE_PRICE] > 0, 'an order without a price');
    assert(views.f64[word + F_PLACE_QTY] > 0, 'an order without a quantity');
    if (book.index.has(views.f64[word + F_ORDER_ID])) {
      events.rejected(C.DUPLICATE_ORDER_ID);
      return;
    }
    const slot = state.read(views, at);
    const extended = (views.u8[at + PLACE_FLAGS] & ORDER_FLAG_EXTENDED) !== 0;
    if (!extended && state.phase === PHASE_CONTINUOUS && book.orders.isPlain(slot)) {
      this.placePlain(slot);
      return;
    }
    const code = this.refusal(slot, views, at, extended);
    this.lookAhead.withAll();
    if (code !== C.OK) {
      events.rejected(code);
      state.free(slot);
      return;
    }
    events.accepted(slot);
    departures.arriving = slot;
    if (extended) {
      this.link(slot, views, at);
      const replacesId = views.f64[(at + R.PLACE_REPLACES_ORDER_ID) >>> 3];
      if (replacesId !== 0) departures.leave(book.index.find(replacesId), O.CANCEL_REPLACED);
      // It may have lost its partner or parent with that order.
      if (departures.arriving !== slot) return;
    }
    this.act(slot, false);
  }

  /** An order without special terms, in phase continuous: of the checks only two are left. */
  private placePlain(slot: number): void {
    const { state, events, departures } = this;
    const { orders } = state.book;
    const fate = orders.tif(slot) === O.TIF_IOC ? O.CANCEL_IOC_REMAINDER : RESTS;
    const code = this.plainRefusal(slot, fate);
    if (code !== C.OK) {
      events.rejected(code);
      orders.free(slot);
      return;
    }
    events.accepted(slot);
    departures.arriving = slot;
    this.execute(slot, fate, 0);
  }

  /**
   * Goes on with an order that was accepted, and may have traded, elsewhere: see plain-run.ts.
   * @param fate of what does not trade: CANCEL_… or `RESTS`
   * @param workDone events of its trading that the group has already
   */
  goOn(slot: number, fate: number, workDone: number): void {
    this.departures.arriving = slot;
    this.execute(slot, fate, workDone);
  }

  private plainRefusal(slot: number, fate: number): number {
    const { book } = this.state;
    const price = book.orders.price(slot);
    if (!this.bounds.allowsOrder(price)) return C.PRICE_OUTSIDE_BAND;
    if (fate !== RESTS || book.hasRoom(slot)) return C.OK;
    const whole = this.lookAhead.tradesWhole(slot, price, book.orders.remaining(slot));
    return whole ? C.OK : C.ORDER_POOL_FULL;
  }

  /** Why the arriving order is rejected, or `OK`. */
  private refusal(slot: number, views: FrameViews, at: number, extended: boolean): number {
    const { admission } = this;
    const code = admission.phaseRefusal(slot);
    if (code !== C.OK) return code;
    if (!extended) {
      admission.decide(slot, false);
      return admission.refusal(slot);
    }
    if (admission.isExpired(slot, views, at)) return C.EXPIRED_ON_ARRIVAL;
    const { f64 } = views;
    const parentId = f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3];
    const replacesId = f64[(at + R.PLACE_REPLACES_ORDER_ID) >>> 3];
    if (replacesId !== 0) {
      const replaced = this.state.book.index.find(replacesId);
      const traded = f64[(at + R.PLACE_REPLACES_TRADED_LOTS) >>> 3];
      const gone = admission.replacementRefusal(slot, replaced, traded);
      if (gone !== C.OK) return gone;
      this.lookAhead.without(replaced);
    }
    const partnerId = f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3];
    const linkCode = admission.linkRefusal(slot, partnerId, parentId);
    if (linkCode !== C.OK) return linkCode;
    if (parentId === 0) {
      this.startTrailing(slot);
      admission.decide(slot, false);
    } else {
      admission.waitsFor = O.HELD_CHILD;
    }
    return admission.refusal(slot);
  }

  private link(slot: number, views: FrameViews, at: number): void {
    const { state } = this;
    const { index } = state.book;
    const partnerId = views.f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3];
    const parentId = views.f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3];
    state.link(
      slot,
      partnerId === 0 ? NONE : index.find(partnerId),
      parentId === 0 ? NONE : index.find(parentId),
    );
  }

  /** An order that is ready acts, or a pegged one that has got a price. @param why HELD_… */
  activate(slot: number, why: number): void {
    const { state, events, departures, admission } = this;
    state.unhold(slot);
    departures.arriving = slot;
    const triggered = why === HELD_STOP;
    events.triggered(slot, why, triggered ? state.lastPriceTicks : 0);
    if (triggered) departures.partnerLeaves(slot);
    else this.startTrailing(slot);
    admission.decide(slot, triggered);
    if (admission.waitsFor === 0) {
      const { orders } = state.book;
      const reduceOnly = (orders.flags(slot) & ORDER_FLAG_REDUCE_ONLY) !== 0;
      if (reduceOnly && state.reduceOnly.allowed(slot) === 0) {
        departures.leave(slot, O.CANCEL_REDUCE_ONLY);
        return;
      }
      if (admission.actionRefusal(slot) !== C.OK) {
        departures.leave(slot, O.CANCEL_ON_ACTIVATION);
        return;
      }
    }
    this.act(slot, triggered);
  }

  /** A trailing stop's trigger starts at the newest price. */
  private startTrailing(slot: number): void {
    const { state } = this;
    if (state.book.orders.orderType(slot) !== O.ORDER_TYPE_TRAILING_STOP) return;
    const trigger = state.stops.trailedTrigger(slot, state.lastPriceTicks);
    state.extras.setDouble(state.book.orders.extra(slot), EXTRA.F_TRIGGER, trigger);
  }

  /** Section 2 from step 3 on, as it was decided. @param triggered its stop was triggered before */
  private act(slot: number, triggered: boolean): void {
    const { state, events, departures, admission } = this;
    const { orders } = state.book;
    const { waitsFor } = admission;
    if (waitsFor !== 0) {
      departures.arriving = NONE;
      const extra = orders.extra(slot);
      const trigger = waitsFor === HELD_STOP ? state.extras.double(extra, EXTRA.F_TRIGGER) : 0;
      state.hold(slot, waitsFor);
      events.held(slot, waitsFor, trigger);
      return;
    }
    if (admission.qtyLots < orders.remaining(slot)) this.trim(slot, admission.qtyLots);
    if (admission.priceTicks !== orders.price(slot)) this.reprice(slot, admission.priceTicks);
    if (isStop(orders.orderType(slot)) && !triggered) {
      events.triggered(slot, HELD_STOP, state.lastPriceTicks);
      departures.partnerLeaves(slot);
    }
    this.execute(slot, remainderFate(orders.orderType(slot), orders.tif(slot)), 0);
  }

  private reprice(slot: number, priceTicks: number): void {
    const { orders } = this.state.book;
    const before = orders.price(slot);
    orders.setPrice(slot, priceTicks);
    this.events.amendedOutside(slot, before, orders.remaining(slot));
  }

  private trim(slot: number, openLots: number): void {
    const { orders } = this.state.book;
    const before = orders.remaining(slot);
    orders.setRemaining(slot, openLots);
    orders.setTotal(slot, orders.total(slot) - before + openLots);
    this.events.amendedOutside(slot, orders.price(slot), before);
  }

  /** An order that rested has left its level, with new terms, and arrives anew. */
  arriveAnew(slot: number): void {
    const { state, departures } = this;
    const { orders } = state.book;
    departures.arriving = slot;
    if ((orders.flags(slot) & ORDER_FLAG_REDUCE_ONLY) !== 0) {
      const allowed = state.reduceOnly.allowed(slot);
      if (allowed === 0) {
        departures.leave(slot, O.CANCEL_REDUCE_ONLY);
        return;
      }
      if (allowed < orders.remaining(slot)) this.trim(slot, allowed);
    }
    this.execute(slot, RESTS, 0);
  }

  /** Trades the arriving order, then lets what is left rest or cancels it. */
  private execute(slot: number, remainder: number, workDone: number): void {
    const { state, departures } = this;
    const { book } = state;
    let fate = remainder;
    if (state.phase === PHASE_CONTINUOUS && book.crosses(slot)) {
      this.trading.run(slot, workDone);
      if (departures.arriving !== slot) return;
      if (book.orders.remaining(slot) === 0) {
        departures.arriving = NONE;
        state.free(slot);
        return;
      }
      if (book.crosses(slot)) fate = this.stopped(slot);
    }
    if (fate === RESTS && !book.hasRoom(slot)) fate = O.CANCEL_ON_ACTIVATION;
    if (fate !== RESTS) {
      departures.leave(slot, fate);
      return;
    }
    departures.arriving = NONE;
    state.rest(slot);
    this.events.rested(slot);
  }

  /** Why the order did not go on trading at a price within its limit. */
  private stopped(slot: number): number {
    const { book } = this.state;
    const best = book.ladders[1 - book.orders.side(slot)].bestPrice();
    if (this.bounds.allowsTrade(best)) return O.CANCEL_FILL_LIMIT;
    this.halting = true;
    return O.CANCEL_VOLATILITY_HALT;
  }
}
