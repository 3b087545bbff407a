import { barCalendar, type CalendarEntry } from '../config/calendars.ts';
import { ThreadFailpoint } from '../lib/thread-failpoint.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { Ring } from '../rings/ring.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { CandleTable } from './candle-table.ts';
import { type Chore, Committer } from './committer.ts';
import { DerivedTables, type TableWriter } from './derived-tables.ts';
import { FactsTable } from './facts.ts';
import { Failpoints } from './failpoints.ts';
import { JournalMetrics } from './journal-metrics.ts';
import { failpointOf, type MaintenanceWork, maintain } from './maintenance.ts';
import { migrate } from './migration.ts';
import { type Durability, type JournalStore, lastKey, openStore } from './store.ts';

/** A ring's memory and how many readers it was made for. */
export interface RingWiring {
  readonly buffer: SharedArrayBuffer;
  readonly readers: number;
}

/** What the journal thread is given. */
export interface JournalWiring {
  readonly directory: string;
  readonly durability: Durability;
  /** Every market worker's event ring. */
  readonly eventRings: readonly RingWiring[];
  /** Venue facts from the gateway. */
  readonly venueRing: RingWiring;
  /** The journal's own; producers ring it after publishing. */
  readonly bell: SharedArrayBuffer;
  /** Rung after every commit. */
  readonly gatewayBell: SharedArrayBuffer;
  /** Rung after every commit, where a session runs. */
  readonly sessionBells: readonly SharedArrayBuffer[];
  readonly control: SharedArrayBuffer;
  readonly metrics: SharedArrayBuffer;
  /** Of every market by its id: smallest quote units in one tick × lot. */
  readonly quoteUnitsPerTickLot: ReadonlyMap<number, number>;
  /**
   * Of every market by its id, for its bars. Without it no bars are built; a start that knows the
   * calendars builds them from the batches.
   */
  readonly calendars: ReadonlyMap<number, CalendarEntry | null> | undefined;
}

/** What the journal held when it was opened. */
export interface JournalReady {
  readonly epoch: number;
  readonly lastBatch: number;
  /** Greatest order id in the orders table; 0 when there is none. */
  readonly lastOrderId: number;
  /** Last sequence by market id; the next frame of a market must carry the next one. */
  readonly lastSeqs: ReadonlyMap<number, number>;
}

export type JournalMessage =
  | ({ readonly type: 'ready' } & JournalReady)
  | { readonly type: 'failed'; readonly detail: string }
  /** A portion of the work is durable; `done` when nothing of it is left. */
  | { readonly type: 'maintained'; readonly id: number; readonly done: boolean }
  | { readonly type: 'stopped' };

/** A portion of work to go into the next transaction. */
export interface MaintenanceRequest {
  readonly id: number;
  readonly work: MaintenanceWork;
}

/** A sleeping thread looks around this often even if nobody rings. */
const IDLE_MS = 1000;

/**
 * The journal thread: waits on its bell, commits, rings those who wait for what is durable. After a
 * failure it commits nothing, releases nothing, and waits for the stop.
 */
export class JournalThread {
  private readonly post: (message: JournalMessage) => void;
  private readonly store: JournalStore;
  private readonly committer: Committer;
  private readonly control: ThreadControl;
  private readonly bell: Doorbell;
  private readonly waiting: readonly Doorbell[];
  private readonly metrics: JournalMetrics;
  private readonly receive: () => MaintenanceRequest | undefined;
  private hasRequests = false;
  private readonly failpoint: ThreadFailpoint;

