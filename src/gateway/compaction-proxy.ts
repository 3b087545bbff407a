import { Worker } from 'node:worker_threads';
import type { Market } from '../domain/markets.ts';
import type { JournalProxy } from '../journal/journal-proxy.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import type { CompactionReport, Retention } from './compaction.ts';
import type { CompactionMessage, CompactionWiring, MaintainReply } from './compaction-thread.ts';

export interface CompactionProxyOptions {
  readonly journal: JournalProxy;
  readonly directory: string;
  readonly markets: readonly Market[];
  readonly retention: Retention;
  /** A snapshot is due after so many bytes of frames … */
  readonly snapshotIntervalBytes: number;
  /** … or after so much time in which anything was committed. */
  readonly snapshotIntervalSeconds: number;
  /** Bytes of frames since the newest snapshot that the start found. */
  readonly bytesBehind: number;
  readonly onReport: (report: CompactionReport) => void;
  /** A run failed: the journal goes on, the next interval tries again. */
  readonly onFailure: (error: Error) => void;
}

/** How often it is looked whether a snapshot is due. */
const LOOK_EVERY_MS = 250;

/**
 * Sees to it that snapshots are taken in time: starts a thread for each run, one at a time, and
 * hands its work on to the journal thread.
 */
export class CompactionProxy {
  private readonly options: CompactionProxyOptions;
  private readonly timer: NodeJS.Timeout;
  /** `journal.metrics.bytes` at the newest snapshot. */
  private bytesAtSnapshot: number;
  private lastRunMs = performance.now();
  private current: Run | undefined;

  constructor(options: CompactionProxyOptions) {
    this.options = options;
    this.bytesAtSnapshot = options.journal.metrics.bytes - options.bytesBehind;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Takes a snapshot now, or waits for the one being taken. */
  async runNow(): Promise<void> {
    this.start();
    await this.current?.ended;
  }

  /** Ends a run under way and starts no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.current?.requestStop();
    await this.current?.ended;
  }

  private look(): void {
    const { journal, snapshotIntervalBytes, snapshotIntervalSeconds } = this.options;
    const newBytes = journal.metrics.bytes - this.bytesAtSnapshot;
    const seconds = (performance.now() - this.lastRunMs) / 1000;
    const isDue = newBytes >= snapshotIntervalBytes || seconds >= snapshotIntervalSeconds;
    if (newBytes > 0 && isDue) this.start();
  }

  private start(): void {
    if (this.current !== undefined || this.options.journal.failure !== undefined) return;
    this.bytesAtSnapshot = this.options.journal.metrics.bytes;
    this.lastRunMs = performance.now();
    const run = new Run(this.options);
    this.current = run;
    void run.ended.then(() => {
      this.current = undefined;
    });
  }
}

/** One run's thread. */
class Run {
  readonly ended: Promise<void>;
  private readonly control = new ThreadControl();
  private readonly worker: Worker;
  private readonly journal: JournalProxy;

  constructor(options: CompactionProxyOptions) {
    const { directory, markets, retention, onReport, onFailure } = options;
    this.journal = options.journal;
    const wiring: CompactionWiring = {
      directory,
      markets,
      retention,
      control: this.control.buffer,
    };
    this.worker = new Worker(new URL('../../workers/compaction.js', import.meta.url), {
      name: 'compaction',
      workerData: wiring,
    });
    this.worker.on('message', (message: CompactionMessage) => {
      if (message.type === 'maintain') void this.maintain(message.id, message.work);
      else if (message.type === 'done' && message.report !== undefined) onReport(message.report);
    });
    this.worker.on('error', (error: Error) => onFailure(error));
    this.ended = new Promise((resolve) => this.worker.on('exit', () => resolve()));
  }

  requestStop(): void {
    this.control.requestStop();
  }

  private async maintain(id: number, work: Parameters<JournalProxy['maintain']>[0]): Promise<void> {
    let detail: string | undefined;
    try {
      const bytes = work.kind === 'snapshot-parts' ? [work.bytes.buffer as ArrayBuffer] : [];
      await this.journal.maintain(work, bytes);
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error);
    }
    const reply: MaintainReply = { id, detail };
    this.worker.postMessage(reply);
  }
}
