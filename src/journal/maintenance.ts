import { assert } from '../lib/assert.ts';
import { FAIL_DURING_COMPACTION, FAIL_DURING_HISTORY, FAIL_DURING_SNAPSHOT } from './failpoints.ts';
import {
  META_CANDLES_BATCH,
  META_ORDERS_PRUNED_BELOW,
  META_TABLES_BATCH,
  metaHistory,
  metaTradesPrunedTo,
} from './format.ts';
import { dropHistorySome, writeHistoryBlocks } from './history-blocks.ts';
import {
  closeSnapshot,
  dropSnapshotSome,
  isClosed,
  type SnapshotManifest,
  writeSnapshotParts,
} from './snapshots.ts';
import type { JournalStore } from './store.ts';
import { TRADE_KEY_BYTES } from './trade-image.ts';

/** Work that others prepare and only the journal thread may do, in portions of a millisecond. */
export type MaintenanceWork =
  /** A piece of the body: some parts, from this one on. */
  | {
      readonly kind: 'snapshot-parts';
      readonly batch: number;
      readonly firstPart: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'snapshot-close'; readonly manifest: SnapshotManifest }
  | { readonly kind: 'snapshot-drop'; readonly batch: number }
  /** Batches before the last one that a finished snapshot contains; there is always a last batch. */
  | { readonly kind: 'prune-batches'; readonly snapshotBatch: number }
  /** Rows by order id, and the id below which no such row is left. */
  | { readonly kind: 'prune-orders'; readonly orderIds: Float64Array; readonly below: number }
  /** Keys one after another, and the trade id up to which no such row of the market is left. */
  | {
      readonly kind: 'prune-trades';
      readonly marketId: number;
      readonly keys: Uint8Array;
      readonly toTradeId: number;
    }
  /** What a run that died left of a market's generated bars. */
  | { readonly kind: 'history-drop'; readonly marketId: number }
  /** Generated bars that follow each other. */
  | {
      readonly kind: 'history-rows';
      readonly marketId: number;
      readonly interval: number;
      readonly rows: Float64Array;
    }
  /** All of a market's generated bars are there: they end at this time. */
  | { readonly kind: 'history-close'; readonly marketId: number; readonly endSeconds: number };

/** How long one portion may hold up the batches of clients. */
const PORTION_MS = 1;
const PARTS_A_PORTION = 16;
const KEYS_BETWEEN_LOOKS = 16;

/** Does a portion of the work; inside a transaction. True when nothing is left to do. */
export function maintain(store: JournalStore, work: MaintenanceWork): boolean {
  switch (work.kind) {
    case 'snapshot-parts':
      writeSnapshotParts(store, work.batch, work.firstPart, work.bytes);
      return true;
    case 'snapshot-close':
      closeSnapshot(store, work.manifest);
      return true;
    case 'snapshot-drop':
      return dropSnapshotSome(store, work.batch, PARTS_A_PORTION);
    case 'prune-batches':
      return pruneBatches(store, work.snapshotBatch);
    case 'prune-orders':
      for (const orderId of work.orderIds) store.orders.removeSync(orderId);
      store.meta.putSync(META_ORDERS_PRUNED_BELOW, work.below);
      return true;
    case 'prune-trades':
      for (let at = 0; at < work.keys.length; at += TRADE_KEY_BYTES) {
        store.trades.removeSync(work.keys.subarray(at, at + TRADE_KEY_BYTES));
      }
      store.meta.putSync(metaTradesPrunedTo(work.marketId), work.toTradeId);
      return true;
    case 'history-drop':
      return dropHistorySome(store, work.marketId);
    case 'history-rows':
      writeHistoryBlocks(store, work.marketId, work.interval, work.rows);
      return true;
    case 'history-close':
      store.meta.putSync(metaHistory(work.marketId), work.endSeconds);
      return true;
  }
}

/** Where a test may let the process die after a portion of this work. */
export function failpointOf(work: MaintenanceWork): string | undefined {
  switch (work.kind) {
    case 'snapshot-parts':
      return FAIL_DURING_SNAPSHOT;
    case 'snapshot-close':
    case 'history-drop':
    case 'history-close':
      return undefined;
    case 'history-rows':
      return FAIL_DURING_HISTORY;
    default:
      return FAIL_DURING_COMPACTION;
  }
}

function pruneBatches(store: JournalStore, snapshotBatch: number): boolean {
  assert(isClosed(store, snapshotBatch), 'batches go only where a snapshot stands for them');
  // Rows written behind are read from their batches if the process dies now.
  if ((store.meta.get(META_TABLES_BATCH) ?? snapshotBatch) < snapshotBatch) return false;
  const startMs = performance.now();
  const { batches } = store;
  // Of the rows under way likewise: what is left now goes the next time.
  const end = Math.min(snapshotBatch, (store.meta.get(META_CANDLES_BATCH) ?? snapshotBatch) + 1);
  for (;;) {
    const range = { start: 1, end, limit: KEYS_BETWEEN_LOOKS };
    const keys = [...batches.getKeys(range)];
    for (const key of keys) batches.removeSync(key);
    if (keys.length < KEYS_BETWEEN_LOOKS) return true;
    if (performance.now() - startMs >= PORTION_MS) return false;
  }
}
