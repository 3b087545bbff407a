import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_FLAG_END, type FrameViews, frameFlags, frameType } from '../rings/frame.ts';
import type { BookImage, OrderImage } from './book-image.ts';
import * as L from './layout.ts';
import { MarketState, TRADE_ID, TRADE_PRICE } from './market-state.ts';
import { fillState, imageOf, orderImage } from './state-image.ts';

const NONE = L.NONE;

/** Its pools grow with the book; how many orders and levels there may be, the machine has decided. */
const MOST_ORDERS = 1 << 23;
const MOST_LEVELS = 1 << 23;
const MOST_WAITING = 1 << 22;

/**
 * The order-by-order state of one market, kept from its records alone, without matching: what
 * recovery does with the journal, and a session that watches the queue. It must see every record
 * of the market, echoes included, because an order's terms stand in its command.
 *
 * Only what no event says is worked out here, by the same code as in the machine: which stops the
 * newest price of a group has made ready, and where it took trailing ones.
 */
export class BookFollower {
  private readonly marketId: number;
  private readonly state = new MarketState(MOST_ORDERS, MOST_LEVELS, MOST_WAITING);
  private seqSeen = 0;
  private seconds = 0;
  private nanos = 0;
  private referenceTicks = 0;
  private referenceSeconds = 0;
  /** The order that arrives, or acts anew, in the group being read. */
  private arriving: number = NONE;
  private partnerId = 0;
  private parentId = 0;

  /** @param start the state the records continue from; empty when there is none */
  constructor(marketId: number, start?: BookImage) {
    this.marketId = marketId;
    if (start === undefined) return;
    assert(start.marketId === marketId, 'the image is of another market');
    fillState(this.state, start);
    this.seqSeen = start.seq;
    this.seconds = start.seconds;
    this.nanos = start.nanos;
    this.referenceTicks = start.referenceTicks;
    this.referenceSeconds = start.referenceSeconds;
  }

  /** Sequence of the newest record applied; 0 before the first. */
  get seq(): number {
    return this.seqSeen;
  }

  /** Orders that rest. */
  get size(): number {
    return this.state.book.index.size - this.state.waitingCount;
  }

  /** Best bid, or 0. */
  bestBidTicks(): number {
    return this.state.book.bids.bestPrice();
  }

  /** Best ask, or 0. */
  bestAskTicks(): number {
    return this.state.book.asks.bestPrice();
  }

  /** An open order as a new object; `undefined` when there is none with this id. */
  get(orderId: number): OrderImage | undefined {
    const slot = this.state.book.index.find(orderId);
    return slot === NONE ? undefined : orderImage(this.state, slot);
  }

  /** What is open of an order, hidden quantity included; 0 when it is not open. */
  remainingLots(orderId: number): number {
    const slot = this.state.book.index.find(orderId);
    return slot === NONE ? 0 : this.state.openLots(slot);
  }

  /** The order that is next to trade on a side; 0 when the side is empty. */
  firstOrderId(side: number): number {
    const { ladders, levels, orders } = this.state.book;
    const level = ladders[side].bestLevel();
    return level === NONE ? 0 : orders.id(levels.first(level));
  }

  /** The market's state as of the newest record applied; ask only between groups. */
  image(): BookImage {
    const { marketId, seqSeen: seq, seconds, nanos, referenceTicks, referenceSeconds } = this;
    const head = { marketId, seq, seconds, nanos, referenceTicks, referenceSeconds };
    return imageOf(this.state, head);
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
    const word = i32[(at >>> 2) + 1];
    const type = frameType(word);
    if (type < R.FIRST_EVENT_TYPE) this.command(type, views, at);
    else this.event(type, views, at);
    if (frameFlags(word) === FRAME_FLAG_END) this.endGroup();
  }

