import {
  CANCEL_BY_REQUEST,
  CANCEL_IOC_REMAINDER,
  CANCEL_MASS,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { FOK_NOT_FILLABLE, ORDER_NOT_IN_BOOK } from '../../src/domain/result-codes.ts';
import { Prng } from '../../src/lib/prng.ts';
import type { FrameWriter } from './frames.ts';

interface OpenOrder {
  orderId: number;
  side: number;
  priceTicks: number;
  remainingLots: number;
}

/** Bytes of the largest group of the flow, at most. */
export const FLOW_GROUP_BYTES_MAX = 4096;

/**
 * A seeded stream of groups that a market could have sent: orders rest, trade in part or whole, are
 * amended, cancelled, rejected, expire. It is no book: any open order may meet any other. The same
 * seed gives the same frames, byte for byte.
 */
export class OrderFlow {
  private readonly writer: FrameWriter;
  private readonly prng: Prng;
  private readonly open: OpenOrder[] = [];
  private readonly openOrders: number;
  private readonly idStep: number;
  private orderId: number;

  /**
   * @param firstOrderId and `idStep` keep the ids of several flows apart
   * @param openOrders about this many orders stay open
   */
  constructor(writer: FrameWriter, seed: number, firstOrderId = 1, idStep = 1, openOrders = 200) {
    this.writer = writer;
    this.prng = new Prng(seed);
    this.orderId = firstOrderId - idStep;
    this.idStep = idStep;
    this.openOrders = openOrders;
  }

  /** Writes one whole group: 46 % rest, 40 % cancel, 5 % take, once enough orders are open. */
  next(): void {
    const { writer, prng, open } = this;
    writer.nanos += 1000 + prng.integer(0, 100_000);
    if (writer.nanos >= 1_000_000_000) {
      writer.nanos -= 1_000_000_000;
      writer.seconds += 1;
    }
    const dice = prng.integer(0, 99);
    if (open.length < this.openOrders / 2 || dice < 46) this.rest();
    else if (dice < 86) this.cancel();
    else if (dice < 91) this.take();
    else if (dice < 95) this.amend();
    else if (dice < 97) this.reject();
    else if (dice < 98) this.refuse();
    else if (dice < 99) this.print();
    else this.cancelSome();
    writer.end();
  }

  private rest(): void {
    const { writer, prng } = this;
    const order: OpenOrder = {
      orderId: this.nextId(),
      side: prng.integer(SIDE_BUY, SIDE_SELL),
      priceTicks: prng.integer(9_000, 11_000),
      remainingLots: prng.integer(1, 1_000),
    };
    const clientOrderId = prng.chance(0.5) ? `c-${order.orderId}` : '';
    writer.place({ ...order, qtyLots: order.remainingLots, tif: TIF_GTC, clientOrderId });
    writer.accepted(order.orderId);
    writer.rested(order.orderId, order.priceTicks, order.remainingLots, order.side);
    this.open.push(order);
  }

  private cancel(): void {
    const order = this.draw();
    this.writer.cancelCommand(order.orderId);
    this.writer.cancelled(order.orderId, order.remainingLots, CANCEL_BY_REQUEST);
  }

  private take(): void {
    const { writer, prng } = this;
    const orderId = this.nextId();
    const fills = prng.integer(1, 8);
    let remainingLots = prng.integer(1, 3_000);
    writer.place({ orderId, tif: TIF_IOC, qtyLots: remainingLots, priceTicks: 11_000 });
    writer.accepted(orderId);
    for (let i = 0; i < fills && remainingLots > 0; i += 1) {
      const maker = this.draw();
      const qtyLots = Math.min(maker.remainingLots, remainingLots);
      maker.remainingLots -= qtyLots;
      remainingLots -= qtyLots;
      writer.trade({
        makerOrderId: maker.orderId,
        takerOrderId: orderId,
        priceTicks: maker.priceTicks,
        qtyLots,
        makerRemainingLots: maker.remainingLots,
        takerRemainingLots: remainingLots,
        makerFeeUnits: -qtyLots,
        takerFeeUnits: 2 * qtyLots,
        takerSide: 1 - maker.side,
      });
      if (maker.remainingLots > 0) this.open.push(maker);
    }
    if (remainingLots > 0) writer.cancelled(orderId, remainingLots, CANCEL_IOC_REMAINDER);
  }

  private amend(): void {
    const { writer, prng, open } = this;
    const order = open[prng.integer(0, open.length - 1)];
    const { priceTicks, remainingLots } = order;
    order.priceTicks = prng.integer(9_000, 11_000);
    order.remainingLots = prng.integer(1, 1_000);
    writer.amendCommand(order.orderId);
    writer.amended(order.orderId, {
      oldPriceTicks: priceTicks,
      newPriceTicks: order.priceTicks,
      oldRemainingLots: remainingLots,
      newRemainingLots: order.remainingLots,
    });
  }

  private reject(): void {
    const orderId = this.nextId();
    this.writer.place({ orderId });
    this.writer.rejected(orderId, FOK_NOT_FILLABLE);
  }

  private refuse(): void {
    this.writer.cancelCommand(this.orderId);
    this.writer.commandRejected(this.orderId, ORDER_NOT_IN_BOOK);
  }

  private print(): void {
    const { writer, prng } = this;
    writer.printCommand();
    writer.printed(prng.integer(9_000, 11_000), prng.integer(1, 100), 255);
  }

  private cancelSome(): void {
    const { writer, prng } = this;
    const count = prng.integer(1, 20);
    writer.cancelAllCommand();
    for (let i = 0; i < count; i += 1) {
      const order = this.draw();
      writer.cancelled(order.orderId, order.remainingLots, CANCEL_MASS);
    }
    writer.allCancelled(count);
  }

  private draw(): OpenOrder {
    const { open, prng } = this;
    const at = prng.integer(0, open.length - 1);
    const order = open[at];
    open[at] = open[open.length - 1];
    open.pop();
    return order;
  }

  private nextId(): number {
    this.orderId += this.idStep;
    return this.orderId;
  }
}
