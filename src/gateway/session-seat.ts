import { LIMITS } from '../config/limits.ts';
import { Ring, RingReader } from '../rings/ring.ts';
import { READER_SESSION, type SessionWiring } from '../rings/roles.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import type { OrderDoor } from './order-door.ts';
import type { RequestDoor } from './session-door.ts';
import type { Threads } from './threads.ts';

/** Who moves the cursors of a seat along while nobody sits in it. */
export interface SeatKeeper {
  park(readers: readonly RingReader[]): void;
  unpark(readers: readonly RingReader[]): void;
}

/**
 * An in-process session's place at the rings: a reader of every event ring, a bell, and a request
 * ring that is made anew whenever a thread sits down, so that nothing of a thread that failed is
 * left in it. While it is empty the gateway moves its cursors along.
 */
export class SessionSeat implements RequestDoor {
  readonly index: number;
  private readonly threads: Threads;
  private readonly readers: readonly RingReader[];
  private door: RequestDoor | undefined;
  private keeper: SeatKeeper | undefined;
  private formerRequests = 0;

  constructor(threads: Threads, index: number) {
    this.threads = threads;
    this.index = index;
    this.readers = threads.sessionReaders(index);
  }

  /** Gives the seat to the gateway: it is empty from here on. */
  open(keeper: SeatKeeper): void {
    this.keeper = keeper;
    keeper.park(this.readers);
  }

  /**
   * Makes the seat ready for a thread, which sees every event after those the gateway has applied by
   * now. @param makeDoor takes in what the thread asks for
   */
  attach(sessionId: number, makeDoor: (requests: RingReader) => RequestDoor): SessionWiring {
    const { threads, index, readers } = this;
    const ring = Ring.create(LIMITS.sessionRingBytes, 1);
    this.door = makeDoor(new RingReader(ring, 0));
    this.keeper?.unpark(readers);
    return {
      sessionId,
      requestRing: ring.buffer,
      reader: READER_SESSION + index,
      eventRings: threads.eventRings.map(({ buffer }) => buffer),
      eventRingReaders: threads.eventRingReaders,
      gatewayBell: threads.gatewayBell.buffer,
      sessionBell: threads.sessionBells[index].buffer,
      control: new ThreadControl().buffer,
    };
  }

  /** The thread has ended; what it asked for and was not taken in yet is forgotten. */
  leave(): void {
    if (this.door === undefined) return;
    this.formerRequests += this.door.requestsTotal;
    this.door = undefined;
    this.keeper?.park(this.readers);
  }

  hasWork(): boolean {
    return this.door?.hasWork() === true;
  }

  get requestsTotal(): number {
    return this.formerRequests + (this.door?.requestsTotal ?? 0);
  }

  pump(door: OrderDoor): boolean {
    return this.door?.pump(door) === true;
  }
}
