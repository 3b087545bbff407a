import * as R from '../codec/records.ts';
import { PHASE_CONTINUOUS } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import { type BookImage, fillBook, type OrderImage, orderImage, readBook } from './book-image.ts';
import * as L from './layout.ts';
import { OrderBook } from './order-book.ts';

const NONE = L.NONE;

/** Its pools grow with the book; how many orders and levels there may be, the machine has decided. */
const MOST_ORDERS = 1 << 23;
const MOST_LEVELS = 1 << 23;

/**
 * The order-by-order book of one market, kept from its records alone, without matching: what
 * recovery does with the journal, and a session that watches the queue. It must see every record
 * of the market, echoes included, because an order's terms stand in its command.
 */
export class BookFollower {
  private readonly marketId: number;
  private readonly book = new OrderBook(MOST_ORDERS, MOST_LEVELS);
  private phase: number = PHASE_CONTINUOUS;
  private seqSeen = 0;
  private lastTradeId = 0;
  private lastTradePriceTicks = 0;
  /** Terms of the order that arrives in the group being read. */
  private arrivingPortfolioId = 0;
  private arrivingTotalLots = 0;

  /** @param start the state the records continue from; empty when there is none */
  constructor(marketId: number, start?: BookImage) {
    this.marketId = marketId;
    if (start === undefined) return;
    assert(start.marketId === marketId, 'the image is of another market');
    fillBook(this.book, start);
    this.seqSeen = start.seq;
    this.phase = start.phase;
    this.lastTradeId = start.lastTradeId;
    this.lastTradePriceTicks = start.lastTradePriceTicks;
  }

  /** Sequence of the newest record applied; 0 before the first. */
  get seq(): number {
    return this.seqSeen;
  }

  /** Orders that rest. */
  get size(): number {
    return this.book.index.size;
  }

  /** Best bid, or 0. */
  bestBidTicks(): number {
    return this.book.bids.bestPrice();
  }

  /** Best ask, or 0. */
  bestAskTicks(): number {
    return this.book.asks.bestPrice();
  }

  /** A resting order as a new object; `undefined` when it does not rest. */
  get(orderId: number): OrderImage | undefined {
    const slot = this.book.index.find(orderId);
    return slot === NONE ? undefined : orderImage(this.book, slot);
  }

  /** What is open of an order; 0 when it does not rest. */
  remainingLots(orderId: number): number {
    const slot = this.book.index.find(orderId);
    return slot === NONE ? 0 : this.book.orders.remaining(slot);
  }

  /** The order that is next to trade on a side; 0 when the side is empty. */
  firstOrderId(side: number): number {
    const level = this.book.ladders[side].bestLevel();
    return level === NONE ? 0 : this.book.orders.id(this.book.levels.first(level));
  }

  /** The market's state as of the newest record applied; ask only between groups. */
  image(): BookImage {
    return {
      marketId: this.marketId,
      seq: this.seqSeen,
      phase: this.phase,
      lastTradeId: this.lastTradeId,
      lastTradePriceTicks: this.lastTradePriceTicks,
      orders: readBook(this.book),
    };
  }

  /**
   * Applies the market's next record.
   * @param at byte offset of the record in `views`
   */
  apply(views: FrameViews, at: number): void {
    const { f64, i32 } = views;
    const seq = f64[(at + R.RECORD_SEQ) >>> 3];
    assert(seq === this.seqSeen + 1, 'a record of the market is missing');
    this.seqSeen = seq;
    switch (frameType(i32[(at >>> 2) + 1])) {
      case R.PLACE_ORDER:
        this.arrivingPortfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
        this.arrivingTotalLots = f64[(at + R.PLACE_QTY_LOTS) >>> 3];
        break;
      case R.ORDER_RESTED:
        this.rest(views, at);
        break;
      case R.TRADE_EXECUTED:
        this.trade(views, at);
        break;
      case R.ORDER_CANCELLED:
        if (views.u8[at + R.CANCELLED_WAS_RESTING] === 1) this.remove(this.find(views, at));
        break;
      case R.ORDER_AMENDED:
        this.amend(views, at);
        break;
      case R.PHASE_CHANGED:
        this.phase = i32[(at + R.PHASE_TO) >>> 2];
        break;
      case R.TRADE_PRINTED:
        this.lastTradeId = f64[(at + R.PRINTED_ID) >>> 3];
        break;
      default:
    }
  }

  private rest(views: FrameViews, at: number): void {
    const { f64, u8 } = views;
    const { orders } = this.book;
    const slot = orders.take();
    orders.write(
      slot,
      f64[(at + R.EVENT_ORDER_ID) >>> 3],
      this.arrivingPortfolioId,
      u8[at + R.RESTED_SIDE],
      f64[(at + R.RESTED_PRICE_TICKS) >>> 3],
      f64[(at + R.RESTED_QTY_LOTS) >>> 3],
      this.arrivingTotalLots,
    );
    this.book.rest(slot);
  }

  private trade(views: FrameViews, at: number): void {
    const { f64 } = views;
    this.lastTradeId = f64[(at + R.TRADE_ID) >>> 3];
    this.lastTradePriceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const remaining = f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3];
    const maker = this.find(views, at);
    if (remaining === 0) this.remove(maker);
    else this.book.reduce(maker, remaining);
  }

  private amend(views: FrameViews, at: number): void {
    const { book } = this;
    const { orders } = book;
    const slot = this.find(views, at);
    const newRemaining = views.f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3];
    const total = orders.total(slot) - orders.remaining(slot) + newRemaining;
    if (views.u8[at + R.AMENDED_KEPT_PRIORITY] === 1) {
      book.reduce(slot, newRemaining);
      orders.setTotal(slot, total);
      return;
    }
    // It arrives anew: what is left of it after trades comes back as `OrderRested`.
    this.arrivingPortfolioId = orders.portfolio(slot);
    this.arrivingTotalLots = total;
    this.remove(slot);
  }

  private remove(slot: number): void {
    this.book.unlink(slot);
    this.book.release(slot);
  }

  /** The resting order an event speaks of. */
  private find(views: FrameViews, at: number): number {
    const slot = this.book.index.find(views.f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    assert(slot !== NONE, 'an event speaks of an order that does not rest');
    return slot;
  }
}