  private command(type: number, views: FrameViews, at: number): void {
    const { f64, i32, u8 } = views;
    this.seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    this.nanos = i32[(at + R.RECORD_NANOS) >>> 2];
    if (type !== R.PLACE_ORDER) return;
    const extended = (u8[at + R.PLACE_FLAGS] & O.ORDER_FLAG_EXTENDED) !== 0;
    this.arriving = this.state.read(views, at);
    this.partnerId = extended ? f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3] : 0;
    this.parentId = extended ? f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3] : 0;
  }

  private event(type: number, views: FrameViews, at: number): void {
    const { f64, i32 } = views;
    const { state } = this;
    switch (type) {
      case R.ORDER_ACCEPTED:
        state.link(this.arriving, this.linked(this.partnerId), this.linked(this.parentId));
        break;
      case R.ORDER_REJECTED:
        state.free(this.arriving);
        this.arriving = NONE;
        break;
      case R.ORDER_RESTED:
        this.rest(this.find(f64[(at + R.EVENT_ORDER_ID) >>> 3]));
        break;
      case R.ORDER_HELD:
        this.hold(views, at);
        break;
      case R.ORDER_TRIGGERED:
        this.trigger(this.find(f64[(at + R.EVENT_ORDER_ID) >>> 3]));
        break;
      case R.TRADE_EXECUTED:
        this.trade(views, at);
        break;
      case R.AUCTION_TRADE:
        this.auctionTrade(views, at);
        break;
      case R.ORDER_CANCELLED:
        this.leave(this.find(f64[(at + R.EVENT_ORDER_ID) >>> 3]));
        break;
      case R.ORDER_AMENDED:
        this.amend(views, at);
        break;
      case R.OUTSIDE_TRADE:
        // Orders that wait for trades wait for those of this book, which has none.
        state.tape[TRADE_ID] = f64[(at + R.OUTSIDE_TRADE_ID) >>> 3];
        break;
      case R.TRADE_PRINTED:
        state.tape[TRADE_ID] = f64[(at + R.PRINTED_ID) >>> 3];
        break;
      case R.PHASE_CHANGED:
        state.phase = i32[(at + R.PHASE_TO) >>> 2];
        if (state.phase !== O.PHASE_AUCTION) state.auctionPriceTicks = 0;
        break;
      case R.AUCTION_PRICED:
        state.auctionPriceTicks = f64[(at + R.AUCTION_PRICE_TICKS) >>> 3];
        break;
      case R.REFERENCE_SET:
        this.referenceTicks = f64[(at + R.REFERENCE_TICKS) >>> 3];
        this.referenceSeconds = this.referenceTicks === 0 ? 0 : this.seconds;
        break;
      default:
    }
  }

  private endGroup(): void {
    const { state } = this;
    if (!state.traded) return;
    state.traded = false;
    if (state.waitingCount > 0) state.followTrades();
  }

  private rest(slot: number): void {
    if (slot === this.arriving) {
      this.arriving = NONE;
      this.state.rest(slot);
    } else {
      this.state.show(slot);
    }
  }

  private hold({ f64, i32 }: FrameViews, at: number): void {
    const { state, arriving } = this;
    const why = i32[(at + R.HELD_WHY) >>> 2];
    if (why === O.HELD_STOP) {
      const extra = state.book.orders.extra(arriving);
      const trigger = f64[(at + R.HELD_TRIGGER_TICKS) >>> 3];
      state.extras.setDouble(extra, L.EXTRA.F_TRIGGER, trigger);
    }
    state.hold(arriving, why);
    this.arriving = NONE;
  }

  private trigger(slot: number): void {
    if (slot === this.arriving) return;
    this.state.unhold(slot);
    this.arriving = slot;
  }

  private trade({ f64 }: FrameViews, at: number): void {
    const { state, arriving } = this;
    const { orders } = state.book;
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const maker = this.find(f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3]);
    this.noteTrade(f64[(at + R.TRADE_ID) >>> 3], f64[(at + R.TRADE_PRICE_TICKS) >>> 3]);
    this.takeOff(maker, qtyLots);
    state.bookTrade(arriving, qtyLots);
    orders.setRemaining(arriving, f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3]);
    state.finish(maker);
    if (orders.remaining(arriving) > 0) return;
    state.makeChildrenReady(arriving);
    state.free(arriving);
    this.arriving = NONE;
  }

  private auctionTrade({ f64 }: FrameViews, at: number): void {
    const { state } = this;
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    const bid = this.find(f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3]);
    const ask = this.find(f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3]);
    this.noteTrade(
      f64[(at + R.AUCTION_TRADE_ID) >>> 3],
      f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3],
    );
    this.takeOff(bid, qtyLots);
    this.takeOff(ask, qtyLots);
    state.finish(bid);
    state.finish(ask);
  }

  private noteTrade(tradeId: number, priceTicks: number): void {
    const { state } = this;
    state.tape[TRADE_ID] = tradeId;
    state.tape[TRADE_PRICE] = priceTicks;
    state.traded = true;
  }

  /** A trade takes lots off what a resting order shows. */
  private takeOff(slot: number, qtyLots: number): void {
    const { state } = this;
    if (state.take(slot, qtyLots)) state.book.dropLevel(slot);
    state.bookTrade(slot, qtyLots);
  }

  private leave(slot: number): void {
    const { state } = this;
    if (slot === this.arriving) {
      this.arriving = NONE;
    } else if (state.place(slot) === O.PLACE_RESTING) {
      state.unlink(slot);
      state.book.detach(slot);
    } else {
      state.unhold(slot);
    }
    state.free(slot);
  }

  private amend({ f64, u8 }: FrameViews, at: number): void {
    const { state } = this;
    const { orders } = state.book;
    const slot = this.find(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    const price = f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3];
    const open = f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3];
    orders.setTotal(slot, orders.total(slot) - state.openLots(slot) + open);
    if (u8[at + R.AMENDED_KEPT_PRIORITY] === 1 && u8[at + R.AMENDED_WAS_RESTING] === 1) {
      state.lower(slot, open);
      return;
    }
    if (u8[at + R.AMENDED_WAS_RESTING] === 1) {
      // It arrives anew: what is left of it after trades comes back as `OrderRested`.
      state.unlink(slot);
      state.book.detach(slot);
      this.arriving = slot;
    }
    orders.setPrice(slot, price);
    orders.setRemaining(slot, open);
  }

  /** The open order with this id; `NONE` for id 0. */
  private linked(orderId: number): number {
    return orderId === 0 ? NONE : this.find(orderId);
  }

  /** The arriving or open order an event speaks of. */
  private find(orderId: number): number {
    const { arriving } = this;
    const { orders, index } = this.state.book;
    if (arriving !== NONE && orders.id(arriving) === orderId) return arriving;
    const slot = index.find(orderId);
    assert(slot !== NONE, 'an event speaks of an order that is not open');
    return slot;
  }
}
