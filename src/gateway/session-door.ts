import { RING_EMPTY, type RingReader } from '../rings/ring.ts';
import type { OrderDoor } from './order-door.ts';

/** Takes in what an in-process session asks for. */
export interface RequestDoor {
  hasWork(): boolean;
  /** Requests taken in since the start. */
  readonly requestsTotal: number;
  /** Moves on what there is; true when anything moved. */
  pump(door: OrderDoor): boolean;
}

/**
 * Takes an in-process session's requests from its ring to the order door. When a market's command
 * ring is full the request waits here and the session's ring fills up behind it: nothing is lost,
 * nothing blocks.
 */
export class SessionDoor implements RequestDoor {
  private readonly reader: RingReader;
  /** Offset of the request that found its market's ring full, or `RING_EMPTY`. */
  private stalledAt = RING_EMPTY;
  private requests = 0;

  constructor(reader: RingReader) {
    this.reader = reader;
  }

  hasWork(): boolean {
    return this.stalledAt !== RING_EMPTY || this.reader.hasNext();
  }

  get requestsTotal(): number {
    return this.requests;
  }

  pump(door: OrderDoor): boolean {
    let moved = false;
    for (;;) {
      const at = this.stalledAt === RING_EMPTY ? this.reader.next() : this.stalledAt;
      if (at === RING_EMPTY) break;
      if (!door.forward(this.reader.ring, at)) {
        this.stalledAt = at;
        return moved;
      }
      this.stalledAt = RING_EMPTY;
      this.requests += 1;
      moved = true;
    }
    if (moved) this.reader.release();
    return moved;
  }
}
