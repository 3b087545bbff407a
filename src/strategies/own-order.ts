import type { OwnOrder } from './strategy.ts';

/** An order of a deployment as its host keeps it. */
export class HostedOrder implements OwnOrder {
  readonly number: number;
  readonly marketId: number;
  readonly side: number;
  readonly tag: string;
  priceTicks: number;
  qtyLots: number;
  remainingLots: number;
  state: 'sent' | 'open' | 'closed' = 'sent';
  isBusy = false;
  /** The venue's number; 0 until the book has heard of it. */
  orderId = 0;
  /** To be cancelled as soon as the book has heard of it. */
  cancelWanted = false;

  constructor(
    number: number,
    marketId: number,
    side: number,
    priceTicks: number,
    qtyLots: number,
    tag: string,
  ) {
    this.number = number;
    this.marketId = marketId;
    this.side = side;
    this.priceTicks = priceTicks;
    this.qtyLots = qtyLots;
    this.remainingLots = qtyLots;
    this.tag = tag;
  }
}

/** A deployment's orders that are not closed, in the order they were sent. */
export class HostedOrders {
  private readonly byNumber = new Map<number, HostedOrder>();
  private readonly byId = new Map<number, HostedOrder>();

  get size(): number {
    return this.byNumber.size;
  }

  add(order: HostedOrder): void {
    this.byNumber.set(order.number, order);
  }

  /** The book has heard of the order under this id. */
  named(order: HostedOrder, orderId: number): void {
    order.orderId = orderId;
    this.byId.set(orderId, order);
  }

  byOrderId(orderId: number): HostedOrder | undefined {
    return this.byId.get(orderId);
  }

  byOrderNumber(orderNumber: number): HostedOrder | undefined {
    return this.byNumber.get(orderNumber);
  }

  close(order: HostedOrder): void {
    order.state = 'closed';
    this.byNumber.delete(order.number);
    this.byId.delete(order.orderId);
  }

  in(marketId: number): HostedOrder[] {
    return [...this.byNumber.values()].filter((order) => order.marketId === marketId);
  }

  /** What is open on one side of a market. */
  openLots(marketId: number, side: number): number {
    let lots = 0;
    for (const order of this.byNumber.values()) {
      if (order.marketId === marketId && order.side === side) lots += order.remainingLots;
    }
    return lots;
  }
}
