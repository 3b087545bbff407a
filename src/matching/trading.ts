import * as O from '../domain/orders.ts';
import { HALT_HIGH as HIGH, HALT_LOW as LOW, type PriceBounds } from './bounds.ts';
import type { Departures } from './departures.ts';
import type { EventWriter } from './event-writer.ts';
import * as L from './layout.ts';
import type { MarketState } from './market-state.ts';
import type { PlainTrades } from './plain-trades.ts';

const { SIDE_BUY, SELF_TRADE_ALLOWED, ORDER_FLAG_REDUCE_ONLY } = O;
const NONE = L.NONE;
const I_LEVEL = L.HOT.I_LEVEL;
const HALT_LOW = LOW;
const HALT_HIGH = HIGH;

/** Trades arriving orders against the book. */
export class Trading {
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly departures: Departures;
  private readonly bounds: PriceBounds;
  private readonly plainTrades: PlainTrades;
  private readonly maxWork: number;

  constructor(
    state: MarketState,
    events: EventWriter,
    bounds: PriceBounds,
    rules: { readonly departures: Departures; readonly plainTrades: PlainTrades },
    maxWork: number,
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.departures = rules.departures;
    this.plainTrades = rules.plainTrades;
    this.maxWork = maxWork;
  }

  /**
   * Trades the arriving order at the other side's prices, best first and oldest first, within its
   * limit and the halt bounds, until the work is used up. It may leave meanwhile.
   * @param workDone events of this order's trading that the group has already
   */
  run(taker: number, workDone: number): void {
    const { state, events, departures } = this;
    const { orders, levels, ladders } = state.book;
    const against = ladders[1 - orders.side(taker)];
    const buys = orders.side(taker) === SIDE_BUY;
    const { limits } = this.bounds;
    if (!this.bounds.allowsTrade(against.bestPrice())) return;
    const price = orders.price(taker);
    const limit = buys ? Math.min(price, limits[HALT_HIGH]) : Math.max(price, limits[HALT_LOW]);
    const plain = orders.extra(taker) === NONE && orders.selfTrade(taker) === SELF_TRADE_ALLOWED;
    const workEnd = events.seq - workDone + this.maxWork;
    while (against.crosses(limit) && events.seq < workEnd) {
      const maker = levels.first(against.bestLevel());
      if (plain && orders.hot32[(maker << 3) + I_LEVEL] >= 0) {
        this.plainTrades.sweep(taker, against, limit, workEnd - events.seq);
      } else {
        this.meet(taker, maker);
        if (departures.arriving !== taker) return;
      }
      if (orders.remaining(taker) === 0) return;
    }
  }

  /** One step of trading by all the rules. */
  private meet(taker: number, maker: number): void {
    const { state, departures } = this;
    const { orders } = state.book;
    const mode = orders.selfTrade(taker);
    if (mode !== SELF_TRADE_ALLOWED && orders.portfolio(maker) === orders.portfolio(taker)) {
      this.prevent(taker, maker, mode);
      return;
    }
    let offered = orders.remaining(maker);
    if ((orders.flags(maker) & ORDER_FLAG_REDUCE_ONLY) !== 0) {
      offered = Math.min(offered, state.reduceOnly.allowed(maker));
      if (offered === 0) {
        departures.leave(maker, O.CANCEL_REDUCE_ONLY);
        return;
      }
    }
    this.trade(taker, maker, Math.min(offered, orders.remaining(taker)));
  }

  private trade(taker: number, maker: number, qtyLots: number): void {
    const { state, events, departures } = this;
    const { orders } = state.book;
    orders.setRemaining(taker, orders.remaining(taker) - qtyLots);
    const emptied = state.take(maker, qtyLots);
    events.trade(maker, taker, qtyLots);
    state.traded = true;
    state.bookTrade(maker, qtyLots);
    state.bookTrade(taker, qtyLots);
    if (emptied) this.refill(maker);
    const makerId = orders.id(maker);
    departures.partnersLeave(maker, taker);
    // One may have left as the partner of the other.
    if (state.book.index.find(makerId) === maker) state.finish(maker);
    if (departures.arriving === taker && orders.remaining(taker) === 0) {
      state.makeChildrenReady(taker);
    }
  }

  /** An order that shows nothing any more has left its level; an iceberg shows its next part. */
  refill(slot: number): void {
    const { state } = this;
    state.book.dropLevel(slot);
    if (state.openLots(slot) === 0) return;
    state.show(slot);
    this.events.rested(slot);
  }

  private prevent(taker: number, maker: number, mode: number): void {
    const { state, events, departures } = this;
    events.selfTradePrevented(maker, taker, mode);
    if (mode === O.SELF_TRADE_DECREMENT) {
      const lots = Math.min(state.openLots(maker), state.book.orders.remaining(taker));
      this.decrementMaker(maker, lots);
      if (departures.arriving === taker) this.decrementTaker(taker, lots);
      return;
    }
    if (mode !== O.SELF_TRADE_EXPIRE_TAKER) departures.leave(maker, O.CANCEL_SELF_TRADE);
    if (mode !== O.SELF_TRADE_EXPIRE_MAKER && departures.arriving === taker) {
      departures.leave(taker, O.CANCEL_SELF_TRADE);
    }
  }

  private decrementMaker(maker: number, lots: number): void {
    const { state } = this;
    const open = state.openLots(maker);
    if (open === lots) {
      this.departures.leave(maker, O.CANCEL_SELF_TRADE);
      return;
    }
    const { orders } = state.book;
    state.lower(maker, open - lots);
    orders.setTotal(maker, orders.total(maker) - lots);
    this.events.amended(maker, orders.price(maker), open, true);
  }

  private decrementTaker(taker: number, lots: number): void {
    const { orders } = this.state.book;
    const open = orders.remaining(taker);
    if (open === lots) {
      this.departures.leave(taker, O.CANCEL_SELF_TRADE);
      return;
    }
    orders.setRemaining(taker, open - lots);
    orders.setTotal(taker, orders.total(taker) - lots);
    this.events.amendedOutside(taker, orders.price(taker), open);
  }
}
