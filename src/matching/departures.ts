import * as O from '../domain/orders.ts';
import type { EventWriter } from './event-writer.ts';
import { NONE as NO_ORDER, ARRIVING as NOWHERE } from './layout.ts';
import type { MarketState } from './market-state.ts';

const NONE = NO_ORDER;
const ARRIVING = NOWHERE;

/** How orders leave without trading, and who goes with them. */
export class Departures {
  /** The order that arrives, or acts anew; `NONE` once it has left, rested or begun to wait. */
  arriving: number = NONE;
  private readonly state: MarketState;
  private readonly events: EventWriter;

  constructor(state: MarketState, events: EventWriter) {
    this.state = state;
    this.events = events;
  }

  /**
   * The order leaves, wherever it is; then its partner, then its children, each with what follows.
   * An arriving order that has traded whole does not leave: it is done.
   * @param reason CANCEL_…
   */
  leave(slot: number, reason: number): void {
    const { state, events } = this;
    const { orders } = state.book;
    if (slot === this.arriving) {
      if (orders.remaining(slot) === 0) return;
      this.arriving = NONE;
      events.cancelledArriving(slot, reason);
    } else if (state.place(slot) === O.PLACE_RESTING) {
      state.unlink(slot);
      events.cancelledResting(slot, reason);
      state.book.detach(slot);
    } else {
      if (state.place(slot) !== ARRIVING) state.unhold(slot);
      events.cancelledArriving(slot, reason);
    }
    if (orders.extra(slot) !== NONE) this.takeAlong(slot);
    state.free(slot);
  }

  /** The order has traded for the first time, or was triggered: its partner leaves for good. */
  partnerLeaves(slot: number): void {
    const partner = this.state.links.part(slot);
    if (partner !== NONE) this.leave(partner, O.CANCEL_OCO);
  }

  /**
   * Two orders have traded with each other: the partner of each leaves, that of the first one first.
   * They may be a pair themselves; then one of them leaves, unless both have traded whole.
   */
  partnersLeave(first: number, second: number): void {
    const { state } = this;
    if (state.links.partner(first) === second) {
      state.links.part(first);
      if (state.openLots(second) > 0) this.leave(second, O.CANCEL_OCO);
      else if (state.openLots(first) > 0) this.leave(first, O.CANCEL_OCO);
      return;
    }
    this.partnerLeaves(first);
    this.partnerLeaves(second);
  }

  private takeAlong(slot: number): void {
    const { links } = this.state;
    links.disown(slot);
    this.partnerLeaves(slot);
    for (let child = links.firstChild(slot); child !== NONE; child = links.firstChild(slot)) {
      links.disown(child);
      this.leave(child, O.CANCEL_PARENT_GONE);
    }
  }
}
