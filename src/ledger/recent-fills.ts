/** Days of every calendar begin at multiples of this since the Unix epoch. */
export const FILL_BUCKET_SECONDS = 900;
/** Longer than any day, with room for a restart of the day in another time zone. */
const KEPT_SECONDS = 48 * 3600;
const FIELDS = 4;

/** What fills of some time add up to: bought less sold, what that cost, and fees. */
export interface FillSum {
  /** Signed: bought less sold. */
  lots: number;
  /** Price × quantity, signed like the lots, smallest units of the quote asset. */
  notionalUnits: number;
  feeUnits: number;
}

/**
 * A position's fills of the last two days, added up by quarters of an hour: what a day's change has to
 * be told from, without the ledger knowing any calendar. Rows are dropped by the times of fills
 * alone, so the same events leave the same rows.
 */
export class RecentFills {
  /** Rows of bucket's begin, lots, notional units, fee units; oldest first. */
  private rows: number[] = [];

  /** Adds a fill of a venue time; times never go back. */
  add(seconds: number, signedLots: number, notionalUnits: number, feeUnits: number): void {
    const { rows } = this;
    const bucket = seconds - (seconds % FILL_BUCKET_SECONDS);
    let at = rows.length - FIELDS;
    if (at < 0 || rows[at] < bucket) {
      this.dropBefore(seconds - KEPT_SECONDS);
      at = this.rows.push(bucket, 0, 0, 0) - FIELDS;
    }
    this.rows[at + 1] += signedLots;
    this.rows[at + 2] += signedLots > 0 ? notionalUnits : -notionalUnits;
    this.rows[at + 3] += feeUnits;
  }

  /** The sum from a time on, which is a multiple of `FILL_BUCKET_SECONDS`. */
  since(seconds: number): FillSum {
    const sum = { lots: 0, notionalUnits: 0, feeUnits: 0 };
    const { rows } = this;
    for (let at = rows.length - FIELDS; at >= 0 && rows[at] >= seconds; at -= FIELDS) {
      sum.lots += rows[at + 1];
      sum.notionalUnits += rows[at + 2];
      sum.feeUnits += rows[at + 3];
    }
    return sum;
  }

  /** The rows as numbers, to be kept and given back to `restore`. */
  image(): readonly number[] {
    return this.rows;
  }

  restore(rows: readonly number[]): void {
    this.rows = [...rows];
  }

  private dropBefore(seconds: number): void {
    let keep = 0;
    while (keep < this.rows.length && this.rows[keep] < seconds) keep += FIELDS;
    if (keep > 0) this.rows = this.rows.slice(keep);
  }
}
