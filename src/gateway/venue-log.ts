import { Buffer } from 'node:buffer';
import * as R from '../codec/records.ts';
import { isVenueEntry, type VenueEvent } from '../domain/venue-events.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import type { Doorbell } from '../rings/doorbell.ts';
import { FRAME_FLAG_END, type FrameViews, frameWord } from '../rings/frame.ts';
import { RING_FULL, type RingProducer } from '../rings/ring.ts';

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** A fact of the venue cannot become durable. */
export class VenueLogError extends Error {
  override readonly name = 'VenueLogError';
}

/**
 * Writes the venue's own facts (market 0) to the journal. A fact counts only when it came back
 * durable: `record` resolves then, and what it changes is applied by whoever drains the ring.
 */
export class VenueLog {
  private readonly producer: RingProducer;
  private readonly journalBell: Doorbell;
  private readonly clock: Clock;
  private readonly waiting = new Map<number, Waiting>();
  private failure: string | undefined;
  private seq: number;

  /** `lastSeq` is the newest venue sequence in the journal, 0 when there is none. */
  constructor(producer: RingProducer, journalBell: Doorbell, clock: Clock, lastSeq: number) {
    this.producer = producer;
    this.journalBell = journalBell;
    this.clock = clock;
    this.seq = lastSeq;
  }

  /**
   * Resolves when the fact is durable and applied. Rejects with `VenueLogError` when that cannot
   * happen any more, or the ring is full; what was written then is known after a restart.
   */
  async record(event: VenueEvent): Promise<void> {
    if (this.failure !== undefined) throw new VenueLogError(this.failure);
    const json = Buffer.from(JSON.stringify(event), 'utf8');
    const word = frameWord(R.VENUE_EVENT, FRAME_FLAG_END, 0);
    const at = this.producer.claim(R.VENUE_JSON + json.length, word);
    if (at === RING_FULL) throw new VenueLogError('the venue ring is full');
    this.clock.tick();
    this.seq += 1;
    const { f64, i32, u8 } = this.producer.ring;
    u8.fill(0, at + R.RECORD_HEADER_BYTES, at + i32[at >>> 2]);
    f64[(at + R.RECORD_SEQ) >>> 3] = this.seq;
    i32[(at + R.RECORD_SECONDS) >>> 2] = this.clock.seconds;
    i32[(at + R.RECORD_NANOS) >>> 2] = this.clock.nanos;
    i32[(at + R.VENUE_JSON_LENGTH) >>> 2] = json.length;
    i32[(at + R.VENUE_ENTRY) >>> 2] = isVenueEntry(event) ? 1 : 0;
    u8.set(json, at + R.VENUE_JSON);
    this.producer.endGroup();
    this.producer.publish();
    this.journalBell.ring();
    const { seq } = this;
    await new Promise<void>((resolve, reject) => this.waiting.set(seq, { resolve, reject }));
  }

  /** Nothing becomes durable any more: whoever waits is told, and whoever comes. */
  abandon(why: string): void {
    this.failure = why;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new VenueLogError(why));
  }

  /** The drain calls this for every durable venue record, after applying it. */
  becameDurable(seq: number): void {
    const waiting = this.waiting.get(seq);
    if (waiting === undefined) return;
    this.waiting.delete(seq);
    waiting.resolve();
  }
}

/** The fact in a venue record. */
export function readVenueEvent(views: FrameViews, at: number): VenueEvent {
  const length = views.i32[(at + R.VENUE_JSON_LENGTH) >>> 2];
  // A copy: the text decoder refuses shared memory.
  const bytes = Buffer.from(views.u8.slice(at + R.VENUE_JSON, at + R.VENUE_JSON + length));
  const event = JSON.parse(bytes.toString('utf8')) as VenueEvent;
  assert(typeof event.kind === 'string', 'a venue record holds a fact');
  return event;
}

/** When a record was written, whole milliseconds since the Unix epoch. */
export function recordMs({ i32 }: FrameViews, at: number): number {
  const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
  const nanos = i32[(at + R.RECORD_NANOS) >>> 2] >>> 0;
  return seconds * 1000 + Math.floor(nanos / 1_000_000);
}
