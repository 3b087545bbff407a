import * as R from '../codec/records.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';

/** Up to this many changed prices are sorted in place. */
const INSERTION_MAX = 24;

/**
 * One side of a book by price level, best first: three parallel arrays kept sorted by insertion,
 * which for the few thousand levels of a book moves less memory than any tree would touch.
 */
export class DepthSide {
  /** Levels in use; only the first `length` entries of the arrays mean anything. */
  length = 0;
  pricesTicks = new Float64Array(256);
  qtysLots = new Float64Array(256);
  orders = new Int32Array(256);
  /** +1 for asks (rising prices), -1 for bids (falling). */
  private readonly direction: number;

  constructor(side: number) {
    this.direction = side === SIDE_BUY ? -1 : 1;
  }

  /** Sets a level's total; quantity 0 removes it. */
  set(priceTicks: number, qtyLots: number, orders: number): void {
    const at = this.search(priceTicks);
    const found = at < this.length && this.pricesTicks[at] === priceTicks;
    if (qtyLots === 0) {
      if (found) this.remove(at);
      return;
    }
    if (!found) this.insert(at, priceTicks);
    this.qtysLots[at] = qtyLots;
    this.orders[at] = orders;
  }

  /** Index of the level with exactly this price, -1 where there is none. */
  indexOf(priceTicks: number): number {
    const at = this.search(priceTicks);
    return at < this.length && this.pricesTicks[at] === priceTicks ? at : -1;
  }

  /** Quantity at a price, 0 where there is none. */
  qtyAt(priceTicks: number): number {
    const at = this.indexOf(priceTicks);
    return at < 0 ? 0 : this.qtysLots[at];
  }

  /** Number of orders at a price, 0 where there is none. */
  ordersAt(priceTicks: number): number {
    const at = this.indexOf(priceTicks);
    return at < 0 ? 0 : this.orders[at];
  }

  /** Index of the first level at this price or behind it. */
  private search(priceTicks: number): number {
    const { pricesTicks, direction } = this;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pricesTicks[middle] - priceTicks) * direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insert(at: number, priceTicks: number): void {
    if (this.length === this.pricesTicks.length) this.grow();
    this.pricesTicks.copyWithin(at + 1, at, this.length);
    this.qtysLots.copyWithin(at + 1, at, this.length);
    this.orders.copyWithin(at + 1, at, this.length);
    this.pricesTicks[at] = priceTicks;
    this.length += 1;
  }

  private remove(at: number): void {
    this.pricesTicks.copyWithin(at, at + 1, this.length);
    this.qtysLots.copyWithin(at, at + 1, this.length);
    this.orders.copyWithin(at, at + 1, this.length);
    this.length -= 1;
  }

  private grow(): void {
    const size = this.pricesTicks.length * 2;
    const prices = new Float64Array(size);
    const qtys = new Float64Array(size);
    const orders = new Int32Array(size);
    prices.set(this.pricesTicks);
    qtys.set(this.qtysLots);
    orders.set(this.orders);
    this.pricesTicks = prices;
    this.qtysLots = qtys;
    this.orders = orders;
  }
}

/**
 * Prices that were touched since the last `clear`. Appending is all that an event pays for; `settle`
 * then puts them in order and leaves each once, so memory holds at most two per distinct price.
 */
export class ChangedPrices {
  /** Entries in use; after `settle` each price stands once, best first. */
  length = 0;
  pricesTicks = new Float64Array(64);
  /** +1 for asks (rising prices), -1 for bids (falling). */
  private readonly direction: number;
  private settledLength = 0;

  constructor(side: number) {
    this.direction = side === SIDE_BUY ? -1 : 1;
  }

  add(priceTicks: number): void {
    // A sweep or a busy best price touches the same level many times in a row.
    if (this.length > 0 && this.pricesTicks[this.length - 1] === priceTicks) return;
    if (this.length === this.pricesTicks.length) this.makeRoom();
    this.pricesTicks[this.length] = priceTicks;
    this.length += 1;
  }

  /** Best first, every price once. Does nothing when nothing was added since. */
  settle(): void {
    if (this.settledLength === this.length) return;
    this.sort();
    const { pricesTicks, length } = this;
    let kept = 0;
    for (let i = 0; i < length; i += 1) {
      if (kept > 0 && pricesTicks[kept - 1] === pricesTicks[i]) continue;
      pricesTicks[kept] = pricesTicks[i];
      kept += 1;
    }
    this.length = kept;
    this.settledLength = kept;
  }

  private sort(): void {
    const { pricesTicks, length, direction } = this;
    if (length > INSERTION_MAX) {
      const used = pricesTicks.subarray(0, length).sort();
      if (direction < 0) used.reverse();
      return;
    }
    // Of the few prices of a drain, putting each in its place costs less than the call of `sort`.
    for (let i = 1; i < length; i += 1) {
      const priceTicks = pricesTicks[i];
      let at = i;
      for (; at > 0 && (pricesTicks[at - 1] - priceTicks) * direction > 0; at -= 1) {
        pricesTicks[at] = pricesTicks[at - 1];
      }
      pricesTicks[at] = priceTicks;
    }
  }

  clear(): void {
    this.length = 0;
    this.settledLength = 0;
  }

  private makeRoom(): void {
    this.settle();
    if (this.length <= this.pricesTicks.length / 2) return;
    const prices = new Float64Array(this.pricesTicks.length * 2);
    prices.set(this.pricesTicks);
    this.pricesTicks = prices;
  }
}

