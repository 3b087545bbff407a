import type { Transaction } from 'lmdb';
import { FIRST_EVENT_TYPE, VENUE_EVENT } from '../codec/records.ts';
import { isClosedStatus, OrderTracker, type TrackedOrder } from '../projections/order-tracker.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../rings/frame.ts';
import { JournalCorruptError } from './errors.ts';
import { OrderImageWriter } from './order-image.ts';
import { type RecoverySummary, readFramesIn } from './recovery.ts';
import type { JournalStore } from './store.ts';
import { isTradeRecord, TradeImageWriter } from './trade-image.ts';

/** Runs the journal's commands again and compares; each call returns what differs, if anything. */
export interface Rematch {
  /** Every frame in journal order, commands and the events they once caused. */
  frame(views: FrameViews, at: number): string | undefined;
  /** After the last frame. */
  end(): string | undefined;
}

export interface VerifyOptions {
  /** Of every market by its id. */
  readonly quoteUnitsPerTickLot: ReadonlyMap<number, number>;
  readonly rematch?: Rematch;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** `undefined` when the frames themselves cannot be read to the end. */
  readonly summary: RecoverySummary | undefined;
  /** Rows that the frames lead to and that were compared. */
  readonly orders: number;
  readonly trades: number;
  /** What is wrong, in sentences; at most `MAX_PROBLEMS`. */
  readonly problems: readonly string[];
}

export const MAX_PROBLEMS = 100;

/**
 * Reads the whole journal and checks all that can be checked without a book: CRCs, sequences and
 * batch numbers, that groups are whole, and that the derived tables are what the frames lead to.
 */
export function verifyJournal(store: JournalStore, options: VerifyOptions): VerifyReport {
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
  private readonly rematch: Rematch | undefined;
  private readonly tracker: OrderTracker;
  private readonly orderImage = new OrderImageWriter();
  private readonly tradeImage = new TradeImageWriter();
  private readonly problems: string[] = [];
  private groupMarketId = -1;
  private frames = 0;
  private orders = 0;
  private trades = 0;

  constructor(store: JournalStore, transaction: Transaction, options: VerifyOptions) {
    this.store = store;
    this.transaction = transaction;
    this.rematch = options.rematch;
    this.tracker = new OrderTracker(options.quoteUnitsPerTickLot);
  }

  run(): VerifyReport {
    const summary = this.readAll();
    if (summary !== undefined) {
      for (const order of this.tracker.all()) this.checkOrder(order);
      this.checkCount('orders', this.orders);
      this.checkCount('trades', this.trades);
      this.note(this.rematch?.end());
    }
    const { orders, trades, problems } = this;
    return { ok: problems.length === 0, summary, orders, trades, problems };
  }

  private readAll(): RecoverySummary | undefined {
    try {
      return readFramesIn(this.store, this.transaction, undefined, (views, at) => {
        this.frame(views, at);
      });
    } catch (error) {
      if (!(error instanceof JournalCorruptError)) throw error;
      this.note(error.message);
      return undefined;
    }
  }

  private frame(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    this.frames += 1;
    this.checkGroup(type, frameMarketId(word));
    const ended = (frameFlags(word) & FRAME_FLAG_END) !== 0;
    if (ended) this.groupMarketId = -1;
    this.tracker.apply(views, at);
    if (isTradeRecord(type)) this.checkTrade(views, at);
    this.note(this.rematch?.frame(views, at));
    if (ended) this.checkClosed();
  }

  /** A group is one command and its events, all of one market. */
  private checkGroup(type: number, marketId: number): void {
    const starts = type < FIRST_EVENT_TYPE || type === VENUE_EVENT;
    if (starts !== (this.groupMarketId === -1)) {
      this.note(
        `frame ${this.frames}: ${starts ? 'a group starts within' : 'an event outside'} a group`,
      );
    } else if (!starts && marketId !== this.groupMarketId) {
      this.note(`frame ${this.frames}: market ${marketId} in a group of ${this.groupMarketId}`);
    }
    this.groupMarketId = marketId;
  }

  private checkTrade(views: FrameViews, at: number): void {
    this.trades += 1;
    this.tradeImage.write(views, at);
    const { key, value } = this.tradeImage;
    const stored = this.store.trades.get(key, { transaction: this.transaction });
    if (sameBytes(stored, value)) return;
    this.note(`frame ${this.frames}: its trade is not in the table as it happened`);
  }

  /** Orders are compared as they close: from then on their rows are final. */
  private checkClosed(): void {
    for (const order of this.tracker.takeChanged()) {
      if (isClosedStatus(order.status)) this.checkOrder(order);
    }
  }

  private checkOrder(order: TrackedOrder): void {
    this.orders += 1;
    const stored = this.store.orders.get(order.orderId, { transaction: this.transaction });
    if (sameBytes(stored, this.orderImage.write(order))) return;
    this.note(`order ${order.orderId}: the table differs from what its events say`);
  }

  private checkCount(name: 'orders' | 'trades', expected: number): void {
    const transaction = this.transaction;
    const found =
      name === 'orders'
        ? this.store.orders.getCount({ start: 0, transaction })
        : this.store.trades.getCount({ transaction });
    if (found !== expected) {
      this.note(`table ${name} has ${found} rows, the frames lead to ${expected}`);
    }
  }

  private note(problem: string | undefined): void {
    if (problem !== undefined && this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}

function sameBytes(stored: Uint8Array | undefined, expected: Uint8Array): boolean {
  return stored !== undefined && Buffer.compare(stored, expected) === 0;
}
