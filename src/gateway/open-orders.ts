import type { Ledger } from '../ledger/ledger.ts';
import { isClosedStatus, type TrackedOrder } from '../projections/order-tracker.ts';

/** Open orders of users by portfolio, as far as they are durable, oldest first. */
export class OpenOrders {
  private readonly ledger: Ledger;
  private readonly byPortfolio = new Map<number, Map<number, TrackedOrder>>();

  /** @param orders open when the process started */
  constructor(ledger: Ledger, orders: Iterable<TrackedOrder>) {
    this.ledger = ledger;
    const users = [...orders].filter(({ portfolioId }) => ledger.get(portfolioId).userId > 0);
    for (const order of users.sort((a, b) => a.orderId - b.orderId)) this.note(order);
  }

  /** Takes in a user's order that has changed. */
  note(order: TrackedOrder): void {
    const { orderId, portfolioId } = order;
    let open = this.byPortfolio.get(portfolioId);
    if (isClosedStatus(order.status)) {
      if (open?.delete(orderId) && open.size === 0) this.byPortfolio.delete(portfolioId);
      return;
    }
    if (open === undefined) {
      open = new Map();
      this.byPortfolio.set(portfolioId, open);
    }
    open.set(orderId, order);
  }

  /** Those of a user's portfolios, portfolio by portfolio. */
  *of(userId: number): IterableIterator<TrackedOrder> {
    for (const [portfolioId, open] of this.byPortfolio) {
      if (this.ledger.get(portfolioId).userId === userId) yield* open.values();
    }
  }
}
