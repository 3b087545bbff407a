import { isClosedStatus, OrderTracker, type TrackedOrder } from '../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { META_ORDERS_PRUNED_BELOW, META_TABLES_BATCH } from './format.ts';
import { isPrunable, OrderImageWriter, readOrderImage } from './order-image.ts';
import { PendingTrades } from './pending-trades.ts';
import { readFramesIn } from './recovery.ts';
import { type JournalStore, lastKey, transact } from './store.ts';
import { isTradeRecord } from './trade-image.ts';

/** Derives tables from frames; the calls of a batch are made inside its transaction. */
export interface TableWriter {
  /** Takes one frame in, in journal order. */
  apply(views: FrameViews, at: number): void;
  /** Writes what the batch changed, now or with a later batch. */
  flush(batch: number): void;
  /** The transaction is durable; nobody has been told yet. */
  committed?(): void;
  /** Milliseconds until `settle` wants to be called even if no batch comes; infinite for never. */
  waitsMs?(): number;
  /** Writes all that was put off; inside a transaction. */
  settle?(): void;
}

export interface DerivedTablesOptions {
  /** Rows that a batch may change and still be written with it. */
  readonly promptRows?: number;
  /** Rows put off until they are written in one sorted run. */
  readonly behindRows?: number;
  /** How long rows are put off at most. */
  readonly behindMs?: number;
  /** Called with the number of times the table was brought up to date, when that is durable. */
  readonly onFlushed?: (flushes: number) => void;
}

const PROMPT_ROWS = 32;
const BEHIND_ROWS = 16_384;
const BEHIND_MS = 50;

/**
 * The tables `orders` and `trades`. An order's row may lie anywhere, the newest trades of every
 * market on a page of their own, and a page costs 4 KiB to write. So in a flood rows are written
 * behind: many batches' changes in one run, in the order of their keys, each row once. `tables_batch`
 * in `meta` says then up to which batch both tables tell all; a start applies the few batches after
 * it. A batch of few changes is written at once.
 *
 * Orders that were open before this object was made are read from the table when an event first
 * speaks of them, so nothing needs to be rebuilt at start.
 */
export class DerivedTables implements TableWriter {
  private readonly store: JournalStore;
  private readonly tracker: OrderTracker;
  private readonly orderImage = new OrderImageWriter();
  private readonly trades = new PendingTrades();
  private readonly promptRows: number;
  private readonly behindRows: number;
  private readonly behindMs: number;
  private readonly onFlushed: ((flushes: number) => void) | undefined;
  private isBehind = false;
  private behindSinceMs = 0;
  private flushes = 0;
  private flushesTold = 0;

  /**
   * Opens the tables and brings them up to the batches, if a process died while they were behind.
   * @param quoteUnitsPerTickLot of every market by its id
   */
  static open(
    store: JournalStore,
    quoteUnitsPerTickLot: ReadonlyMap<number, number>,
    options: DerivedTablesOptions = {},
  ): DerivedTables {
    const tables = new DerivedTables(store, quoteUnitsPerTickLot, options);
    tables.catchUp();
    return tables;
  }

  private constructor(
    store: JournalStore,
    quoteUnitsPerTickLot: ReadonlyMap<number, number>,
    options: DerivedTablesOptions,
  ) {
    this.store = store;
    this.promptRows = options.promptRows ?? PROMPT_ROWS;
    this.behindRows = options.behindRows ?? BEHIND_ROWS;
    this.behindMs = options.behindMs ?? BEHIND_MS;
    this.onFlushed = options.onFlushed;
    const lastStoredOrderId = lastKey(store.orders);
    this.tracker = new OrderTracker(quoteUnitsPerTickLot, (orderId) =>
      orderId > lastStoredOrderId ? undefined : this.loadOpen(orderId),
    );
  }

  apply(views: FrameViews, at: number): void {
    this.tracker.apply(views, at);
    const word = views.i32[(at + 4) >>> 2];
    if (isTradeRecord(frameType(word))) this.trades.add(frameMarketId(word), views, at);
  }

  flush(batch: number): void {
    const rows = this.tracker.changedCount + this.trades.count;
    if (rows === 0) return;
    if (!this.isBehind) {
      if (rows <= this.promptRows) {
        this.write();
        return;
      }
      this.store.meta.putSync(META_TABLES_BATCH, batch - 1);
      this.isBehind = true;
      this.behindSinceMs = performance.now();
    }
    if (rows >= this.behindRows || this.waitsMs() <= 0) this.settle();
  }

  waitsMs(): number {
    if (!this.isBehind) return Number.POSITIVE_INFINITY;
    return this.behindSinceMs + this.behindMs - performance.now();
  }

  settle(): void {
    if (!this.isBehind) return;
    this.write();
    this.store.meta.removeSync(META_TABLES_BATCH);
    this.isBehind = false;
  }

  committed(): void {
    if (this.flushes === this.flushesTold) return;
    this.flushesTold = this.flushes;
    this.onFlushed?.(this.flushes);
  }

  /** The tables are as they were after the marked batch: applies the batches after it. */
  private catchUp(): void {
    const { store } = this;
    const mark = store.meta.get(META_TABLES_BATCH);
    if (mark === undefined) return;
    this.isBehind = true;
    store.root.resetReadTxn();
    const transaction = store.root.useReadTransaction();
    try {
      transact(store, () => {
        const from = { batch: mark + 1 };
        readFramesIn(store, transaction, from, (views, at) => this.apply(views, at));
        this.settle();
      });
    } finally {
      transaction.done();
    }
    this.committed();
  }

  private write(): void {
    const { orders, trades } = this.store;
    const prunedBelow = this.store.meta.get(META_ORDERS_PRUNED_BELOW) ?? 0;
    // In the table's order: neighbours share pages, and a page is then written once, in one run.
    const changed = [...this.tracker.takeChanged()].sort((a, b) => a.orderId - b.orderId);
    for (const order of changed) {
      // Its neighbours are gone; it was kept because it was open.
      if (isPrunable(order) && order.orderId < prunedBelow) orders.removeSync(order.orderId);
      else orders.putSync(order.orderId, this.orderImage.write(order));
    }
    this.trades.drain((key, value) => trades.putSync(key, value));
    this.flushes += 1;
  }

  private loadOpen(orderId: number): TrackedOrder | undefined {
    const image = this.store.orders.getBinaryFast(orderId);
    if (image === undefined) return undefined;
    const order = readOrderImage(orderId, image);
    return isClosedStatus(order.status) ? undefined : order;
  }
}
