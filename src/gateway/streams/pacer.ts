import type { Clock } from '../../lib/clock.ts';

/** Something of which clients are told at most so often. */
export interface Paced {
  /** When it was told last; `-Infinity` before the first time. */
  lastSentMs: number;
}

/**
 * Conflates: what changes is told at once if it has not been told within the interval, else at the
 * interval's end, once, as it is then.
 */
export class Pacer<T extends Paced> {
  private readonly clock: Clock;
  private readonly intervalMs: number;
  private readonly tell: (item: T) => void;
  private readonly waiting = new Set<T>();
  private timer: NodeJS.Timeout | undefined;

  /** @param tell is called with an item whose turn it is */
  constructor(clock: Clock, intervalMs: number, tell: (item: T) => void) {
    this.clock = clock;
    this.intervalMs = intervalMs;
    this.tell = tell;
  }

  /** Something about the item has changed. */
  changed(item: T): void {
    const nowMs = this.clock.nowMs();
    const leftMs = item.lastSentMs + this.intervalMs - nowMs;
    if (leftMs <= 0) this.send(item, nowMs);
    else {
      this.waiting.add(item);
      this.arm(leftMs);
    }
  }

  /** Nobody listens to it any more. */
  forget(item: T): void {
    this.waiting.delete(item);
  }

  /** Tells what has waited long enough; the timer's work. */
  flush(): void {
    const nowMs = this.clock.nowMs();
    let nextMs = this.intervalMs;
    for (const item of this.waiting) {
      const leftMs = item.lastSentMs + this.intervalMs - nowMs;
      if (leftMs <= 0) this.send(item, nowMs);
      else nextMs = Math.min(nextMs, leftMs);
    }
    if (this.waiting.size > 0) this.arm(nextMs);
  }

  private send(item: T, nowMs: number): void {
    this.waiting.delete(item);
    item.lastSentMs = nowMs;
    this.tell(item);
  }

  private arm(delayMs: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, Math.ceil(delayMs));
    this.timer.unref();
  }
}
