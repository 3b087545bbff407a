import * as R from '../codec/records.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { Derivatives } from './derivatives.ts';

/** The last 24 hours as an exchange tells them. */
export interface OutsideDay {
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly volumeLots: number;
  readonly volumeTickLots: number;
  /** 0 where the exchange does not tell. */
  readonly trades: number;
}

/** What is known of a market only because its facts come from another exchange. */
export class OutsideFacts {
  /** The market's facts come from its exchange. */
  isLive = false;
  /** The book cannot be trusted, and is empty therefore; STALE_… says why. */
  isStale = false;
  staleReason = 0;
  /** The exchange's number of the book; 0 where it has none. */
  bookSequence = 0;
  /** The exchange's own figures; `undefined` before it told any. */
  day: OutsideDay | undefined;

  /** Takes in what concerns neither levels nor trades. True when the flag of the book turned. */
  apply(type: number, views: FrameViews, at: number, derivatives: Derivatives): boolean {
    const { f64, i32 } = views;
    switch (type) {
      case R.OUTSIDE_BOOK:
        this.bookSequence = f64[(at + R.OUTSIDE_BOOK_SEQUENCE) >>> 3];
        return i32[(at + R.OUTSIDE_BOOK_RESET) >>> 2] !== 0 && this.setStale(0);
      case R.OUTSIDE_STALE:
        return this.setStale(i32[(at + R.OUTSIDE_STALE_REASON) >>> 2]);
      case R.OUTSIDE_MARK:
        applyMark(derivatives, views, at);
        return false;
      case R.OUTSIDE_INTEREST:
        derivatives.openInterestLots = f64[(at + R.OUTSIDE_INTEREST_LOTS) >>> 3];
        return false;
      case R.OUTSIDE_LIQUIDATION:
        applyLiquidation(derivatives, views, at);
        return false;
      case R.OUTSIDE_DAY:
        this.day = readDay(views, at);
        return false;
      default:
        return false;
    }
  }

  /** @param reason STALE_…; 0: the book is fresh @returns true when that is news */
  setStale(reason: number): boolean {
    const wasStale = this.isStale;
    this.isStale = reason !== 0;
    this.staleReason = reason;
    return this.isStale !== wasStale;
  }
}

function applyMark(derivatives: Derivatives, { f64, i32 }: FrameViews, at: number): void {
  const markTicks = f64[(at + R.OUTSIDE_MARK_TICKS) >>> 3];
  const indexTicks = f64[(at + R.OUTSIDE_INDEX_TICKS) >>> 3];
  const nextSeconds = f64[(at + R.OUTSIDE_NEXT_FUNDING_SECONDS) >>> 3];
  if (markTicks !== 0) derivatives.markTicks = markTicks;
  if (indexTicks !== 0) derivatives.indexTicks = indexTicks;
  if (nextSeconds !== 0) derivatives.fundingEndMoved(nextSeconds);
  if (i32[(at + R.OUTSIDE_HAS_RATE) >>> 2] !== 0) {
    derivatives.predictedRatePpb = f64[(at + R.OUTSIDE_RATE_PPB) >>> 3];
  }
}

function applyLiquidation(derivatives: Derivatives, views: FrameViews, at: number): void {
  const { f64, i32, u8 } = views;
  const fill = {
    seconds: i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0,
    nanos: i32[(at + R.RECORD_NANOS) >>> 2],
    side: u8[at + R.OUTSIDE_LIQUIDATION_SIDE],
    priceTicks: f64[(at + R.OUTSIDE_LIQUIDATION_PRICE_TICKS) >>> 3],
    qtyLots: f64[(at + R.OUTSIDE_LIQUIDATION_QTY_LOTS) >>> 3],
    tradeId: 0,
  };
  derivatives.liquidated(fill, f64[(at + R.RECORD_SEQ) >>> 3]);
}

function readDay({ f64 }: FrameViews, at: number): OutsideDay {
  return {
    openTicks: f64[(at + R.OUTSIDE_DAY_OPEN_TICKS) >>> 3],
    highTicks: f64[(at + R.OUTSIDE_DAY_HIGH_TICKS) >>> 3],
    lowTicks: f64[(at + R.OUTSIDE_DAY_LOW_TICKS) >>> 3],
    volumeLots: f64[(at + R.OUTSIDE_DAY_LOTS) >>> 3],
    volumeTickLots: f64[(at + R.OUTSIDE_DAY_TICK_LOTS) >>> 3],
    trades: f64[(at + R.OUTSIDE_DAY_TRADES) >>> 3],
  };
}
