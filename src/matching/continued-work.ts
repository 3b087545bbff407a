import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { Amendments } from './amendments.ts';
import type { Arrivals } from './arrivals.ts';
import type { Departures } from './departures.ts';
import type { EventWriter } from './event-writer.ts';
import { NONE as NO_ORDER } from './layout.ts';
import type { MarketState } from './market-state.ts';
import type { Uncrossing } from './uncrossing.ts';

const NONE = NO_ORDER;

/** Nothing is due. Otherwise CONTINUE_…. */
export const NO_WORK = 0;

/** What a market does of its own accord: with what is due it goes on, a bounded group at a time. */
export class ContinuedWork {
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly departures: Departures;
  private readonly arrivals: Arrivals;
  private readonly amendments: Amendments;
  private readonly uncrossing: Uncrossing;
  private readonly maxWork: number;

  constructor(
    state: MarketState,
    events: EventWriter,
    rules: {
      readonly departures: Departures;
      readonly arrivals: Arrivals;
      readonly amendments: Amendments;
      readonly uncrossing: Uncrossing;
    },
    maxWork: number,
  ) {
    this.state = state;
    this.events = events;
    this.departures = rules.departures;
    this.arrivals = rules.arrivals;
    this.amendments = rules.amendments;
    this.uncrossing = rules.uncrossing;
    this.maxWork = maxWork;
  }

  /** What is due now: CONTINUE_…, or `NO_WORK`. Expiry is asked for with a time, see `expiryDue`. */
  due(): number {
    const { state } = this;
    const { phase } = state;
    if (phase === O.PHASE_AUCTION) return O.CONTINUE_AUCTION;
    if (phase === O.PHASE_CLOSED && state.days.first !== NONE) return O.CONTINUE_DAY_END;
    if (state.reduceOnly.hasExcess()) return O.CONTINUE_REDUCE_ONLY;
    if (phase !== O.PHASE_CONTINUOUS) return NO_WORK;
    if (state.ready.first !== NONE) return O.CONTINUE_READY;
    return state.pegs.firstWrong() === NONE ? NO_WORK : O.CONTINUE_PEG;
  }

  /** True when orders expire before a command of this time may be applied. */
  expiryDue(views: FrameViews, at: number): boolean {
    const seconds = views.i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    const { expiries } = this.state;
    if (expiries.nextSeconds > seconds) return false;
    return expiries.due(seconds, views.i32[(at + R.RECORD_NANOS) >>> 2]) !== NONE;
  }

  /** The order that the work of this kind, which is due, concerns; 0 when it is not one order. */
  orderId(kind: number): number {
    const { state } = this;
    if (kind === O.CONTINUE_READY) return state.book.orders.id(state.ready.first);
    return kind === O.CONTINUE_PEG ? state.book.orders.id(state.pegs.firstWrong()) : 0;
  }

  /** Carries out a `ContinueWork`, which must be what is due. */
  carryOut(views: FrameViews, at: number): void {
    const kind = views.i32[(at + R.CONTINUE_KIND) >>> 2];
    if (kind === O.CONTINUE_EXPIRE) {
      assert(this.expiryDue(views, at), 'nothing has expired');
      this.expire(views, at);
      return;
    }
    assert(kind === this.due(), 'the market was told to go on with what is not due');
    const orderId = views.f64[(at + R.COMMAND_ORDER_ID) >>> 3];
    assert(orderId === this.orderId(kind), 'the market was told to go on with another order');
    const { state } = this;
    if (kind === O.CONTINUE_AUCTION) this.uncrossing.run();
    else if (kind === O.CONTINUE_DAY_END) this.endDay();
    else if (kind === O.CONTINUE_REDUCE_ONLY) this.reduce();
    else if (kind === O.CONTINUE_READY) {
      const slot = state.ready.first;
      this.arrivals.activate(slot, state.heldFor(slot));
    } else this.repeg(state.pegs.firstWrong());
  }

  /** Cancels open orders in the sequence of a mass cancellation. @param portfolioId 0: everyone's */
  cancelAll(portfolioId: number): void {
    const { state, events, departures, maxWork } = this;
    const { index, bids, asks } = state.book;
    const ids: number[] = [];
    this.collect(bids.bestLevel(), portfolioId, ids);
    this.collect(asks.bestLevel(), portfolioId, ids);
    const { orders } = state.book;
    let waiting = state.waiting.first;
    while (waiting !== NONE && ids.length < maxWork) {
      if (portfolioId === 0 || orders.portfolio(waiting) === portfolioId) {
        ids.push(orders.id(waiting));
      }
      waiting = state.waiting.next(waiting);
    }
    const before = events.seq;
    for (const orderId of ids) {
      if (events.seq - before >= maxWork) break;
      // It may have left already, with one of those before it.
      const slot = index.find(orderId);
      if (slot !== NONE) departures.leave(slot, O.CANCEL_MASS);
    }
    events.allCancelled(events.seq - before);
  }

  /** Ids of a portfolio's orders from this level on, as many as may leave in a group. */
  private collect(bestLevel: number, portfolioId: number, ids: number[]): void {
    const { orders, levels, ladders } = this.state.book;
    let level = bestLevel;
    while (level !== NONE) {
      for (let slot = levels.first(level); slot !== NONE; slot = orders.next(slot)) {
        if (ids.length >= this.maxWork) return;
        if (portfolioId === 0 || orders.portfolio(slot) === portfolioId) ids.push(orders.id(slot));
      }
      level = ladders[levels.side(level)].nextWorse(level);
    }
  }

  private expire(views: FrameViews, at: number): void {
    const { state, events, departures } = this;
    const seconds = views.i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    const nanos = views.i32[(at + R.RECORD_NANOS) >>> 2];
    const workEnd = events.seq + this.maxWork;
    let slot = state.expiries.due(seconds, nanos);
    while (slot !== NONE && events.seq < workEnd) {
      departures.leave(slot, O.CANCEL_EXPIRED);
      slot = state.expiries.due(seconds, nanos);
    }
  }

  private endDay(): void {
    const { state, events, departures } = this;
    const workEnd = events.seq + this.maxWork;
    while (state.days.first !== NONE && events.seq < workEnd) {
      departures.leave(state.days.first, O.CANCEL_EXPIRED);
    }
  }

  private reduce(): void {
    const { state, events, departures } = this;
    const { orders, index } = state.book;
    const workEnd = events.seq + this.maxWork;
    // Who is taken along by one before it is no longer there.
    const ids = state.reduceOnly.excessive().map((slot) => orders.id(slot));
    for (const orderId of ids) {
      if (events.seq >= workEnd) return;
      const slot = index.find(orderId);
      if (slot === NONE) continue;
      const allowed = state.reduceOnly.allowed(slot);
      if (allowed === 0) departures.leave(slot, O.CANCEL_REDUCE_ONLY);
      else this.amendments.shrink(slot, allowed);
    }
  }

  private repeg(slot: number): void {
    const { state } = this;
    const { book, pegs } = state;
    if (state.place(slot) === O.HELD_UNPRICED) {
      this.arrivals.activate(slot, O.HELD_UNPRICED);
      return;
    }
    const price = pegs.price(slot, pegs.bestUnpegged(pegs.followedSide(slot)));
    if (book.hasRoomToMove(slot, price)) this.amendments.move(slot, price, state.openLots(slot));
    else this.departures.leave(slot, O.CANCEL_ON_ACTIVATION);
  }
}
