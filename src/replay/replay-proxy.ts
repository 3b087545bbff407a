import { Worker } from 'node:worker_threads';
import { Doorbell } from '../rings/doorbell.ts';
import type { SessionWiring } from '../rings/roles.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import type { ReplayOptions, ReplayProgress } from './replay-thread.ts';
import type { ReplayReport } from './report.ts';

/** What the replay thread is started with. */
export interface ReplayWorkerData {
  readonly wiring: SessionWiring;
  readonly options: ReplayOptions;
}

/** What the replay thread tells. */
export type ReplayMessage =
  | { readonly kind: 'progress'; readonly progress: ReplayProgress }
  | { readonly kind: 'finished'; readonly report: ReplayReport };

/** The gateway's side of the replay thread. */
export class ReplayProxy {
  /** Resolves with the report, whose `state_hash` is still `null`; rejects when the thread fails. */
  readonly finished: Promise<ReplayReport>;
  private readonly wiring: SessionWiring;
  private readonly ended: Promise<void>;

  private constructor(
    worker: Worker,
    wiring: SessionWiring,
    onProgress: (progress: ReplayProgress) => void,
  ) {
    this.wiring = wiring;
    this.ended = new Promise((resolve) => worker.on('exit', () => resolve()));
    this.finished = new Promise((resolve, reject) => {
      worker.on('message', (message: ReplayMessage) => {
        if (message.kind === 'progress') onProgress(message.progress);
        else resolve(message.report);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the replay thread ended with code ${code}`)));
    });
    // Whoever asks later still gets the rejection; nobody asking must not end the process.
    this.finished.catch(() => {});
  }

  /** Starts the thread. `wiring` must be that of a session whose event ring reader is attached. */
  static start(
    wiring: SessionWiring,
    options: ReplayOptions,
    onProgress: (progress: ReplayProgress) => void = () => {},
  ): ReplayProxy {
    const workerData: ReplayWorkerData = { wiring, options };
    const entry = new URL('../../workers/replay.js', import.meta.url);
    return new ReplayProxy(new Worker(entry, { workerData }), wiring, onProgress);
  }

  /**
   * Ends the thread: it sends nothing more, reads what is on its way, and reports unless it has. To be
   * called after `finished` too: until then the thread reads on, so that it does not gate the venue.
   * Resolves when the thread has ended.
   */
  async stop(): Promise<void> {
    new ThreadControl(this.wiring.control).requestStop();
    new Doorbell(this.wiring.sessionBell).ring();
    await this.ended;
  }
}
