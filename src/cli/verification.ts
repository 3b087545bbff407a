import { Buffer } from 'node:buffer';
import { VENUE_EVENT } from '../codec/records.ts';
import type { Market } from '../domain/markets.ts';
import { stateOf } from '../gateway/recover.ts';
import { StateFollower } from '../gateway/state-follower.ts';
import { decodeState, encodeState } from '../gateway/state-image.ts';
import { readVenueEvent } from '../gateway/venue-log.ts';
import { splitSections } from '../journal/sections.ts';
import {
  CLOSING_VERSION,
  listSnapshots,
  readSnapshot,
  type SnapshotManifest,
} from '../journal/snapshots.ts';
import type { JournalStore } from '../journal/store.ts';
import {
  type Rematch,
  type VerifyReport,
  type VerifyStart,
  verifyJournal,
} from '../journal/verify.ts';
import { LedgerAudit } from '../ledger/audit.ts';
import { listedMarket } from '../ledger/postings.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import { listedMarkets, marketOf } from './data-directory.ts';
import { JournalRematch } from './rematch.ts';

export interface Verification extends VerifyReport {
  /** The snapshot it began from; 0 for the first batch. */
  readonly startBatch: number;
  readonly snapshots: number;
  readonly commands: number;
  /** Records of live markets: other exchanges' facts, which cannot be matched again. */
  readonly outside: number;
  readonly assets: number;
  readonly states: readonly { market: string; seq: number; state_hash: string }[];
}

type Transaction = ReturnType<JournalStore['root']['useReadTransaction']>;
type Begin = VerifyStart & { readonly manifest: SnapshotManifest; readonly body: SnapshotBody };
type SnapshotBody = Uint8Array<ArrayBuffer>;

/**
 * Everything that can be checked of a journal, as of one moment: what `verifyJournal` checks, every
 * command matched again from the oldest snapshot on (from the first batch, while that is kept), the
 * state at every later snapshot and at the end, and the ledger: every posting from its event, every
 * asset's sum over all portfolios zero.
 */
export function verifyAll(store: JournalStore): Verification {
  store.root.resetReadTxn();
  const transaction = store.root.useReadTransaction();
  try {
    return new WholeCheck(store, transaction).run();
  } finally {
    transaction.done();
  }
}

class WholeCheck implements Rematch {
  private readonly store: JournalStore;
  private readonly transaction: Transaction;
  private readonly markets: readonly Market[];
  private readonly rematch = new JournalRematch();
  private readonly early: string[] = [];
  /** Snapshots to be met on the way, oldest first. */
  private readonly ahead: { manifest: SnapshotManifest; body: SnapshotBody }[] = [];
  private state: StateFollower;
  private audit = new LedgerAudit();
  private lastBatch = 0;
  private snapshots = 0;
  private readonly differing: string[] = [];

  constructor(store: JournalStore, transaction: Transaction) {
    this.store = store;
    this.transaction = transaction;
    this.markets = listedMarkets(store).map(marketOf);
    this.state = new StateFollower(this.markets, () => undefined);
  }

  run(): Verification {
    const { store, transaction, markets } = this;
    const start = this.findStart();
    if (start !== undefined) this.begin(start);
    this.lastBatch = start?.batch ?? 0;
    const { problems, ...report } = verifyJournal(store, {
      quoteUnitsPerTickLot: new Map(
        markets.map(({ id, quoteUnitsPerTickLot }) => [id, quoteUnitsPerTickLot]),
      ),
      rematch: this,
      start,
      transaction,
      isUsers: (portfolioId) => (this.state.ledger.portfolios.get(portfolioId)?.userId ?? 0) > 0,
    });
    const all = [...this.early, ...problems];
    const assets = this.checkLedger(all);
    return {
      ...report,
      ok: all.length === 0,
      problems: all,
      startBatch: start?.batch ?? 0,
      snapshots: this.snapshots,
      commands: this.rematch.commands,
      outside: this.rematch.outside,
      assets,
      states: this.rematch.states(),
    };
  }

  frame(views: FrameViews, at: number, batch: number): string | undefined {
    if (batch !== this.lastBatch) this.passBatch(batch - 1);
    this.lastBatch = batch;
    this.state.apply(views, at);
    if (frameType(views.i32[(at + 4) >>> 2]) === VENUE_EVENT) {
      this.audit.venueEvent(readVenueEvent(views, at));
    } else this.audit.marketRecord(views, at);
    const found = this.rematch.frame(views, at);
    if (found !== undefined) this.differing.push(found);
    return this.differing.shift();
  }

