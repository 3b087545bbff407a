import * as R from '../codec/records.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import {
  ACTION_ADD,
  ACTION_EXECUTE,
  ACTION_REDUCE,
  ACTION_REMOVE,
  OrderChangeBatch,
} from './order-changes.ts';
import { RestingOrders } from './resting-orders.ts';

/** One order in the queue at its price, as everybody may see it. */
export interface VisibleOrder {
  /**
   * Anonymous: the sequence of the record that put it where it stands. At one price it therefore
   * also says who came first, and every part that an iceberg shows is a new order to the outside.
   */
  readonly publicId: number;
  readonly side: number;
  readonly priceTicks: number;
  /** What it shows; hidden quantity is nowhere in here. */
  qtyLots: number;
}

/** Of one side: price → orders by public id, in the order in which they trade. */
type Queues = Map<number, Map<number, VisibleOrder>>;

/**
 * The L3 book of one market, kept from its events alone. Every event pays for one look-up by order
 * id; queues in the order of priority, and what changed in them, are kept only while `follow` says
 * that somebody wants them.
 */
export class OrdersBook {
  /** What changed since the last publication; empty while nobody follows. */
  readonly changed = new OrderChangeBatch();
  private readonly resting = new RestingOrders();
  private queues: readonly [Queues, Queues] | undefined;
  /** By side: orders that rest. */
  private readonly counts = [0, 0];

  /** Orders of a side that rest. */
  count(side: number): number {
    return this.counts[side];
  }

  /** True while queues are kept. */
  get followed(): boolean {
    return this.queues !== undefined;
  }

  /** Keeps queues and changes from here on, or no longer. */
  follow(wanted: boolean): void {
    if (wanted === this.followed) return;
    this.changed.clear();
    this.queues = undefined;
    if (!wanted) return;
    this.queues = [new Map(), new Map()];
    // Orders of one price stand in the order of their public ids, whatever the map's order is.
    const { resting } = this;
    const slots = [...resting.slots()].sort((a, b) => resting.publicId(a) - resting.publicId(b));
    for (const slot of slots) this.enqueue(slot);
  }

  /** Orders at a price in the order in which they trade; only while followed. */
  at(side: number, priceTicks: number): Iterable<VisibleOrder> {
    return this.queues?.[side].get(priceTicks)?.values() ?? [];
  }

  /** The public id by which everybody sees an order; 0 when it is not in the book. */
  publicIdOf(orderId: number): number {
    const slot = this.resting.find(orderId);
    return slot < 0 ? 0 : this.resting.publicId(slot);
  }

  /** Takes in a resting order as a snapshot has it: bids, then asks, at each price by priority. */
  restore(orderId: number, side: number, priceTicks: number, qtyLots: number): void {
    // Fewer orders rest than records were written, so these ids are all below those to come.
    const publicId = this.resting.size + 1;
    this.resting.add(orderId, publicId, side, priceTicks, qtyLots);
    this.counts[side] += 1;
  }

