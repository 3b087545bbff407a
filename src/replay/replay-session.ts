import { type CommandEnvelope, CommandWriter } from '../codec/commands.ts';
import { ORDER_TYPE_LIMIT } from '../domain/orders.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { READER_JOURNAL, type SessionWiring } from '../rings/roles.ts';
import type { Action } from './actions.ts';
import type { OutcomeReader } from './outcome-reader.ts';

/** Requests on their way at most: enough to fill a journal batch, few enough to fit the rings. */
const MAX_IN_FLIGHT = 4096;
/** Requests after which what was written is published, when nothing else causes it. */
const PUBLISH_EVERY = 64;

/** The replay's end of its rings: writes actions as commands, reads durable records. */
export class ReplaySession {
  private readonly outcome: OutcomeReader;
  private readonly producer: RingProducer;
  private readonly writer: CommandWriter;
  private readonly gatewayBell: Doorbell;
  private readonly readers: readonly RingReader[];
  private readonly envelope: CommandEnvelope;
  private submittedRequestId: number;
  private unpublished = 0;

  /**
   * @param resumedFrom last request of a former run; 0 for none
   * @param portfolioId the external portfolio all orders belong to
   */
  constructor(
    wiring: SessionWiring,
    marketId: number,
    portfolioId: number,
    resumedFrom: number,
    outcome: OutcomeReader,
  ) {
    this.outcome = outcome;
    this.producer = new RingProducer(new Ring(wiring.requestRing, 1));
    this.writer = new CommandWriter(this.producer);
    this.gatewayBell = new Doorbell(wiring.gatewayBell);
    this.readers = wiring.eventRings.map((buffer) => {
      const ring = new Ring(buffer, wiring.eventRingReaders);
      return new RingReader(ring, wiring.reader, READER_JOURNAL);
    });
    this.submittedRequestId = resumedFrom;
    this.envelope = {
      marketId,
      requestId: 0,
      sessionId: wiring.sessionId,
      portfolioId,
      orderId: 0,
      seconds: 0,
      nanos: 0,
      clientOrderId: '',
    };
  }

  /** Requests sent whose outcome has not been seen. */
  get inFlight(): number {
    return this.submittedRequestId - this.outcome.answeredRequestId;
  }

  /** Writes one action. False when the ring is full or too much is on its way: read, then try again. */
  submit(action: Action): boolean {
    if (this.inFlight >= MAX_IN_FLIGHT || !this.write(action)) {
      this.publish();
      return false;
    }
    if (action.kind === 'place') this.outcome.expect(action);
    if (action.kind === 'phase' && action.expected !== null) {
      this.outcome.expectAuction(action.requestId, action.expected);
    }
    this.submittedRequestId = action.requestId;
    this.unpublished += 1;
    if (this.unpublished >= PUBLISH_EVERY) this.publish();
    return true;
  }

  /** Makes what was written visible to the gateway, and wakes it. */
  publish(): void {
    this.unpublished = 0;
    if (this.producer.publish()) this.gatewayBell.ring();
  }

  /** True when there are durable records to read. */
  hasRecords(): boolean {
    return this.readers.some((reader) => reader.hasNext());
  }

  /** Reads everything that is durable and gives its room back. Returns the number of frames. */
  read(): number {
    let frames = 0;
    for (const reader of this.readers) {
      if (!reader.hasNext()) continue;
      for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
        this.outcome.record(reader.ring, at);
        frames += 1;
      }
      reader.release();
    }
    return frames;
  }

  private write(action: Action): boolean {
    const { envelope, writer } = this;
    envelope.requestId = action.requestId;
    envelope.seconds = action.seconds;
    envelope.nanos = action.nanos;
    envelope.clientOrderId = 'clientOrderId' in action ? action.clientOrderId : '';
    switch (action.kind) {
      case 'place': {
        const { side, tif, priceTicks, qtyLots } = action;
        return writer.place(envelope, side, ORDER_TYPE_LIMIT, tif, 0, priceTicks, qtyLots);
      }
      case 'amend':
        return writer.amend(envelope, action.mode, action.priceTicks, action.qtyLots);
      case 'cancel':
        return writer.cancel(envelope);
      case 'print':
        return writer.printTrade(envelope, action.side, action.priceTicks, action.qtyLots);
      case 'phase':
        return writer.setPhase(envelope, action.phase);
      case 'cancel_all':
        return writer.cancelAll(envelope);
    }
  }
}
