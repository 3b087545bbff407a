import * as R from '../codec/records.ts';
import { SIDE_UNKNOWN } from '../domain/orders.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';

/**
 * Trades of one market in the order in which they happened, one array per field, so that a trade
 * costs no object. REUSED: only the first `length` entries mean anything, until the next `clear`.
 */
export class TradeBatch {
  length = 0;
  ids = new Float64Array(16);
  pricesTicks = new Float64Array(16);
  qtysLots = new Float64Array(16);
  seconds = new Uint32Array(16);
  nanos = new Uint32Array(16);
  /** The aggressor's side; `SIDE_UNKNOWN` where nobody knows it, and in an auction. */
  sides = new Uint8Array(16);
  /** 1 for a trade made outside the visible book and only reported here. */
  printed = new Uint8Array(16);
  /** The aggressor's order id, or its number on another exchange; 0 where there is none. */
  takers = new Float64Array(16);

  /** Appends the trade that a record tells of; false for a record that tells of none. */
  add(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    const type = frameType(i32[(at + 4) >>> 2]);
    switch (type) {
      case R.TRADE_EXECUTED:
      case R.AUCTION_TRADE:
      case R.TRADE_PRINTED:
      case R.OUTSIDE_TRADE:
        break;
      default:
        return false;
    }
    if (this.length === this.ids.length) this.grow();
    const n = this.length;
    this.length = n + 1;
    this.seconds[n] = i32[(at + R.RECORD_SECONDS) >>> 2];
    this.nanos[n] = i32[(at + R.RECORD_NANOS) >>> 2];
    if (type === R.TRADE_EXECUTED) {
      this.ids[n] = f64[(at + R.TRADE_ID) >>> 3];
      this.pricesTicks[n] = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
      this.qtysLots[n] = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
      this.sides[n] = u8[at + R.TRADE_TAKER_SIDE];
      this.takers[n] = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
      this.printed[n] = 0;
    } else if (type === R.AUCTION_TRADE) {
      this.ids[n] = f64[(at + R.AUCTION_TRADE_ID) >>> 3];
      this.pricesTicks[n] = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
      this.qtysLots[n] = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
      this.sides[n] = SIDE_UNKNOWN;
      this.takers[n] = 0;
      this.printed[n] = 0;
    } else if (type === R.OUTSIDE_TRADE) {
      this.ids[n] = f64[(at + R.OUTSIDE_TRADE_ID) >>> 3];
      this.pricesTicks[n] = f64[(at + R.OUTSIDE_TRADE_PRICE_TICKS) >>> 3];
      this.qtysLots[n] = f64[(at + R.OUTSIDE_TRADE_QTY_LOTS) >>> 3];
      this.sides[n] = u8[at + R.OUTSIDE_TRADE_SIDE];
      this.takers[n] = f64[(at + R.OUTSIDE_TRADE_AGGRESSOR) >>> 3];
      this.printed[n] = 0;
    } else {
      this.ids[n] = f64[(at + R.PRINTED_ID) >>> 3];
      this.pricesTicks[n] = f64[(at + R.PRINTED_PRICE_TICKS) >>> 3];
      this.qtysLots[n] = f64[(at + R.PRINTED_QTY_LOTS) >>> 3];
      this.sides[n] = u8[at + R.PRINTED_SIDE];
      this.takers[n] = 0;
      this.printed[n] = 1;
    }
    return true;
  }

  /** Appends all trades of another batch. */
  append(other: TradeBatch): void {
    const end = this.length + other.length;
    while (this.ids.length < end) this.grow();
    for (let i = 0, n = this.length; i < other.length; i += 1, n += 1) {
      this.ids[n] = other.ids[i];
      this.pricesTicks[n] = other.pricesTicks[i];
      this.qtysLots[n] = other.qtysLots[i];
      this.seconds[n] = other.seconds[i];
      this.nanos[n] = other.nanos[i];
      this.sides[n] = other.sides[i];
      this.printed[n] = other.printed[i];
      this.takers[n] = other.takers[i];
    }
    this.length = end;
  }

  clear(): void {
    this.length = 0;
  }

  private grow(): void {
    const size = this.ids.length * 2;
    this.ids = copied(this.ids, new Float64Array(size));
    this.pricesTicks = copied(this.pricesTicks, new Float64Array(size));
    this.qtysLots = copied(this.qtysLots, new Float64Array(size));
    this.seconds = copied(this.seconds, new Uint32Array(size));
    this.nanos = copied(this.nanos, new Uint32Array(size));
    this.sides = copied(this.sides, new Uint8Array(size));
    this.printed = copied(this.printed, new Uint8Array(size));
    this.takers = copied(this.takers, new Float64Array(size));
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
