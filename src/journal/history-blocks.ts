import { INTERVAL_COUNT } from '../domain/candles.ts';
import { BAR_BYTES, BAR_FIELDS } from '../features/bar-rows.ts';
import { BUILDER_DOUBLES } from '../features/candle-builder.ts';
import { barKey, barKeyPrefix, bytesOfRows, readBarKey, rowCount, rowsOf } from './bar-image.ts';
import { metaHistory } from './format.ts';
import type { JournalStore } from './store.ts';

/**
 * The table `history`: bars that were generated for a simulated market, as if it had traded before
 * its first start. They are made elsewhere and come in blocks; what of them lies here counts only
 * once `history/<market>` in `meta` says that all of it does. Until then the next start makes
 * everything anew.
 */
const ROWS_A_BLOCK = 512;
export const BLOCK_BYTES = ROWS_A_BLOCK * BAR_BYTES;
const KEYS_A_PORTION = 64;

/** Where the generated bars of a market end, seconds; `undefined` when it has none. */
export function historyEnd(store: JournalStore, marketId: number): number | undefined {
  return store.meta.get(metaHistory(marketId));
}

/** Writes bars that follow each other; inside a transaction. */
export function writeHistoryBlocks(
  store: JournalStore,
  marketId: number,
  interval: number,
  rows: Float64Array,
): void {
  const step = ROWS_A_BLOCK * BAR_FIELDS;
  for (let at = 0; at < rows.length; at += step) {
    const block = rows.subarray(at, Math.min(rows.length, at + step));
    store.history.putSync(barKey(marketId, interval, block[0]), bytesOfRows(block));
  }
}

/** Removes blocks of a market; inside a transaction. True when none is left. */
export function dropHistorySome(store: JournalStore, marketId: number): boolean {
  const range = { start: barKeyPrefix(marketId, 0), end: barKeyPrefix(marketId + 1, 0) };
  const keys = [...store.history.getKeys({ ...range, limit: KEYS_A_PORTION })];
  for (const key of keys) store.history.removeSync(Uint8Array.from(key));
  return keys.length < KEYS_A_PORTION;
}

/** Generated bars that begin before a time: the newest `count`, oldest first. */
export function readHistoryBefore(
  store: JournalStore,
  marketId: number,
  interval: number,
  beforeSeconds: number,
  count: number,
): Float64Array<ArrayBuffer> {
  const found = new Float64Array(count * BAR_FIELDS);
  let free = count;
  const range = store.history.getRange({
    start: barKey(marketId, interval, beforeSeconds),
    end: barKeyPrefix(marketId, interval),
    reverse: true,
  });
  for (const { value } of range) {
    const rows = rowsOf(value);
    let last = rowCount(value);
    while (last > 0 && rows[(last - 1) * BAR_FIELDS] >= beforeSeconds) last -= 1;
    const taken = Math.min(free, last);
    free -= taken;
    found.set(rows.subarray((last - taken) * BAR_FIELDS, last * BAR_FIELDS), free * BAR_FIELDS);
    if (free === 0) break;
  }
  return found.slice(free * BAR_FIELDS);
}

/** The newest generated bar of every interval; zeros where there is none. */
export function newestHistory(store: JournalStore, marketId: number): Float64Array<ArrayBuffer> {
  const newest = new Float64Array(BUILDER_DOUBLES);
  for (let interval = 0; interval < INTERVAL_COUNT; interval += 1) {
    const row = readHistoryBefore(store, marketId, interval, Number.POSITIVE_INFINITY, 1);
    newest.set(row, interval * BAR_FIELDS);
  }
  return newest;
}

/** Every generated bar of a market and interval, block by block, oldest first. */
export function* historyBlocks(
  store: JournalStore,
  marketId: number,
  interval: number,
): Generator<Float64Array<ArrayBuffer>> {
  const start = barKeyPrefix(marketId, interval);
  const end = barKeyPrefix(marketId, interval + 1);
  for (const { key, value } of store.history.getRange({ start, end })) {
    if (readBarKey(key)[1] === interval) yield rowsOf(value);
  }
}
