import { crc32 } from 'node:zlib';
import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { BookOrder } from '../../../codec/generated/openbell/stream/book-order.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { OrderChange } from '../../../codec/generated/openbell/stream/order-change.ts';
import { OrdersDelta } from '../../../codec/generated/openbell/stream/orders-delta.ts';
import { OrdersSnapshot } from '../../../codec/generated/openbell/stream/orders-snapshot.ts';
import { LIMITS } from '../../../config/limits.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../domain/orders.ts';
import { JsonWriter, jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import { ACTION_EXECUTE } from '../../../projections/order-changes.ts';
import type { VisibleOrder } from '../../../projections/orders-book.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';

/** Orders of each side that the checksum covers. */
const CHECKSUM_ORDERS = 10;
const SNAPSHOT = jsonHead('orders_book', 'snapshot');
const DELTA = jsonHead('orders_book', 'delta');
const ORDER_BYTES = BookOrder.sizeOf();
const CHANGE_BYTES = OrderChange.sizeOf();
const OPEN = 91; // [
const CLOSE = 93; // ]
const END = 125; // }
const CRC32 = jsonBytes(',"crc32":');
const BIDS = jsonBytes(',"bids":[');
const ASKS = jsonBytes('],"asks":[');
const BID_ORDERS = jsonBytes('],"bid_orders":');
const ASK_ORDERS = jsonBytes(',"ask_orders":');
const CHANGES = jsonBytes(',"changes":[');
const ACTIONS = ['add', 'reduce', 'remove', 'execute'].map((action) =>
  jsonBytes(`{"action":"${action}","order_id":`),
);
const SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}","price":`));
const QTY = jsonBytes(',"qty":');
const EXECUTED_QTY = jsonBytes(',"executed_qty":');
const TRADE_ID = jsonBytes(',"trade_id":');
const VENUE_TIME = jsonBytes(',"venue_time":');
const LIST_END = jsonBytes(']}');

/** The L3 book: every visible order in its place, then what happens to each of them. */
export function ordersBookChannel(): MarketChannel {
  const checksum = new OrdersChecksum();
  return {
    name: 'orders_book',
    code: Channel.OrdersBook,
    bodyTypes: [Body.OrdersSnapshot, Body.OrdersDelta],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'never',
    parse: () => PLAIN_OPTIONS,
    refusal: ({ outside }) =>
      outside.isLive
        ? { code: 'ORDERS_UNAVAILABLE', message: 'the exchange of this market tells no orders' }
        : undefined,
    position: (view) => view.ordersPosition,
    follow: (view, wanted) => view.orders.follow(wanted),
    json: {
      update: (out, view) => jsonDelta(out, view, checksum.of(view)),
      state: (out, view) => jsonSnapshot(out, view, checksum.of(view)),
    },
    binary: {
      update: (out, view) => binaryDelta(out, view, checksum.of(view)),
      state: (out, view) => binarySnapshot(out, view, checksum.of(view)),
    },
  };
}

/** A side's first orders, best price first and at each price in the order in which they trade. */
function firstOrders({ depth, orders }: MarketView, side: number, most: number): VisibleOrder[] {
  const { length, pricesTicks } = side === SIDE_BUY ? depth.bids : depth.asks;
  const found: VisibleOrder[] = [];
  for (let i = 0; i < length; i += 1) {
    for (const order of orders.at(side, pricesTicks[i])) {
      if (found.length === most) return found;
      found.push(order);
    }
  }
  return found;
}

/**
 * CRC-32 of the best ten asks, then the best ten bids, in the order in which they trade, each as the
 * digits of its id, its price and its quantity. It proves identity and priority, which the checksum
 * of the levels does not.
 */
class OrdersChecksum {
  private readonly writer = new JsonWriter(1024);
  private view: MarketView | undefined;
  private seq = -1;
  private value = 0;

  of(view: MarketView): number {
    if (view !== this.view || view.ordersPosition.seq !== this.seq) {
      this.writer.begin();
      this.digits(view, SIDE_SELL);
      this.digits(view, SIDE_BUY);
      this.value = crc32(this.writer.take());
      this.view = view;
      this.seq = view.ordersPosition.seq;
    }
    return this.value;
  }

  private digits(view: MarketView, side: number): void {
    const { tickUnits, lotUnits } = view.market;
    for (const order of firstOrders(view, side, CHECKSUM_ORDERS)) {
      this.writer.integer(order.publicId);
      this.writer.integer(order.priceTicks * tickUnits);
      this.writer.integer(order.qtyLots * lotUnits);
    }
  }
}

