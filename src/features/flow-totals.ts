import * as R from '../codec/records.ts';
import { SIDE_BUY, SIDE_SELL, SIDE_UNKNOWN } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_TYPE_PADDING, type FrameViews } from '../rings/frame.ts';
import type { BookSource } from './top-of-book.ts';

/** Counters of `FlowTotals.sums`. All are whole numbers, so differences of them are exact. */
export const FLOW = {
  /** Sum of the order-flow imbalance's terms, lots. */
  IMBALANCE: 0,
  /** And of their amounts. */
  IMBALANCE_ABSOLUTE: 1,
  BID_ADDS: 2,
  ASK_ADDS: 3,
  BID_CANCELS: 4,
  ASK_CANCELS: 5,
  BID_CHANGES: 6,
  ASK_CHANGES: 7,
  BOUGHT_LOTS: 8,
  SOLD_LOTS: 9,
  TRADES: 10,
  TRADED_LOTS: 11,
  /** Price × quantity, ticks × lots. */
  TRADED_TICK_LOTS: 12,
} as const;
export const FLOW_COUNTERS = 13;

const { IMBALANCE, IMBALANCE_ABSOLUTE, BID_ADDS, BID_CANCELS, BID_CHANGES, ASK_CHANGES } = FLOW;
const { BOUGHT_LOTS, SOLD_LOTS, TRADES, TRADED_LOTS, TRADED_TICK_LOTS } = FLOW;

// Constants of this module cost nothing; an imported binding is loaded and checked on every use.
const PADDING = FRAME_TYPE_PADDING;
const RESTED = R.ORDER_RESTED;
const RESTED_BYTES = R.ORDER_RESTED_BYTES;
const RESTED_PRICE = R.RESTED_PRICE_TICKS;
const RESTED_SIDE = R.RESTED_SIDE;
const CANCELLED = R.ORDER_CANCELLED;
const TRADE = R.TRADE_EXECUTED;
const F_TRADE_PRICE = R.TRADE_PRICE_TICKS / 8;
const F_TRADE_QTY = R.TRADE_QTY_LOTS / 8;
const TRADE_TAKER_SIDE = R.TRADE_TAKER_SIDE;
/** From the type of one to that of the other, and from the counters of one to those of the other. */
const CANCELLED_KIND = CANCELLED - RESTED;
/** In the word with the side. */
const WAS_RESTING = 1 << ((R.CANCELLED_WAS_RESTING - R.CANCELLED_SIDE) * 8);
assert(BID_CANCELS - BID_ADDS === CANCELLED_KIND, 'counters lie as far apart as the types');
assert(R.CANCELLED_PRICE_TICKS === RESTED_PRICE, 'both have their price in one place');
assert(R.CANCELLED_SIDE === RESTED_SIDE, 'and their side');
assert(R.ORDER_CANCELLED_BYTES === RESTED_BYTES, 'and are of one length');
assert(RESTED_SIDE % 4 === 0 && TRADE_TAKER_SIDE % 4 === 0, 'sides are the low bytes of words');

/** What has happened in a market since it is watched: counters that only grow, and the newest trade. */
export class FlowTotals {
  readonly sums = new Float64Array(FLOW_COUNTERS);
  /** The tenth of a second under way, venue time since the epoch. */
  nowTenths: number;
  /** 0 before the first. */
  lastTradeTicks = 0;
  /** 1 bought, -1 sold, 0 not known. */
  lastTradeSign = 0;
  /** Tenths of seconds (venue time since the epoch) of what the ages count from. */
  tradedAtTenths: number;
  bidChangedAtTenths: number;
  askChangedAtTenths: number;
  private readonly book: BookSource;
  private bidTicks: number;
  private bidLots: number;
  private askTicks: number;
  private askLots: number;
  /** By side, the best price where higher is better: a sale's is negative. -Infinity: none. */
  private readonly bestKeys = new Float64Array(2);

  constructor(book: BookSource, nowTenths: number) {
    this.book = book;
    this.nowTenths = nowTenths;
    this.tradedAtTenths = nowTenths;
    this.bidChangedAtTenths = nowTenths;
    this.askChangedAtTenths = nowTenths;
    this.bidTicks = book.bestTicks(SIDE_BUY);
    this.bidLots = book.bestLots(SIDE_BUY);
    this.askTicks = book.bestTicks(SIDE_SELL);
    this.askLots = book.bestLots(SIDE_SELL);
    this.noteKeys();
  }

