import * as O from '../domain/orders.ts';
import type { Arrivals } from './arrivals.ts';
import type { PriceBounds } from './bounds.ts';
import type { EventWriter } from './event-writer.ts';
import type { MarketState } from './market-state.ts';
import type { Uncrossing } from './uncrossing.ts';

/** What every group ends with: stops, the reference price, the phase. */
export class GroupEnd {
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly bounds: PriceBounds;
  private readonly arrivals: Arrivals;
  private readonly uncrossing: Uncrossing;
  private readonly windowSeconds: number;

  constructor(
    state: MarketState,
    events: EventWriter,
    bounds: PriceBounds,
    rules: { readonly arrivals: Arrivals; readonly uncrossing: Uncrossing },
    windowSeconds: number,
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.arrivals = rules.arrivals;
    this.uncrossing = rules.uncrossing;
    this.windowSeconds = windowSeconds;
  }

  /** Writes the group's last events, which follow from those it has. */
  run(): void {
    const { state, arrivals, uncrossing } = this;
    if (state.traded) {
      state.traded = false;
      if (state.waitingCount > 0) state.followTrades();
      if (this.bounds.bounded && state.phase !== O.PHASE_AUCTION) this.ageReference();
    }
    if (uncrossing.done) {
      uncrossing.done = false;
      if (this.bounds.bounded) this.setReference(state.auctionPriceTicks);
      state.auctionPriceTicks = 0;
      this.setPhase(O.PHASE_CONTINUOUS);
    }
    if (arrivals.halting) {
      arrivals.halting = false;
      this.setPhase(O.PHASE_HALTED);
    }
  }

  setReference(priceTicks: number): void {
    this.bounds.set(priceTicks, priceTicks === 0 ? 0 : this.events.seconds);
    this.events.referenceSet(priceTicks);
  }

  setPhase(phase: number): void {
    const { state } = this;
    const before = state.phase;
    state.phase = phase;
    this.events.phaseChanged(before, phase);
  }

  /** The newest price becomes the reference when there is none, or an old one. */
  private ageReference(): void {
    const { bounds, events, state } = this;
    const age = events.seconds - bounds.referenceSeconds;
    if (bounds.referenceTicks !== 0 && age < this.windowSeconds) return;
    this.setReference(state.lastPriceTicks);
  }
}
