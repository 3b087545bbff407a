import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import type { FrameViews } from '../rings/frame.ts';
import { ExpiryHeap } from './expiry-heap.ts';
import { ExtraPool } from './extra-pool.ts';
import { IdList } from './id-list.ts';
import * as L from './layout.ts';
import { Links } from './links.ts';
import { OrderBook } from './order-book.ts';
import { Pegs } from './pegs.ts';
import { Positions } from './positions.ts';
import { ReadyQueue } from './ready-queue.ts';
import { ReduceOnly } from './reduce-only.ts';
import { StopBook } from './stop-book.ts';

const { EXTRA } = L;
const { I_LEVEL } = L.HOT;
const NONE = L.NONE;

/** Indexes of `tape`: number of the newest trade or print, price of the newest trade. */
export const TRADE_ID = 0;
export const TRADE_PRICE = 1;

/**
 * Everything a market remembers, and the ways in which an order moves through it: it arrives, rests
 * or waits, is made ready, leaves. What an order may do is decided elsewhere; who only follows the
 * events of a market (recovery does) keeps the same state with the same steps.
 */
export class MarketState {
  readonly book: OrderBook;
  readonly extras: ExtraPool;
  readonly positions = new Positions();
  readonly links: Links;
  readonly stops: StopBook;
  readonly ready: ReadyQueue;
  readonly pegs: Pegs;
  readonly reduceOnly: ReduceOnly;
  readonly expiries: ExpiryHeap;
  /** All orders that wait, whatever for, and those that are ready. */
  readonly waiting: IdList;
  /** Day orders. */
  readonly days: IdList;
  /** Newest trade: see TRADE_ID, TRADE_PRICE. */
  readonly tape = new Float64Array(2);
  phase: number = O.PHASE_CONTINUOUS;
  auctionPriceTicks = 0;
  /** True when the group being dealt with has trades. */
  traded = false;
  waitingCount = 0;
  /** Resting orders with extra records: where there are none, levels show all there is. */
  restingExtras = 0;

  constructor(maxOrders: number, maxLevels: number, maxWaiting: number) {
    this.book = new OrderBook(maxOrders, maxLevels, maxWaiting);
    const { orders } = this.book;
    this.extras = new ExtraPool(maxOrders + maxWaiting + 1);
    this.links = new Links(orders, this.extras);
    this.stops = new StopBook(orders, this.extras);
    this.ready = new ReadyQueue(orders);
    this.pegs = new Pegs(this.book, this.extras);
    this.reduceOnly = new ReduceOnly(orders, this.extras, this.positions);
    this.expiries = new ExpiryHeap(orders, this.extras);
    this.waiting = new IdList(orders, this.extras, EXTRA.I_WAIT_NEXT, EXTRA.I_WAIT_PREVIOUS);
    this.days = new IdList(orders, this.extras, EXTRA.I_DAY_NEXT, EXTRA.I_DAY_PREVIOUS);
  }

  /** Price of the newest trade in this book; 0 before the first. */
  get lastPriceTicks(): number {
    return this.tape[TRADE_PRICE];
  }

  /** Reads a `PlaceOrder` record. @returns the slot of the order, which is in no place yet */
  read(views: FrameViews, at: number): number {
    const { orders } = this.book;
    const slot = orders.take();
    orders.read(slot, views, at);
    const extended = (views.u8[at + R.PLACE_FLAGS] & O.ORDER_FLAG_EXTENDED) !== 0;
    const special =
      orders.orderType(slot) > O.ORDER_TYPE_MARKET ||
      orders.tif(slot) > O.TIF_FOK ||
      (orders.flags(slot) & O.ORDER_FLAG_REDUCE_ONLY) !== 0;
    if (special || (extended && isLinkedOrIceberg(views, at))) {
      const extra = this.ensureExtra(slot);
      if (extended) this.readExtension(slot, extra, views, at);
    }
    return slot;
  }