  /**
   * Applies one record; others than those that change a visible order do nothing.
   * @returns true when a visible order changed
   */
  apply(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    switch (frameType(i32[(at + 4) >>> 2])) {
      case R.ORDER_RESTED:
        this.add(views, at);
        return true;
      case R.TRADE_EXECUTED:
        return this.execute(
          f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
          f64[(at + R.TRADE_QTY_LOTS) >>> 3],
          f64[(at + R.TRADE_ID) >>> 3],
          views,
          at,
        );
      case R.AUCTION_TRADE: {
        const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
        const tradeId = f64[(at + R.AUCTION_TRADE_ID) >>> 3];
        const bidId = f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3];
        const askId = f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3];
        const bid = this.execute(bidId, qtyLots, tradeId, views, at);
        return this.execute(askId, qtyLots, tradeId, views, at) || bid;
      }
      case R.ORDER_CANCELLED:
        if (u8[at + R.CANCELLED_WAS_RESTING] === 0) return false;
        return this.remove(f64[(at + R.EVENT_ORDER_ID) >>> 3], views, at);
      case R.ORDER_AMENDED:
        return this.amend(views, at);
      default:
        return false;
    }
  }

  private add(views: FrameViews, at: number): void {
    const { f64, u8 } = views;
    const side = u8[at + R.RESTED_SIDE];
    const slot = this.resting.add(
      f64[(at + R.EVENT_ORDER_ID) >>> 3],
      f64[(at + R.RECORD_SEQ) >>> 3],
      side,
      f64[(at + R.RESTED_PRICE_TICKS) >>> 3],
      f64[(at + R.RESTED_QTY_LOTS) >>> 3],
    );
    this.counts[side] += 1;
    if (this.queues === undefined) return;
    this.enqueue(slot);
    this.note(ACTION_ADD, slot, views, at);
  }

  private execute(
    orderId: number,
    qtyLots: number,
    tradeId: number,
    views: FrameViews,
    at: number,
  ): boolean {
    const slot = this.resting.find(orderId);
    if (slot < 0) return false;
    this.setQty(slot, this.resting.qtyLots(slot) - qtyLots);
    if (this.queues !== undefined) {
      const index = this.note(ACTION_EXECUTE, slot, views, at);
      this.changed.executedLots[index] = qtyLots;
      this.changed.tradeIds[index] = tradeId;
    }
    if (this.resting.qtyLots(slot) === 0) this.drop(slot);
    return true;
  }

  private amend(views: FrameViews, at: number): boolean {
    const { f64, u8 } = views;
    if (u8[at + R.AMENDED_WAS_RESTING] === 0) return false;
    const orderId = f64[(at + R.EVENT_ORDER_ID) >>> 3];
    if (u8[at + R.AMENDED_KEPT_PRIORITY] === 0) return this.remove(orderId, views, at);
    const slot = this.resting.find(orderId);
    const openLots = f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3];
    // What only takes from an iceberg's hidden part is nobody's business.
    if (slot < 0 || this.resting.qtyLots(slot) <= openLots) return false;
    this.setQty(slot, openLots);
    if (this.queues !== undefined) this.note(ACTION_REDUCE, slot, views, at);
    return true;
  }

  private remove(orderId: number, views: FrameViews, at: number): boolean {
    const slot = this.resting.find(orderId);
    if (slot < 0) return false;
    this.setQty(slot, 0);
    if (this.queues !== undefined) this.note(ACTION_REMOVE, slot, views, at);
    this.drop(slot);
    return true;
  }

  private setQty(slot: number, qtyLots: number): void {
    const { resting } = this;
    resting.setQtyLots(slot, qtyLots);
    const queue = this.queues?.[resting.side(slot)].get(resting.priceTicks(slot));
    const order = queue?.get(resting.publicId(slot));
    if (order !== undefined) order.qtyLots = qtyLots;
  }

  private drop(slot: number): void {
    const { resting } = this;
    const side = resting.side(slot);
    const priceTicks = resting.priceTicks(slot);
    const publicId = resting.publicId(slot);
    resting.remove(slot);
    this.counts[side] -= 1;
    const queue = this.queues?.[side].get(priceTicks);
    if (queue === undefined) return;
    queue.delete(publicId);
    if (queue.size === 0) this.queues?.[side].delete(priceTicks);
  }

  private enqueue(slot: number): void {
    const { resting } = this;
    const order: VisibleOrder = {
      publicId: resting.publicId(slot),
      side: resting.side(slot),
      priceTicks: resting.priceTicks(slot),
      qtyLots: resting.qtyLots(slot),
    };
    const queues = this.queues?.[order.side];
    const queue = queues?.get(order.priceTicks);
    if (queue === undefined) queues?.set(order.priceTicks, new Map([[order.publicId, order]]));
    else queue.set(order.publicId, order);
  }

  private note(action: number, slot: number, views: FrameViews, at: number): number {
    const { changed, resting } = this;
    const index = changed.append();
    changed.publicIds[index] = resting.publicId(slot);
    changed.pricesTicks[index] = resting.priceTicks(slot);
    changed.qtysLots[index] = resting.qtyLots(slot);
    changed.executedLots[index] = 0;
    changed.tradeIds[index] = 0;
    changed.seconds[index] = views.i32[(at + R.RECORD_SECONDS) >>> 2];
    changed.nanos[index] = views.i32[(at + R.RECORD_NANOS) >>> 2];
    changed.actions[index] = action;
    changed.sides[index] = resting.side(slot);
    return index;
  }
}
