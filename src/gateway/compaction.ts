import type { Market } from '../domain/markets.ts';
import { META_ORDERS_PRUNED_BELOW } from '../journal/format.ts';
import type { MaintenanceWork } from '../journal/maintenance.ts';
import { isPrunable, readOrderImage } from '../journal/order-image.ts';
import { readFramesTo } from '../journal/recovery.ts';
import {
  bytesOfParts,
  listSnapshots,
  manifestOf,
  type SnapshotManifest,
} from '../journal/snapshots.ts';
import { type JournalStore, lastKey } from '../journal/store.ts';
import { readTradeImage, TRADE_KEY_BYTES, writeTradeKey } from '../journal/trade-image.ts';
import { imageHash } from '../matching/state-hash.ts';
import { openState } from './recover.ts';
import type { StateFollower } from './state-follower.ts';
import { encodeState } from './state-image.ts';

/** What stays in the data directory; infinite for all of it. */
export interface Retention {
  /** Newest snapshots; batches before the oldest of them go. */
  readonly snapshots: number;
  /** Newest order ids of which the closed orders of in-process sessions stay. */
  readonly simulatedOrders: number;
  /** Newest trades of each market of which those without a user stay. */
  readonly simulatedTradesPerMarket: number;
}

/** Hands work to the journal thread; resolves when it is durable. */
export type Maintain = (work: MaintenanceWork) => Promise<void>;

export interface CompactionReport {
  /** The last batch the new snapshot contains. */
  readonly batch: number;
  readonly bytes: number;
  readonly openOrders: number;
  /** Records applied to the former snapshot. */
  readonly records: number;
  readonly applySeconds: number;
  readonly writeSeconds: number;
  readonly prunedBatches: number;
  readonly prunedOrders: number;
  readonly prunedTrades: number;
  readonly warnings: readonly string[];
}

/** Parts a transaction of the journal takes with it: 64 KiB, some hundred microseconds of its time. */
const PARTS_A_PORTION = 4;
const ROWS_READ = 4096;
const ROWS_A_PORTION = 256;
const RECORDS_BETWEEN_LOOKS = 1024;

/** The run was told to stop. */
export class CompactionStopped extends Error {
  override readonly name = 'CompactionStopped';
}

/**
 * A snapshot, and the removal of what it makes superfluous: a recovery run forward in the
 * background. It starts from the newest snapshot, applies the batches since, and hands the state to
 * the journal thread in parts. The market workers and the gateway know nothing of it.
 */
export class Compaction {
  private readonly store: JournalStore;
  private readonly markets: readonly Market[];
  private readonly retention: Retention;
  private readonly maintain: Maintain;
  private readonly isStopped: () => boolean;

  constructor(
    store: JournalStore,
    markets: readonly Market[],
    retention: Retention,
    maintain: Maintain,
    isStopped: () => boolean = () => false,
  ) {
    this.store = store;
    this.markets = markets;
    this.retention = retention;
    this.maintain = maintain;
    this.isStopped = isStopped;
  }

  /** @returns `undefined` when nothing was committed since the newest snapshot */
  async run(): Promise<CompactionReport | undefined> {
    const { store } = this;
    const started = performance.now();
    store.root.resetReadTxn();
    // A reader that was killed would keep every page it could see from being used again.
    store.root.readerCheck();
    const batch = lastKey(store.batches);
    const opened = openState(store, this.markets, () => undefined);
    if (opened.snapshotBatch >= batch) return undefined;
    const { state, from, warnings } = opened;
    let records = 0;
    const { seqs } = readFramesTo(store, from, batch, (frame, at) => {
      records += 1;
      if (records % RECORDS_BETWEEN_LOOKS === 0) this.look();
      state.apply(frame, at);
    });
    const body = encodeState(state);
    const applied = performance.now();
    await this.dropRemains();
    await this.write(body, manifestFor(state, batch, seqs, body));
    const written = performance.now();
    const pruned = await this.prune(state);
    store.root.resetReadTxn();
    return {
      batch,
      bytes: body.length,
      openOrders: state.orders.openCount,
      records,
      applySeconds: (applied - started) / 1000,
      writeSeconds: (written - applied) / 1000,
      ...pruned,
      warnings,
    };
  }

  private look(): void {
    if (this.isStopped()) throw new CompactionStopped('the run was told to stop');
  }

  private async write(body: Uint8Array<ArrayBuffer>, manifest: SnapshotManifest): Promise<void> {
    const { batch, parts } = manifest;
    for (let firstPart = 0; firstPart < parts; firstPart += PARTS_A_PORTION) {
      this.look();
      const end = bytesOfParts(firstPart + PARTS_A_PORTION);
      const bytes = body.slice(bytesOfParts(firstPart), end);
      await this.maintain({ kind: 'snapshot-parts', batch, firstPart, bytes });
    }
    await this.maintain({ kind: 'snapshot-close', manifest });
  }

