import { assert } from '../lib/assert.ts';
import { alignBytes, FRAME_TYPE_PADDING, frameWord } from './frame.ts';
import {
  dataOffsetBytes,
  MAX_CAPACITY_BYTES,
  MIN_CAPACITY_BYTES,
  PUBLISHED_INDEX,
  readerIndex,
  WORD_BYTES,
} from './layout.ts';

/** `RingProducer.claim` returns this when the slowest reader leaves no room: an expected refusal. */
export const RING_FULL = -1;

/** `RingReader.next` returns this when everything up to the barrier has been read. */
export const RING_EMPTY = -1;

// Exported constants are loaded and checked on every use, those of the module alone are not.
const FULL = RING_FULL;
const EMPTY = RING_EMPTY;
const PADDING = FRAME_TYPE_PADDING;

/**
 * One producer, a fixed number of readers that each see every frame (a Disruptor-style broadcast).
 * With one reader it is the plain single-producer single-consumer queue.
 *
 * This object is only the shared memory and its views; it is made once and handed to threads by
 * its `buffer`.
 */
export class Ring {
  readonly buffer: SharedArrayBuffer;
  readonly readers: number;
  readonly capacityBytes: number;
  /** Cursors; every access is an Atomics call in this file. */
  readonly control: Int32Array;
  /** Views of the data area. REUSED: a frame's bytes are valid until its reader releases it. */
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;

  constructor(buffer: SharedArrayBuffer, readers: number) {
    const dataOffset = dataOffsetBytes(readers);
    this.buffer = buffer;
    this.readers = readers;
    this.capacityBytes = buffer.byteLength - dataOffset;
    const { capacityBytes } = this;
    assert(capacityBytes >= MIN_CAPACITY_BYTES, 'ring capacity is too small');
    assert(capacityBytes <= MAX_CAPACITY_BYTES, 'ring capacity is too large');
    assert((capacityBytes & (capacityBytes - 1)) === 0, 'ring capacity must be a power of two');
    this.control = new Int32Array(buffer, 0, dataOffset / 4);
    this.i32 = new Int32Array(buffer, dataOffset);
    this.f64 = new Float64Array(buffer, dataOffset);
    this.u8 = new Uint8Array(buffer, dataOffset);
  }

  /** Makes an empty ring. `capacityBytes` must be a power of two. */
  static create(capacityBytes: number, readers: number): Ring {
    return new Ring(new SharedArrayBuffer(dataOffsetBytes(readers) + capacityBytes), readers);
  }
}

/**
 * The writing end. Frames are claimed, filled through the ring's views, and become visible to
 * readers together at `publish()`, up to the last `endGroup()`: a reader never sees half a group.
 */
export class RingProducer {
  readonly ring: Ring;
  private readonly i32: Int32Array;
  private readonly control: Int32Array;
  private readonly capacityWords: number;
  /** Byte offset of the next claim; ahead of what is published, `capacityBytes` at the very end. */
  private nextOffset: number;
  /** Position of the data area's first word in the lap that `nextOffset` is in. */
  private lapPosition: number;
  /** Bytes that may be claimed from `nextOffset` on without looking at the readers or the end. */
  private roomBytes = 0;
  /** End of the last whole group; what `publish()` makes visible. */
  private groupPosition: number;
  private publishedPosition: number;

  constructor(ring: Ring) {
    this.ring = ring;
    this.i32 = ring.i32;
    this.control = ring.control;
    this.capacityWords = ring.capacityBytes / WORD_BYTES;
    const published = Atomics.load(this.control, PUBLISHED_INDEX);
    const index = published & (this.capacityWords - 1);
    this.nextOffset = index * WORD_BYTES;
    this.lapPosition = (published - index) | 0;
    this.groupPosition = published;
    this.publishedPosition = published;
  }

  /**
   * Reserves a contiguous frame and writes its header.
   * @param lengthBytes whole frame, header included; rounded up to words
   * @param word type, flags and market of the frame, from `frameWord`
   * @returns the frame's byte offset in the ring's views, or `RING_FULL`
   */
  claim(lengthBytes: number, word: number): number {
    const frameBytes = (lengthBytes + 7) & ~7;
    if (frameBytes > this.roomBytes && !this.makeRoom(frameBytes)) return FULL;
    const offset = this.nextOffset;
    this.nextOffset = offset + frameBytes;
    this.roomBytes -= frameBytes;
    this.i32[offset >>> 2] = frameBytes;
    this.i32[(offset >>> 2) + 1] = word;
    return offset;
  }

