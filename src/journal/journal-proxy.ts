import { Worker } from 'node:worker_threads';
import type { Doorbell } from '../rings/doorbell.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { JournalMetrics } from './journal-metrics.ts';
import type {
  JournalMessage,
  JournalReady,
  JournalWiring,
  MaintenanceRequest,
} from './journal-thread.ts';
import type { MaintenanceWork } from './maintenance.ts';

export interface JournalProxyOptions
  extends Pick<
    JournalWiring,
    'directory' | 'durability' | 'eventRings' | 'venueRing' | 'quoteUnitsPerTickLot'
  > {
  /** Of every market by its id; without it no bars are built. */
  readonly calendars?: JournalWiring['calendars'];
  /** The journal's bell, which producers are given too. */
  readonly bell: Doorbell;
  readonly gatewayBell: Doorbell;
  readonly sessionBells?: readonly Doorbell[];
  /** Called once, when nothing more will be acknowledged. */
  readonly onFailure: (detail: string) => void;
}

/**
 * The gateway's end of the journal thread.
 *
 * Start it before anything opens the journal for reading in this process (see `openStore`), or
 * after all who did have closed it.
 */
export class JournalProxy {
  /** What the journal held when it was opened, and the epoch that began. */
  readonly ready: JournalReady;
  readonly metrics: JournalMetrics;
  private readonly link: JournalLink;

  private constructor(link: JournalLink, ready: JournalReady) {
    this.link = link;
    this.ready = ready;
    this.metrics = link.metrics;
  }

  /**
   * Starts the thread and resolves when it takes frames.
   * @throws when the journal cannot be opened; the message says why
   */
  static async start(options: JournalProxyOptions): Promise<JournalProxy> {
    const link = new JournalLink(options);
    return new JournalProxy(link, await link.ready);
  }

  /** Why the journal stopped acknowledging; `undefined` while all is well. */
  get failure(): string | undefined {
    return this.link.failure;
  }

  /**
   * Gives work to the thread, which does it portion by portion among its batches; resolves when all
   * of it is durable.
   * @param transfer memory of the work that is handed over instead of copied
   * @throws when the journal fails or ends first
   */
  maintain(work: MaintenanceWork, transfer: readonly ArrayBuffer[] = []): Promise<void> {
    return this.link.maintain(work, transfer);
  }

  /** Turns of the thread's loop; stands still when the thread does. */
  loops(): number {
    return this.link.control.loops();
  }

  /**
   * Commits what the rings hold, closes the store, ends the thread. Producers must have stopped
   * before. After a failure nothing is committed any more.
   */
  async stop(): Promise<void> {
    this.link.control.requestStop();
    this.link.bell.ring();
    await this.link.ended;
  }
}

interface MaintenanceWaiter {
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
  /** Asks for the next portion of work that is not done. */
  readonly repeat: () => void;
}

/** The worker, and what it says turned into state and promises. */
class JournalLink {
  readonly control = new ThreadControl();
  readonly metrics = new JournalMetrics();
  readonly bell: Doorbell;
  readonly ready: Promise<JournalReady>;
  readonly ended: Promise<void>;
  failure: string | undefined;
  private readonly onFailure: (detail: string) => void;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, MaintenanceWaiter>();
  private lastRequestId = 0;
  private isReady = false;
  private isStopped = false;

  constructor(options: JournalProxyOptions) {
    this.bell = options.bell;
    this.onFailure = options.onFailure;
    const worker = new Worker(new URL('../../workers/journal.js', import.meta.url), {
      name: 'journal',
      workerData: this.wiring(options),
    });
    this.worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: JournalMessage) => {
        if (message.type === 'ready') {
          this.isReady = true;
          resolve(message);
        } else if (message.type === 'failed') this.fail(message.detail);
        else if (message.type === 'maintained') this.maintained(message.id, message.done);
        else this.isStopped = true;
      });
      worker.on('error', (error) => {
        reject(error);
        this.fail(error.message);
      });
    });
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        if (!this.isStopped) this.fail(`the journal thread ended with code ${code}`);
        this.abandon('the journal has ended');
        resolve();
      });
    });
  }

  maintain(work: MaintenanceWork, transfer: readonly ArrayBuffer[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    this.lastRequestId += 1;
    const id = this.lastRequestId;
    const repeat = (): void => this.send({ id, work }, []);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, repeat });
      this.send({ id, work }, transfer);
    });
  }

  private send(request: MaintenanceRequest, transfer: readonly ArrayBuffer[]): void {
    this.worker.postMessage(request, transfer);
    this.control.announceMail();
    this.bell.ring();
  }

  private maintained(id: number, done: boolean): void {
    const waiter = this.waiting.get(id);
    if (waiter === undefined) return;
    if (!done) {
      waiter.repeat();
      return;
    }
    this.waiting.delete(id);
    waiter.resolve();
  }

  private abandon(why: string): void {
    for (const { reject } of this.waiting.values()) reject(new Error(why));
    this.waiting.clear();
  }

  private wiring(options: JournalProxyOptions): JournalWiring {
    return {
      directory: options.directory,
      durability: options.durability,
      eventRings: options.eventRings,
      venueRing: options.venueRing,
      bell: options.bell.buffer,
      gatewayBell: options.gatewayBell.buffer,
      sessionBells: (options.sessionBells ?? []).map(({ buffer }) => buffer),
      control: this.control.buffer,
      metrics: this.metrics.buffer,
      quoteUnitsPerTickLot: options.quoteUnitsPerTickLot,
      calendars: options.calendars,
    };
  }

  /** A thread that never was ready rejects `ready` instead. */
  private fail(detail: string): void {
    if (!this.isReady || this.failure !== undefined) return;
    this.failure = detail;
    this.abandon(detail);
    this.onFailure(detail);
  }
}
