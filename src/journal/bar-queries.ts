import { INTERVAL_1M } from '../domain/candles.ts';
import { BAR_FIELDS, BAR_SECONDS, BAR_TRADES } from '../features/bar-rows.ts';
import { continueBar, currentBar } from '../features/candle-builder.ts';
import { barKey, barKeyPrefix, openRowsKey, readBarKey, rowsOf } from './bar-image.ts';
import { historyBlocks, historyEnd, newestHistory, readHistoryBefore } from './history-blocks.ts';
import type { JournalStore } from './store.ts';

const ROWS_A_SLICE = 4096;

/** Closed bars with trades as the journal holds them, generated ones before the live ones. */
export class StoredBars {
  private readonly store: JournalStore;

  constructor(store: JournalStore) {
    this.store = store;
  }

  /**
   * The newest bars that begin before a time, oldest first; fewer than `count` only when there are no
   * more. The bar in which generated history meets live trades is one.
   */
  readBefore(
    marketId: number,
    interval: number,
    beforeSeconds: number,
    count: number,
  ): Float64Array<ArrayBuffer> {
    const { store } = this;
    store.root.resetReadTxn();
    const live = this.readLive(marketId, interval, beforeSeconds, count);
    const missing = count - live.length / BAR_FIELDS;
    if (missing === 0 && live.length === 0) return live;
    if (historyEnd(store, marketId) === undefined) return live;
    // Only the oldest live bar can be one with generated bars; it may be among what was found.
    const before = live.length === 0 ? beforeSeconds : live[0] + 1;
    const older = readHistoryBefore(store, marketId, interval, before, missing + 1);
    let end = older.length;
    const newest = end - BAR_FIELDS;
    if (end > 0 && live.length > 0 && older[newest] === live[0]) {
      continueBar(live, 0, older, newest);
      end = newest;
    }
    const start = Math.max(0, end - missing * BAR_FIELDS);
    const rows = new Float64Array(end - start + live.length);
    rows.set(older.subarray(start, end));
    rows.set(live, end - start);
    return rows;
  }

  /** The rows under way of a market as of the newest batch; `undefined` when it never traded. */
  openRows(marketId: number): Float64Array<ArrayBuffer> | undefined {
    const value = this.store.candles.get(openRowsKey(marketId));
    if (value === undefined) return undefined;
    const rows = rowsOf(value);
    return rows[BAR_TRADES] === 0 ? undefined : rows;
  }

  /** All bars of a market and interval, oldest first, some at a time; the one under way is last. */
  *all(marketId: number, interval: number): Generator<Float64Array<ArrayBuffer>> {
    const { store } = this;
    store.root.resetReadTxn();
    const end = historyEnd(store, marketId);
    let generated = new Float64Array(0);
    if (end !== undefined) {
      for (const rows of historyBlocks(store, marketId, interval)) {
        if (generated.length > 0) yield generated;
        generated = rows;
      }
    }
    for (const rows of this.allLive(marketId, interval)) {
      const newest = generated.length - BAR_FIELDS;
      if (newest >= 0 && generated[newest] === rows[0]) {
        continueBar(rows, 0, generated, newest);
        generated = generated.slice(0, newest);
      }
      if (generated.length > 0) yield generated;
      generated = rows;
    }
    if (generated.length > 0) yield generated;
  }

  /** When the first bar of live trades begins; `undefined` when the market never traded. */
  firstSeconds(marketId: number): number | undefined {
    const { store } = this;
    store.root.resetReadTxn();
    const start = barKeyPrefix(marketId, INTERVAL_1M);
    const end = barKeyPrefix(marketId, INTERVAL_1M + 1);
    const [key] = store.candles.getKeys({ start, end, limit: 1 });
    if (key !== undefined) return readBarKey(key)[2];
    return this.openRows(marketId)?.[BAR_SECONDS];
  }

  /** Where the generated bars of a market end, seconds; `undefined` when it has none. */
  generatedEnd(marketId: number): number | undefined {
    this.store.root.resetReadTxn();
    return historyEnd(this.store, marketId);
  }

  /** The newest generated bars of a market, a row for every interval; `undefined` without any. */
  newestGenerated(marketId: number): Float64Array<ArrayBuffer> | undefined {
    this.store.root.resetReadTxn();
    if (historyEnd(this.store, marketId) === undefined) return undefined;
    return newestHistory(this.store, marketId);
  }

  private *allLive(marketId: number, interval: number): Generator<Float64Array<ArrayBuffer>> {
    let start = barKeyPrefix(marketId, interval);
    const end = barKeyPrefix(marketId, interval + 1);
    for (let isMore = true; isMore; ) {
      // A slice at a time, so that no read transaction stays open while a reader is slow.
      this.store.root.resetReadTxn();
      const range = { start, end, exclusiveStart: true, limit: ROWS_A_SLICE };
      const entries = [...this.store.candles.getRange(range)];
      isMore = entries.length === ROWS_A_SLICE;
      start = Uint8Array.from(entries.at(-1)?.key ?? start);
      const rows = new Float64Array(entries.length * BAR_FIELDS);
      for (const [i, { value }] of entries.entries()) rows.set(rowsOf(value), i * BAR_FIELDS);
      if (rows.length > 0) yield rows;
    }
    const open = this.openRows(marketId);
    if (open === undefined) return;
    const current = new Float64Array(BAR_FIELDS);
    if (currentBar(open, interval, current, 0)) yield current;
  }

  private readLive(
    marketId: number,
    interval: number,
    beforeSeconds: number,
    count: number,
  ): Float64Array<ArrayBuffer> {
    const rows = new Float64Array(count * BAR_FIELDS);
    let free = count;
    const range = this.store.candles.getRange({
      start: barKey(marketId, interval, beforeSeconds),
      end: barKeyPrefix(marketId, interval),
      reverse: true,
      exclusiveStart: beforeSeconds <= 0xffff_ffff,
      limit: count,
    });
    for (const { value } of range) {
      free -= 1;
      rows.set(rowsOf(value), free * BAR_FIELDS);
    }
    return rows.slice(free * BAR_FIELDS);
  }
}