/** The levels that changed since they were last taken; a price stands once, however often it moved. */
export class ChangedLevels {
  readonly bids = new ChangedPrices(SIDE_BUY);
  readonly asks = new ChangedPrices(SIDE_SELL);

  get empty(): boolean {
    return this.bids.length === 0 && this.asks.length === 0;
  }

  settle(): void {
    this.bids.settle();
    this.asks.settle();
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }
}

/**
 * The L2 book of one market, kept from its events alone. `bids` and `asks` are best first.
 */
export class DepthBook {
  readonly bids = new DepthSide(SIDE_BUY);
  readonly asks = new DepthSide(SIDE_SELL);
  readonly changed = new ChangedLevels();
  /** Sequence of the newest event applied; 0 before the first. */
  seq = 0;

  /**
   * Applies one record; others than those that move a level only advance `seq`.
   * @returns true when a level moved.
   */
  apply(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    this.seq = f64[(at + R.RECORD_SEQ) >>> 3];
    switch (frameType(i32[(at + 4) >>> 2])) {
      case R.ORDER_RESTED:
        this.setLevel(
          u8[at + R.RESTED_SIDE],
          f64[(at + R.RESTED_PRICE_TICKS) >>> 3],
          f64[(at + R.RESTED_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.RESTED_LEVEL_ORDERS) >>> 2],
        );
        return true;
      case R.TRADE_EXECUTED:
        this.setLevel(
          1 - u8[at + R.TRADE_TAKER_SIDE],
          f64[(at + R.TRADE_PRICE_TICKS) >>> 3],
          f64[(at + R.TRADE_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.TRADE_LEVEL_ORDERS) >>> 2],
        );
        return true;
      case R.ORDER_CANCELLED:
        if (u8[at + R.CANCELLED_WAS_RESTING] === 0) return false;
        this.setLevel(
          u8[at + R.CANCELLED_SIDE],
          f64[(at + R.CANCELLED_PRICE_TICKS) >>> 3],
          f64[(at + R.CANCELLED_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.CANCELLED_LEVEL_ORDERS) >>> 2],
        );
        return true;
      case R.AUCTION_TRADE:
        this.setLevel(
          SIDE_BUY,
          f64[(at + R.AUCTION_BID_LEVEL_TICKS) >>> 3],
          f64[(at + R.AUCTION_BID_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.AUCTION_BID_LEVEL_ORDERS) >>> 2],
        );
        this.setLevel(
          SIDE_SELL,
          f64[(at + R.AUCTION_ASK_LEVEL_TICKS) >>> 3],
          f64[(at + R.AUCTION_ASK_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.AUCTION_ASK_LEVEL_ORDERS) >>> 2],
        );
        return true;
      case R.ORDER_AMENDED:
        if (u8[at + R.AMENDED_WAS_RESTING] === 0) return false;
        this.setLevel(
          u8[at + R.AMENDED_SIDE],
          f64[(at + R.AMENDED_OLD_PRICE_TICKS) >>> 3],
          f64[(at + R.AMENDED_LEVEL_QTY_LOTS) >>> 3],
          i32[(at + R.AMENDED_LEVEL_ORDERS) >>> 2],
        );
        return true;
      case R.OUTSIDE_BOOK:
        this.takeOutside(views, at);
        return true;
      case R.OUTSIDE_STALE:
        return this.clear();
      default:
        return false;
    }
  }

  /** Removes all levels; true when there were any. */
  clear(): boolean {
    const { bids, asks, changed } = this;
    if (bids.length + asks.length === 0) return false;
    for (let i = 0; i < bids.length; i += 1) changed.bids.add(bids.pricesTicks[i]);
    for (let i = 0; i < asks.length; i += 1) changed.asks.add(asks.pricesTicks[i]);
    bids.length = 0;
    asks.length = 0;
    return true;
  }

  /** Levels of another exchange, which does not tell how many orders are in them. */
  private takeOutside({ i32, f64 }: FrameViews, at: number): void {
    if (i32[(at + R.OUTSIDE_BOOK_RESET) >>> 2] !== 0) this.clear();
    const bids = i32[(at + R.OUTSIDE_BOOK_BIDS) >>> 2];
    const levels = bids + i32[(at + R.OUTSIDE_BOOK_ASKS) >>> 2];
    let word = (at + R.OUTSIDE_BOOK_LEVELS) >>> 3;
    for (let i = 0; i < levels; i += 1, word += 2) {
      this.setLevel(i < bids ? SIDE_BUY : SIDE_SELL, f64[word], f64[word + 1], 0);
    }
  }

  /** Sets a level outright: what recovery does with a book image. */
  setLevel(side: number, priceTicks: number, qtyLots: number, orders: number): void {
    if (side === SIDE_BUY) {
      this.bids.set(priceTicks, qtyLots, orders);
      this.changed.bids.add(priceTicks);
    } else {
      this.asks.set(priceTicks, qtyLots, orders);
      this.changed.asks.add(priceTicks);
    }
  }

  /** Best bid, or 0. */
  bestBidTicks(): number {
    return this.bids.length === 0 ? 0 : this.bids.pricesTicks[0];
  }

  /** Best ask, or 0. */
  bestAskTicks(): number {
    return this.asks.length === 0 ? 0 : this.asks.pricesTicks[0];
  }
}
