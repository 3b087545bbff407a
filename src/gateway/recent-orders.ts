import { isClosedStatus, type TrackedOrder } from '../projections/order-tracker.ts';

/**
 * Orders that closed and that the orders table may not tell of yet, because the journal writes its
 * rows behind in a flood. Whatever was durable before a flush is in the table after it, so all that
 * was kept before the newest flush can go.
 */
export class RecentOrders {
  private readonly flushes: () => number;
  private readonly orders = new Map<number, TrackedOrder>();
  private flushesSeen = 0;

  /** @param flushes how often the table was brought up to date */
  constructor(flushes: () => number) {
    this.flushes = flushes;
  }

  /** Keeps an order if it is closed; nothing changes it any more. */
  keep(order: TrackedOrder): void {
    if (!isClosedStatus(order.status)) return;
    const flushes = this.flushes();
    if (flushes !== this.flushesSeen) {
      this.orders.clear();
      this.flushesSeen = flushes;
    }
    this.orders.set(order.orderId, order);
  }

  get(orderId: number): TrackedOrder | undefined {
    return this.orders.get(orderId);
  }
}
