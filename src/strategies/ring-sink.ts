import { type CommandEnvelope, CommandWriter } from '../codec/commands.ts';
import {
  AMEND_REMAINING,
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  PLAIN_TERMS,
  SELF_TRADE_EXPIRE_TAKER,
  TIF_GTC,
  TIF_IOC,
} from '../domain/orders.ts';
import type { RingProducer } from '../rings/ring.ts';
import { orderName } from './client-ids.ts';
import type { DeploymentSpec, OrderSink } from './deployment-host.ts';
import type { HostedOrder } from './own-order.ts';
import type { OrderIntent } from './strategy.ts';

/**
 * Writes deployments' commands into the request ring; they show at its `publish()`. The session id of
 * a record is the deployment's, its request id the order's number: that is how the gateway's door
 * knows for whom to ask, and whom to tell of a denial.
 */
export class RingSink implements OrderSink {
  private readonly writer: CommandWriter;
  /** REUSED for every command. */
  private readonly envelope: CommandEnvelope = {
    marketId: 0,
    requestId: 0,
    sessionId: 0,
    portfolioId: 0,
    orderId: 0,
    seconds: 0,
    nanos: 0,
    clientOrderId: '',
  };

  constructor(producer: RingProducer) {
    this.writer = new CommandWriter(producer);
  }

  place(spec: DeploymentSpec, order: HostedOrder, intent: OrderIntent): boolean {
    const envelope = this.address(spec, order);
    envelope.clientOrderId = orderName(spec.deploymentId, order.number);
    return this.writer.placeTerms(envelope, {
      ...PLAIN_TERMS,
      side: order.side,
      orderType: ORDER_TYPE_LIMIT,
      tif: intent.immediate === true ? TIF_IOC : TIF_GTC,
      flags: intent.postOnly === true ? ORDER_FLAG_POST_ONLY : 0,
      selfTrade: SELF_TRADE_EXPIRE_TAKER,
      priceTicks: order.priceTicks,
      qtyLots: order.qtyLots,
    });
  }

  cancel(spec: DeploymentSpec, order: HostedOrder): boolean {
    return this.writer.cancel(this.address(spec, order));
  }

  amend(spec: DeploymentSpec, order: HostedOrder, priceTicks: number, lots: number): boolean {
    return this.writer.amend(this.address(spec, order), AMEND_REMAINING, priceTicks, lots);
  }

  private address(spec: DeploymentSpec, order: HostedOrder): CommandEnvelope {
    const { envelope } = this;
    envelope.marketId = order.marketId;
    envelope.requestId = order.number;
    envelope.sessionId = spec.deploymentId;
    envelope.portfolioId = spec.portfolioId;
    envelope.orderId = order.orderId;
    envelope.clientOrderId = '';
    return envelope;
  }
}
