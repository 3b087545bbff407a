import { SIDE_BUY } from '../../src/domain/orders.ts';

/** An order of the naive book. */
export interface NaiveOrder {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly clientOrderId: string;
  readonly side: number;
  priceTicks: number;
  remainingLots: number;
}

export interface NaiveFill {
  readonly maker: NaiveOrder;
  readonly qtyLots: number;
  readonly priceTicks: number;
  readonly takerRemainingLots: number;
  readonly levelLots: number;
  readonly levelOrders: number;
}

interface NaiveLevel {
  readonly priceTicks: number;
  readonly queue: NaiveOrder[];
}

/**
 * Price-time priority in the plainest form: an array of levels a side, best first, each with an
 * array of orders. Slow and obvious: for tests that need a market without the engine.
 */
export class NaiveBook {
  readonly orders = new Map<number, NaiveOrder>();
  private readonly sides: readonly [NaiveLevel[], NaiveLevel[]] = [[], []];

  levels(side: number): readonly NaiveLevel[] {
    return this.sides[side];
  }

  /** Best price of a side, 0 when it is empty. */
  best(side: number): number {
    return this.sides[side][0]?.priceTicks ?? 0;
  }

  /** Trades the order against the other side up to its price; `remainingLots` shrinks. */
  match(taker: NaiveOrder): NaiveFill[] {
    const fills: NaiveFill[] = [];
    const levels = this.sides[1 - taker.side];
    while (taker.remainingLots > 0 && levels.length > 0) {
      const level = levels[0];
      const crosses =
        taker.side === SIDE_BUY
          ? level.priceTicks <= taker.priceTicks
          : level.priceTicks >= taker.priceTicks;
      if (!crosses) break;
      const maker = level.queue[0];
      const qtyLots = Math.min(maker.remainingLots, taker.remainingLots);
      maker.remainingLots -= qtyLots;
      taker.remainingLots -= qtyLots;
      if (maker.remainingLots === 0) {
        level.queue.shift();
        this.orders.delete(maker.orderId);
      }
      const [levelLots, levelOrders] = totals(level);
      const takerRemainingLots = taker.remainingLots;
      const { priceTicks } = level;
      fills.push({ maker, qtyLots, priceTicks, takerRemainingLots, levelLots, levelOrders });
      if (level.queue.length === 0) levels.shift();
    }
    return fills;
  }

  rest(order: NaiveOrder): void {
    const levels = this.sides[order.side];
    const direction = order.side === SIDE_BUY ? -1 : 1;
    let at = 0;
    while (at < levels.length && (levels[at].priceTicks - order.priceTicks) * direction < 0)
      at += 1;
    if (levels[at]?.priceTicks !== order.priceTicks) {
      levels.splice(at, 0, { priceTicks: order.priceTicks, queue: [] });
    }
    levels[at].queue.push(order);
    this.orders.set(order.orderId, order);
  }

  remove(order: NaiveOrder): void {
    const levels = this.sides[order.side];
    const at = levels.findIndex((level) => level.priceTicks === order.priceTicks);
    const { queue } = levels[at];
    queue.splice(queue.indexOf(order), 1);
    if (queue.length === 0) levels.splice(at, 1);
    this.orders.delete(order.orderId);
  }

  /** Quantity and number of orders at a price. */
  levelTotals(side: number, priceTicks: number): [number, number] {
    const level = this.sides[side].find((one) => one.priceTicks === priceTicks);
    return level === undefined ? [0, 0] : totals(level);
  }
}

function totals(level: NaiveLevel): [number, number] {
  let lots = 0;
  for (const order of level.queue) lots += order.remainingLots;
  return [lots, level.queue.length];
}