  /**
   * For who writes many frames in a row: finds contiguous room and claims nothing yet. The caller
   * writes frames into it, headers included, and then claims their bytes with `advance`.
   * @returns the byte offset of at least `lengthBytes` free bytes, or `RING_FULL`
   */
  reserve(lengthBytes: number): number {
    if (lengthBytes > this.roomBytes && !this.makeRoom(lengthBytes)) return FULL;
    return this.nextOffset;
  }

  /** End of the room last reserved: it may be longer than was asked for. A byte offset. */
  get reservedEnd(): number {
    return this.nextOffset + this.roomBytes;
  }

  /** Claims bytes of the room last reserved: whole frames, a multiple of 8. */
  advance(lengthBytes: number): void {
    this.nextOffset = (this.nextOffset + lengthBytes) | 0;
    this.roomBytes = (this.roomBytes - lengthBytes) | 0;
  }

  /** True when a frame of this length could be claimed now, wherever the wrap falls. */
  canClaim(lengthBytes: number): boolean {
    if (lengthBytes <= this.roomBytes) return true;
    const bytes = alignBytes(lengthBytes);
    const toEnd = this.ring.capacityBytes - this.nextOffset;
    return (bytes <= toEnd ? bytes : toEnd + bytes) <= this.ring.capacityBytes - this.usedBytes();
  }

  /** Byte offset in the ring's views at which the next frame begins, unless the end is padded before it. */
  get offset(): number {
    return this.nextOffset === this.ring.capacityBytes ? 0 : this.nextOffset;
  }

  /** Marks everything claimed so far as whole groups. */
  endGroup(): void {
    this.groupPosition = (this.lapPosition + (this.nextOffset >>> 3)) | 0;
  }

  /**
   * Makes all whole groups visible. One store for any number of frames: publishing every frame
   * costs 2 to 6 times as much.
   * @returns true when there was something to publish
   */
  publish(): boolean {
    if (this.groupPosition === this.publishedPosition) return false;
    this.publishedPosition = this.groupPosition;
    // Publishes the frames' bytes: readers that load this position see everything written before.
    Atomics.store(this.control, PUBLISHED_INDEX, this.groupPosition);
    return true;
  }

  /** Bytes between the slowest reader and the writer, unpublished frames included. */
  usedBytes(): number {
    return ((this.writePosition() - this.readSlowest()) | 0) * WORD_BYTES;
  }

  private writePosition(): number {
    return (this.lapPosition + (this.nextOffset >>> 3)) | 0;
  }

  /** Looks at the readers anew and, where the frame would cross the end, pads and starts over. */
  private makeRoom(frameBytes: number): boolean {
    const { capacityBytes } = this.ring;
    const freeBytes = capacityBytes - this.usedBytes();
    const toEnd = capacityBytes - this.nextOffset;
    if (frameBytes <= toEnd) {
      this.roomBytes = Math.min(freeBytes, toEnd);
      return frameBytes <= freeBytes;
    }
    if (toEnd + frameBytes > freeBytes) return false;
    if (toEnd > 0) {
      this.i32[this.nextOffset >>> 2] = toEnd;
      this.i32[(this.nextOffset >>> 2) + 1] = frameWord(FRAME_TYPE_PADDING, 0, 0);
    }
    this.nextOffset = 0;
    this.lapPosition = (this.lapPosition + this.capacityWords) | 0;
    this.roomBytes = freeBytes - toEnd;
    return true;
  }

  private readSlowest(): number {
    const written = this.writePosition();
    let slowest = 0;
    let usedMost = -1;
    for (let reader = 0; reader < this.ring.readers; reader += 1) {
      // Acquires the reader's release: its bytes may be overwritten from here on.
      const position = Atomics.load(this.control, readerIndex(reader));
      const used = (written - position) | 0;
      if (used > usedMost) {
        usedMost = used;
        slowest = position;
      }
    }
    return slowest;
  }
}

