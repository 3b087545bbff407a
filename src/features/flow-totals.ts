import * as R from '../codec/records.ts';
import { SIDE_BUY, SIDE_SELL, SIDE_UNKNOWN } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_TYPE_PADDING, type FrameViews } from '../rings/frame.ts';

/** Counters of `FlowTotals.sums`. All are whole numbers, so differences of them are exact. */
export const FLOW = {
  /** Lots that came to bids, left asks or bought, less the contrary, near the mid price. */
  IMBALANCE: 0,
  /** All of these lots. */
  IMBALANCE_ABSOLUTE: 1,
  BID_ADDS: 2,
  ASK_ADDS: 3,
  BID_CANCELS: 4,
  ASK_CANCELS: 5,
  /** Rows at which the best price was another one than at the row before. */
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
const F_PRICE = R.RESTED_PRICE_TICKS / 8;
const F_QTY = R.RESTED_QTY_LOTS / 8;
const I_SIDE = R.RESTED_SIDE / 4;
const CANCELLED = R.ORDER_CANCELLED;
const TRADE = R.TRADE_EXECUTED;
const F_TRADE_PRICE = R.TRADE_PRICE_TICKS / 8;
const F_TRADE_QTY = R.TRADE_QTY_LOTS / 8;
const I_TRADE_TAKER_SIDE = R.TRADE_TAKER_SIDE / 4;
/** From the type of one to that of the other, and from the counters of one to those of the other. */
const CANCELLED_KIND = CANCELLED - RESTED;
/** In the word with the side. */
const WAS_RESTING = 1 << ((R.CANCELLED_WAS_RESTING - R.CANCELLED_SIDE) * 8);
assert(CANCELLED_KIND === 2, 'what leaves counts against what comes');
assert(BID_CANCELS - BID_ADDS === CANCELLED_KIND, 'counters lie as far apart as the types');
assert(R.CANCELLED_PRICE_TICKS === R.RESTED_PRICE_TICKS, 'both have their price in one place');
assert(R.CANCELLED_QTY_LOTS === R.RESTED_QTY_LOTS, 'and their quantity');
assert(R.CANCELLED_SIDE === R.RESTED_SIDE, 'and their side');

/** How far from the mid price of the last row orders count for the order-flow imbalance. */
export const NEAR_SHARE = 0.001;

/** What has happened in a market since it is watched: counters that only grow, and the newest trade. */
export class FlowTotals {
  readonly sums = new Float64Array(FLOW_COUNTERS);
  /** The tenth of a second under way, venue time since the epoch. */
  nowTenths = 0;
  /** 0 before the first. */
  lastTradeTicks = 0;
  /** 1 bought, -1 sold, 0 not known. */
  lastTradeSign = 0;
  /** Tenths of seconds (venue time since the epoch) of what the ages count from. */
  tradedAtTenths = 0;
  bidChangedAtTenths = 0;
  askChangedAtTenths = 0;
  private bidTicks = 0;
  private askTicks = 0;
  private nearLowTicks = Number.NaN;
  private nearHighTicks = Number.NaN;

  /** Begins at a row with this best quote; 0 where a side is empty. */
  begin(tenths: number, bidTicks: number, askTicks: number): void {
    this.tradedAtTenths = tenths;
    this.bidChangedAtTenths = tenths;
    this.askChangedAtTenths = tenths;
    this.bidTicks = bidTicks;
    this.askTicks = askTicks;
  }

  /** Takes in the best quote at a row; `midTicks` is NaN where there is none. */
  row(tenths: number, bidTicks: number, askTicks: number, midTicks: number): void {
    this.nowTenths = tenths;
    this.nearLowTicks = midTicks * (1 - NEAR_SHARE);
    this.nearHighTicks = midTicks * (1 + NEAR_SHARE);
    if (bidTicks !== this.bidTicks) {
      this.bidTicks = bidTicks;
      this.bidChangedAtTenths = tenths;
      this.sums[BID_CHANGES] += 1;
    }
    if (askTicks !== this.askTicks) {
      this.askTicks = askTicks;
      this.askChangedAtTenths = tenths;
      this.sums[ASK_CHANGES] += 1;
    }
  }

  /**
   * Counts what groups tell that lie in a row.
   * @param from byte offset of the first frame
   * @param to byte offset behind the last frame
   */
  observe(views: FrameViews, from: number, to: number): void {
    const { i32, f64 } = views;
    const { sums, nearLowTicks, nearHighTicks } = this;
    let at = from;
    while (at !== to) {
      const word = at >>> 3;
      const type = i32[(word << 1) + 1] & 0xff;
      // What came to rest and what left are told apart by arithmetic: which of the two, and which
      // side, are coin tosses to the processor.
      const kind = type - RESTED;
      if ((kind & ~CANCELLED_KIND) === 0) {
        const sides = i32[(word << 1) + I_SIDE];
        if (kind === 0 || (sides & WAS_RESTING) !== 0) {
          const side = sides & 1;
          const priceTicks = f64[word + F_PRICE];
          const near = priceTicks >= nearLowTicks && priceTicks <= nearHighTicks ? 1 : 0;
          const lots = f64[word + F_QTY] * near;
          sums[BID_ADDS + kind + side] += 1;
          sums[IMBALANCE] += lots * (1 - 2 * side) * (1 - kind);
          sums[IMBALANCE_ABSOLUTE] += lots;
        }
      } else if (type === TRADE) {
        const side = i32[(word << 1) + I_TRADE_TAKER_SIDE] & 0xff;
        this.trade(f64[word + F_TRADE_PRICE], f64[word + F_TRADE_QTY], side);
      } else if (type === PADDING) {
        at = 0;
        continue;
      } else if (type > TRADE) this.countOther(type, views, at);
      at = (at + i32[word << 1]) | 0;
    }
  }

  /** Counts a trade of another kind; other events count nothing. */
  private countOther(type: number, { f64, u8 }: FrameViews, at: number): void {
    if (type === R.AUCTION_TRADE) {
      const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
      this.trade(priceTicks, f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3], SIDE_UNKNOWN);
    } else if (type === R.TRADE_PRINTED) {
      const priceTicks = f64[(at + R.PRINTED_PRICE_TICKS) >>> 3];
      this.trade(priceTicks, f64[(at + R.PRINTED_QTY_LOTS) >>> 3], u8[at + R.PRINTED_SIDE]);
    }
  }

  private trade(priceTicks: number, qtyLots: number, side: number): void {
    const { sums } = this;
    sums[TRADES] += 1;
    sums[TRADED_LOTS] += qtyLots;
    sums[TRADED_TICK_LOTS] += priceTicks * qtyLots;
    const sign = side === SIDE_BUY ? 1 : side === SIDE_SELL ? -1 : 0;
    if (sign > 0) sums[BOUGHT_LOTS] += qtyLots;
    else if (sign < 0) sums[SOLD_LOTS] += qtyLots;
    if (priceTicks >= this.nearLowTicks && priceTicks <= this.nearHighTicks && sign !== 0) {
      sums[IMBALANCE] += sign * qtyLots;
      sums[IMBALANCE_ABSOLUTE] += qtyLots;
    }
    this.lastTradeSign = sign;
    this.lastTradeTicks = priceTicks;
    this.tradedAtTenths = this.nowTenths;
  }
}
