import { readClientId } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { LIMITS } from '../../src/config/limits.ts';
import type { Market } from '../../src/domain/markets.ts';
import { assert } from '../../src/lib/assert.ts';
import { machineConfig } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import type { ReplayHost } from '../../src/replay/replay-thread.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import {
  READER_GATEWAY,
  READER_JOURNAL,
  READER_SESSION,
  type SessionWiring,
} from '../../src/rings/roles.ts';
import { ThreadControl } from '../../src/rings/thread-control.ts';

/**
 * The stages of one order that an in-process session meets (resolve the client order id, match,
 * commit, read), on the real rings and the real matching, but on one thread and without a disk:
 * `pump()` carries everything published one turn further.
 */
export class SessionVenue {
  readonly machine: SymbolMachine;
  readonly wiring: SessionWiring;
  /** Stops every turn after this many commands, as a crash would; `Infinity` for never. */
  commandsLeft = Number.POSITIVE_INFINITY;
  /** Last request of the session that is durable. */
  durableRequestId = 0;
  private readonly requests: RingReader;
  private readonly producer: RingProducer;
  private readonly journal: RingReader;
  private readonly gateway: RingReader;
  private lastOrderId = 0;
  private nowMs = 0;
  /** The engine's id of each open order by the name its session gave it. */
  private readonly openByName = new Map<string, number>();
  private readonly names = new Map<number, string>();

  constructor(market: Market, former?: SessionVenue) {
    const requestRing = Ring.create(LIMITS.sessionRingBytes, 1);
    const eventRing = Ring.create(LIMITS.eventRingBytes, READER_SESSION + 1);
    this.requests = new RingReader(requestRing, 0);
    this.producer = new RingProducer(eventRing);
    this.journal = new RingReader(eventRing, READER_JOURNAL);
    this.gateway = new RingReader(eventRing, READER_GATEWAY, READER_JOURNAL);
    this.machine = new SymbolMachine(
      machineConfig(market, {
        maxOrders: 1 << 16,
        maxWaiting: 1000,
        maxLevels: 1 << 14,
        maxFillsPerCommand: 1000,
      }),
      this.producer,
    );
    if (former !== undefined) this.recover(former);
    this.wiring = {
      sessionId: 7,
      requestRing: requestRing.buffer,
      reader: READER_SESSION,
      eventRings: [eventRing.buffer],
      eventRingReaders: eventRing.readers,
      gatewayBell: new Doorbell().buffer,
      sessionBell: new Doorbell().buffer,
      control: new ThreadControl().buffer,
    };
  }

  /** A host for a replay, whose waiting is what makes this venue work and its clock go on. */
  host(): ReplayHost {
    return {
      now: () => this.nowMs,
      wait: async (_hasWork, timeoutMs) => {
        this.nowMs += timeoutMs;
        this.pump();
      },
      stopRequested: () => this.commandsLeft <= 0,
      progress: () => {},
    };
  }

  pump(): void {
    const { ring } = this.requests;
    while (this.commandsLeft > 0 && this.producer.canClaim(this.machine.worstGroupBytes)) {
      const at = this.requests.next();
      if (at === RING_EMPTY) break;
      this.resolve(ring, at);
      this.machine.apply(ring, at);
      this.commandsLeft -= 1;
      this.durableRequestId = ring.f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
    }
    this.requests.release();
    this.producer.publish();
    while (this.journal.next() !== RING_EMPTY);
    this.journal.release();
    this.settle();
  }

  /** What the gateway does with a session's command: names become ids. */
  private resolve({ f64, i32, u8 }: Ring, at: number): void {
    const type = frameType(i32[(at + 4) >>> 2]);
    const orderAt = (at + R.COMMAND_ORDER_ID) >>> 3;
    if (type === R.PLACE_ORDER) {
      const name = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
      assert(!this.openByName.has(name), `an open order is named ${name} already`);
      this.lastOrderId += 1;
      f64[orderAt] = this.lastOrderId;
      this.openByName.set(name, this.lastOrderId);
      this.names.set(this.lastOrderId, name);
    } else if (type === R.CANCEL_ORDER) {
      const name = readClientId(u8, at + R.CANCEL_CLIENT_ID_LENGTH, at + R.CANCEL_CLIENT_ID);
      f64[orderAt] = this.openByName.get(name) ?? 0;
    } else if (type === R.AMEND_ORDER) {
      const name = readClientId(u8, at + R.AMEND_CLIENT_ID_LENGTH, at + R.AMEND_CLIENT_ID);
      f64[orderAt] = this.openByName.get(name) ?? 0;
    }
  }

  /** What the gateway learns from durable events: which orders are closed. */
  private settle(): void {
    const { ring } = this.gateway;
    for (let at = this.gateway.next(); at !== RING_EMPTY; at = this.gateway.next()) {
      const type = frameType(ring.i32[(at + 4) >>> 2]);
      const orderId = ring.f64[(at + R.EVENT_ORDER_ID) >>> 3];
      if (type === R.ORDER_CANCELLED || type === R.ORDER_REJECTED) this.close(orderId);
      if (type !== R.TRADE_EXECUTED) continue;
      if (ring.f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] === 0) this.close(orderId);
      if (ring.f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3] === 0) {
        this.close(ring.f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3]);
      }
    }
    this.gateway.release();
  }

  private close(orderId: number): void {
    const name = this.names.get(orderId);
    if (name === undefined) return;
    this.names.delete(orderId);
    this.openByName.delete(name);
  }

  private recover(former: SessionVenue): void {
    this.machine.restore(former.machine.image());
    this.lastOrderId = former.lastOrderId;
    for (const [name, orderId] of former.openByName) this.openByName.set(name, orderId);
    for (const [orderId, name] of former.names) this.names.set(orderId, name);
  }
}
