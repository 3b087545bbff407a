import type { Doorbell } from '../rings/doorbell.ts';

/** What the loop turns. */
export interface Turning {
  /** One turn; true when there was work. */
  turn(): boolean;
  hasWork(): boolean;
}

/** A sleeping loop looks around this often even if nobody rings. */
const IDLE_MS = 100;

/**
 * The gateway's main loop beside uWebSockets: turns again by `setImmediate` after a turn that
 * worked, so that sockets have their turn too, and else sleeps on its doorbell. It never blocks the
 * thread.
 *
 * It does not poll for replies that are due: what they wait for is the disk, which takes longer
 * than a wake-up, and on few cores the polling is taken from the threads that are waited for.
 */
export class GatewayLoop {
  private readonly engine: Turning;
  private readonly bell: Doorbell;
  private readonly onError: (error: unknown) => void;
  private running = false;
  private failed = false;
  private stopped: (() => void) | undefined;

  constructor(engine: Turning, bell: Doorbell, onError: (error: unknown) => void) {
    this.engine = engine;
    this.bell = bell;
    this.onError = onError;
  }

  start(): void {
    this.running = true;
    setImmediate(this.run);
  }

  /** Resolves when the loop has taken its last turn. */
  stop(): Promise<void> {
    this.running = false;
    if (this.failed) return Promise.resolve();
    return new Promise((resolve) => {
      this.stopped = resolve;
      this.bell.ring();
    });
  }

  private readonly run = (): void => {
    if (!this.running) {
      this.stopped?.();
      return;
    }
    let worked: boolean;
    try {
      worked = this.engine.turn();
    } catch (error) {
      this.running = false;
      this.failed = true;
      this.onError(error);
      return;
    }
    // Work that a turn could not do, because a ring is full, must not keep the sockets waiting.
    if (worked || this.engine.hasWork()) setImmediate(this.run);
    else void this.sleep();
  };

  /** Goes on as soon as the bell rings, without another trip through the event loop. */
  private async sleep(): Promise<void> {
    await this.bell.waitAsync(() => this.engine.hasWork() || !this.running, IDLE_MS);
    this.run();
  }
}
