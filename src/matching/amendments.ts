import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { Arrivals } from './arrivals.ts';
import type { PriceBounds } from './bounds.ts';
import type { Departures } from './departures.ts';
import type { EventWriter } from './event-writer.ts';
import type { LookAhead } from './look-ahead.ts';
import type { MarketState } from './market-state.ts';
import { amendedRemaining } from './order-rules.ts';

const POST_ONLY = O.ORDER_FLAG_POST_ONLY | O.ORDER_FLAG_POST_ONLY_SLIDE;

/** Changes the price or the quantity of open orders. */
export class Amendments {
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly bounds: PriceBounds;
  private readonly departures: Departures;
  private readonly lookAhead: LookAhead;
  private readonly arrivals: Arrivals;

  constructor(
    state: MarketState,
    events: EventWriter,
    bounds: PriceBounds,
    rules: {
      readonly departures: Departures;
      readonly lookAhead: LookAhead;
      readonly arrivals: Arrivals;
    },
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.departures = rules.departures;
    this.lookAhead = rules.lookAhead;
    this.arrivals = rules.arrivals;
  }

  /** An `AmendOrder`. @param slot the order it speaks of */
  amend(slot: number, views: FrameViews, at: number): void {
    const { state, events } = this;
    const { orders } = state.book;
    const oldPriceTicks = orders.price(slot);
    const oldOpen = state.openLots(slot);
    const filled = orders.total(slot) - oldOpen;
    const priceTicks = views.f64[(at + R.AMEND_PRICE_TICKS) >>> 3] || oldPriceTicks;
    const qtyLots = views.f64[(at + R.AMEND_QTY_LOTS) >>> 3];
    const mode = views.u8[at + R.AMEND_MODE];
    const open = amendedRemaining(mode, oldOpen, filled, qtyLots);
    const moves = priceTicks !== oldPriceTicks;
    const pegged = orders.orderType(slot) === O.ORDER_TYPE_PEGGED;
    if (open <= 0 && mode === O.AMEND_REDUCE_BY) {
      this.departures.leave(slot, O.CANCEL_BY_REQUEST);
    } else if (open <= 0 || (moves && pegged) || !(moves || open !== oldOpen)) {
      events.commandRejected(C.AMEND_INVALID);
    } else if (state.place(slot) !== O.PLACE_RESTING) {
      orders.setPrice(slot, priceTicks);
      orders.setRemaining(slot, open);
      orders.setTotal(slot, filled + open);
      events.amendedOutside(slot, oldPriceTicks, oldOpen);
    } else if (!moves && open < oldOpen) {
      this.shrink(slot, open);
    } else {
      this.requeue(slot, priceTicks, open);
    }
  }

  /** Lowers what is open of a resting order, which keeps its place. */
  shrink(slot: number, openLots: number): void {
    const { state } = this;
    const { orders } = state.book;
    const before = state.openLots(slot);
    state.lower(slot, openLots);
    orders.setTotal(slot, orders.total(slot) - before + openLots);
    this.events.amended(slot, orders.price(slot), before, true);
  }

  /** An amendment that costs the order its place: it leaves its level and arrives anew. */
  private requeue(slot: number, priceTicks: number, openLots: number): void {
    const refusal = this.requeueRefusal(slot, priceTicks, openLots);
    if (refusal !== C.OK) {
      this.events.commandRejected(refusal);
      return;
    }
    this.move(slot, priceTicks, openLots);
  }

  /** A resting order leaves its level for another price or quantity, and arrives anew. */
  move(slot: number, priceTicks: number, openLots: number): void {
    const { state, events } = this;
    const { book } = state;
    const { orders } = book;
    const oldPriceTicks = orders.price(slot);
    const oldOpen = state.openLots(slot);
    state.unlink(slot);
    orders.setPrice(slot, priceTicks);
    orders.setTotal(slot, orders.total(slot) - oldOpen + openLots);
    orders.setRemaining(slot, openLots);
    events.amended(slot, oldPriceTicks, oldOpen, false);
    book.detach(slot);
    this.arrivals.arriveAnew(slot);
  }

  private requeueRefusal(slot: number, priceTicks: number, openLots: number): number {
    const { state, lookAhead } = this;
    const { book, phase } = state;
    const { orders } = book;
    if (phase === O.PHASE_CLOSED) return C.MARKET_CLOSED;
    if (phase === O.PHASE_HALTED || phase === O.PHASE_AUCTION) return C.MARKET_HALTED;
    const limit = orders.orderType(slot) === O.ORDER_TYPE_LIMIT;
    if (limit && !this.bounds.allowsOrder(priceTicks)) return C.PRICE_OUTSIDE_BAND;
    const trades = phase === O.PHASE_CONTINUOUS;
    const postOnly = (orders.flags(slot) & POST_ONLY) !== 0;
    if (trades && postOnly && lookAhead.crosses(orders.side(slot), priceTicks)) {
      return C.POST_ONLY_WOULD_TAKE;
    }
    if (book.hasRoomToMove(slot, priceTicks)) return C.OK;
    const whole = trades && lookAhead.tradesWhole(slot, priceTicks, openLots);
    return whole ? C.OK : C.ORDER_POOL_FULL;
  }
}