  /**
   * @param failpoints as in `OPENBELL_FAILPOINT`
   * @param receive takes the next request posted to the thread, `undefined` when there is none
   */
  constructor(
    wiring: JournalWiring,
    failpoints: string,
    post: (message: JournalMessage) => void,
    receive: () => MaintenanceRequest | undefined,
  ) {
    this.post = post;
    this.receive = receive;
    this.failpoint = new ThreadFailpoint('journal', failpoints);
    this.control = new ThreadControl(wiring.control);
    this.bell = new Doorbell(wiring.bell);
    const { gatewayBell, sessionBells } = wiring;
    this.waiting = [gatewayBell, ...sessionBells].map((buffer) => new Doorbell(buffer));
    this.metrics = new JournalMetrics(wiring.metrics);
    this.store = openStore(wiring.directory, { readOnly: false, durability: wiring.durability });
    migrate(this.store);
    const rings = [...wiring.eventRings, wiring.venueRing];
    const onFlushed = (flushes: number): void => this.metrics.setTableFlushes(flushes);
    const orders = DerivedTables.open(this.store, wiring.quoteUnitsPerTickLot, { onFlushed });
    const tables: TableWriter[] = [orders, new FactsTable(this.store)];
    if (wiring.calendars !== undefined) {
      const calendars = [...wiring.calendars].map(
        ([id, entry]) => [id, barCalendar(entry)] as const,
      );
      tables.push(CandleTable.open(this.store, new Map(calendars)));
    }
    this.committer = new Committer({
      store: this.store,
      rings: rings.map(({ buffer, readers }) => new Ring(buffer, readers)),
      tables,
      failpoints: new Failpoints(failpoints),
    });
  }

  /** Runs until the stop is requested and the rings are empty, then closes the store. */
  async run(): Promise<void> {
    const { committer, store } = this;
    this.post({
      type: 'ready',
      epoch: store.epoch,
      lastBatch: committer.lastBatch,
      lastOrderId: lastKey(store.orders),
      lastSeqs: committer.lastSeqs(),
    });
    try {
      this.commitUntilStopped();
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const detail = `batch ${committer.lastBatch + 1} was not committed: ${reason}`;
      this.post({ type: 'failed', detail });
      this.waitForStop();
    }
    store.root.resetReadTxn();
    await store.close();
    this.post({ type: 'stopped' });
  }

  private commitUntilStopped(): void {
    const { committer, control, bell } = this;
    const hasWork = (): boolean =>
      committer.hasWork() || control.hasMail() || control.stopRequested();
    // A reader that stays would keep every page from being used again.
    this.store.root.resetReadTxn();
    for (;;) {
      control.countLoop();
      // Read before the rings: who requests the stop has stopped publishing.
      const stopping = control.stopRequested();
      const committed = this.commit();
      if (committed || this.hasRequests) continue;
      if (stopping) {
        committer.settle();
        return;
      }
      bell.wait(hasWork, Math.max(0, Math.min(IDLE_MS, committer.waitsMs())));
    }
  }

  private commit(): boolean {
    const { committer } = this;
    if (committer.hasWork()) this.failpoint.reach();
    const startMs = performance.now();
    const frames = committer.commit(this.nextChore());
    if (frames === 0) return false;
    const micros = Math.round((performance.now() - startMs) * 1000);
    this.metrics.count(frames, committer.lastFrameBytes, micros);
    for (const bell of this.waiting) bell.ring();
    return true;
  }

  /** One request a transaction, so that clients' batches wait for a portion at most. */
  private nextChore(): Chore | undefined {
    if (this.control.takeMail()) this.hasRequests = true;
    if (!this.hasRequests) return undefined;
    const request = this.receive();
    this.hasRequests = request !== undefined;
    if (request === undefined) return undefined;
    const { id, work } = request;
    let isDone = false;
    return {
      failpoint: failpointOf(work),
      run: () => {
        isDone = maintain(this.store, work);
      },
      done: () => this.post({ type: 'maintained', id, done: isDone }),
    };
  }

  private waitForStop(): void {
    const { control } = this;
    const stopRequested = (): boolean => control.stopRequested();
    while (!stopRequested()) {
      control.countLoop();
      this.bell.wait(stopRequested, IDLE_MS);
    }
  }
}