  private readExtension(slot: number, extra: number, views: FrameViews, at: number): void {
    const { extras } = this;
    const { orders } = this.book;
    const { f64, i32, u8 } = views;
    extras.setDouble(extra, EXTRA.F_TRIGGER, f64[(at + R.PLACE_TRIGGER_TICKS) >>> 3]);
    extras.setDouble(extra, EXTRA.F_TRAIL_OFFSET, f64[(at + R.PLACE_TRAIL_OFFSET) >>> 3]);
    extras.setDouble(extra, EXTRA.F_DISPLAY, f64[(at + R.PLACE_DISPLAY_LOTS) >>> 3]);
    extras.setDouble(extra, EXTRA.F_PEG_OFFSET, f64[(at + R.PLACE_PEG_OFFSET_TICKS) >>> 3]);
    extras.setInt(extra, EXTRA.I_EXPIRE_SECONDS, i32[(at + R.PLACE_EXPIRE_SECONDS) >>> 2]);
    extras.setInt(extra, EXTRA.I_EXPIRE_NANOS, i32[(at + R.PLACE_EXPIRE_NANOS) >>> 2]);
    extras.setInt(
      extra,
      EXTRA.I_UNITS,
      u8[at + R.PLACE_TRAIL_UNIT] | (u8[at + R.PLACE_PEG_KIND] << 8),
    );
    if (orders.orderType(slot) === O.ORDER_TYPE_PEGGED) {
      extras.setDouble(extra, EXTRA.F_LIMIT, orders.price(slot));
    }
  }

  /** The order's extra record, which it gets when it has none. */
  ensureExtra(slot: number): number {
    const { orders } = this.book;
    const known = orders.extra(slot);
    if (known !== NONE) return known;
    const extra = this.extras.take();
    orders.setExtra(slot, extra);
    return extra;
  }

  /** The same for an order in the book, which was a plain one until now. */
  ensureRestingExtra(slot: number): void {
    const { orders } = this.book;
    if (orders.extra(slot) !== NONE) return;
    const extra = this.ensureExtra(slot);
    this.extras.setInt(extra, EXTRA.I_PLACE, O.PLACE_RESTING);
    this.extras.setInt(extra, EXTRA.I_LISTED, 1);
    orders.hot32[(slot << 3) + I_LEVEL] = ~orders.hot32[(slot << 3) + I_LEVEL];
    this.restingExtras += 1;
  }

  /** Links an arriving order. @param partner, parent slots of open orders, or `NONE` */
  link(slot: number, partner: number, parent: number): void {
    if (partner !== NONE) {
      this.ensureRestingExtra(partner);
      this.links.pair(slot, partner);
    }
    if (parent !== NONE) {
      this.ensureRestingExtra(parent);
      this.links.adopt(parent, slot);
    }
  }

  /** Where the order is: PLACE_…, HELD_… or `ARRIVING`. */
  place(slot: number): number {
    const extra = this.book.orders.extra(slot);
    return extra === NONE ? O.PLACE_RESTING : this.extras.int(extra, EXTRA.I_PLACE);
  }

  /** HELD_… a ready order was held for; 0 for all others. */
  heldFor(slot: number): number {
    const extra = this.book.orders.extra(slot);
    return extra === NONE ? 0 : this.extras.int(extra, EXTRA.I_HELD_FOR);
  }

  /** All that is open of the order, wherever it is. */
  openLots(slot: number): number {
    const { orders } = this.book;
    const extra = orders.extra(slot);
    const shown = orders.remaining(slot);
    return extra === NONE ? shown : shown + this.extras.double(extra, EXTRA.F_HIDDEN);
  }

  /** The order joins the end of the queue at its price; an iceberg shows a part of itself. */
  rest(slot: number): void {
    const { book, extras } = this;
    const extra = book.orders.extra(slot);
    if (extra === NONE) {
      book.rest(slot);
      return;
    }
    extras.setInt(extra, EXTRA.I_PLACE, O.PLACE_RESTING);
    book.index.add(slot);
    this.enlist(slot);
    this.show(slot);
  }

  /**
   * Puts an order that has an extra record into its level; also an iceberg of the book that had
   * nothing visible left.
   */
  show(slot: number): void {
    const { extras } = this;
    const { orders } = this.book;
    const extra = orders.extra(slot);
    const display = extras.double(extra, EXTRA.F_DISPLAY);
    const open = this.openLots(slot);
    const visible = display === 0 ? open : Math.min(display, open);
    this.linkShowing(slot, visible, open - visible);
  }

