import type { Transaction } from 'lmdb';
import { FIRST_EVENT_TYPE, isOutside, VENUE_EVENT } from '../codec/records.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import { JournalCorruptError } from './errors.ts';
import { type RecoverySummary, readFramesIn } from './recovery.ts';
import type { JournalStore } from './store.ts';
import { TableCheck } from './verify-tables.ts';

/** Runs the journal's commands again and compares; each call returns what differs, if anything. */
export interface Rematch {
  /** Every frame in journal order, commands and the events they once caused. */
  frame(views: FrameViews, at: number, batch: number): string | undefined;
  /** After the last frame of the last batch. */
  end(batch: number): string | undefined;
}

/** Where the batches begin: the snapshot before them. */
export interface VerifyStart {
  readonly batch: number;
  readonly seqs: ReadonlyMap<number, number>;
  readonly lastOrderId: number;
  readonly openOrders: readonly TrackedOrder[];
}

export interface VerifyOptions {
  /** Of every market by its id. */
  readonly quoteUnitsPerTickLot: ReadonlyMap<number, number>;
  readonly rematch?: Rematch;
  /** `undefined`: from the first batch. */
  readonly start?: VerifyStart;
  /** A read transaction of the caller's, so that all is read as of one moment. */
  readonly transaction?: Transaction;
  /** True for a portfolio whose trades are never removed; without it, none are expected gone. */
  readonly isUsers?: (portfolioId: number) => boolean;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** `undefined` when the frames themselves cannot be read to the end. */
  readonly summary: RecoverySummary | undefined;
  /** Rows that the frames lead to and that were compared. */
  readonly orders: number;
  readonly trades: number;
  readonly facts: number;
  /** Closed bars. */
  readonly bars: number;
  /** What is wrong, in sentences; at most `MAX_PROBLEMS`. */
  readonly problems: readonly string[];
}

export const MAX_PROBLEMS = 100;

/**
 * Reads the whole journal and checks all that can be checked without a book: CRCs, sequences and
 * batch numbers, that groups are whole, and that the derived tables are what the frames lead to.
 */
export function verifyJournal(store: JournalStore, options: VerifyOptions): VerifyReport {
  if (options.transaction !== undefined) {
    return new Verification(store, options.transaction, options).run();
  }
  store.root.resetReadTxn();
  const transaction = store.root.useReadTransaction();
  try {
    return new Verification(store, transaction, options).run();
  } finally {
    transaction.done();
  }
}

class Verification {
  private readonly store: JournalStore;
  private readonly transaction: Transaction;
  private readonly start: VerifyStart | undefined;
  private readonly rematch: Rematch | undefined;
  private readonly tables: TableCheck;
  private readonly problems: string[] = [];
  private groupMarketId = -1;
  private frames = 0;

  constructor(store: JournalStore, transaction: Transaction, options: VerifyOptions) {
    this.store = store;
    this.transaction = transaction;
    this.start = options.start;
    this.rematch = options.rematch;
    this.tables = new TableCheck(store, transaction, options, (problem) => this.note(problem));
  }

  run(): VerifyReport {
    const summary = this.readAll();
    if (summary !== undefined) {
      this.tables.end();
      this.note(this.rematch?.end(summary.lastBatch));
    }
    const { problems } = this;
    const { orders, trades, facts, bars } = this.tables;
    return { ok: problems.length === 0, summary, orders, trades, facts, bars, problems };
  }

  private readAll(): RecoverySummary | undefined {
    const { start } = this;
    const from = start === undefined ? undefined : { batch: start.batch + 1, seqs: start.seqs };
    try {
      return readFramesIn(this.store, this.transaction, from, (views, at, batch) => {
        this.frame(views, at, batch);
      });
    } catch (error) {
      if (!(error instanceof JournalCorruptError)) throw error;
      this.note(error.message);
      return undefined;
    }
  }

  private frame(views: FrameViews, at: number, batch: number): void {
    const word = views.i32[(at + 4) >>> 2];
    this.frames += 1;
    this.checkGroup(frameType(word), frameMarketId(word));
    const ended = (frameFlags(word) & FRAME_FLAG_END) !== 0;
    if (ended) this.groupMarketId = -1;
    this.tables.frame(views, at, batch, this.frames);
    this.note(this.rematch?.frame(views, at, batch));
    if (ended) this.tables.groupEnded();
  }

  /** A group is one command and its events, all of one market; or a fact alone. */
  private checkGroup(type: number, marketId: number): void {
    const starts = type < FIRST_EVENT_TYPE || type === VENUE_EVENT || isOutside(type);
    if (starts !== (this.groupMarketId === -1)) {
      this.note(
        `frame ${this.frames}: ${starts ? 'a group starts within' : 'an event outside'} a group`,
      );
    } else if (!starts && marketId !== this.groupMarketId) {
      this.note(`frame ${this.frames}: market ${marketId} in a group of ${this.groupMarketId}`);
    }
    this.groupMarketId = marketId;
  }

  private note(problem: string | undefined): void {
    if (problem !== undefined && this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}
