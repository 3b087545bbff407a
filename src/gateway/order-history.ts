import { LIMITS } from '../config/limits.ts';

/** Ids of orders, ascending, in memory that grows by doubling. */
class OrderIds {
  length = 0;
  private ids = new Float64Array(16);

  /** Adds an id that is not there yet; mostly it is the greatest. */
  add(orderId: number): boolean {
    let at = this.length;
    if (at > 0 && this.ids[at - 1] >= orderId) {
      at = this.countBelow(orderId);
      if (this.ids[at] === orderId) return false;
    }
    if (this.length === this.ids.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids.copyWithin(at + 1, at, this.length);
    this.ids[at] = orderId;
    this.length += 1;
    return true;
  }

  /** Forgets the oldest half. */
  forgetHalf(): number {
    const gone = this.length >>> 1;
    this.ids.copyWithin(0, gone, this.length);
    this.length -= gone;
    return gone;
  }

  at(index: number): number {
    return this.ids[index];
  }

  countBelow(orderId: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ids[middle] < orderId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Which orders, open and closed, a user's portfolio has had: ids alone, eight bytes each; what became of
 * them stands in the orders table. Past the bound the longest list forgets its older half.
 */
export class OrderHistory {
  private readonly byPortfolio = new Map<number, OrderIds>();
  private readonly capacity: number;
  private size = 0;

  constructor(capacity: number = LIMITS.listedOrders) {
    this.capacity = capacity;
  }

  /** Takes in an order of a user's portfolio; one that is known changes nothing. */
  note(portfolioId: number, orderId: number): void {
    let ids = this.byPortfolio.get(portfolioId);
    if (ids === undefined) {
      ids = new OrderIds();
      this.byPortfolio.set(portfolioId, ids);
    }
    if (!ids.add(orderId)) return;
    this.size += 1;
    if (this.size > this.capacity) this.forget();
  }

  /** Ids of the portfolios' orders below one, the newest first. */
  *before(portfolioIds: readonly number[], orderId: number): IterableIterator<number> {
    const lists = portfolioIds
      .map((id) => this.byPortfolio.get(id))
      .filter((ids) => ids !== undefined);
    const left = lists.map((ids) => ids.countBelow(orderId));
    for (;;) {
      let best = -1;
      let bestId = 0;
      for (let i = 0; i < lists.length; i += 1) {
        const id = left[i] === 0 ? 0 : lists[i].at(left[i] - 1);
        if (id > bestId) [best, bestId] = [i, id];
      }
      if (best < 0) return;
      left[best] -= 1;
      yield bestId;
    }
  }

  private forget(): void {
    let longest: OrderIds | undefined;
    for (const ids of this.byPortfolio.values()) {
      if (longest === undefined || ids.length > longest.length) longest = ids;
    }
    this.size -= longest?.forgetHalf() ?? 0;
  }
}
