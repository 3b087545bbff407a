import { readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import {
  CANCEL_EXPIRED,
  CANCEL_FILL_LIMIT,
  CANCEL_IOC_REMAINDER,
  CANCEL_MARKET_REMAINDER,
  CANCEL_VOLATILITY_HALT,
  ORDER_FLAG_EXTENDED,
  ORDER_TYPE_PEGGED,
  STATUS_CANCELLED,
  STATUS_EXPIRED,
  STATUS_FILLED,
  STATUS_OPEN,
  STATUS_PARTIALLY_FILLED,
  STATUS_PENDING,
  STATUS_REJECTED,
} from '../domain/orders.ts';
import { AssertionError, assert } from '../lib/assert.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { NO_EXTENSION, type OrderExtension, readExtension } from './order-extension.ts';

/**
 * An order as its events left it. Quantities in lots, prices in ticks, money in the smallest unit
 * of the market's quote asset. Owned by the tracker, which changes it with every event: copy what
 * shall stay as it is.
 */
export class TrackedOrder {
  orderId = 0;
  marketId = 0;
  portfolioId = 0;
  /** Who placed it: 0 is the gateway on behalf of its clients. */
  sessionId = 0;
  side = 0;
  orderType = 0;
  tif = 0;
  /** ORDER_FLAG_…, without `ORDER_FLAG_EXTENDED` */
  flags = 0;
  /** SELF_TRADE_… */
  selfTrade = 0;
  /**
   * Limit price; of what acts as a market order the protective limit it was given (a trailing
   * stop's moves with its trigger, which nothing tells); of a pegged order its limit.
   */
  priceTicks = 0;
  /** Total, what is filled included; an amendment changes it. */
  qtyLots = 0;
  filledLots = 0;
  /** Sum of price × quantity over the fills. */
  filledNotionalUnits = 0;
  /** Sum of fees over the fills; negative for rebates. */
  feeUnits = 0;
  /** STATUS_… */
  status: number = STATUS_PENDING;
  /** CANCEL_… when cancelled or expired, a result code when rejected, else 0. */
  reason = 0;
  clientOrderId = '';
  extension: Readonly<OrderExtension> = NO_EXTENSION;
  createdSeconds = 0;
  createdNanos = 0;
  updatedSeconds = 0;
  updatedNanos = 0;
  /** True while it waits in the tracker for `takeChanged()`. */
  changed = false;
}

/** True for an order that no event will change any more. */
export function isClosedStatus(status: number): boolean {
  return status >= STATUS_FILLED;
}

/** What time or the want of a counterparty ended is expired; what anything else ended is cancelled. */
const EXPIRING_REASONS: ReadonlySet<number> = new Set([
  CANCEL_IOC_REMAINDER,
  CANCEL_MARKET_REMAINDER,
  CANCEL_FILL_LIMIT,
  CANCEL_EXPIRED,
  CANCEL_VOLATILITY_HALT,
]);

/**
 * The one place that knows what events do to an order. Holds the open orders, and those that closed
 * since the caller last took the changed ones.
 *
 * | event            | pending  | open             | partially filled     | closed |
 * |------------------|----------|------------------|----------------------|--------|
 * | `PlaceOrder`     | ×        | ignored ¹        | ignored ¹            | ×      |
 * | `OrderAccepted`  | open     | ×                | ×                    | ×      |
 * | `OrderRejected`  | rejected | ignored ¹        | ignored ¹            | ×      |
 * | a trade, something remains         | × | partially filled | partially filled | ×  |
 * | a trade, nothing remains           | × | filled           | filled           | ×  |
 * | `OrderCancelled`: expired, or a remainder (ioc, market, fill limit, halt) | × | expired | expired | × |
 * | `OrderCancelled` for any other reason          | × | cancelled | cancelled   | ×  |
 * | `OrderAmended`   | ×        | open, new price and total ² | same      | ×      |
 * | `OrderHeld`, `OrderTriggered` | × | open, waiting or not | same         | ×      |
 * | all others       | same     | same             | same                 | same   |
 *
 * A trade is a `TradeExecuted` or an `AuctionTradeExecuted`. ² A pegged order's limit stays: what
 * such an event says is where it stands.
 *
 * An order unknown until now becomes pending with `PlaceOrder`. × is our own bug: it throws, at the
 * latest with the next event. ¹ An order id used twice: the book rejects the second order, and the
 * first lives on.
 */
export class OrderTracker {
  private readonly orders = new Map<number, TrackedOrder>();
  private readonly unitsByMarket: Float64Array;
  private readonly load: ((orderId: number) => TrackedOrder | undefined) | undefined;
  private changedOrders: TrackedOrder[] = [];
  private takenOrders: TrackedOrder[] = [];
  private closedCount = 0;

  /**
   * @param quoteUnitsPerTickLot of every market by its id: smallest quote units in one tick × lot
   * @param load finds an order that was open before this tracker was made; without it, such orders
   *   must be given to `restore` first
   */
  constructor(
    quoteUnitsPerTickLot: ReadonlyMap<number, number>,
    load?: (orderId: number) => TrackedOrder | undefined,
  ) {
    const ids = [...quoteUnitsPerTickLot.keys()];
    this.unitsByMarket = new Float64Array(1 + ids.reduce((most, id) => Math.max(most, id), 0));
    for (const [id, units] of quoteUnitsPerTickLot) this.unitsByMarket[id] = units;
    this.load = load;
  }

  /** Applies one record; the views are read now and not kept. */
  apply(views: FrameViews, at: number): void {
    switch (frameType(views.i32[(at + 4) >>> 2])) {
      case R.PLACE_ORDER:
        this.place(views, at);
        return;
      case R.ORDER_ACCEPTED:
        this.accept(views, at);
        return;
      case R.ORDER_REJECTED:
        this.reject(views, at);
        return;
      case R.TRADE_EXECUTED:
        this.trade(views, at);
        return;
      case R.AUCTION_TRADE:
        this.auctionTrade(views, at);
        return;
      case R.ORDER_CANCELLED:
        this.cancel(views, at);
        return;
      case R.ORDER_AMENDED:
        this.amend(views, at);
        return;
      case R.ORDER_HELD:
        this.wait(views, at, views.i32[(at + R.HELD_WHY) >>> 2]);
        return;
      case R.ORDER_TRIGGERED:
        this.wait(views, at, 0);
        return;
      case R.ORDER_RESTED:
        this.rest(views, at);
        return;
      default:
    }
  }

  /** An open order, or one that closed since `takeChanged()`. */
  get(orderId: number): TrackedOrder | undefined {
    return this.orders.get(orderId);
  }

  /** Orders that are not closed. */
  get openCount(): number {
    return this.orders.size - this.closedCount;
  }

  /** Orders that the next `takeChanged()` will give. */
  get changedCount(): number {
    return this.changedOrders.length;
  }

  /** Every order held, in the order of arrival; before `takeChanged()` also closed ones. */
  all(): IterableIterator<TrackedOrder> {
    return this.orders.values();
  }

  /** Takes in an open order as a snapshot or the orders table has it. */
  restore(order: TrackedOrder): void {
    assert(!isClosedStatus(order.status), 'only open orders are restored');
    this.orders.set(order.orderId, order);
  }

  /**
   * Every order that an event touched since the last call, once each, in the order of their first
   * touch; forgets the closed ones among them. REUSED: the array is valid until the next call.
   */
  takeChanged(): readonly TrackedOrder[] {
    const taken = this.changedOrders;
    for (const order of taken) {
      order.changed = false;
      if (isClosedStatus(order.status)) this.orders.delete(order.orderId);
    }
    this.closedCount = 0;
    this.changedOrders = this.takenOrders;
    this.changedOrders.length = 0;
    this.takenOrders = taken;
    return taken;
  }

  private place(views: FrameViews, at: number): void {
    const { i32, f64, u8 } = views;
    const orderId = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
    if (this.find(orderId) !== undefined) return;
    const order = new TrackedOrder();
    order.orderId = orderId;
    order.marketId = frameMarketId(i32[(at + 4) >>> 2]);
    order.portfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
    order.sessionId = i32[(at + R.COMMAND_SESSION_ID) >>> 2];
    order.side = u8[at + R.PLACE_SIDE];
    order.orderType = u8[at + R.PLACE_ORDER_TYPE];
    order.tif = u8[at + R.PLACE_TIF];
    order.flags = u8[at + R.PLACE_FLAGS] & ~ORDER_FLAG_EXTENDED;
    order.selfTrade = u8[at + R.PLACE_SELF_TRADE];
    order.extension = readExtension(views, at);
    order.priceTicks = f64[(at + R.PLACE_PRICE_TICKS) >>> 3];
    order.qtyLots = f64[(at + R.PLACE_QTY_LOTS) >>> 3];
    order.clientOrderId = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
    order.createdSeconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    order.createdNanos = i32[(at + R.RECORD_NANOS) >>> 2] >>> 0;
    this.orders.set(orderId, order);
    this.touch(order, views, at);
  }

  private accept(views: FrameViews, at: number): void {
    const order = this.known(views.f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    assert(order.status === STATUS_PENDING, 'only a pending order is accepted');
    order.status = STATUS_OPEN;
    this.touch(order, views, at);
    const { ocoOrderId } = order.extension;
    if (ocoOrderId === 0) return;
    const partner = this.known(ocoOrderId);
    partner.extension = { ...partner.extension, ocoOrderId: order.orderId };
    this.touch(partner, views, at);
  }

  private reject(views: FrameViews, at: number): void {
    const order = this.known(views.f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    if (order.status === STATUS_OPEN || order.status === STATUS_PARTIALLY_FILLED) return;
    order.reason = views.i32[(at + R.ORDER_REJECTED_CODE) >>> 2];
    this.close(order, STATUS_REJECTED, views, at);
  }

  private trade(views: FrameViews, at: number): void {
    const { f64 } = views;
    const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const maker = this.known(f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3]);
    const taker = this.known(f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3]);
    const notionalUnits = priceTicks * qtyLots * this.unitsOf(maker.marketId);
    maker.feeUnits += f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    taker.feeUnits += f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    const makerRemaining = f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3];
    const takerRemaining = f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3];
    this.fill(maker, qtyLots, notionalUnits, makerRemaining, views, at);
    this.fill(taker, qtyLots, notionalUnits, takerRemaining, views, at);
  }

  private auctionTrade(views: FrameViews, at: number): void {
    const { f64 } = views;
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    const bid = this.known(f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3]);
    const ask = this.known(f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3]);
    const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    const notionalUnits = priceTicks * qtyLots * this.unitsOf(bid.marketId);
    bid.feeUnits += f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3];
    ask.feeUnits += f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3];
    const bidRemaining = f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3];
    const askRemaining = f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3];
    this.fill(bid, qtyLots, notionalUnits, bidRemaining, views, at);
    this.fill(ask, qtyLots, notionalUnits, askRemaining, views, at);
  }

  private fill(
    order: TrackedOrder,
    qtyLots: number,
    notionalUnits: number,
    remainingLots: number,
    views: FrameViews,
    at: number,
  ): void {
    this.assertOpen(order);
    order.filledLots += qtyLots;
    order.filledNotionalUnits += notionalUnits;
    if (remainingLots === 0) {
      this.close(order, STATUS_FILLED, views, at);
      return;
    }
    order.status = STATUS_PARTIALLY_FILLED;
    this.touch(order, views, at);
  }

  private cancel(views: FrameViews, at: number): void {
    const order = this.known(views.f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    this.assertOpen(order);
    const reason = views.u8[at + R.CANCELLED_REASON];
    order.reason = reason;
    this.close(order, EXPIRING_REASONS.has(reason) ? STATUS_EXPIRED : STATUS_CANCELLED, views, at);
  }

  private amend(views: FrameViews, at: number): void {
    const { f64 } = views;
    const order = this.known(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    this.assertOpen(order);
    const priceTicks = f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3];
    if (order.orderType !== ORDER_TYPE_PEGGED) order.priceTicks = priceTicks;
    else if (order.extension.waiting === 0) this.follow(order, priceTicks);
    order.qtyLots = order.filledLots + f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3];
    this.touch(order, views, at);
  }

  /** The order waits outside the book (`why`: HELD_…), or no longer does (0). */
  private wait(views: FrameViews, at: number, why: number): void {
    const order = this.known(views.f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    this.assertOpen(order);
    order.extension = { ...order.extension, waiting: why };
    this.touch(order, views, at);
  }

  private rest({ f64 }: FrameViews, at: number): void {
    const order = this.known(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
    if (order.orderType !== ORDER_TYPE_PEGGED) return;
    this.follow(order, f64[(at + R.RESTED_PRICE_TICKS) >>> 3]);
  }

  private follow(order: TrackedOrder, pegTicks: number): void {
    if (order.extension.pegTicks === pegTicks) return;
    order.extension = { ...order.extension, pegTicks };
  }

  private close(order: TrackedOrder, status: number, views: FrameViews, at: number): void {
    assert(!isClosedStatus(order.status), 'a closed order does not change');
    order.status = status;
    this.closedCount += 1;
    this.touch(order, views, at);
  }

  private touch(order: TrackedOrder, views: FrameViews, at: number): void {
    order.updatedSeconds = views.i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    order.updatedNanos = views.i32[(at + R.RECORD_NANOS) >>> 2] >>> 0;
    if (order.changed) return;
    order.changed = true;
    this.changedOrders.push(order);
  }

  private assertOpen(order: TrackedOrder): void {
    const { status } = order;
    assert(status === STATUS_OPEN || status === STATUS_PARTIALLY_FILLED, 'the order is not open');
  }

  private known(orderId: number): TrackedOrder {
    const order = this.find(orderId);
    if (order !== undefined) return order;
    throw new AssertionError(`an event speaks of order ${orderId}, which no command placed`);
  }

  private find(orderId: number): TrackedOrder | undefined {
    const order = this.orders.get(orderId);
    if (order !== undefined || this.load === undefined) return order;
    const loaded = this.load(orderId);
    if (loaded === undefined || isClosedStatus(loaded.status)) return undefined;
    this.orders.set(orderId, loaded);
    return loaded;
  }

  private unitsOf(marketId: number): number {
    const units = this.unitsByMarket[marketId];
    if (units > 0) return units;
    throw new AssertionError(`market ${marketId} trades but is not described`);
  }
}
