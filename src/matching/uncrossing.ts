import * as O from '../domain/orders.ts';
import { findAuctionPrice, isCrossed } from './auction.ts';
import type { PriceBounds } from './bounds.ts';
import type { Departures } from './departures.ts';
import type { EventWriter } from './event-writer.ts';
import type { MarketState } from './market-state.ts';
import type { Trading } from './trading.ts';

/** Trades a crossed book out at one price, in as many groups as that takes. */
export class Uncrossing {
  /** The book is no longer crossed: the phase ends with the group. */
  done = false;
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly bounds: PriceBounds;
  private readonly departures: Departures;
  private readonly trading: Trading;
  private readonly maxWork: number;
  private readonly found = { priceTicks: 0, volumeLots: 0, surplusLots: 0 };

  constructor(
    state: MarketState,
    events: EventWriter,
    bounds: PriceBounds,
    rules: { readonly departures: Departures; readonly trading: Trading },
    maxWork: number,
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.departures = rules.departures;
    this.trading = rules.trading;
    this.maxWork = maxWork;
  }

  /** Goes on until the book is uncrossed or the group's work is used up. */
  run(): void {
    const { state, events } = this;
    const { bids, asks } = state.book;
    let workEnd = events.seq + this.maxWork;
    while (isCrossed(state)) {
      if (events.seq >= workEnd) return;
      const price = state.auctionPriceTicks;
      if (price !== 0 && bids.bestPrice() >= price && asks.bestPrice() <= price) {
        this.step(price);
      } else {
        this.price();
        workEnd += 1;
      }
    }
    this.done = true;
  }

  private price(): void {
    const { state, found } = this;
    const reference = this.bounds.referenceTicks || state.lastPriceTicks;
    findAuctionPrice(state, reference, found);
    state.auctionPriceTicks = found.priceTicks;
    this.events.auctionPriced(found.priceTicks, found.volumeLots, found.surplusLots);
  }

  private step(priceTicks: number): void {
    const { state, trading, departures } = this;
    const { orders, levels, bids, asks } = state.book;
    const bid = levels.first(bids.bestLevel());
    const ask = levels.first(asks.bestLevel());
    const bidLots = this.offered(bid);
    if (bidLots === 0) {
      departures.leave(bid, O.CANCEL_REDUCE_ONLY);
      return;
    }
    const askLots = this.offered(ask);
    if (askLots === 0) {
      departures.leave(ask, O.CANCEL_REDUCE_ONLY);
      return;
    }
    const qtyLots = Math.min(bidLots, askLots);
    const bidId = orders.id(bid);
    const askId = orders.id(ask);
    const bidEmptied = state.take(bid, qtyLots);
    const askEmptied = state.take(ask, qtyLots);
    this.events.auctionTrade(bid, ask, priceTicks, qtyLots);
    state.traded = true;
    state.bookTrade(bid, qtyLots);
    state.bookTrade(ask, qtyLots);
    if (bidEmptied) trading.refill(bid);
    if (askEmptied) trading.refill(ask);
    departures.partnersLeave(bid, ask);
    // One may have left as the partner of the other.
    const { index } = state.book;
    if (index.find(bidId) === bid) state.finish(bid);
    if (index.find(askId) === ask) state.finish(ask);
  }

  /** What a resting order gives: what it shows, a reduce-only one at most its position. */
  private offered(slot: number): number {
    const { state } = this;
    const { orders } = state.book;
    const shown = orders.remaining(slot);
    if ((orders.flags(slot) & O.ORDER_FLAG_REDUCE_ONLY) === 0) return shown;
    return Math.min(shown, state.reduceOnly.allowed(slot));
  }
}
