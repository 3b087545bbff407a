import { Worker } from 'node:worker_threads';
import { LIMITS } from '../config/limits.ts';
import { Doorbell } from '../rings/doorbell.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import type { FromStrategies, StrategiesWorkerData, ToStrategies } from './worker-messages.ts';

/** A thread that does not leave its loop in this time is ended. */
const STOP_TIMEOUT_MS = 1_000;

export interface ProxyListeners {
  onMessage(message: FromStrategies): void;
  /** The thread ended without having been told to; called once. */
  onCrash(why: string): void;
}

/** The strategies' thread as the gateway holds it. */
export class StrategiesProxy {
  private readonly worker: Worker;
  private readonly control: ThreadControl;
  private readonly bell: Doorbell;
  private readonly exited: Promise<void>;
  private stopping = false;

  constructor(data: StrategiesWorkerData, listeners: ProxyListeners) {
    this.control = new ThreadControl(data.wiring.control);
    this.bell = new Doorbell(data.wiring.sessionBell);
    this.worker = new Worker(new URL('../../workers/strategies.js', import.meta.url), {
      name: 'strategies',
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: LIMITS.strategyHeapMib },
    });
    this.worker.on('message', (message: FromStrategies) => {
      if (!this.stopping) listeners.onMessage(message);
    });
    let cause: string | undefined;
    this.worker.on('error', (error) => {
      cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    });
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        resolve();
        if (!this.stopping) listeners.onCrash(cause ?? `the thread ended with code ${code}`);
      });
    });
  }

  send(message: ToStrategies): void {
    this.worker.postMessage(message);
  }

  /** Turns of the thread's loop so far: shows that it lives. */
  loops(): number {
    return this.control.loops();
  }

  /** Ends the thread, wherever it is; `onCrash` is called. */
  kill(): void {
    void this.worker.terminate();
  }

  /** Lets the thread finish its turn and waits for its end. Its orders stay in the books. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.control.requestStop();
    this.bell.ring();
    const timer = setTimeout(() => void this.worker.terminate(), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }
}
