import * as R from '../codec/records.ts';
import type { BarCalendar } from '../domain/candles.ts';
import { BAR_FIELDS } from '../features/bar-rows.ts';
import { CandleBuilder } from '../features/candle-builder.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import {
  BAR_KEY_BYTES,
  barKeyPrefix,
  bytesOfRows,
  openRowsKey,
  rowsOf,
  writeBarKey,
} from './bar-image.ts';
import type { TableWriter } from './derived-tables.ts';
import { sourceSet } from './facts.ts';
import { META_CANDLES_BATCH, metaHistory } from './format.ts';
import { readFramesIn } from './recovery.ts';
import { type JournalStore, lastKey, transact } from './store.ts';
import { isTradeRecord, readTradeImage } from './trade-image.ts';

/** How long the rows under way may be older than the batches: what a start has to apply again. */
const BEHIND_MS = 1_000;

/**
 * The table `candles`: every closed bar with trades, of all intervals, written once, at the end of
 * its interval's rows, when a later trade closes it. The rows under way are written about once a
 * second, for all markets that traded, with the number of the batch that they tell all up to.
 *
 * A start takes them and applies the batches after that one: bars that were closed in these are
 * written again, with the same bytes. So nothing is counted twice, wherever the process died.
 */
export class CandleTable implements TableWriter {
  private readonly store: JournalStore;
  private readonly builders = new Map<number, CandleBuilder>();
  private readonly changed = new Set<number>();
  private lastBatch: number;
  private writtenMs = Number.NEGATIVE_INFINITY;

  /**
   * Opens the table and brings it up to the batches.
   * @param calendars of every market by its id
   */
  static open(store: JournalStore, calendars: ReadonlyMap<number, BarCalendar>): CandleTable {
    const table = new CandleTable(store, calendars);
    table.catchUp();
    return table;
  }

  private constructor(store: JournalStore, calendars: ReadonlyMap<number, BarCalendar>) {
    this.store = store;
    this.lastBatch = lastKey(store.batches);
    for (const [marketId, calendar] of calendars) {
      this.builders.set(marketId, new CandleBuilder(calendar, new RowSink(store, marketId)));
    }
  }

  apply(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    const restarted = type === R.VENUE_EVENT ? sourceSet(views, at) : undefined;
    if (restarted !== undefined) this.restart(restarted);
    if (!isBarRecord(type)) return;
    const marketId = frameMarketId(word);
    const builder = this.builders.get(marketId);
    if (builder === undefined) return;
    applyTrade(builder, views, at);
    this.changed.add(marketId);
  }

  flush(batch: number): void {
    this.lastBatch = batch;
    if (this.waitsMs() <= 0) this.settle();
  }

  waitsMs(): number {
    if (this.changed.size === 0) return Number.POSITIVE_INFINITY;
    return this.writtenMs + BEHIND_MS - performance.now();
  }

  settle(): void {
    if (this.changed.size === 0) return;
    const { store } = this;
    for (const marketId of this.changed) {
      const image = this.builders.get(marketId)!.image();
      store.candles.putSync(openRowsKey(marketId), bytesOfRows(image));
    }
    store.meta.putSync(META_CANDLES_BATCH, this.lastBatch);
    this.changed.clear();
    this.writtenMs = performance.now();
  }

  /** Another source takes over: the bars of the former one go; the row under way with the next look. */
  private restart(marketId: number): void {
    const { store } = this;
    const builder = this.builders.get(marketId);
    if (builder === undefined) return;
    const range = { start: barKeyPrefix(marketId, 0), end: barKeyPrefix(marketId + 1, 0) };
    for (const key of [...store.candles.getKeys(range)]) {
      store.candles.removeSync(Uint8Array.from(key));
    }
    store.meta.removeSync(metaHistory(marketId));
    builder.clear();
    this.changed.add(marketId);
  }

