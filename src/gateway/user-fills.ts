import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';

/** One side of a trade, as the owner of its order sees it. */
export interface UserFill {
  readonly tradeId: number;
  readonly orderId: number;
  readonly market: Market;
  readonly portfolioId: number;
  readonly userId: number;
  readonly side: number;
  /** True when the order rested and was traded with; `null` in an auction, where nobody takes. */
  readonly maker: boolean | null;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Smallest units of the quote asset, negative for a rebate. */
  readonly feeUnits: number;
  /** Venue time of the trade. */
  readonly seconds: number;
  readonly nanos: number;
}

export interface FillListener {
  /** An order of a user traded; told before the order's change. */
  onUserFill?(fill: UserFill): void;
}

/** Who owns which portfolio, and which markets there are. */
export interface FillParts {
  readonly ledger: Ledger;
  readonly markets: MarketRegistry;
}

type Trade = Pick<UserFill, 'tradeId' | 'market' | 'priceTicks' | 'qtyLots' | 'seconds' | 'nanos'>;

/** Tells a listener both sides of the trade that a record speaks of, where they are users'. */
export function tellFills(
  parts: FillParts,
  views: FrameViews,
  at: number,
  listener: FillListener | undefined,
): void {
  if (listener?.onUserFill === undefined) return;
  const type = frameType(views.i32[(at + 4) >>> 2]);
  if (type === R.TRADE_EXECUTED) tellTrade(parts, views, at, listener);
  else if (type === R.AUCTION_TRADE) tellAuction(parts, views, at, listener);
}

function tellTrade(parts: FillParts, views: FrameViews, at: number, listener: FillListener): void {
  const { i32, f64, u8 } = views;
  const makerId = i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2];
  const takerId = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
  const [makerUserId, takerUserId] = [userOf(parts, makerId), userOf(parts, takerId)];
  if (makerUserId === 0 && takerUserId === 0) return;
  const takerSide = u8[at + R.TRADE_TAKER_SIDE];
  const ids = [R.TRADE_ID, R.TRADE_PRICE_TICKS, R.TRADE_QTY_LOTS] as const;
  const trade = tradeOf(parts, views, at, ids);
  if (makerUserId > 0) {
    listener.onUserFill?.({
      ...trade,
      orderId: f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
      portfolioId: makerId,
      userId: makerUserId,
      side: 1 - takerSide,
      maker: true,
      feeUnits: f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3],
    });
  }
  if (takerUserId > 0) {
    listener.onUserFill?.({
      ...trade,
      orderId: f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3],
      portfolioId: takerId,
      userId: takerUserId,
      side: takerSide,
      maker: false,
      feeUnits: f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3],
    });
  }
}

function tellAuction(
  parts: FillParts,
  views: FrameViews,
  at: number,
  listener: FillListener,
): void {
  const { i32, f64 } = views;
  const bidId = i32[(at + R.AUCTION_BID_PORTFOLIO_ID) >>> 2];
  const askId = i32[(at + R.AUCTION_ASK_PORTFOLIO_ID) >>> 2];
  const ids = [R.AUCTION_TRADE_ID, R.AUCTION_TRADE_PRICE_TICKS, R.AUCTION_TRADE_QTY_LOTS] as const;
  const [bidUserId, askUserId] = [userOf(parts, bidId), userOf(parts, askId)];
  if (bidUserId > 0) {
    listener.onUserFill?.({
      ...tradeOf(parts, views, at, ids),
      orderId: f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3],
      portfolioId: bidId,
      userId: bidUserId,
      side: SIDE_BUY,
      maker: null,
      feeUnits: f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3],
    });
  }
  if (askUserId > 0) {
    listener.onUserFill?.({
      ...tradeOf(parts, views, at, ids),
      orderId: f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3],
      portfolioId: askId,
      userId: askUserId,
      side: SIDE_SELL,
      maker: null,
      feeUnits: f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3],
    });
  }
}

/** @param ids offsets of the trade's id, price and quantity */
function tradeOf(
  { markets }: FillParts,
  { i32, f64 }: FrameViews,
  at: number,
  [tradeId, priceTicks, qtyLots]: readonly [number, number, number],
): Trade {
  const market = markets.get(frameMarketId(i32[(at + 4) >>> 2]));
  assert(market !== undefined, 'a trade is in a market that exists');
  return {
    tradeId: f64[(at + tradeId) >>> 3],
    market,
    priceTicks: f64[(at + priceTicks) >>> 3],
    qtyLots: f64[(at + qtyLots) >>> 3],
    seconds: i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0,
    nanos: i32[(at + R.RECORD_NANOS) >>> 2],
  };
}

/** 0 for a portfolio of the venue or of an in-process session. */
function userOf({ ledger }: FillParts, portfolioId: number): number {
  return ledger.portfolios.get(portfolioId)?.userId ?? 0;
}