  /** Joins its level with a given part of it visible. */
  linkShowing(slot: number, visibleLots: number, hiddenLots: number): void {
    const { orders } = this.book;
    orders.setRemaining(slot, visibleLots);
    this.extras.setDouble(orders.extra(slot), EXTRA.F_HIDDEN, hiddenLots);
    this.book.link(slot);
    orders.hot32[(slot << 3) + I_LEVEL] = ~orders.hot32[(slot << 3) + I_LEVEL];
    this.restingExtras += 1;
    if (orders.orderType(slot) !== O.ORDER_TYPE_PEGGED) return;
    this.pegs.countInLevel(slot, 1);
    this.pegs.note(slot);
  }

  /**
   * Takes a resting order out of its queue; its level's totals are still there to be reported, and
   * all that is open of it is in one number again. `settleGap` comes next.
   */
  unlink(slot: number): void {
    const { book, extras } = this;
    const extra = book.orders.extra(slot);
    book.unlink(slot);
    if (extra === NONE) return;
    if (book.orders.orderType(slot) === O.ORDER_TYPE_PEGGED) this.pegs.countInLevel(slot, -1);
    book.orders.setRemaining(slot, this.openLots(slot));
    extras.setDouble(extra, EXTRA.F_HIDDEN, 0);
    extras.setInt(extra, EXTRA.I_PLACE, L.ARRIVING);
    this.restingExtras -= 1;
  }

  /** Takes what has nothing visible left out of its level, hidden quantity kept apart. */
  private unlinkEmptied(slot: number): void {
    const { book } = this;
    book.unlink(slot);
    book.orders.setRemaining(slot, 0);
    if (book.orders.extra(slot) !== NONE) this.restingExtras -= 1;
    if (book.orders.orderType(slot) === O.ORDER_TYPE_PEGGED) this.pegs.countInLevel(slot, -1);
  }

  /** Lowers what is open of a resting order, which keeps its place: hidden quantity goes first. */
  lower(slot: number, openLots: number): void {
    const { book, extras } = this;
    const { orders } = book;
    const extra = orders.extra(slot);
    const visible = Math.min(orders.remaining(slot), openLots);
    book.reduce(slot, visible);
    if (extra !== NONE) extras.setDouble(extra, EXTRA.F_HIDDEN, openLots - visible);
  }

  /** The order waits outside the book. @param why HELD_… */
  hold(slot: number, why: number): void {
    const { book, extras } = this;
    extras.setInt(book.orders.extra(slot), EXTRA.I_PLACE, why);
    book.index.add(slot);
    this.startWaiting(slot);
    this.enlist(slot);
    if (why === O.HELD_STOP) this.stops.insert(slot, this.lastPriceTicks);
    else if (why === O.HELD_UNPRICED) this.pegs.note(slot);
  }

  /** Counts an order of the index among those that wait. */
  startWaiting(slot: number): void {
    this.book.orders.hot32[(slot << 3) + I_LEVEL] = NONE;
    this.waitingCount += 1;
    this.book.countWaiting(1);
    this.waiting.insert(slot);
  }

  /** The order has not to wait any longer, and acts when its turn comes. */
  makeReady(slot: number, heldFor: number): void {
    const extra = this.book.orders.extra(slot);
    if (heldFor === O.HELD_STOP) this.stops.remove(slot);
    else this.links.disown(slot);
    this.extras.setInt(extra, EXTRA.I_PLACE, O.PLACE_READY);
    this.extras.setInt(extra, EXTRA.I_HELD_FOR, heldFor);
    this.ready.push(slot);
  }

  /** Makes the children of an order that has traded whole ready. */
  makeChildrenReady(slot: number): void {
    const { links } = this;
    for (let child = links.firstChild(slot); child !== NONE; child = links.firstChild(slot)) {
      this.makeReady(child, O.HELD_CHILD);
    }
  }

  /** Takes an order out of where it waits. */
  unhold(slot: number): void {
    const { book, extras } = this;
    const extra = book.orders.extra(slot);
    const place = extras.int(extra, EXTRA.I_PLACE);
    if (place === O.HELD_STOP) this.stops.remove(slot);
    else if (place === O.PLACE_READY) this.ready.remove(slot);
    extras.setInt(extra, EXTRA.I_PLACE, L.ARRIVING);
    extras.setInt(extra, EXTRA.I_HELD_FOR, 0);
    this.waiting.remove(slot);
    this.waitingCount -= 1;
    book.countWaiting(-1);
    book.index.remove(slot);
  }

