import type { MarketRegistry } from '../config/markets.ts';
import type { BarCalendar } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { STALE_DISCONNECTED } from '../domain/outside.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import { JournalCorruptError } from '../journal/errors.ts';
import { readFacts } from '../journal/facts.ts';
import { type RecoveryStart, type RecoverySummary, readFrames } from '../journal/recovery.ts';
import { listSnapshots, readSnapshot, type SnapshotManifest } from '../journal/snapshots.ts';
import type { JournalStore } from '../journal/store.ts';
import type { BookFollower } from '../matching/book-follower.ts';
import type { NewsArchive } from '../sentiment/news-archive.ts';
import type { Accounts } from './accounts.ts';
import type { GatewayState } from './apply.ts';
import { StateFollower } from './state-follower.ts';
import { decodeState, restoreState, type StateImage } from './state-image.ts';
import type { WebhookState } from './webhooks/webhook-state.ts';

/** The gateway's whole state as the journal tells it, and the books for the market workers. */
export interface RecoveredState extends GatewayState {
  readonly accounts: Accounts;
  readonly webhooks: WebhookState;
  readonly news: NewsArchive;
  /** One per market that has events. */
  readonly books: ReadonlyMap<number, BookFollower>;
  /** Newest request id of an in-process session that became durable, by session id. */
  readonly lastRequestIds: ReadonlyMap<number, number>;
  /** Of what was read after the snapshot; sequences and the last order id are of all there is. */
  readonly summary: RecoverySummary;
  /** Batch of the snapshot it started from; 0 without one. */
  readonly snapshotBatch: number;
  /** What was passed over on the way, in sentences: damaged snapshots. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/**
 * Recovery: the newest snapshot that can be read, then every event after it, applied in order
 * without matching anything again.
 * @param onVenueEvent sees every fact of the venue, for rooms that keep their own state of them
 * @throws JournalCorruptError when no snapshot can be read and the batches no longer go back to the
 *   first, or when what is needed of the batches is damaged
 */
export function recover(
  store: JournalStore,
  markets: MarketRegistry,
  onVenueEvent: (event: VenueEvent) => void,
): RecoveredState {
  const started = performance.now();
  const { state, from, snapshotBatch, warnings } = openState(
    store,
    markets.all,
    onVenueEvent,
    (market) => markets.opening(market).calendar.bars,
  );
  const read = readFrames(store, from, (frame, at) => state.apply(frame, at));
  // The book of another exchange has gone on meanwhile: nothing is known of it until it is told anew.
  for (const view of state.views.all) {
    if (view.outside.isLive) view.distrustBook(STALE_DISCONNECTED);
  }
  state.restoreHolds();
  const { ledger, accounts, orders, views, deployments, webhooks, news } = state;
  const { books, lastRequestIds, lastOrderId } = state;
  const summary = { ...read, lastOrderId };
  const seconds = (performance.now() - started) / 1000;
  return {
    ledger,
    accounts,
    orders,
    views,
    deployments,
    webhooks,
    news,
    books,
    lastRequestIds,
    summary,
    snapshotBatch,
    warnings,
    seconds,
  };
}

export interface OpenedState {
  readonly state: StateFollower;
  /** Where the events begin that are to be applied to it. */
  readonly from: RecoveryStart;
  readonly snapshotBatch: number;
  readonly warnings: readonly string[];
}

/** A follower in the state of the newest snapshot that can be read, or at the very beginning. */
export function openState(
  store: JournalStore,
  markets: readonly Market[],
  onVenueEvent: (event: VenueEvent) => void,
  calendarOf?: (market: Market) => BarCalendar,
): OpenedState {
  store.root.resetReadTxn();
  const warnings: string[] = [];
  for (const { batch, manifest, problem } of listSnapshots(store)) {
    if (manifest === undefined) {
      warnings.push(problem ?? `snapshot after batch ${batch}: it was never finished`);
      continue;
    }
    try {
      const image = decodeState(readSnapshot(store, manifest));
      const state = stateOf(store, manifest, image, markets, onVenueEvent, calendarOf);
      const from = { batch: batch + 1, seqs: new Map(manifest.seqs) };
      return { state, from, snapshotBatch: batch, warnings };
    } catch (error) {
      warnings.push(error instanceof Error ? error.message : String(error));
    }
  }
  const [firstBatch = 1] = store.batches.getKeys({ start: 0, limit: 1 });
  if (firstBatch !== 1) {
    throw new JournalCorruptError(
      `no snapshot can be read, and the batches before this one are gone (${warnings.join('; ')})`,
      { batch: firstBatch, byteOffset: 0 },
    );
  }
  const state = new StateFollower(markets, onVenueEvent, calendarOf);
  return { state, from: { batch: 1, seqs: new Map() }, snapshotBatch: 0, warnings };
}

/** A follower in the state of one snapshot. */
export function stateOf(
  store: JournalStore,
  manifest: SnapshotManifest,
  image: StateImage,
  markets: readonly Market[],
  onVenueEvent: (event: VenueEvent) => void,
  calendarOf?: (market: Market) => BarCalendar,
): StateFollower {
  // Told only when all of it could be read: what is told cannot be taken back.
  const learnt: VenueEvent[] = [];
  let tell = (event: VenueEvent): void => void learnt.push(event);
  const state = new StateFollower(markets, (event) => tell(event), calendarOf);
  const [, lastFact = 0] = manifest.seqs.find(([marketId]) => marketId === 0) ?? [];
  for (const { json, seconds, nanos } of readFacts(store, 1, lastFact)) {
    state.learn(JSON.parse(json) as VenueEvent, seconds * 1000 + Math.floor(nanos / 1_000_000));
  }
  restoreState(state, image);
  state.lastOrderId = manifest.lastOrderId;
  state.seconds = manifest.seconds;
  state.nanos = manifest.nanos;
  tell = onVenueEvent;
  for (const event of learnt) tell(event);
  return state;
}
