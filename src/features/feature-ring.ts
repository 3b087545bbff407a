import { FEATURE_COUNT } from './feature-schema.ts';

/** Rows a ring holds: what a model looks at. */
export const FEATURE_ROWS = 100;
/** Before a row's features: market sequence, time in tenths of seconds. */
const ROW_HEADER = 2;
const ROW_WORDS = ROW_HEADER + FEATURE_COUNT;
const HEADER_BYTES = 8;

/**
 * The newest rows of one market in shared memory. The market worker writes, any thread reads:
 *
 * ```
 *  0  i32   rows written since the start; published after a row is complete
 *  8  rows  FEATURE_ROWS × (f64 seq, f64 tenths, 64 × f64)
 * ```
 *
 * Row n is at n mod FEATURE_ROWS. The row that is being written next replaces the oldest, so a reader
 * trusts all but that one, and looks at the counter again after it has copied a row.
 */
export class FeatureRing {
  readonly buffer: SharedArrayBuffer;
  private readonly control: Int32Array;
  private readonly words: Float64Array;
  /** Moment of the row that this object read last: tenths of seconds since the epoch, venue time. */
  tenths = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.control = new Int32Array(buffer, 0, 1);
    this.words = new Float64Array(buffer, HEADER_BYTES);
  }

  static create(): FeatureRing {
    return new FeatureRing(
      new SharedArrayBuffer(
        HEADER_BYTES + FEATURE_ROWS * ROW_WORDS * Float64Array.BYTES_PER_ELEMENT,
      ),
    );
  }

  /** Rows written since the start. */
  get written(): number {
    return Atomics.load(this.control, 0);
  }

  /**
   * Appends a row; one writer.
   * @param seq market sequence of the newest event it has seen
   * @param tenths its moment: tenths of seconds since the epoch, venue time
   */
  append(seq: number, tenths: number, features: Float64Array): void {
    const row = this.control[0];
    const at = (row % FEATURE_ROWS) * ROW_WORDS;
    this.words[at] = seq;
    this.words[at + 1] = tenths;
    this.words.set(features, at + ROW_HEADER);
    // Publishes the row: a reader that sees the counter sees all of it.
    Atomics.store(this.control, 0, row + 1);
  }

  /**
   * Finds the newest row that has seen no event after `seq`, so that nothing in it is from the future
   * of what is durable.
   * @param known number of the row that was read before, -1 for none
   * @param into gets the features of a newer one; `tenths` is its moment then
   * @returns its number, or `known` when there is none newer, or none any more
   */
  readNewest(seq: number, known: number, into: Float64Array): number {
    const { words } = this;
    for (;;) {
      const written = this.written;
      const oldest = Math.max(known + 1, written - FEATURE_ROWS + 1);
      let row = written - 1;
      while (row >= oldest && words[(row % FEATURE_ROWS) * ROW_WORDS] > seq) row -= 1;
      if (row < oldest) return known;
      const at = (row % FEATURE_ROWS) * ROW_WORDS;
      this.tenths = words[at + 1];
      for (let i = 0; i < FEATURE_COUNT; i += 1) into[i] = words[at + ROW_HEADER + i];
      if (this.written - row < FEATURE_ROWS) return row;
    }
  }
}
