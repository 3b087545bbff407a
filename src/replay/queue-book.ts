import { SIDE_BUY, type Side } from '../domain/orders.ts';
import { DepthSide } from '../projections/depth.ts';

/** An order as the recording tells of it. */
export interface RecordedOrder {
  /** The recording's own id; `seed-…` for quantity whose orders the recording does not name. */
  readonly id: string;
  /** The name it goes by in the engine. */
  readonly clientOrderId: string;
  readonly side: Side;
  readonly priceTicks: number;
  /** What is open. */
  qtyLots: number;
}

/**
 * The book as the files alone tell it: who waits at which price, in order of arrival. A mapping keeps
 * one to know what a row means; it is never corrected by what the engine does.
 */
export class QueueBook {
  readonly bids = new DepthSide(0);
  readonly asks = new DepthSide(1);
  private readonly orders = new Map<string, RecordedOrder>();
  /** Price → orders in order of arrival, which is the order a Map keeps. */
  private readonly queues = [
    new Map<number, Map<string, RecordedOrder>>(),
    new Map<number, Map<string, RecordedOrder>>(),
  ];

  get size(): number {
    return this.orders.size;
  }

  get(id: string): RecordedOrder | undefined {
    return this.orders.get(id);
  }

  levels(side: Side): DepthSide {
    return side === SIDE_BUY ? this.bids : this.asks;
  }

  /** Best price of a side in ticks, 0 when it is empty. */
  best(side: Side): number {
    const levels = this.levels(side);
    return levels.length === 0 ? 0 : levels.pricesTicks[0];
  }

  /** True when an order of this side at this price would trade against the other side. */
  crosses(side: Side, priceTicks: number): boolean {
    const best = this.best((1 - side) as Side);
    if (best === 0) return false;
    return side === SIDE_BUY ? priceTicks >= best : priceTicks <= best;
  }

  /** True when the best bid is at or above the best ask. */
  isCrossed(): boolean {
    const bid = this.best(SIDE_BUY);
    return bid !== 0 && this.crosses(SIDE_BUY, bid);
  }

  /** The orders at a price, first in the queue first. */
  queue(side: Side, priceTicks: number): RecordedOrder[] {
    return [...(this.queues[side].get(priceTicks)?.values() ?? [])];
  }

  /** The order that is first in the queue at a price. */
  first(side: Side, priceTicks: number): RecordedOrder | undefined {
    return this.queues[side].get(priceTicks)?.values().next().value;
  }

  add(order: RecordedOrder): void {
    const queues = this.queues[order.side];
    let queue = queues.get(order.priceTicks);
    if (queue === undefined) {
      queue = new Map();
      queues.set(order.priceTicks, queue);
    }
    queue.set(order.id, order);
    this.orders.set(order.id, order);
    this.changeLevel(order, order.qtyLots, queue.size);
  }

  /** Takes quantity off an order; an order left with nothing is gone. */
  reduce(order: RecordedOrder, byLots: number): void {
    if (byLots >= order.qtyLots) {
      this.remove(order);
      return;
    }
    order.qtyLots -= byLots;
    this.changeLevel(order, -byLots, this.queueOf(order).size);
  }

  remove(order: RecordedOrder): void {
    const queue = this.queueOf(order);
    queue.delete(order.id);
    this.orders.delete(order.id);
    if (queue.size === 0) this.queues[order.side].delete(order.priceTicks);
    this.changeLevel(order, -order.qtyLots, queue.size);
  }

  /** Sends an order to the end of its queue. */
  requeue(order: RecordedOrder): void {
    const queue = this.queueOf(order);
    queue.delete(order.id);
    queue.set(order.id, order);
  }

  /** Removes orders as a mass cancel does: bids first, best price first, at most so many. */
  clear(most = Number.POSITIVE_INFINITY): void {
    let left = most;
    for (const order of [...this.inPriority()]) {
      if (left === 0) return;
      this.remove(order);
      left -= 1;
    }
  }

  /** Every order: bids then asks, best price first, in each price by arrival. */
  *inPriority(): Generator<RecordedOrder> {
    for (const side of [0, 1] as const) {
      const levels = this.levels(side);
      for (let i = 0; i < levels.length; i += 1) yield* this.queue(side, levels.pricesTicks[i]);
    }
  }

  private queueOf(order: RecordedOrder): Map<string, RecordedOrder> {
    const queue = this.queues[order.side].get(order.priceTicks);
    if (queue === undefined) throw new Error(`order ${order.id} is not in the book`);
    return queue;
  }

  private changeLevel(order: RecordedOrder, byLots: number, orders: number): void {
    const levels = this.levels(order.side);
    levels.set(order.priceTicks, levels.qtyAt(order.priceTicks) + byLots, orders);
  }
}