  /** A trade takes lots off what a resting order shows. @returns true when it shows nothing now */
  take(slot: number, qtyLots: number): boolean {
    const left = this.book.orders.remaining(slot) - qtyLots;
    if (left === 0) this.unlinkEmptied(slot);
    else this.book.reduce(slot, left);
    return left === 0;
  }

  /** Books what an order has traded into its portfolio's position. */
  bookTrade(slot: number, qtyLots: number): void {
    const { orders } = this.book;
    const portfolioId = orders.portfolio(slot);
    this.positions.add(portfolioId, orders.side(slot) === O.SIDE_BUY ? qtyLots : -qtyLots);
    this.reduceOnly.note(portfolioId);
  }

  /** After a trade: forgets an order of the book that has traded whole, and has left its level. */
  finish(slot: number): void {
    if (this.openLots(slot) > 0) return;
    this.makeChildrenReady(slot);
    this.book.index.remove(slot);
    this.free(slot);
  }

  /** Frees an order that is in no place any more; its links are over. */
  free(slot: number): void {
    const { orders } = this.book;
    const extra = orders.extra(slot);
    if (extra !== NONE) {
      this.links.forget(slot);
      this.delist(slot);
      this.extras.free(extra);
    }
    orders.free(slot);
  }

  /** At the end of a group with trades: what the newest price triggers, and takes along. */
  followTrades(): void {
    const { stops, lastPriceTicks } = this;
    for (let side = O.SIDE_BUY as number; side <= O.SIDE_SELL; side += 1) {
      let slot = stops.firstMet(side, lastPriceTicks);
      while (slot !== NONE) {
        this.makeReady(slot, O.HELD_STOP);
        slot = stops.firstMet(side, lastPriceTicks);
      }
    }
    stops.follow(lastPriceTicks);
  }

  /** True when the order leaves at a time of its own. */
  expires(slot: number): boolean {
    const { orders } = this.book;
    const extra = orders.extra(slot);
    if (extra === NONE || orders.tif(slot) < O.TIF_GTD) return false;
    const { extras } = this;
    return (
      extras.int(extra, EXTRA.I_EXPIRE_SECONDS) !== 0 ||
      extras.int(extra, EXTRA.I_EXPIRE_NANOS) !== 0
    );
  }

  /** Puts an order that stays into the lists it belongs to, once. */
  enlist(slot: number): void {
    const { extras } = this;
    const { orders } = this.book;
    const extra = orders.extra(slot);
    const pegged = orders.orderType(slot) === O.ORDER_TYPE_PEGGED;
    if (extras.int(extra, EXTRA.I_LISTED) === 0) {
      extras.setInt(extra, EXTRA.I_LISTED, 1);
      if (orders.tif(slot) === O.TIF_DAY) this.days.insert(slot);
      if (this.expires(slot)) this.expiries.insert(slot);
      if (pegged) this.pegs.add(slot);
      if ((orders.flags(slot) & O.ORDER_FLAG_REDUCE_ONLY) !== 0) this.reduceOnly.add(slot);
    }
  }

  private delist(slot: number): void {
    const { extras } = this;
    const { orders } = this.book;
    if (extras.int(orders.extra(slot), EXTRA.I_LISTED) === 0) return;
    if (orders.tif(slot) === O.TIF_DAY) this.days.remove(slot);
    if (this.expires(slot)) this.expiries.remove(slot);
    if (orders.orderType(slot) === O.ORDER_TYPE_PEGGED) this.pegs.remove(slot);
    if ((orders.flags(slot) & O.ORDER_FLAG_REDUCE_ONLY) !== 0) this.reduceOnly.remove(slot);
  }
}

function isLinkedOrIceberg({ f64 }: FrameViews, at: number): boolean {
  return (
    f64[(at + R.PLACE_DISPLAY_LOTS) >>> 3] !== 0 ||
    f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3] !== 0 ||
    f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3] !== 0
  );
}
