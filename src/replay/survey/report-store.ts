/** Reports of the survey's canonical stream; the numbers stand first in their lines. */
export const REPORT_ACCEPTED = 0;
export const REPORT_TRADE = 1;
export const REPORT_CANCELLED = 2;
export const REPORT_MODIFIED = 3;
export const REPORT_CANCEL_REJECTED = 4;
export const REPORT_MODIFY_REJECTED = 5;

export const REPORT_NAMES = [
  'order_accepted',
  'trade',
  'cancelled',
  'modified',
  'cancel_rejected',
  'modify_rejected',
] as const;

/**
 * A report is five doubles, of which the rejections use two and the cancellation three:
 *
 * ```
 *  0 16 × message index + 8 × side + type   1 order id (of a trade: the maker's)
 *  2 price in ticks                          3 quantity    4 taker's order id
 * ```
 */
export const REPORT_WORDS = 5;
export const R_HEAD = 0;
export const R_ORDER_ID = 1;
export const R_PRICE = 2;
export const R_QTY = 3;
export const R_TAKER_ID = 4;

const CHUNK_REPORTS = 1 << 16;
const CHUNK_WORDS = CHUNK_REPORTS * REPORT_WORDS;

/** Grows by chunks, so that no report is ever moved; the writer fills the words itself. */
export class ReportStore {
  /** The chunk that `next()` spoke of. REUSED: read it anew after every `next()`. */
  current: Float64Array;
  private readonly chunks: Float64Array[] = [];
  private chunkNumber = 0;
  private nextWord = 0;

  /** @param expected reports for which memory is taken, and touched, beforehand */
  constructor(expected: number) {
    const wanted = Math.max(1, Math.ceil(expected / CHUNK_REPORTS));
    // The first touch of a page is the operating system's work, and not what is measured.
    while (this.chunks.length < wanted) this.chunks.push(new Float64Array(CHUNK_WORDS).fill(0));
    this.current = this.chunks[0];
  }

  get size(): number {
    return this.chunkNumber * CHUNK_REPORTS + this.nextWord / REPORT_WORDS;
  }

  /** Index in `current` of the next report's first word. */
  next(): number {
    if (this.nextWord === CHUNK_WORDS) this.nextChunk();
    const word = this.nextWord;
    this.nextWord = word + REPORT_WORDS;
    return word;
  }

  /** What was written, piece by piece, in its order. */
  *pieces(): Generator<Float64Array> {
    for (const chunk of this.chunks.slice(0, this.chunkNumber)) yield chunk;
    yield this.current.subarray(0, this.nextWord);
  }

  private nextChunk(): void {
    this.chunkNumber += 1;
    if (this.chunkNumber === this.chunks.length) this.chunks.push(new Float64Array(CHUNK_WORDS));
    this.current = this.chunks[this.chunkNumber];
    this.nextWord = 0;
  }
}
