import { RECORD_NANOS, RECORD_SECONDS, RECORD_SEQ } from '../codec/records.ts';
import { LIMITS } from '../config/limits.ts';
import { AssertionError, assert } from '../lib/assert.ts';
import { FRAME_FLAG_END, frameFlags, frameMarketId } from '../rings/frame.ts';
import { RING_EMPTY, type Ring, RingReader } from '../rings/ring.ts';
import { READER_JOURNAL } from '../rings/roles.ts';
import { BatchBuffer, type BatchHeader, emptyBatchHeader } from './batch.ts';
import type { TableWriter } from './derived-tables.ts';
import type { Failpoints } from './failpoints.ts';
import { FAIL_BEFORE_RELEASE, FAIL_BEFORE_SYNC, FAIL_BEFORE_WRITE } from './failpoints.ts';
import { readHeads, writeHead } from './heads.ts';
import { Sequences } from './sequences.ts';
import { type JournalStore, lastKey, transact } from './store.ts';

export interface CommitterOptions {
  readonly store: JournalStore;
  /** Event rings and the venue ring; read as `READER_JOURNAL`. */
  readonly rings: readonly Ring[];
  /** Tables to derive in the same transactions. */
  readonly tables: readonly TableWriter[];
  readonly failpoints: Failpoints;
  /** Bytes of frames a batch may hold, a multiple of 8; a larger group is a batch of its own. */
  readonly batchBytes?: number;
}

/** Work of others that goes into the next transaction. */
export interface Chore {
  /** A place of `failpoints.ts`, reached when the transaction is durable. */
  readonly failpoint: string | undefined;
  /** Inside the transaction. */
  run(): void;
  /** The transaction is durable. */
  done(): void;
}

/**
 * Moves frames from rings to the store, one transaction a batch, and releases the rings only when
 * the transaction is durable: that release is the cursor that all other readers wait behind.
 *
 * Group commit needs no timer: a batch is whatever arrived while the last one was being synced, so
 * one order alone is committed at once and a flood fills batches.
 */
export class Committer {
  private readonly store: JournalStore;
  private readonly tables: readonly TableWriter[];
  private readonly failpoints: Failpoints;
  private readonly batchBytes: number;
  private readonly readers: readonly RingReader[];
  private readonly buffer: BatchBuffer;
  private readonly sequences = new Sequences();
  private readonly touchedMarkets = new Set<number>();
  /** REUSED for every batch. */
  private readonly header: BatchHeader = emptyBatchHeader();
  /** The ring the next batch starts with, so that a flood in one ring cannot starve the others. */
  private firstRing = 0;
  private lengthBytes = 0;
  private committedBatch: number;
  private failed = false;

  constructor(options: CommitterOptions) {
    this.store = options.store;
    this.tables = options.tables;
    this.failpoints = options.failpoints;
    this.batchBytes = options.batchBytes ?? LIMITS.journalBatchBytes;
    this.readers = options.rings.map((ring) => new RingReader(ring, READER_JOURNAL));
    this.buffer = new BatchBuffer(this.batchBytes);
    this.committedBatch = lastKey(this.store.batches);
    this.header.epoch = this.store.epoch;
    for (const [marketId, head] of readHeads(this.store)) this.sequences.set(marketId, head.seq);
  }

  /** Number of the last committed batch; 0 before the first. */
  get lastBatch(): number {
    return this.committedBatch;
  }

  /** Frames of the last committed batch. */
  get lastFrameCount(): number {
    return this.header.frameCount;
  }

  /** Bytes of frames of the last committed batch. */
  get lastFrameBytes(): number {
    return this.header.frameBytes;
  }

  /** Last sequence by market id. */
  lastSeqs(): Map<number, number> {
    return this.sequences.toMap();
  }

  /** True when `commit()` would find something. */
  hasWork(): boolean {
    for (const reader of this.readers) if (reader.hasNext()) return true;
    return false;
  }

  /** Milliseconds until a table wants `commit` to be called even if the rings stay empty. */
  waitsMs(): number {
    let waitsMs = Number.POSITIVE_INFINITY;
    for (const table of this.tables) waitsMs = Math.min(waitsMs, table.waitsMs?.() ?? waitsMs);
    return waitsMs;
  }

  /**
   * Commits one batch of what the rings hold now; with it, or alone, the chore, and rows that tables
   * have put off for long enough.
   * @returns the number of frames committed; 0 when the rings were empty
   * @throws whatever kept the batch from becoming durable. Nothing was released then, and every
   *   later call throws too: what a failed sync left on the disk cannot be known, so nothing is
   *   tried again.
   */
  commit(chore?: Chore): number {
    assert(!this.failed, 'a journal that failed commits nothing more');
    this.failed = true;
    this.collect();
    const hasFrames = this.lengthBytes > 0;
    if (hasFrames) this.commitFrames(chore);
    else if (chore !== undefined || this.waitsMs() <= 0) this.commitRest(chore);
    this.failed = false;
    return hasFrames ? this.header.frameCount : 0;
  }

  /** Writes what tables have put off; before the end. */
  settle(): void {
    if (this.failed || this.waitsMs() === Number.POSITIVE_INFINITY) return;
    transact(this.store, () => this.settleTables());
    this.tellTables();
  }

  private commitFrames(chore: Chore | undefined): void {
    const { failpoints, store } = this;
    failpoints.reach(FAIL_BEFORE_WRITE);
    const action = (): void => {
      this.write();
      chore?.run();
    };
    transact(store, action, failpoints.isNext(FAIL_BEFORE_SYNC));
    this.committedBatch = this.header.batch;
    failpoints.reach(FAIL_BEFORE_SYNC);
    failpoints.reach(FAIL_BEFORE_RELEASE);
    this.tellTables();
    for (const reader of this.readers) reader.release();
    this.finish(chore);
  }