  /**
   * Counts what a group of events tells, in the tenth of a second `nowTenths`.
   * @param from byte offset of its first frame, the command
   * @param to byte offset behind its last frame
   */
  observe(views: FrameViews, from: number, to: number): void {
    const { i32 } = views;
    const at = (from + i32[from >>> 2]) | 0;
    // Most groups are a command and one order that came to rest or left: without a branch for which
    // of the two or for the side, because both are coin tosses to the processor.
    const kind = (i32[(at >>> 2) + 1] & 0xff) - RESTED;
    if (((at + RESTED_BYTES) | 0) === to && (kind & ~CANCELLED_KIND) === 0) {
      const last = i32[(at + RESTED_SIDE) >>> 2];
      if (kind === 0 || (last & WAS_RESTING) !== 0) {
        const side = last & 1;
        this.sums[BID_ADDS + kind + side] += 1;
        const key = views.f64[(at + RESTED_PRICE) >>> 3] * (1 - 2 * side);
        if (key >= this.bestKeys[side]) this.compareBest();
        return;
      }
    }
    this.observeAll(views, from, to);
  }

  private observeAll(views: FrameViews, from: number, to: number): void {
    const { i32 } = views;
    let at = from;
    while (at !== to) {
      const type = i32[(at >>> 2) + 1] & 0xff;
      if (type === PADDING) {
        at = 0;
        continue;
      }
      if (type === TRADE) {
        const word = at >>> 3;
        const { f64 } = views;
        const side = i32[(at + TRADE_TAKER_SIDE) >>> 2] & 0xff;
        this.trade(f64[word + F_TRADE_PRICE], f64[word + F_TRADE_QTY], side);
      } else if (type >= RESTED) this.count(type, views, at);
      at = (at + i32[at >>> 2]) | 0;
    }
    this.compareBest();
  }

  /** Counts an event of another kind; most of them count nothing. */
  private count(type: number, { f64, u8 }: FrameViews, at: number): void {
    switch (type) {
      case RESTED:
        this.sums[BID_ADDS + u8[at + RESTED_SIDE]] += 1;
        return;
      case CANCELLED:
        if (u8[at + R.CANCELLED_WAS_RESTING] === 0) return;
        this.sums[BID_CANCELS + u8[at + R.CANCELLED_SIDE]] += 1;
        return;
      case R.AUCTION_TRADE:
        this.trade(
          f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3],
          f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3],
          SIDE_UNKNOWN,
        );
        return;
      case R.TRADE_PRINTED:
        this.trade(
          f64[(at + R.PRINTED_PRICE_TICKS) >>> 3],
          f64[(at + R.PRINTED_QTY_LOTS) >>> 3],
          u8[at + R.PRINTED_SIDE],
        );
        return;
      default:
    }
  }

  /** Compares the best quote after a group with the one before it. */
  private compareBest(): void {
    const { book } = this;
    const bidTicks = book.bestTicks(SIDE_BUY);
    const bidLots = book.bestLots(SIDE_BUY);
    const askTicks = book.bestTicks(SIDE_SELL);
    const askLots = book.bestLots(SIDE_SELL);
    if (
      bidTicks === this.bidTicks &&
      bidLots === this.bidLots &&
      askTicks === this.askTicks &&
      askLots === this.askLots
    ) {
      return;
    }
    const { sums } = this;
    // No bid counts as the lowest price, no ask as the highest; both have no lots.
    let flow = 0;
    if (bidTicks >= this.bidTicks) flow += bidLots;
    if (bidTicks <= this.bidTicks) flow -= this.bidLots;
    const ask = askTicks === 0 ? Number.POSITIVE_INFINITY : askTicks;
    const askBefore = this.askTicks === 0 ? Number.POSITIVE_INFINITY : this.askTicks;
    if (ask <= askBefore) flow -= askLots;
    if (ask >= askBefore) flow += this.askLots;
    sums[IMBALANCE] += flow;
    sums[IMBALANCE_ABSOLUTE] += Math.abs(flow);
    if (bidTicks !== this.bidTicks) {
      sums[BID_CHANGES] += 1;
      this.bidChangedAtTenths = this.nowTenths;
    }
    if (askTicks !== this.askTicks) {
      sums[ASK_CHANGES] += 1;
      this.askChangedAtTenths = this.nowTenths;
    }
    this.bidTicks = bidTicks;
    this.bidLots = bidLots;
    this.askTicks = askTicks;
    this.askLots = askLots;
    this.noteKeys();
  }

  private noteKeys(): void {
    const { bidTicks, askTicks } = this;
    this.bestKeys[SIDE_BUY] = bidTicks === 0 ? Number.NEGATIVE_INFINITY : bidTicks;
    this.bestKeys[SIDE_SELL] = askTicks === 0 ? Number.NEGATIVE_INFINITY : -askTicks;
  }

  private trade(priceTicks: number, qtyLots: number, side: number): void {
    const { sums } = this;
    sums[TRADES] += 1;
    sums[TRADED_LOTS] += qtyLots;
    sums[TRADED_TICK_LOTS] += priceTicks * qtyLots;
    if (side === SIDE_BUY) sums[BOUGHT_LOTS] += qtyLots;
    else if (side === SIDE_SELL) sums[SOLD_LOTS] += qtyLots;
    this.lastTradeSign = side === SIDE_BUY ? 1 : side === SIDE_SELL ? -1 : 0;
    this.lastTradeTicks = priceTicks;
    this.tradedAtTenths = this.nowTenths;
  }
}