  private catchUp(): void {
    const { store, lastBatch } = this;
    const mark = store.meta.get(META_CANDLES_BATCH);
    if (mark === lastBatch) {
      this.restore();
      return;
    }
    store.root.resetReadTxn();
    const transaction = store.root.useReadTransaction();
    try {
      transact(store, () => {
        if (mark === undefined && firstBatch(store) > 1) this.buildFromTrades();
        else {
          this.restore();
          readFramesIn(store, transaction, { batch: (mark ?? 0) + 1 }, (views, at) =>
            this.apply(views, at),
          );
        }
        this.settle();
        store.meta.putSync(META_CANDLES_BATCH, lastBatch);
      });
    } finally {
      transaction.done();
    }
  }

  private restore(): void {
    for (const [marketId, builder] of this.builders) {
      const value = this.store.candles.get(openRowsKey(marketId));
      if (value !== undefined) builder.restore(rowsOf(value));
    }
  }

  /** A journal that was written without this table, and whose first batches are gone. */
  private buildFromTrades(): void {
    for (const { key, value } of this.store.trades.getRange({})) {
      const { marketId, seconds, priceTicks, qtyLots } = readTradeImage(key, value);
      const builder = this.builders.get(marketId);
      if (builder === undefined) continue;
      builder.trade(seconds, priceTicks, qtyLots);
      this.changed.add(marketId);
    }
  }
}

function firstBatch(store: JournalStore): number {
  const [first = 1] = store.batches.getKeys({ start: 0, limit: 1 });
  return first;
}

/** Writes the closed bars of one market. */
class RowSink {
  private readonly store: JournalStore;
  private readonly marketId: number;
  private readonly key = new Uint8Array(BAR_KEY_BYTES);

  constructor(store: JournalStore, marketId: number) {
    this.store = store;
    this.marketId = marketId;
  }

  closed(interval: number, rows: Float64Array, at: number): void {
    writeBarKey(this.key, this.marketId, interval, rows[at]);
    this.store.candles.putSync(this.key, bytesOfRows(rows.subarray(at, at + BAR_FIELDS)));
  }
}

/** True for records that enter bars. */
export function isBarRecord(type: number): boolean {
  return isTradeRecord(type) || type === R.OUTSIDE_BAR;
}

/** Gives a builder the trade, or the minute, of a record, which has to be one of these. */
export function applyTrade(builder: CandleBuilder, views: FrameViews, at: number): void {
  const { i32, f64, u8 } = views;
  const type = frameType(i32[(at + 4) >>> 2]);
  if (type === R.OUTSIDE_BAR) {
    builder.bar(f64, (at + R.OUTSIDE_BAR_ROW) >>> 3);
    return;
  }
  if (type === R.OUTSIDE_TRADE && u8[at + R.OUTSIDE_TRADE_COUNTED] === 0) return;
  const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
  const [price, qty] = type === R.TRADE_EXECUTED ? EXECUTED : fieldsOf(type);
  builder.trade(seconds, f64[(at + price) >>> 3], f64[(at + qty) >>> 3]);
}

/** Offsets of price and quantity. */
type TradeFields = readonly [price: number, qty: number];
const EXECUTED: TradeFields = [R.TRADE_PRICE_TICKS, R.TRADE_QTY_LOTS];
const AUCTION: TradeFields = [R.AUCTION_TRADE_PRICE_TICKS, R.AUCTION_TRADE_QTY_LOTS];
const PRINTED: TradeFields = [R.PRINTED_PRICE_TICKS, R.PRINTED_QTY_LOTS];
const OUTSIDE: TradeFields = [R.OUTSIDE_TRADE_PRICE_TICKS, R.OUTSIDE_TRADE_QTY_LOTS];

function fieldsOf(type: number): TradeFields {
  if (type === R.OUTSIDE_TRADE) return OUTSIDE;
  return type === R.AUCTION_TRADE ? AUCTION : PRINTED;
}