  private commitRest(chore: Chore | undefined): void {
    transact(this.store, () => {
      if (this.waitsMs() <= 0) this.settleTables();
      chore?.run();
    });
    this.tellTables();
    this.finish(chore);
  }

  private finish(chore: Chore | undefined): void {
    if (chore?.failpoint !== undefined) this.failpoints.reach(chore.failpoint);
    chore?.done();
  }

  private settleTables(): void {
    for (const table of this.tables) table.settle?.();
  }

  private tellTables(): void {
    for (const table of this.tables) table.committed?.();
  }

  /** Copies whole groups from the rings, one ring after the other, until the batch is full. */
  private collect(): void {
    this.lengthBytes = 0;
    const count = this.readers.length;
    const first = this.firstRing;
    for (let i = 0; i < count; i += 1) {
      const ring = (first + i) % count;
      if (this.collectFrom(this.readers[ring])) continue;
      this.firstRing = (ring + 1) % count;
      return;
    }
  }

  /** @returns false when the batch is full and a group had to stay in the ring */
  private collectFrom(reader: RingReader): boolean {
    const { i32 } = reader.ring;
    // Frames that lie next to each other in the ring are copied together.
    let runStart = 0;
    let runEnd = 0;
    for (;;) {
      const mark = reader.mark();
      const groupLengthBytes = this.lengthBytes;
      let at = reader.next();
      if (at === RING_EMPTY) break;
      for (;;) {
        if (at !== runEnd) {
          this.copy(reader.ring, runStart, runEnd);
          runStart = at;
        }
        runEnd = at + i32[at >>> 2];
        this.lengthBytes += i32[at >>> 2];
        if (groupLengthBytes > 0 && this.lengthBytes > this.batchBytes) {
          reader.returnTo(mark);
          runEnd -= this.lengthBytes - groupLengthBytes;
          this.lengthBytes = groupLengthBytes;
          // Below the start when the ring wrapped within the group: then the rest is copied.
          if (runEnd > runStart) this.copy(reader.ring, runStart, runEnd);
          return false;
        }
        if ((frameFlags(i32[(at + 4) >>> 2]) & FRAME_FLAG_END) !== 0) break;
        at = reader.next();
        assert(at !== RING_EMPTY, 'a producer publishes whole groups');
      }
    }
    this.copy(reader.ring, runStart, runEnd);
    return true;
  }

  /** Copies a run of frames to where it belongs: it is the last that `lengthBytes` counts. */
  private copy(ring: Ring, start: number, end: number): void {
    if (start === end) return;
    const target = this.lengthBytes - (end - start);
    if (this.lengthBytes > this.buffer.capacityBytes) this.buffer.grow(this.lengthBytes, target);
    this.buffer.views.u8.set(ring.u8.subarray(start, end), target);
  }

  /** The body of the transaction. */
  private write(): void {
    const { store, header } = this;
    header.batch = this.committedBatch + 1;
    this.walk();
    for (const table of this.tables) table.flush(header.batch);
    for (const marketId of this.touchedMarkets) {
      writeHead(store, marketId, this.sequences.expected(marketId) - 1, header.batch);
    }
    store.batches.putSync(header.batch, this.buffer.seal(header));
  }

  /** Goes through the batch's frames once: checks, counts, and derives the tables. */
  private walk(): void {
    const { views } = this.buffer;
    const { i32, f64 } = views;
    const { header, tables, sequences, touchedMarkets } = this;
    touchedMarkets.clear();
    header.frameBytes = this.lengthBytes;
    header.frameCount = 0;
    header.groupCount = 0;
    header.firstSeconds = i32[RECORD_SECONDS >>> 2] >>> 0;
    header.firstNanos = i32[RECORD_NANOS >>> 2] >>> 0;
    header.lastSeconds = 0;
    header.lastNanos = 0;
    let lastMarket = -1;
    for (let at = 0; at < this.lengthBytes; at += i32[at >>> 2]) {
      const word = i32[(at + 4) >>> 2];
      const marketId = frameMarketId(word);
      const seq = f64[(at + RECORD_SEQ) >>> 3];
      if (!sequences.advance(marketId, seq)) throw gap(marketId, sequences.expected(marketId), seq);
      if (marketId !== lastMarket) {
        touchedMarkets.add(marketId);
        lastMarket = marketId;
      }
      header.frameCount += 1;
      if ((frameFlags(word) & FRAME_FLAG_END) !== 0) header.groupCount += 1;
      widen(header, i32[(at + RECORD_SECONDS) >>> 2] >>> 0, i32[(at + RECORD_NANOS) >>> 2] >>> 0);
      for (const table of tables) table.apply(views, at);
    }
  }
}

function widen(header: BatchHeader, seconds: number, nanos: number): void {
  const { firstSeconds, lastSeconds } = header;
  if (seconds > lastSeconds || (seconds === lastSeconds && nanos > header.lastNanos)) {
    header.lastSeconds = seconds;
    header.lastNanos = nanos;
  }
  if (seconds < firstSeconds || (seconds === firstSeconds && nanos < header.firstNanos)) {
    header.firstSeconds = seconds;
    header.firstNanos = nanos;
  }
}

function gap(marketId: number, expected: number, found: number): AssertionError {
  return new AssertionError(`market ${marketId} sent seq ${found}, expected ${expected}`);
}
