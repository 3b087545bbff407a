import { type CommandEnvelope, CommandWriter } from '../codec/commands.ts';
import { AMEND_REMAINING } from '../domain/orders.ts';
import type { RingProducer } from '../rings/ring.ts';
import type { OrderSink } from './order-sink.ts';

/** Writes the traders' commands into the session's request ring; they show at its `publish()`. */
export class RingOrderSink implements OrderSink {
  private readonly writer: CommandWriter;
  /** REUSED for every command. */
  private readonly envelope: CommandEnvelope;

  constructor(producer: RingProducer, sessionId: number) {
    this.writer = new CommandWriter(producer);
    this.envelope = {
      marketId: 0,
      requestId: 0,
      sessionId,
      portfolioId: 0,
      orderId: 0,
      seconds: 0,
      nanos: 0,
      clientOrderId: '',
    };
  }

  place(
    marketId: number,
    portfolioId: number,
    clientOrderId: string,
    side: number,
    orderType: number,
    tif: number,
    priceTicks: number,
    qtyLots: number,
  ): boolean {
    const envelope = this.address(marketId, portfolioId, clientOrderId);
    return this.sent(this.writer.place(envelope, side, orderType, tif, 0, priceTicks, qtyLots));
  }

  cancel(marketId: number, portfolioId: number, clientOrderId: string): boolean {
    return this.sent(this.writer.cancel(this.address(marketId, portfolioId, clientOrderId)));
  }

  amend(
    marketId: number,
    portfolioId: number,
    clientOrderId: string,
    priceTicks: number,
    remainingLots: number,
  ): boolean {
    const envelope = this.address(marketId, portfolioId, clientOrderId);
    return this.sent(this.writer.amend(envelope, AMEND_REMAINING, priceTicks, remainingLots));
  }

  private address(marketId: number, portfolioId: number, clientOrderId: string): CommandEnvelope {
    const { envelope } = this;
    envelope.marketId = marketId;
    envelope.portfolioId = portfolioId;
    envelope.clientOrderId = clientOrderId;
    return envelope;
  }

  /** Request ids are dense: a command that found no room leaves its number to the next one. */
  private sent(written: boolean): boolean {
    if (written) this.envelope.requestId += 1;
    return written;
  }
}
