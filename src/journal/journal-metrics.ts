/** Buckets of the commit time histogram: bucket k counts times of 2^k up to 2^(k+1) µs. */
export const COMMIT_TIME_BUCKETS = 32;

const BATCHES = 0;
const FRAMES = 1;
const BYTES = 2;
const LAST_COMMIT_MICROS = 3;
const MAX_COMMIT_MICROS = 4;
const SUM_COMMIT_MICROS = 5;
const TABLE_FLUSHES = 6;
const FIRST_BUCKET = 8;

export interface JournalMetricsSnapshot {
  /** Totals since the thread started. */
  readonly batches: number;
  readonly frames: number;
  /** Of frames, as they lay in the rings. */
  readonly bytes: number;
  /** From the first look into the rings to the release, sync included. */
  readonly lastCommitMicros: number;
  readonly maxCommitMicros: number;
  readonly sumCommitMicros: number;
  /** `COMMIT_TIME_BUCKETS` counts. */
  readonly commitTimeBuckets: readonly number[];
}

/**
 * Counters of the journal thread in shared memory: it writes, anyone reads. Each is a double of its
 * own, aligned, so a reader sees a value that was once written; they are not read as of one moment.
 */
export class JournalMetrics {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Float64Array;

  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer((FIRST_BUCKET + COMMIT_TIME_BUCKETS) * 8);
    this.words = new Float64Array(this.buffer);
  }

  /** Counts one batch; for the journal thread alone. */
  count(frames: number, bytes: number, commitMicros: number): void {
    const { words } = this;
    words[BATCHES] += 1;
    words[FRAMES] += frames;
    words[BYTES] += bytes;
    words[LAST_COMMIT_MICROS] = commitMicros;
    words[SUM_COMMIT_MICROS] += commitMicros;
    if (commitMicros > words[MAX_COMMIT_MICROS]) words[MAX_COMMIT_MICROS] = commitMicros;
    words[FIRST_BUCKET + 31 - Math.clz32(Math.max(1, commitMicros))] += 1;
  }

  /** Bytes of frames committed since the thread started. */
  get bytes(): number {
    return this.words[BYTES];
  }

  /** How often the orders table was brought up to date; set before what it holds is released. */
  get tableFlushes(): number {
    return this.words[TABLE_FLUSHES];
  }

  /** For the journal thread alone. */
  setTableFlushes(flushes: number): void {
    this.words[TABLE_FLUSHES] = flushes;
  }

  read(): JournalMetricsSnapshot {
    const { words } = this;
    return {
      batches: words[BATCHES],
      frames: words[FRAMES],
      bytes: words[BYTES],
      lastCommitMicros: words[LAST_COMMIT_MICROS],
      maxCommitMicros: words[MAX_COMMIT_MICROS],
      sumCommitMicros: words[SUM_COMMIT_MICROS],
      commitTimeBuckets: [...words.subarray(FIRST_BUCKET)],
    };
  }
}
