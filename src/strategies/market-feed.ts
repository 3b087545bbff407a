import * as R from '../codec/records.ts';
import type { Market } from '../domain/markets.ts';
import { PHASE_CONTINUOUS, SIDE_BUY, SIDE_SELL, SIDE_UNKNOWN } from '../domain/orders.ts';
import { DepthBook, type DepthSide } from '../projections/depth.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import type { MarketSeen, TradeSeen } from './strategy.ts';

/** A market as it was when a thread began to follow it. */
export interface MarketImage {
  readonly marketId: number;
  /** Sequence of the newest event in it. */
  readonly seq: number;
  readonly lastTradeTicks: number;
  /** PHASE_… */
  readonly phase: number;
  /** `[priceTicks, qtyLots, orders]`, best first. */
  readonly bids: readonly (readonly [number, number, number])[];
  readonly asks: readonly (readonly [number, number, number])[];
}

/** One market, kept from its durable records alone. */
export class MarketFeed implements MarketSeen {
  readonly market: Market;
  lastTradeTicks = 0;
  isContinuous = true;
  changedAtMs = 0;
  /** A level moved in the group that is being read. */
  bookMoved = false;
  /** Trades of the group that is being read. */
  readonly trades: TradeSeen[] = [];
  private readonly depth = new DepthBook();

  constructor(market: Market) {
    this.market = market;
  }

  get bids(): DepthSide {
    return this.depth.bids;
  }

  get asks(): DepthSide {
    return this.depth.asks;
  }

  get bidTicks(): number {
    return this.depth.bestBidTicks();
  }

  get askTicks(): number {
    return this.depth.bestAskTicks();
  }

  get midTicks(): number {
    const { bidTicks, askTicks } = this;
    return bidTicks === 0 || askTicks === 0 ? 0 : (bidTicks + askTicks) / 2;
  }

  restore(image: MarketImage): void {
    const { depth } = this;
    for (const [price, qty, orders] of image.bids) depth.setLevel(SIDE_BUY, price, qty, orders);
    for (const [price, qty, orders] of image.asks) depth.setLevel(SIDE_SELL, price, qty, orders);
    depth.changed.clear();
    depth.seq = image.seq;
    this.lastTradeTicks = image.lastTradeTicks;
    this.isContinuous = image.phase === PHASE_CONTINUOUS;
  }

  /** Applies one durable record. @returns false for one that is in the image already */
  apply(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    if (f64[(at + R.RECORD_SEQ) >>> 3] <= this.depth.seq) return false;
    this.changedAtMs = recordMs(views, at);
    if (this.depth.apply(views, at)) this.bookMoved = true;
    switch (frameType(i32[(at + 4) >>> 2])) {
      case R.TRADE_EXECUTED:
        this.traded(
          f64[(at + R.TRADE_PRICE_TICKS) >>> 3],
          f64[(at + R.TRADE_QTY_LOTS) >>> 3],
          u8[at + R.TRADE_TAKER_SIDE],
        );
        break;
      case R.AUCTION_TRADE:
        this.traded(
          f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3],
          f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3],
          SIDE_UNKNOWN,
        );
        break;
      case R.PHASE_CHANGED:
        this.isContinuous = i32[(at + R.PHASE_TO) >>> 2] === PHASE_CONTINUOUS;
        break;
      default:
    }
    return true;
  }

  /** The group has been told. */
  endGroup(): void {
    this.bookMoved = false;
    this.trades.length = 0;
    // Nobody takes the changed prices from this book; they must not pile up.
    this.depth.changed.clear();
  }

  private traded(priceTicks: number, qtyLots: number, takerSide: number): void {
    this.lastTradeTicks = priceTicks;
    this.trades.push({ priceTicks, qtyLots, takerSide, atMs: this.changedAtMs });
  }
}

/** Venue time of a record, milliseconds since the Unix epoch. */
function recordMs({ i32 }: FrameViews, at: number): number {
  const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
  return seconds * 1000 + i32[(at + R.RECORD_NANOS) >>> 2] / 1e6;
}
