import { Worker } from 'node:worker_threads';
import type { Doorbell } from '../rings/doorbell.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { JournalMetrics } from './journal-metrics.ts';
import type { JournalMessage, JournalReady, JournalWiring } from './journal-thread.ts';

export interface JournalProxyOptions
  extends Pick<
    JournalWiring,
    'directory' | 'durability' | 'eventRings' | 'venueRing' | 'quoteUnitsPerTickLot'
  > {
  /** The journal's bell, which producers are given too. */
  readonly bell: Doorbell;
  readonly gatewayBell: Doorbell;
  readonly sessionBell?: Doorbell;
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

/** The worker, and what it says turned into state and promises. */
class JournalLink {
  readonly control = new ThreadControl();
  readonly metrics = new JournalMetrics();
  readonly bell: Doorbell;
  readonly ready: Promise<JournalReady>;
  readonly ended: Promise<void>;
  failure: string | undefined;
  private readonly onFailure: (detail: string) => void;
  private isReady = false;
  private isStopped = false;

  constructor(options: JournalProxyOptions) {
    this.bell = options.bell;
    this.onFailure = options.onFailure;
    const worker = new Worker(new URL('../../workers/journal.js', import.meta.url), {
      name: 'journal',
      workerData: this.wiring(options),
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: JournalMessage) => {
        if (message.type === 'ready') {
          this.isReady = true;
          resolve(message);
        } else if (message.type === 'failed') this.fail(message.detail);
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
        resolve();
      });
    });
  }

  private wiring(options: JournalProxyOptions): JournalWiring {
    return {
      directory: options.directory,
      durability: options.durability,
      eventRings: options.eventRings,
      venueRing: options.venueRing,
      bell: options.bell.buffer,
      gatewayBell: options.gatewayBell.buffer,
      sessionBell: options.sessionBell?.buffer,
      control: this.control.buffer,
      metrics: this.metrics.buffer,
      quoteUnitsPerTickLot: options.quoteUnitsPerTickLot,
    };
  }

  /** A thread that never was ready rejects `ready` instead. */
  private fail(detail: string): void {
    if (!this.isReady || this.failure !== undefined) return;
    this.failure = detail;
    this.onFailure(detail);
  }
}