/**
 * One reading end. `next()` walks the frames, `release()` gives their room back to the producer.
 * With a barrier the reader sees only what that other reader has released: the gateway's barrier
 * is the journal's cursor, so nothing is seen before it is durable.
 */
export class RingReader {
  readonly ring: Ring;
  private readonly i32: Int32Array;
  private readonly control: Int32Array;
  private readonly maskBytes: number;
  private readonly cursorIndex: number;
  private readonly barrierIndex: number;
  private position: number;
  private limit: number;

  constructor(ring: Ring, reader: number, barrierReader?: number) {
    assert(reader >= 0 && reader < ring.readers, 'no such reader');
    assert(barrierReader !== reader, 'a reader cannot be its own barrier');
    this.ring = ring;
    this.i32 = ring.i32;
    this.control = ring.control;
    this.maskBytes = ring.capacityBytes - 1;
    this.cursorIndex = readerIndex(reader);
    this.barrierIndex = barrierReader === undefined ? PUBLISHED_INDEX : readerIndex(barrierReader);
    this.position = Atomics.load(this.control, this.cursorIndex);
    this.limit = this.position;
  }

  /**
   * The next frame's byte offset in the ring's views, or `RING_EMPTY`.
   * REUSED: the bytes are valid until `release()`.
   */
  next(): number {
    for (;;) {
      if (this.position === this.limit) {
        // Acquires what the producer (or the barrier's reader) published.
        this.limit = Atomics.load(this.control, this.barrierIndex);
        if (this.position === this.limit) return EMPTY;
      }
      const offset = (this.position << 3) & this.maskBytes;
      const lengthBytes = this.i32[offset >>> 2];
      this.position = (this.position + (lengthBytes >>> 3)) | 0;
      if ((this.i32[(offset >>> 2) + 1] & 0xff) !== PADDING) return offset;
    }
  }

  /**
   * For who reads many frames in a row: what `next()` would return, which is not read by that. From
   * there on frames follow each other up to `rowEnd`; `skipTo` tells how many of them were read.
   */
  peek(): number {
    const offset = this.next();
    if (offset !== EMPTY) this.position = (this.position - (this.i32[offset >>> 2] >>> 3)) | 0;
    return offset;
  }

  /**
   * Byte offset up to which published frames lie in a row from `peek()` on; padding may be the last.
   */
  rowEnd(): number {
    const offset = (this.position << 3) & this.maskBytes;
    const publishedBytes = ((this.limit - this.position) | 0) * WORD_BYTES;
    return Math.min(offset + publishedBytes, this.maskBytes + 1);
  }

  /** All frames of the row before this byte offset have been read. */
  skipTo(offset: number): void {
    const readBytes = offset - ((this.position << 3) & this.maskBytes);
    this.position = (this.position + (readBytes >>> 3)) | 0;
  }

  /** Where `next()` would read; for `returnTo`, and valid until the next `release()`. */
  mark(): number {
    return this.position;
  }

  /** Goes back to a mark: what was read since will be read again, and is not released. */
  returnTo(mark: number): void {
    this.position = mark;
  }

  /** True when `next()` would return a frame or padding. */
  hasNext(): boolean {
    return (
      this.position !== this.limit ||
      this.position !== Atomics.load(this.control, this.barrierIndex)
    );
  }

  /** Gives back everything read so far. One store, which publishes this reader's position. */
  release(): void {
    Atomics.store(this.control, this.cursorIndex, this.position);
  }

  /** Jumps to the newest position: for a reader that attaches late and starts from a snapshot. */
  skipToEnd(): void {
    this.limit = Atomics.load(this.control, this.barrierIndex);
    this.position = this.limit;
    this.release();
  }
}

/** Bytes published that the slowest reader has not released; may be looked at by any thread. */
export function ringUsedBytes(ring: Ring): number {
  const published = Atomics.load(ring.control, PUBLISHED_INDEX);
  let most = 0;
  for (let reader = 0; reader < ring.readers; reader += 1) {
    most = Math.max(most, (published - Atomics.load(ring.control, readerIndex(reader))) | 0);
  }
  return most * WORD_BYTES;
}
