import { assert } from '../lib/assert.ts';

/** One open order of the simulator, as the durable events tell it. */
export interface OwnOrder {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly portfolioId: number;
  readonly side: number;
  priceTicks: number;
  remainingLots: number;
  resting: boolean;
  /** A cancel or amend is under way until then; afterwards it counts as lost. */
  busyUntilMs: number;
  /** Place in its pool, -1 when it is in none. */
  poolIndex: number;
}

/** Resting orders of one kind, in no order, so that one can be drawn at random. */
export class OrderPool {
  readonly orders: OwnOrder[] = [];

  add(order: OwnOrder): void {
    assert(order.poolIndex === -1, 'an order is in one pool once');
    order.poolIndex = this.orders.length;
    this.orders.push(order);
  }

  remove(order: OwnOrder): void {
    const last = this.orders.pop()!;
    if (last !== order) {
      this.orders[order.poolIndex] = last;
      last.poolIndex = order.poolIndex;
    }
    order.poolIndex = -1;
  }
}

/**
 * The simulator's open orders in one market: each maker's by portfolio and side, everybody else's by
 * side. An order is known from the echo of its command on, and resting from `OrderRested` on.
 */
export class OwnOrders {
  private readonly byId = new Map<number, OwnOrder>();
  private readonly byClientId = new Map<string, OwnOrder>();
  private readonly makers = new Map<number, readonly OrderPool[]>();
  /** Orders of noise traders and what remains of others' orders, by side. */
  readonly loose: readonly OrderPool[] = [new OrderPool(), new OrderPool()];

  constructor(makerPortfolioIds: readonly number[]) {
    for (const id of makerPortfolioIds) this.makers.set(id, [new OrderPool(), new OrderPool()]);
  }

  /** A maker's resting orders on a side. */
  maker(portfolioId: number, side: number): OrderPool {
    const pools = this.makers.get(portfolioId);
    assert(pools !== undefined, 'not a maker of this market');
    return pools[side];
  }

  get(orderId: number): OwnOrder | undefined {
    return this.byId.get(orderId);
  }

  getByClientId(clientOrderId: string): OwnOrder | undefined {
    return this.byClientId.get(clientOrderId);
  }

  open(
    orderId: number,
    clientOrderId: string,
    portfolioId: number,
    side: number,
    priceTicks: number,
    remainingLots: number,
  ): OwnOrder {
    const order: OwnOrder = {
      orderId,
      clientOrderId,
      portfolioId,
      side,
      priceTicks,
      remainingLots,
      resting: false,
      busyUntilMs: 0,
      poolIndex: -1,
    };
    this.byId.set(orderId, order);
    this.byClientId.set(clientOrderId, order);
    return order;
  }

  /** The order rests at this price with this quantity, newly or again after an amendment. */
  rest(order: OwnOrder, priceTicks: number, remainingLots: number): void {
    order.priceTicks = priceTicks;
    order.remainingLots = remainingLots;
    order.busyUntilMs = 0;
    if (order.resting) return;
    order.resting = true;
    this.pool(order).add(order);
  }

  /** The order left its level: an amendment without priority, before what it leads to. */
  lift(order: OwnOrder): void {
    if (!order.resting) return;
    order.resting = false;
    this.pool(order).remove(order);
  }

  close(order: OwnOrder): void {
    this.lift(order);
    this.byId.delete(order.orderId);
    if (this.byClientId.get(order.clientOrderId) === order) {
      this.byClientId.delete(order.clientOrderId);
    }
  }

  /** Open orders, resting or not. */
  get count(): number {
    return this.byId.size;
  }

  private pool(order: OwnOrder): OrderPool {
    return (this.makers.get(order.portfolioId) ?? this.loose)[order.side];
  }
}
