import { Buffer } from 'node:buffer';
import type { Transaction } from 'lmdb';
import * as R from '../codec/records.ts';
import { isClosedStatus, OrderTracker, type TrackedOrder } from '../projections/order-tracker.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import { isFact } from './facts.ts';
import { META_ORDERS_PRUNED_BELOW, META_TABLES_BATCH, metaTradesPrunedTo } from './format.ts';
import { isPrunable, OrderImageWriter, readOrderImage } from './order-image.ts';
import type { JournalStore } from './store.ts';
import { isTradeRecord, readTradeImage, TradeImageWriter } from './trade-image.ts';
import type { VerifyOptions, VerifyStart } from './verify.ts';
import { BarCheck } from './verify-bars.ts';

/**
 * Computes the derived tables from the frames again and compares row by row. What retention has
 * removed may be absent, but only where the journal says that it has removed; what is older than
 * the frames cannot be computed and is only checked for what it must be.
 */
export class TableCheck {
  orders = 0;
  trades = 0;
  facts = 0;
  private readonly store: JournalStore;
  private readonly transaction: Transaction;
  private readonly start: VerifyStart | undefined;
  private readonly isUsers: (portfolioId: number) => boolean;
  private readonly note: (problem: string) => void;
  private readonly tracker: OrderTracker;
  private readonly orderImage = new OrderImageWriter();
  private readonly tradeImage = new TradeImageWriter();
  private readonly prunedOrdersBelow: number;
  /** Orders and trades tell what the batches up to this one say. */
  private readonly tablesBatch: number;
  private ordersEnded = false;
  private absentOrders = 0;
  private readonly barCheck: BarCheck;

  constructor(
    store: JournalStore,
    transaction: Transaction,
    options: VerifyOptions,
    note: (problem: string) => void,
  ) {
    this.store = store;
    this.transaction = transaction;
    this.start = options.start;
    this.isUsers = options.isUsers ?? (() => true);
    this.note = note;
    this.tracker = new OrderTracker(options.quoteUnitsPerTickLot);
    for (const order of options.start?.openOrders ?? []) this.tracker.restore(order);
    this.prunedOrdersBelow = this.meta(META_ORDERS_PRUNED_BELOW) ?? 0;
    this.tablesBatch = this.meta(META_TABLES_BATCH) ?? Number.POSITIVE_INFINITY;
    this.barCheck = new BarCheck(store, transaction, options.start === undefined, note);
  }

  /** Closed bars that were compared. */
  get bars(): number {
    return this.barCheck.bars;
  }

  /** Takes one frame in. `frame` counts them, for the messages. */
  frame(views: FrameViews, at: number, batch: number, frame: number): void {
    const type = frameType(views.i32[(at + 4) >>> 2]);
    if (isFact(views, at)) this.checkFact(views, at);
    this.barCheck.frame(views, at, batch);
    if (batch > this.tablesBatch) {
      this.endOrders();
      return;
    }
    this.tracker.apply(views, at);
    if (isTradeRecord(type)) this.checkTrade(views, at, frame);
  }

  /** Orders are compared as they close: from then on their rows are final. */
  groupEnded(): void {
    if (this.ordersEnded) return;
    for (const order of this.tracker.takeChanged()) {
      if (isClosedStatus(order.status)) this.checkOrder(order);
    }
  }

  /** After the last frame. */
  end(): void {
    this.endOrders();
    this.checkOrderRows();
    this.checkTradeRows();
    this.barCheck.end();
    const { transaction } = this;
    const start = (this.start?.seqs.get(0) ?? 0) + 1;
    const facts = this.store.facts.getCount({ start, transaction });
    if (facts !== this.facts) {
      this.note(`table facts has ${facts} rows from ${start} on, there were ${this.facts} facts`);
    }
  }

  private meta(name: string): number | undefined {
    return this.store.meta.get(name, { transaction: this.transaction });
  }

  private endOrders(): void {
    if (this.ordersEnded) return;
    this.ordersEnded = true;
    for (const order of this.tracker.all()) this.checkOrder(order);
  }

  private checkOrder(order: TrackedOrder): void {
    this.orders += 1;
    const { orderId } = order;
    const stored = this.store.orders.get(orderId, { transaction: this.transaction });
    if (stored === undefined && orderId < this.prunedOrdersBelow && isPrunable(order)) {
      if (orderId > (this.start?.lastOrderId ?? 0)) this.absentOrders += 1;
      return;
    }
    if (sameBytes(stored, this.orderImage.write(order))) return;
    this.note(`order ${orderId}: the table differs from what its events say`);
  }

  private checkTrade(views: FrameViews, at: number, frame: number): void {
    this.trades += 1;
    this.tradeImage.write(views, at);
    const { key, value } = this.tradeImage;
    const stored = this.store.trades.get(key, { transaction: this.transaction });
    if (sameBytes(stored, value)) return;
    if (stored === undefined && this.mayBeGone(key, value)) {
      this.trades -= 1;
      return;
    }
    this.note(`frame ${frame}: its trade is not in the table as it happened`);
  }

  private mayBeGone(key: Uint8Array, value: Uint8Array): boolean {
    const { marketId, tradeId, makerPortfolioId, takerPortfolioId } = readTradeImage(key, value);
    if (tradeId > (this.meta(metaTradesPrunedTo(marketId)) ?? 0)) return false;
    return ![makerPortfolioId, takerPortfolioId].some((id) => id !== 0 && this.isUsers(id));
  }

  private checkFact(views: FrameViews, at: number): void {
    this.facts += 1;
    const seq = views.f64[(at + R.RECORD_SEQ) >>> 3];
    const length = views.i32[(at + R.VENUE_JSON_LENGTH) >>> 2];
    const json = views.u8.slice(at + R.VENUE_JSON, at + R.VENUE_JSON + length);
    const stored = this.store.facts.get(seq, { transaction: this.transaction });
    if (sameBytes(stored?.subarray(8), json)) return;
    this.note(`fact ${seq}: the table differs from what the journal says`);
  }

  /** Rows that no frame leads to, and older ones that say something no event said. */
  private checkOrderRows(): void {
    const firstNew = (this.start?.lastOrderId ?? 0) + 1;
    const open = new Set((this.start?.openOrders ?? []).map(({ orderId }) => orderId));
    const { transaction } = this;
    for (const { key, value } of this.store.orders.getRange({ end: firstNew, transaction })) {
      if (open.has(key) || isClosedStatus(readOrderImage(key, value).status)) continue;
      this.note(`order ${key}: the table says it is open, the snapshot does not know it`);
    }
    const expected = this.orders - open.size - this.absentOrders;
    const found = this.store.orders.getCount({ start: firstNew, transaction });
    if (found === expected) return;
    this.note(`table orders has ${found} rows, the frames lead to ${expected}`);
  }

  private checkTradeRows(): void {
    const { transaction, start } = this;
    let found = 0;
    for (const { key, value } of this.store.trades.getRange({ transaction })) {
      const { marketId, seq } = readTradeImage(key, value);
      if (seq > (start?.seqs.get(marketId) ?? 0)) found += 1;
    }
    if (found === this.trades) return;
    this.note(`table trades has ${found} rows, the frames lead to ${this.trades}`);
  }
}

function sameBytes(stored: Uint8Array | undefined, expected: Uint8Array): boolean {
  return stored !== undefined && Buffer.compare(stored, expected) === 0;
}
