import { FLOW_COUNTERS } from './flow-totals.ts';

/** Rows per second. */
export const ROWS_PER_SECOND = 10;
/** The longest window, in rows. */
export const LONGEST_ROWS = 60 * ROWS_PER_SECOND;
/** A window of n rows lies between n + 1 moments. */
const KEPT = LONGEST_ROWS + 1;

/**
 * The counters and the mid price at the newest moments, one every 100 ms. Windows are differences of
 * two moments, exact because the counters are whole numbers.
 */
export class FlowHistory {
  /** Moments noted since the beginning or the last gap. */
  private noted = 0;
  private newest = -1;
  private readonly sums = new Float64Array(KEPT * FLOW_COUNTERS);
  private readonly mids = new Float64Array(KEPT);

  /** Notes the next moment. */
  note(sums: Float64Array, midTicks: number): void {
    this.newest = this.newest + 1 === KEPT ? 0 : this.newest + 1;
    this.noted += 1;
    this.sums.set(sums, this.newest * FLOW_COUNTERS);
    this.mids[this.newest] = midTicks;
  }

  /** True when the newest moment and the one so many rows before it are both known. */
  reaches(rows: number): boolean {
    return this.noted > rows;
  }

  /** What a counter grew by over the last rows. */
  growth(counter: number, rows: number): number {
    return (
      this.sums[this.newest * FLOW_COUNTERS + counter] -
      this.sums[this.slot(rows) * FLOW_COUNTERS + counter]
    );
  }

  /** The mid price so many rows ago, NaN where a side was empty. */
  midTicks(rowsAgo: number): number {
    return this.mids[this.slot(rowsAgo)];
  }

  private slot(rowsAgo: number): number {
    const at = this.newest - rowsAgo;
    return at < 0 ? at + KEPT : at;
  }
}
