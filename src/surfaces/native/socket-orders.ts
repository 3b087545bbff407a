import type { OrderView, Venue } from '../../gateway/venue.ts';
import { isClosedStatus } from '../../projections/order-tracker.ts';

/** Orders noted before those that closed meanwhile are looked for, at least. */
const SWEEP_FROM = 1024;

/**
 * The orders that were placed over one connection, for cancelling them when it ends. Closed ones are
 * swept out each time the number has doubled.
 */
export class SocketOrders {
  cancelOnClose = false;
  private readonly venue: Venue;
  /** Order id → user. */
  private readonly owners = new Map<number, number>();
  private sweepAt = SWEEP_FROM;
  private closed = false;

  constructor(venue: Venue) {
    this.venue = venue;
  }

  /** An order of this connection has its outcome; one that comes too late leaves at once. */
  add(userId: number, order: OrderView): void {
    if (isClosedStatus(order.status)) return;
    if (this.closed) {
      if (this.cancelOnClose) this.venue.cancel(userId, order.orderId, () => undefined);
      return;
    }
    this.owners.set(order.orderId, userId);
    if (this.owners.size < this.sweepAt) return;
    for (const orderId of this.owners.keys()) {
      if (!this.venue.isOpen(orderId)) this.owners.delete(orderId);
    }
    this.sweepAt = Math.max(SWEEP_FROM, 2 * this.owners.size);
  }

  /** The connection has ended. */
  close(): void {
    this.closed = true;
    if (this.cancelOnClose) {
      for (const [orderId, userId] of this.owners) {
        if (this.venue.isOpen(orderId)) this.venue.cancel(userId, orderId, () => undefined);
      }
    }
    this.owners.clear();
  }
}
