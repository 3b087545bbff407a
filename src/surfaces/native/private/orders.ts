import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Orders } from '../../../codec/generated/openbell/stream/orders.ts';
import type { OrderView } from '../../../gateway/venue.ts';
import { BinaryOrderWriter } from '../binary-order.ts';
import type { BinaryOut } from '../binary-out.ts';
import { orderToWire } from '../order-wire.ts';
import type { PrivateChannel } from './private-channel.ts';

const writers = new WeakMap<BinaryOut, BinaryOrderWriter>();

/** The open orders, then each order as it is after it changed, in the order of the changes. */
export const ordersReports: PrivateChannel<OrderView> = {
  name: 'orders',
  code: Channel.Orders,
  bodyType: Body.Orders,
  listName: 'orders',
  reportsState: false,
  state: (venue, userId, portfolioId) =>
    venue.openOrders(userId).filter((order) => order.portfolioId === portfolioId),
  toJson: orderToWire,
  toBinary: (out, kind, portfolioId, orders) => {
    const writer = writerOf(out);
    const at = orders.map((order) => writer.write(order));
    const list = Orders.createOrdersVector(out.builder, at);
    Orders.startOrders(out.builder);
    out.long.add(1, portfolioId);
    Orders.addOrders(out.builder, list);
    Orders.addKind(out.builder, kind);
    return Orders.endOrders(out.builder);
  },
};

function writerOf(out: BinaryOut): BinaryOrderWriter {
  let writer = writers.get(out);
  if (writer === undefined) {
    writer = new BinaryOrderWriter(out.builder, out.long);
    writers.set(out, writer);
  }
  return writer;
}
