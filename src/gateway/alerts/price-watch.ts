import type { PriceAlert } from './alert-book.ts';

/** Alerts by price; the one that the next price reaches first is the last. */
class Stack {
  private readonly alerts: PriceAlert[] = [];
  /** 1: rising prices reach them, the lowest first; -1: falling ones, the highest first. */
  private readonly sign: 1 | -1;

  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  get next(): PriceAlert | undefined {
    return this.alerts.at(-1);
  }

  /** Binary search; among equals a new one fires last, as it came last. */
  add(alert: PriceAlert): void {
    let low = 0;
    let high = this.alerts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.alerts[middle].priceTicks * this.sign > alert.priceTicks * this.sign)
        low = middle + 1;
      else high = middle;
    }
    this.alerts.splice(low, 0, alert);
  }

  pop(): PriceAlert | undefined {
    return this.alerts.pop();
  }

  remove(alert: PriceAlert): boolean {
    const at = this.alerts.indexOf(alert);
    if (at >= 0) this.alerts.splice(at, 1);
    return at >= 0;
  }
}

/** One market's alerts: two that wait for a price, two that wait for it to go back. */
class MarketAlerts {
  readonly above = new Stack(1);
  readonly below = new Stack(-1);
  /** Fired ones that repeat: armed again by a price strictly on the other side. */
  readonly restingAbove = new Stack(-1);
  readonly restingBelow = new Stack(1);

  stacks(): readonly Stack[] {
    return [this.above, this.below, this.restingAbove, this.restingBelow];
  }
}

/**
 * Finds the price alerts that a trade reaches. What does not fire costs nothing: of each market only
 * the alerts nearest to the price are looked at.
 */
export class PriceWatch {
  private readonly markets: (MarketAlerts | undefined)[] = [];

  /** Begins to watch for an alert. @param rests it has fired, and waits for the price to go back */
  add(alert: PriceAlert, rests = false): void {
    const { marketId, direction } = alert;
    this.markets[marketId] ??= new MarketAlerts();
    const market = this.markets[marketId];
    if (direction === 'above') (rests ? market.restingAbove : market.above).add(alert);
    else (rests ? market.restingBelow : market.below).add(alert);
  }

  remove(alert: PriceAlert): void {
    const stacks = this.markets[alert.marketId]?.stacks() ?? [];
    stacks.some((stack) => stack.remove(alert));
  }

  has(marketId: number): boolean {
    return this.markets[marketId] !== undefined;
  }

  /**
   * A market traded. `fire` is given each alert that this price reaches, which is watched no more; those
   * that were waiting for such a price are armed again first.
   */
  traded(marketId: number, priceTicks: number, fire: (alert: PriceAlert) => void): void {
    const market = this.markets[marketId];
    if (market === undefined) return;
    const { above, below, restingAbove, restingBelow } = market;
    for (let next = restingAbove.next; next && priceTicks < next.priceTicks; ) {
      restingAbove.pop();
      above.add(next);
      next = restingAbove.next;
    }
    for (let next = restingBelow.next; next && priceTicks > next.priceTicks; ) {
      restingBelow.pop();
      below.add(next);
      next = restingBelow.next;
    }
    for (let next = above.next; next && priceTicks >= next.priceTicks; next = above.next) {
      above.pop();
      fire(next);
    }
    for (let next = below.next; next && priceTicks <= next.priceTicks; next = below.next) {
      below.pop();
      fire(next);
    }
  }
}
