import { crc32 } from 'node:zlib';
import type { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { OrdersDelta } from '../../src/codec/generated/openbell/stream/orders-delta.ts';
import { OrdersSnapshot } from '../../src/codec/generated/openbell/stream/orders-snapshot.ts';
import type { Market } from '../../src/domain/markets.ts';
import { SortedList } from './sorted-list.ts';

/** `[public order id, price ticks, quantity lots]` */
export type QueuedOrder = [number, number, number];

export interface QueueFacts {
  bids: QueuedOrder[];
  asks: QueuedOrder[];
  /** Bids and asks in the whole book. */
  counts: [number, number];
}

export interface OrderChangeFacts {
  action: number;
  orderId: number;
  side: number;
  priceTicks: number;
  qtyLots: number;
  executedLots: number;
  tradeId: number;
  micros: number;
}

const ACTIONS = ['add', 'reduce', 'remove', 'execute'];

interface Readers {
  price: (text: string) => number;
  qty: (text: string) => number;
  micros: (iso: string) => number;
}

// biome-ignore lint/suspicious/noExplicitAny: a parsed message of either type
export function ordersFactsOfJson(body: any, { price, qty, micros }: Readers) {
  if (body.type === 'snapshot') {
    const queue = (list: [number, string, string][]) =>
      list.map((order): QueuedOrder => [order[0], price(order[1]), qty(order[2])]);
    const counts: [number, number] = [body.bid_orders, body.ask_orders];
    const queues = { bids: queue(body.bids), asks: queue(body.asks), counts };
    return { type: 'orders snapshot', crc32: body.crc32 as number, queues };
  }
  const changes: OrderChangeFacts[] = [];
  for (const change of body.changes) {
    changes.push({
      action: ACTIONS.indexOf(change.action),
      orderId: change.order_id,
      side: ['buy', 'sell'].indexOf(change.side),
      priceTicks: price(change.price),
      qtyLots: qty(change.qty),
      executedLots: change.executed_qty === undefined ? 0 : qty(change.executed_qty),
      tradeId: change.trade_id ?? 0,
      micros: micros(change.venue_time),
    });
  }
  return { type: 'orders delta', crc32: body.crc32 as number, changes };
}

export function ordersFactsOfBinary(message: Message) {
  const snapshot = message.body(new OrdersSnapshot())!;
  if (message.bodyType() === 5) {
    const queue = (length: number, at: (i: number) => ReturnType<OrdersSnapshot['bids']>) =>
      Array.from({ length }, (_, i): QueuedOrder => {
        const order = at(i)!;
        return [Number(order.orderId()), Number(order.priceTicks()), Number(order.qtyLots())];
      });
    const counts: [number, number] = [snapshot.bidOrders(), snapshot.askOrders()];
    const queues = {
      bids: queue(snapshot.bidsLength(), (i) => snapshot.bids(i)),
      asks: queue(snapshot.asksLength(), (i) => snapshot.asks(i)),
      counts,
    };
    return { type: 'orders snapshot', crc32: snapshot.crc32(), queues };
  }
  const delta = message.body(new OrdersDelta())!;
  const changes = Array.from({ length: delta.changesLength() }, (_, i): OrderChangeFacts => {
    const change = delta.changes(i)!;
    return {
      action: change.action(),
      orderId: Number(change.orderId()),
      side: change.side(),
      priceTicks: Number(change.priceTicks()),
      qtyLots: Number(change.qtyLots()),
      executedLots: Number(change.executedLots()),
      tradeId: Number(change.tradeId()),
      micros: Number(change.venueTimeNs() / 1000n),
    };
  });
  return { type: 'orders delta', crc32: delta.crc32(), changes };
}

interface OrdersMessage {
  type: string;
  seq: number;
  prevSeq: number;
  crc32?: number;
  queues?: QueueFacts;
  changes?: OrderChangeFacts[];
}

/** A client's order-by-order book: rebuilt from a snapshot and changes, checked at every message. */
export class ClientOrdersBook {
  seq = -1;
  private readonly market: Market;
  /** By side and id. */
  private orders = [new Map<number, QueuedOrder>(), new Map<number, QueuedOrder>()];
  private queues = [queueOf(0, []), queueOf(1, [])];

  constructor(market: Market) {
    this.market = market;
  }

  /** Throws at a gap, at a change that does not fit the book, and at a wrong checksum. */
  apply({ type, seq, prevSeq, crc32: sum, queues, changes = [] }: OrdersMessage): void {
    if (queues !== undefined) {
      const sides = [queues.bids, queues.asks];
      this.orders = sides.map((queue) => new Map(queue.map((order) => [order[0], order])));
      this.queues = sides.map((queue, side) => queueOf(side, queue));
      const counted = this.orders.map(({ size }) => size);
      if (String(counted) !== String(queues.counts)) throw new Error('the counts disagree');
    } else if (prevSeq !== this.seq) {
      throw new Error(`gap: at ${this.seq}, the ${type} continues ${prevSeq}`);
    }
    for (const change of changes) this.change(change);
    this.seq = seq;
    const mine = this.checksum();
    if (mine !== sum) throw new Error(`checksum at ${seq}: ${mine} != ${sum}`);
  }

  /** Orders of side 0 (bids) or 1 (asks) as they trade; changed by the next message. */
  queue(side: number): QueuedOrder[] {
    return this.queues[side].items;
  }

  private change({ action, orderId, side, priceTicks, qtyLots, executedLots }: OrderChangeFacts) {
    const orders = this.orders[side];
    const before = orders.get(orderId);
    if ((ACTIONS[action] === 'add') !== (before === undefined)) {
      throw new Error(`${ACTIONS[action]} of order ${orderId}, which is there: ${before}`);
    }
    if (ACTIONS[action] === 'execute' && before![2] !== qtyLots + executedLots) {
      throw new Error(`order ${orderId} showed ${before![2]}, not ${qtyLots} + ${executedLots}`);
    }
    // Of its old price, should a change ever name another.
    if (before !== undefined) this.queues[side].remove(before);
    if (qtyLots === 0) {
      orders.delete(orderId);
      return;
    }
    const order: QueuedOrder = [orderId, priceTicks, qtyLots];
    orders.set(orderId, order);
    this.queues[side].put(order);
  }

  private checksum(): number {
    const { tickUnits, lotUnits } = this.market;
    let text = '';
    for (const side of [1, 0]) {
      for (const [id, priceTicks, qtyLots] of this.queue(side).slice(0, 10)) {
        text += `${id}${priceTicks * tickUnits}${qtyLots * lotUnits}`;
      }
    }
    return crc32(text);
  }
}

/** Orders as they trade: best price first, of one price the smaller id, which came first. */
function queueOf(side: number, orders: QueuedOrder[]): SortedList<QueuedOrder> {
  const direction = side === 0 ? -1 : 1;
  const compare = (a: QueuedOrder, b: QueuedOrder): number =>
    (a[1] - b[1]) * direction || a[0] - b[0];
  return new SortedList(compare, [...orders].sort(compare));
}
