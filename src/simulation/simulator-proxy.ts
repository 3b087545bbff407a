import { Worker } from 'node:worker_threads';
import { Doorbell } from '../rings/doorbell.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import type { SimulatorReady, SimulatorWorkerData } from './worker-data.ts';

/** A thread that does not leave its loop in this time is ended. */
const STOP_TIMEOUT_MS = 2_000;

/** The simulator as the gateway holds it. */
export class SimulatorProxy {
  /** Resolves when the thread is attached to its rings; rejects when it could not start. */
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly control: ThreadControl;
  private readonly bell: Doorbell;
  private readonly exited: Promise<void>;
  private stopping = false;

  private constructor(data: SimulatorWorkerData, onFailure: (error: Error) => void) {
    this.control = new ThreadControl(data.wiring.control);
    this.bell = new Doorbell(data.wiring.sessionBell);
    this.worker = new Worker(new URL('../../workers/simulator.js', import.meta.url), {
      name: 'simulator',
      workerData: data,
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: SimulatorReady) => {
        if (message.type === 'ready') resolve();
      });
      this.worker.on('error', reject);
      this.worker.on('exit', (code) => reject(new Error(`simulator ended with code ${code}`)));
    });
    // Whoever does not wait for the start still hears of a failure through `onFailure`.
    this.ready.catch(() => undefined);
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', () => resolve());
    });
    let cause: Error | undefined;
    this.worker.on('error', (error) => {
      cause = error as Error;
    });
    this.worker.on('exit', (code) => {
      if (this.stopping) return;
      onFailure(cause ?? new Error(`simulator ended by itself with code ${code}`));
    });
  }

  /**
   * Starts the simulator's thread.
   * @param onFailure called when the thread ends without having been told to
   */
  static start(data: SimulatorWorkerData, onFailure: (error: Error) => void): SimulatorProxy {
    return new SimulatorProxy(data, onFailure);
  }

  /** Turns of the thread's loop so far: shows that it lives. */
  loops(): number {
    return this.control.loops();
  }

  /** Lets the thread finish its tick and waits for its end. Its orders stay in the books. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.control.requestStop();
    this.bell.ring();
    const timer = setTimeout(() => void this.worker.terminate(), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }
}