function jsonSnapshot(out: JsonOut, view: MarketView, crc: number): Uint8Array {
  const { writer } = out;
  out.begin(SNAPSHOT, view.market, view.ordersPosition, 0);
  writer.raw(CRC32);
  writer.integer(crc);
  writer.raw(BIDS);
  jsonOrders(out, view, SIDE_BUY);
  writer.raw(ASKS);
  jsonOrders(out, view, SIDE_SELL);
  writer.raw(BID_ORDERS);
  writer.integer(view.orders.count(SIDE_BUY));
  writer.raw(ASK_ORDERS);
  writer.integer(view.orders.count(SIDE_SELL));
  writer.char(END);
  return writer.take();
}

function jsonOrders(out: JsonOut, view: MarketView, side: number): void {
  const { writer } = out;
  let first = true;
  for (const order of firstOrders(view, side, LIMITS.snapshotOrders)) {
    if (!first) writer.comma();
    first = false;
    writer.char(OPEN);
    writer.integer(order.publicId);
    writer.comma();
    out.price(view.market, order.priceTicks);
    writer.comma();
    out.qty(view.market, order.qtyLots);
    writer.char(CLOSE);
  }
}

function jsonDelta(out: JsonOut, view: MarketView, crc: number): Uint8Array {
  const { writer } = out;
  const { market } = view;
  const { changed } = view.orders;
  out.begin(DELTA, market, view.ordersPosition, 0);
  writer.raw(CRC32);
  writer.integer(crc);
  writer.raw(CHANGES);
  for (let i = 0; i < changed.length; i += 1) {
    if (i > 0) writer.comma();
    writer.raw(ACTIONS[changed.actions[i]]);
    writer.integer(changed.publicIds[i]);
    writer.raw(SIDES[changed.sides[i]]);
    out.price(market, changed.pricesTicks[i]);
    writer.raw(QTY);
    out.qty(market, changed.qtysLots[i]);
    if (changed.actions[i] === ACTION_EXECUTE) {
      writer.raw(EXECUTED_QTY);
      out.qty(market, changed.executedLots[i]);
      writer.raw(TRADE_ID);
      writer.integer(changed.tradeIds[i]);
    }
    writer.raw(VENUE_TIME);
    writer.isoMicros(changed.seconds[i], changed.nanos[i]);
    writer.char(END);
  }
  writer.raw(LIST_END);
  return writer.take();
}

function binarySnapshot(out: BinaryOut, view: MarketView, crc: number): Uint8Array {
  out.begin();
  const asksAt = binaryOrders(out, view, SIDE_SELL);
  const bidsAt = binaryOrders(out, view, SIDE_BUY);
  const counts = [view.orders.count(SIDE_BUY), view.orders.count(SIDE_SELL)] as const;
  const { builder } = out;
  const body = OrdersSnapshot.createOrdersSnapshot(builder, crc | 0, bidsAt, asksAt, ...counts);
  return out.finish(view.market.id, view.ordersPosition, Body.OrdersSnapshot, body, 0);
}

function binaryOrders({ builder, long }: BinaryOut, view: MarketView, side: number): number {
  // A FlatBuffer is built from its end, so the last in the queue comes first.
  const queue = firstOrders(view, side, LIMITS.snapshotOrders);
  builder.startVector(ORDER_BYTES, queue.length, 8);
  for (let i = queue.length - 1; i >= 0; i -= 1) {
    builder.prep(8, ORDER_BYTES);
    long.write(queue[i].qtyLots);
    long.write(queue[i].priceTicks);
    long.write(queue[i].publicId);
  }
  return builder.endVector();
}

function binaryDelta(out: BinaryOut, view: MarketView, crc: number): Uint8Array {
  const { builder, long } = out;
  const { changed } = view.orders;
  out.begin();
  builder.startVector(CHANGE_BYTES, changed.length, 8);
  for (let i = changed.length - 1; i >= 0; i -= 1) {
    builder.prep(8, CHANGE_BYTES);
    builder.pad(6);
    builder.writeInt8(changed.sides[i]);
    builder.writeInt8(changed.actions[i]);
    long.writeTime(changed.seconds[i], changed.nanos[i]);
    long.write(changed.tradeIds[i]);
    long.write(changed.executedLots[i]);
    long.write(changed.qtysLots[i]);
    long.write(changed.pricesTicks[i]);
    long.write(changed.publicIds[i]);
  }
  const body = OrdersDelta.createOrdersDelta(builder, crc | 0, builder.endVector());
  return out.finish(view.market.id, view.ordersPosition, Body.OrdersDelta, body, 0);
}
