import { readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import { PHASE_CONTINUOUS, SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { MARKET_HALTED, ORDER_NOT_IN_BOOK, UNKNOWN_ORDER } from '../domain/result-codes.ts';
import { DepthBook } from '../projections/depth.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import { type OwnOrder, OwnOrders } from './own-orders.ts';
import type { RecoveredMarket } from './worker-data.ts';

/** What the traders are told besides the state of the book. */
export interface ViewListener {
  /** An order of anybody took liquidity; told once, however many fills it had. */
  onTaker(): void;
  /** An order of the simulator traded: positive lots were bought, negative sold. */
  onOwnFill(portfolioId: number, signedLots: number): void;
  /** True for margin portfolios, whose orders are not counted among those under way. */
  isLeveraged(portfolioId: number): boolean;
  /** A margin portfolio took liquidity, by an order of its own or by the venue's. */
  onLeveragedFill(portfolioId: number, signedLots: number, priceTicks: number): void;
}

/**
 * One market as the simulator sees it: the depth, its own open orders, the last trade, the phase.
 * Kept from the durable records alone, so it is never ahead of what any client could know.
 */
export class MarketView {
  readonly depth = new DepthBook();
  readonly own: OwnOrders;
  lastTradeTicks = 0;
  halted = false;
  /** Commands of this session whose echo has not come back yet. */
  inFlight = 0;
  private lastTakerId = 0;
  private readonly sessionId: number;
  private readonly listener: ViewListener;
  /** The order named by the cancel or amend whose events are being read, if it is this session's. */
  private namedOrder: OwnOrder | undefined;

  constructor(sessionId: number, makerIds: readonly number[], listener: ViewListener) {
    this.sessionId = sessionId;
    this.own = new OwnOrders(makerIds);
    this.listener = listener;
  }

  /** Takes over a book that was recovered, once, before the first record. */
  restore(recovered: RecoveredMarket): void {
    for (const [price, qty, orders] of recovered.bids) {
      this.depth.setLevel(SIDE_BUY, price, qty, orders);
    }
    for (const [price, qty, orders] of recovered.asks) {
      this.depth.setLevel(SIDE_SELL, price, qty, orders);
    }
    this.depth.changed.clear();
    this.depth.seq = recovered.seq;
    this.lastTradeTicks = recovered.lastPriceTicks;
    for (const kept of recovered.orders) {
      const { orderId, clientOrderId, portfolioId, side, priceTicks, remainingLots } = kept;
      const order = this.own.open(
        orderId,
        clientOrderId,
        portfolioId,
        side,
        priceTicks,
        remainingLots,
      );
      this.own.rest(order, priceTicks, remainingLots);
    }
  }

  /** Middle of the touch in ticks, 0 while a side is empty. */
  midTicks(): number {
    const { bids, asks } = this.depth;
    if (bids.length === 0 || asks.length === 0) return 0;
    return (bids.pricesTicks[0] + asks.pricesTicks[0]) / 2;
  }

  /** Applies one durable record of this market. `at` is the frame's byte offset in the views. */
  apply(views: FrameViews, at: number): void {
    const { i32, f64, u8 } = views;
    if (f64[(at + R.RECORD_SEQ) >>> 3] <= this.depth.seq) return;
    this.depth.apply(views, at);
    const type = frameType(i32[(at + 4) >>> 2]);
    if (type < R.FIRST_EVENT_TYPE) {
      this.namedOrder = undefined;
      if (i32[(at + R.COMMAND_SESSION_ID) >>> 2] === this.sessionId) this.onEcho(views, at, type);
    } else if (type === R.TRADE_EXECUTED) {
      this.onTrade(views, at);
    } else if (type === R.AUCTION_TRADE) {
      this.onAuctionTrade(views, at);
    } else if (type === R.PHASE_CHANGED) {
      this.halted = i32[(at + R.PHASE_TO) >>> 2] !== PHASE_CONTINUOUS;
    } else if (type === R.COMMAND_REJECTED) {
      const code = i32[(at + R.COMMAND_REJECTED_CODE) >>> 2];
      this.onCommandRejected(f64[(at + R.EVENT_ORDER_ID) >>> 3], code);
    } else {
      const order = this.own.get(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
      if (order === undefined) return;
      switch (type) {
        case R.ORDER_RESTED: {
          const qtyLots = f64[(at + R.RESTED_QTY_LOTS) >>> 3];
          this.own.rest(order, f64[(at + R.RESTED_PRICE_TICKS) >>> 3], qtyLots);
          return;
        }
        case R.ORDER_AMENDED:
          if (u8[at + R.AMENDED_KEPT_PRIORITY] === 0) this.own.lift(order);
          order.priceTicks = f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3];
          order.remainingLots = f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3];
          order.busyUntilMs = 0;
          return;
        case R.ORDER_REJECTED:
          if (i32[(at + R.ORDER_REJECTED_CODE) >>> 2] === MARKET_HALTED) this.halted = true;
          this.own.close(order);
          return;
        case R.ORDER_CANCELLED:
          this.own.close(order);
          return;
        default:
      }
    }
  }

  private onEcho(views: FrameViews, at: number, type: number): void {
    const { i32, f64, u8 } = views;
    if (this.listener.isLeveraged(i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2])) return;
    this.inFlight = Math.max(0, this.inFlight - 1);
    if (type === R.PLACE_ORDER) {
      this.own.open(
        f64[(at + R.COMMAND_ORDER_ID) >>> 3],
        readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID),
        i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2],
        u8[at + R.PLACE_SIDE],
        f64[(at + R.PLACE_PRICE_TICKS) >>> 3],
        f64[(at + R.PLACE_QTY_LOTS) >>> 3],
      );
    } else if (type === R.CANCEL_ORDER) {
      const id = readClientId(u8, at + R.CANCEL_CLIENT_ID_LENGTH, at + R.CANCEL_CLIENT_ID);
      this.namedOrder = this.own.getByClientId(id);
    } else if (type === R.AMEND_ORDER) {
      const id = readClientId(u8, at + R.AMEND_CLIENT_ID_LENGTH, at + R.AMEND_CLIENT_ID);
      this.namedOrder = this.own.getByClientId(id);
    }
  }

  private onTrade(views: FrameViews, at: number): void {
    const { f64, i32, u8 } = views;
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    this.lastTradeTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const bought = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY ? qtyLots : -qtyLots;
    const makerId = f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3];
    const takerId = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
    this.fill(makerId, f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3], -bought);
    this.fill(takerId, f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3], bought);
    const taker = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
    if (this.listener.isLeveraged(taker)) {
      this.listener.onLeveragedFill(taker, bought, this.lastTradeTicks);
    }
    if (takerId === this.lastTakerId) return;
    this.lastTakerId = takerId;
    this.listener.onTaker();
  }

  private onAuctionTrade({ f64 }: FrameViews, at: number): void {
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    const bidId = f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3];
    const askId = f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3];
    this.lastTradeTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    this.fill(bidId, f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3], qtyLots);
    this.fill(askId, f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3], -qtyLots);
  }

  private fill(orderId: number, remainingLots: number, signedLots: number): void {
    const order = this.own.get(orderId);
    if (order === undefined) return;
    this.listener.onOwnFill(order.portfolioId, signedLots);
    order.remainingLots = remainingLots;
    if (remainingLots === 0) this.own.close(order);
  }

  /** A refused cancel or amend: either there is no such order (any more), or it is free again. */
  private onCommandRejected(orderId: number, code: number): void {
    const order = this.own.get(orderId) ?? this.namedOrder;
    if (order === undefined) return;
    if (code === ORDER_NOT_IN_BOOK || code === UNKNOWN_ORDER) this.own.close(order);
    else order.busyUntilMs = 0;
  }
}
