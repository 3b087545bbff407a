import type { Transaction } from 'lmdb';
import { COMMAND_ORDER_ID, PLACE_ORDER, RECORD_SEQ } from '../codec/records.ts';
import {
  FRAME_FLAG_END,
  FRAME_HEADER_BYTES,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import {
  BATCH_HEADER_BYTES,
  BatchBuffer,
  type BatchHeader,
  CRC_DIFFERS,
  emptyBatchHeader,
} from './batch.ts';
import { JournalCorruptError } from './errors.ts';
import { readHeads } from './heads.ts';
import { Sequences } from './sequences.ts';
import { type JournalStore, lastKey } from './store.ts';

/** Where reading starts: what a snapshot covers needs no reading. */
export interface RecoveryStart {
  /** First batch to read. */
  readonly batch: number;
  /** Last sequence of every market before it; without it, each market may start anywhere. */
  readonly seqs?: ReadonlyMap<number, number>;
}

export interface RecoverySummary {
  readonly batches: number;
  readonly frames: number;
  readonly groups: number;
  /** Of frames, headers not counted. */
  readonly bytes: number;
  /** Number of the last batch; 0 when there is none. */
  readonly lastBatch: number;
  /** Greatest order id that any command placed; 0 when there is none. */
  readonly lastOrderId: number;
  /** Last sequence by market id. */
  readonly seqs: ReadonlyMap<number, number>;
}

/** Sees one frame of a batch. REUSED: the views hold the frame until the visitor returns. */
export type FrameVisitor = (views: FrameViews, at: number, batch: number) => void;

const FIRST_BATCH = 1;
const INITIAL_BUFFER_BYTES = 1 << 20;

/**
 * Gives every frame of the journal to the visitor, in journal order: the order in which they became
 * durable, and within a market the order of its sequence. Reads one state of the store, whatever is
 * committed meanwhile.
 *
 * @param from `undefined` for the beginning
 * @throws JournalCorruptError with the place, when stored bytes changed, a batch is missing, a
 *   market's sequence has a gap, or the journal ends before its markets do
 */
export function readFrames(
  store: JournalStore,
  from: RecoveryStart | undefined,
  visitor: FrameVisitor,
): RecoverySummary {
  store.root.resetReadTxn();
  const transaction = store.root.useReadTransaction();
  try {
    return readFramesIn(store, transaction, from, visitor);
  } finally {
    transaction.done();
  }
}

/** The same within a read transaction of the caller. */
export function readFramesIn(
  store: JournalStore,
  transaction: Transaction,
  from: RecoveryStart | undefined,
  visitor: FrameVisitor,
): RecoverySummary {
  const reader = new FrameReader(from, visitor);
  const firstBatch = from?.batch ?? FIRST_BATCH;
  const lastBatch = lastKey(store.batches, transaction);
  reader.readRange(store, transaction, firstBatch, lastBatch);
  const summary = reader.summary(lastBatch);
  for (const [marketId, head] of readHeads(store, transaction)) {
    const foundSeq = summary.seqs.get(marketId) ?? 0;
    if (head.seq === foundSeq) continue;
    // Reading from the middle without knowing where the markets stood says nothing of the quiet.
    if (head.batch < firstBatch && from?.seqs === undefined) continue;
    throw new JournalCorruptError('the journal ends before the market does', {
      batch: head.batch,
      byteOffset: 0,
      marketId,
      expectedSeq: head.seq,
      foundSeq,
    });
  }
  return summary;
}

/** Bytes of frames read in one read transaction: a reader that stays keeps pages from reuse. */
const SLICE_BYTES = 8 << 20;

/**
 * Gives the frames from one batch to another, both included, to the visitor, as `readFrames` does,
 * but renews its read transaction on the way: for reading in the background of a live journal,
 * whose batches never change once they are there.
 */
export function readFramesTo(
  store: JournalStore,
  from: RecoveryStart,
  lastBatch: number,
  visitor: FrameVisitor,
): RecoverySummary {
  const reader = new FrameReader(from, visitor);
  for (let batch = from.batch; batch <= lastBatch; ) {
    store.root.resetReadTxn();
    const transaction = store.root.useReadTransaction();
    try {
      batch = reader.readRange(store, transaction, batch, lastBatch, SLICE_BYTES);
    } finally {
      transaction.done();
    }
  }
  return reader.summary(lastBatch);
}

class FrameReader {
  private readonly visitor: FrameVisitor;
  private readonly anyStart: boolean;
  private readonly sequences: Sequences;
  private readonly buffer = new BatchBuffer(INITIAL_BUFFER_BYTES);
  private readonly header: BatchHeader = emptyBatchHeader();
  private batches = 0;
  private frames = 0;
  private groups = 0;
  private bytes = 0;
  private lastOrderId = 0;

  constructor(from: RecoveryStart | undefined, visitor: FrameVisitor) {
    this.visitor = visitor;
    this.anyStart = from !== undefined && from.seqs === undefined;
    this.sequences = new Sequences(this.anyStart);
    for (const [marketId, seq] of from?.seqs ?? []) this.sequences.set(marketId, seq);
  }

  /** Reads batches until the last or until the bytes are used up; returns the next one. */
  readRange(
    store: JournalStore,
    transaction: Transaction,
    firstBatch: number,
    lastBatch: number,
    maxBytes = Number.POSITIVE_INFINITY,
  ): number {
    const until = this.bytes + maxBytes;
    let batch = firstBatch;
    const range = { start: firstBatch, end: lastBatch + 1, transaction };
    for (const { key, value } of store.batches.getRange(range)) {
      if (key !== batch) break;
      this.read(batch, value);
      batch += 1;
      if (this.bytes >= until) return batch;
    }
    if (batch <= lastBatch) throw corrupt('the batch is missing', batch, 0);
    return batch;
  }

  private read(batch: number, value: Uint8Array): void {
    const { header } = this;
    const problem = this.buffer.load(value, header);
    if (problem?.startsWith(CRC_DIFFERS)) throw this.diagnose(problem, batch, value.length);
    if (problem !== undefined) throw corrupt(problem, batch, 0);
    if (header.batch !== batch) throw corrupt(`it says it is batch ${header.batch}`, batch, 0);
    const { frames, groups } = this;
    this.readFrames(this.buffer.views, batch, header.frameBytes);
    this.batches += 1;
    this.bytes += header.frameBytes;
    if (this.frames - frames !== header.frameCount || this.groups - groups !== header.groupCount) {
      throw corrupt('frames or groups are not as many as its header says', batch, 0);
    }
  }

  /** The CRC tells that a byte changed; the frames, sometimes, which one. */
  private diagnose(problem: string, batch: number, valueBytes: number): JournalCorruptError {
    const seqs = this.anyStart ? undefined : this.sequences.toMap();
    const probe = new FrameReader({ batch, seqs }, () => undefined);
    try {
      probe.readFrames(this.buffer.views, batch, valueBytes - BATCH_HEADER_BYTES);
    } catch (error) {
      if (!(error instanceof JournalCorruptError)) throw error;
      return new JournalCorruptError(`${problem}: ${error.reason}`, error.place);
    }
    return corrupt(`${problem}: no frame is out of place, a field or the header changed`, batch, 0);
  }

  summary(lastBatch: number): RecoverySummary {
    const { batches, frames, groups, bytes, lastOrderId } = this;
    return {
      batches,
      frames,
      groups,
      bytes,
      lastBatch,
      lastOrderId,
      seqs: this.sequences.toMap(),
    };
  }

  private readFrames(views: FrameViews, batch: number, frameBytes: number): void {
    const { sequences, visitor } = this;
    const { i32, f64 } = views;
    let groupEnded = true;
    for (let at = 0; at < frameBytes; ) {
      const lengthBytes = i32[at >>> 2];
      if (
        lengthBytes < FRAME_HEADER_BYTES ||
        lengthBytes % 8 !== 0 ||
        at + lengthBytes > frameBytes
      ) {
        throw corrupt(`a frame cannot be ${lengthBytes} bytes long`, batch, at);
      }
      const word = i32[(at + 4) >>> 2];
      const marketId = frameMarketId(word);
      const seq = f64[(at + RECORD_SEQ) >>> 3];
      if (!sequences.advance(marketId, seq)) {
        throw new JournalCorruptError('the sequence has a gap', {
          batch,
          byteOffset: BATCH_HEADER_BYTES + at,
          marketId,
          expectedSeq: sequences.expected(marketId),
          foundSeq: seq,
        });
      }
      if (frameType(word) === PLACE_ORDER) {
        this.lastOrderId = Math.max(this.lastOrderId, f64[(at + COMMAND_ORDER_ID) >>> 3]);
      }
      groupEnded = (frameFlags(word) & FRAME_FLAG_END) !== 0;
      if (groupEnded) this.groups += 1;
      this.frames += 1;
      visitor(views, at, batch);
      at += lengthBytes;
    }
    if (!groupEnded) throw corrupt('its last group is not whole', batch, frameBytes);
  }
}

function corrupt(reason: string, batch: number, frameOffset: number): JournalCorruptError {
  const byteOffset = frameOffset === 0 ? 0 : BATCH_HEADER_BYTES + frameOffset;
  return new JournalCorruptError(reason, { batch, byteOffset });
}
