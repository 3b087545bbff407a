import * as R from '../codec/records.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_FLAG_END, type FrameViews, frameWord } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';

// See layout.ts for why these are copied.
const F_SEQ = R.RECORD_SEQ / 8;
const F_TIME = R.RECORD_SECONDS / 8;
const F_COMMAND_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const END = FRAME_FLAG_END << 8;

/** Words that every command has. */
const HEAD_WORDS = R.COMMAND_BODY / 8;

/** Room in the ring that is reserved at once: enough for all groups but those of many fills. */
const ROOM_BYTES = 1024;
const NO_ROOM = 'the event ring has no room for the group of a command';

/** Indexes of `counters`: the newest sequence number, and the command's time and order. */
export const SEQ = 0;
export const TIME = 1;
export const COMMAND_ORDER_ID = 2;

/**
 * Events a group may have beyond its work: before the work begins and after it ends, and by which
 * its last step goes beyond the bound. An order takes at most nine others along when it leaves (its
 * partner, four children of each), a step makes two orders leave, and what arrives can first
 * replace an order and have its partner leave.
 */
const EVENTS_BEYOND_WORK = 64;

/**
 * Most bytes a group with so much work takes in the ring: every event as large as the largest, and
 * room is reserved in pieces that may stick out beyond what is written.
 */
export function worstGroupBytes(work: number): number {
  return (work + EVENTS_BEYOND_WORK) * R.AUCTION_TRADE_BYTES + 2 * ROOM_BYTES;
}

/**
 * Lays out the group of records that one command causes: the command's echo, then its events, each
 * with the market's next sequence number and the command's time, the last one marked as the end.
 * Room in the ring is reserved in large pieces, so that a frame costs only its own words.
 */
export class GroupWriter {
  /** The ring's views. */
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  /** What every frame of the market has in the second word of its header. */
  readonly marketWord: number;
  /** Doubles that change with every record; in an array they are never boxed. */
  readonly counters = new Float64Array(3);
  /** The two words that `counters[TIME]` is made of. */
  private readonly times = new Uint32Array(this.counters.buffer, TIME * 8, 2);
  readonly producer: RingProducer;
  /** Byte offsets of the room reserved in the ring: where it began, what is written, its end. */
  private roomStart = 0;
  private next = 0;
  private roomEnd = 0;
  /** Int32 index of the newest frame. */
  private newest = 0;

  constructor(producer: RingProducer, marketId: number) {
    this.producer = producer;
    this.f64 = producer.ring.f64;
    this.i32 = producer.ring.i32;
    this.marketWord = frameWord(0, 0, marketId);
  }

  /** Sequence of the newest record; 0 before the first. */
  get seq(): number {
    return this.counters[SEQ];
  }

  /** Whole seconds of the newest command's time. */
  get seconds(): number {
    return this.times[0];
  }

  /** And nanoseconds within the second. */
  get nanos(): number {
    return this.times[1];
  }

  /** Continues where another writer of this market was. */
  restore(seq: number, seconds: number, nanos: number): void {
    this.counters[SEQ] = seq;
    this.times[0] = seconds;
    this.times[1] = nanos;
  }

  /** Begins a group with the command's own record: the same bytes but for `seq` and the flags. */
  echo(views: FrameViews, at: number): void {
    const from = at >>> 3;
    const lengthBytes = views.i32[at >>> 2];
    this.counters[TIME] = views.f64[from + F_TIME];
    this.counters[COMMAND_ORDER_ID] = views.f64[from + F_COMMAND_ORDER_ID];
    this.reserve();
    const word = this.begin(views.i32[(at >>> 2) + 1] & 0xff, lengthBytes);
    copyFields(views.f64, from, this.f64, word, lengthBytes >>> 3, HEAD_WORDS);
  }

  /**
   * Goes on with a group that another has begun in room of the producer's, which has claimed
   * everything before the group.
   * @param start byte offset of the group's first frame; @param newest of its newest
   * @param next byte offset behind that
   */
  takeOver(start: number, newest: number, next: number, commandOrderId: number): void {
    this.counters[COMMAND_ORDER_ID] = commandOrderId;
    this.roomStart = start;
    this.newest = newest >>> 2;
    this.next = next;
    this.roomEnd = this.producer.reservedEnd;
  }

  /** Closes the group: its newest frame is its last. */
  endGroup(): void {
    this.i32[this.newest + 1] |= END;
    this.producer.advance(this.next - this.roomStart);
    this.producer.endGroup();
  }

  /** Writes what every record starts with. @returns the frame's index in `f64` */
  begin(type: number, lengthBytes: number): number {
    if (this.next + lengthBytes > this.roomEnd) this.reserveMore();
    const { f64, i32, counters, next } = this;
    this.next = (next + lengthBytes) | 0;
    this.newest = next >>> 2;
    i32[next >>> 2] = lengthBytes;
    i32[(next >>> 2) + 1] = this.marketWord | type;
    const word = next >>> 3;
    const seq = counters[SEQ] + 1;
    counters[SEQ] = seq;
    f64[word + F_SEQ] = seq;
    f64[word + F_TIME] = counters[TIME];
    return word;
  }

  /** The group is longer than its room: claims what is written and reserves room for more. */
  private reserveMore(): void {
    this.producer.advance(this.next - this.roomStart);
    this.reserve();
  }

  private reserve(): void {
    const at = this.producer.reserve(ROOM_BYTES);
    assert(at >= 0, NO_ROOM);
    this.roomStart = at;
    this.next = at;
    this.roomEnd = at + ROOM_BYTES;
  }
}

/**
 * Copies a record's words from its time on. By doubles every bit is kept: only a signalling NaN
 * would change, and to be one, the upper bytes of a word would have to be neither ASCII nor those of
 * a positive integer.
 * @param rest the word from which on a loop does it: those up to `HEAD_WORDS` are done one by one, and
 *   those between the two the caller has written
 */
export function copyFields(
  source: Float64Array,
  from: number,
  target: Float64Array,
  to: number,
  words: number,
  rest: number,
): void {
  target[to + 2] = source[from + 2];
  target[to + 3] = source[from + 3];
  target[to + 4] = source[from + 4];
  target[to + 5] = source[from + 5];
  for (let i = rest; i < words; i += 1) target[to + i] = source[from + i];
}
