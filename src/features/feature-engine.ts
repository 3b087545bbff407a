import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { writeBookFeatures } from './book-features.ts';
import { FEATURE_ROWS, type FeatureRing } from './feature-ring.ts';
import { FEATURE_COUNT, TOP_LEVELS } from './feature-schema.ts';
import { writeOrderFlowFeatures, writeTradeFeatures } from './flow-features.ts';
import { FlowHistory, LONGEST_ROWS } from './flow-history.ts';
import { FlowTotals } from './flow-totals.ts';
import { writePriceFeatures, writeTimeFeatures } from './price-features.ts';
import { type BookSource, TopSide } from './top-of-book.ts';

const NANOS_PER_TENTH = 100_000_000;

/**
 * The 64 features of one market, kept up with every command and written as a row whenever a tenth of
 * a second of venue time is over. A row tells of the market at the start of that tenth: of all groups
 * with an earlier time and of none with a later one. It reads no clock; while nothing happens no row is
 * written, and the next command brings those that are missing.
 */
export class FeatureEngine {
  private readonly book: BookSource;
  private readonly ring: FeatureRing;
  /** To be shown every group of events. */
  readonly totals = new FlowTotals();
  private readonly history = new FlowHistory();
  private readonly row = new Float64Array(FEATURE_COUNT);
  private readonly bids = new TopSide();
  private readonly asks = new TopSide();
  /** The tenth of a second that is under way; -1 before the first command. */
  private tenths = -1;
  /** Venue time from which on the next row is due. */
  nextSeconds = 0;
  nextNanos = 0;

  constructor(book: BookSource, ring: FeatureRing) {
    this.book = book;
    this.ring = ring;
  }

  /** True when rows are to be written before a command with this time is carried out. */
  isDue(seconds: number, nanos: number): boolean {
    return seconds > this.nextSeconds || (seconds === this.nextSeconds && nanos >= this.nextNanos);
  }

  /**
   * Writes the rows that are due before a command with this time.
   * @param seq market sequence of the newest event so far
   */
  advance(seconds: number, nanos: number, seq: number): void {
    const tenths = seconds * 10 + Math.floor(nanos / NANOS_PER_TENTH);
    if (this.tenths < 0) this.begin(tenths);
    // Of a long silence: the moment at which it began, and what the windows and the ring can hold.
    const first = this.tenths + 1;
    const from = Math.max(first, tenths - LONGEST_ROWS);
    if (from > first) this.take(first, seq, false);
    for (let moment = from; moment <= tenths; moment += 1) {
      this.take(moment, seq, tenths - moment < FEATURE_ROWS);
    }
    this.tenths = tenths;
    this.nextSeconds = Math.floor((tenths + 1) / 10);
    this.nextNanos = ((tenths + 1) % 10) * NANOS_PER_TENTH;
  }

  private begin(tenths: number): void {
    const { totals, book } = this;
    this.tenths = tenths - 1;
    totals.begin(tenths, book.bestTicks(SIDE_BUY), book.bestTicks(SIDE_SELL));
  }

  /** Notes a moment, and writes its row. */
  private take(tenths: number, seq: number, wanted: boolean): void {
    const { book, history, totals, row, bids, asks } = this;
    const bidTicks = book.bestTicks(SIDE_BUY);
    const askTicks = book.bestTicks(SIDE_SELL);
    const hasMid = bidTicks !== 0 && askTicks !== 0;
    const midTicks = hasMid ? (bidTicks + askTicks) / 2 : Number.NaN;
    totals.row(tenths, bidTicks, askTicks, midTicks);
    history.note(totals.sums, midTicks);
    if (!wanted) return;
    bids.length = 0;
    asks.length = 0;
    book.readTop(SIDE_BUY, TOP_LEVELS, bids);
    book.readTop(SIDE_SELL, TOP_LEVELS, asks);
    writeBookFeatures(row, bids, asks);
    writeOrderFlowFeatures(row, history);
    writeTradeFeatures(row, history, totals, midTicks);
    writePriceFeatures(row, history);
    writeTimeFeatures(row, totals, tenths);
    this.ring.append(seq, tenths, row);
  }
}