  end(batch: number): string | undefined {
    this.passBatch(batch);
    return this.differing.join('; ') || this.rematch.compareBooks();
  }

  /** Reads all snapshots; the oldest is where it begins when the first batches are gone. */
  private findStart(): Begin | undefined {
    const { store, transaction } = this;
    for (const { batch, manifest, problem } of listSnapshots(store, transaction).reverse()) {
      if (problem !== undefined) this.early.push(problem);
      if (manifest === undefined) continue;
      try {
        this.ahead.push({ manifest, body: readSnapshot(store, manifest, transaction) });
        this.snapshots += 1;
      } catch (error) {
        this.early.push(error instanceof Error ? error.message : `snapshot ${batch}: ${error}`);
      }
    }
    const [firstBatch = 1] = store.batches.getKeys({ start: 0, limit: 1, transaction });
    if (firstBatch === 1) return undefined;
    const first = this.ahead.shift();
    if (first === undefined) return undefined;
    const { manifest, body } = first;
    return {
      batch: manifest.batch,
      seqs: new Map(manifest.seqs),
      lastOrderId: manifest.lastOrderId,
      openOrders: decodeState(body).orders,
      manifest,
      body,
    };
  }

  private begin({ manifest, body }: Begin): void {
    const image = decodeState(body);
    const open = (): StateFollower =>
      stateOf(this.store, manifest, image, this.markets, () => undefined);
    const [, lastFact = 0] = manifest.seqs.find(([marketId]) => marketId === 0) ?? [];
    const listings = listedMarkets(this.store, lastFact);
    this.state = open();
    // A ledger of its own: the audit changes it by postings while the state changes by records.
    this.audit = new LedgerAudit(open().ledger, listings.map(listedMarket));
    this.rematch.begin(listings, image.books);
    for (const [marketId, hash] of manifest.states) this.compareState(manifest, marketId, hash);
    if (this.differing.length > 0) this.early.push(...this.differing.splice(0));
  }

  /** All frames of a batch were seen: is there a snapshot that says the same? */
  private passBatch(batch: number): void {
    const next = this.ahead[0];
    if (next === undefined || next.manifest.batch > batch) return;
    this.ahead.shift();
    const { manifest, body } = next;
    if (manifest.batch < batch) {
      this.differing.push(
        `snapshot after batch ${manifest.batch}: its batch is not in the journal`,
      );
      return;
    }
    for (const [marketId, hash] of manifest.states) this.compareState(manifest, marketId, hash);
    // What an older version wrote of a state may have other fields.
    if (manifest.version !== CLOSING_VERSION) return;
    const sections = splitSections(encodeState(this.state));
    for (const [name, bytes] of splitSections(body)) {
      const mine = sections.get(name);
      if (mine !== undefined && Buffer.compare(mine, bytes) === 0) continue;
      this.differing.push(
        `snapshot after batch ${batch}: ${name} differs from what the events lead to`,
      );
    }
  }

  private compareState(manifest: SnapshotManifest, marketId: number, hash: string): void {
    const matched = this.rematch.stateHash(marketId);
    if (matched === hash) return;
    const where = `snapshot after batch ${manifest.batch}, market ${marketId}`;
    this.differing.push(`${where}: state ${hash}, ${matched} by matching`);
  }

  /** What the audit found; and its balances, kept posting by posting, against the state's. */
  private checkLedger(problems: string[]): number {
    problems.push(...this.audit.end());
    const assets = new Set<string>();
    for (const { id, balances } of this.state.ledger.portfolios.values()) {
      for (const [asset, { total }] of balances) {
        assets.add(asset);
        const audited = this.audit.ledger.get(id).balances.get(asset)?.total ?? 0;
        if (audited === total) continue;
        problems.push(
          `ledger: portfolio ${id} has ${total} ${asset}, its postings lead to ${audited}`,
        );
      }
    }
    for (const asset of assets) {
      const sum = this.state.ledger.sumOf(asset);
      if (sum !== 0n) problems.push(`ledger: all portfolios' ${asset} sum to ${sum}, not to zero`);
    }
    return assets.size;
  }
}