  /** What a run that died left, and snapshots that cannot be read. */
  private async dropRemains(): Promise<void> {
    for (const { batch, manifest } of listSnapshots(this.store)) {
      if (manifest === undefined) await this.maintain({ kind: 'snapshot-drop', batch });
    }
  }

  private async prune(
    state: StateFollower,
  ): Promise<Pick<CompactionReport, 'prunedBatches' | 'prunedOrders' | 'prunedTrades'>> {
    const prunedOrders = await this.pruneOrders(state.lastOrderId);
    let prunedTrades = 0;
    for (const { market, ticker } of state.views.all) {
      const toTradeId = ticker.tradesTotal - this.retention.simulatedTradesPerMarket;
      if (toTradeId > 0) prunedTrades += await this.pruneTrades(state, market.id, toTradeId);
    }
    // Last: LMDB looks for free pages among what went last, and only batches leave them in runs.
    const prunedBatches = await this.pruneBatches();
    return { prunedBatches, prunedOrders, prunedTrades };
  }

  private async pruneBatches(): Promise<number> {
    const { store, retention } = this;
    store.root.resetReadTxn();
    const [...snapshots] = listSnapshots(store);
    if (snapshots.length < retention.snapshots) return 0;
    for (const { batch } of snapshots.slice(retention.snapshots)) {
      await this.maintain({ kind: 'snapshot-drop', batch });
    }
    const snapshotBatch = snapshots[retention.snapshots - 1].batch;
    const [first = 1] = store.batches.getKeys({ start: 0, limit: 1 });
    if (first >= snapshotBatch) return 0;
    await this.maintain({ kind: 'prune-batches', snapshotBatch });
    return snapshotBatch - first;
  }

  private async pruneOrders(lastOrderId: number): Promise<number> {
    const { store } = this;
    const below = lastOrderId + 1 - this.retention.simulatedOrders;
    let next = store.meta.get(META_ORDERS_PRUNED_BELOW) ?? 1;
    let pruned = 0;
    while (next < below) {
      this.look();
      store.root.resetReadTxn();
      const range = { start: next, end: below, limit: ROWS_READ };
      const rows = [...store.orders.getRange(range)];
      next = rows.length < ROWS_READ ? below : rows[rows.length - 1].key + 1;
      const orderIds = rows
        .filter(({ key, value }) => isPrunable(readOrderImage(key, value)))
        .map(({ key }) => key);
      pruned += orderIds.length;
      for (let at = 0; at < orderIds.length || at === 0; at += ROWS_A_PORTION) {
        const portion = Float64Array.from(orderIds.slice(at, at + ROWS_A_PORTION));
        const isLast = at + ROWS_A_PORTION >= orderIds.length;
        const done = isLast ? next : portion[portion.length - 1] + 1;
        await this.maintain({ kind: 'prune-orders', orderIds: portion, below: done });
      }
    }
    return pruned;
  }

  private async pruneTrades(
    state: StateFollower,
    marketId: number,
    toTradeId: number,
  ): Promise<number> {
    const { store } = this;
    const start = new Uint8Array(TRADE_KEY_BYTES);
    writeTradeKey(start, marketId, 0, 0, 0);
    const end = new Uint8Array(TRADE_KEY_BYTES);
    writeTradeKey(end, marketId + 1, 0, 0, 0);
    let pruned = 0;
    for (let isMore = true; isMore; ) {
      this.look();
      store.root.resetReadTxn();
      const keys: Uint8Array[] = [];
      let read = 0;
      for (const { key, value } of store.trades.getRange({ start, end, limit: ROWS_READ })) {
        const trade = readTradeImage(key, value);
        if (trade.tradeId > toTradeId) break;
        read += 1;
        start.set(key);
        const { makerPortfolioId, takerPortfolioId } = trade;
        if (isOutside(state, makerPortfolioId) && isOutside(state, takerPortfolioId)) {
          keys.push(Uint8Array.from(key));
        }
      }
      isMore = read === ROWS_READ;
      pruned += keys.length;
      for (let at = 0; at < keys.length; at += ROWS_A_PORTION) {
        const portion = keys.slice(at, at + ROWS_A_PORTION);
        const bytes = new Uint8Array(portion.length * TRADE_KEY_BYTES);
        for (const [i, key] of portion.entries()) bytes.set(key, i * TRADE_KEY_BYTES);
        await this.maintain({ kind: 'prune-trades', marketId, keys: bytes, toTradeId });
      }
    }
    return pruned;
  }
}

function manifestFor(
  state: StateFollower,
  batch: number,
  seqs: ReadonlyMap<number, number>,
  body: Uint8Array,
): SnapshotManifest {
  return manifestOf(body, {
    batch,
    seconds: state.seconds,
    nanos: state.nanos,
    lastOrderId: state.lastOrderId,
    seqs: [...seqs],
    states: [...state.books].map(([marketId, book]) => [marketId, imageHash(book.image())]),
  });
}

/** Nobody's, or a simulated trader's. */
function isOutside(state: StateFollower, portfolioId: number): boolean {
  return portfolioId === 0 || state.ledger.portfolios.get(portfolioId)?.userId === 0;
}
