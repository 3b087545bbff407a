import type { CommandEnvelope, CommandWriter } from '../codec/commands.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import type { Doorbell } from '../rings/doorbell.ts';
import type { RingProducer } from '../rings/ring.ts';

/** The command ring that leads to a market, and the bell of the worker behind it. */
export interface MarketRoute {
  readonly producer: RingProducer;
  readonly writer: CommandWriter;
  readonly bell: Doorbell;
}

/** `requestId` of a command that waits for its reply, or the code of its denial. */
export interface Submission {
  code: number;
  requestId: number;
  orderId: number;
}

/**
 * The way out of the gateway: command rings by market, ids of requests and orders, and when what was
 * written is published.
 */
export class CommandGate {
  readonly clock: Clock;
  private readonly routes: ReadonlyMap<number, MarketRoute>;
  private readonly dirty = new Set<MarketRoute>();
  private lastOrderId: number;
  private nextRequestId = 1;
  /** REUSED: the envelope of the command being written. */
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
  /** REUSED: valid until the next call. */
  private readonly submission: Submission = { code: 0, requestId: 0, orderId: 0 };

  constructor(routes: ReadonlyMap<number, MarketRoute>, clock: Clock, lastOrderId: number) {
    this.routes = routes;
    this.clock = clock;
    this.lastOrderId = lastOrderId;
  }

  /** Publishes what was written since the last call and wakes the workers concerned. */
  flush(): void {
    if (this.dirty.size === 0) return;
    for (const route of this.dirty) {
      route.producer.publish();
      route.bell.ring();
    }
    this.dirty.clear();
  }

  get hasUnflushed(): boolean {
    return this.dirty.size > 0;
  }

  /** An id that no other order has. */
  issueOrderId(): number {
    this.lastOrderId += 1;
    return this.lastOrderId;
  }

  /** The id that the next submitted command will have. */
  get upcomingRequestId(): number {
    return this.nextRequestId;
  }

  /** The venue's clock's newest time goes into the envelope. REUSED: valid until the next call. */
  address(
    marketId: number,
    portfolioId: number,
    orderId: number,
    clientOrderId: string,
  ): CommandEnvelope {
    const { envelope, clock } = this;
    clock.tick();
    envelope.marketId = marketId;
    envelope.requestId = this.nextRequestId;
    envelope.portfolioId = portfolioId;
    envelope.orderId = orderId;
    envelope.seconds = clock.seconds;
    envelope.nanos = clock.nanos;
    envelope.clientOrderId = clientOrderId;
    return envelope;
  }

  /** False for a market that has no worker: its facts come from its own exchange. */
  hasRoute(marketId: number): boolean {
    return this.routes.has(marketId);
  }

  route(marketId: number): MarketRoute {
    const route = this.routes.get(marketId);
    assert(route !== undefined, `market ${marketId} has a worker`);
    return route;
  }

  /** A command of an in-process session was written. */
  written(route: MarketRoute): void {
    this.dirty.add(route);
  }

  /** The addressed command was written, or the ring had no room for it. REUSED as `denied`. */
  submit(route: MarketRoute, written: boolean): Submission {
    if (!written) return this.denied(C.COMMAND_RING_FULL);
    const { envelope, submission } = this;
    this.dirty.add(route);
    this.nextRequestId += 1;
    submission.code = C.OK;
    submission.requestId = envelope.requestId;
    submission.orderId = envelope.orderId;
    return submission;
  }

  /** REUSED: valid until the next call. */
  denied(code: number): Submission {
    const { submission } = this;
    submission.code = code;
    submission.requestId = 0;
    submission.orderId = 0;
    return submission;
  }
}
