import type { FeedTimers } from '../../src/feeds/connector-types.ts';

/** Time that passes when a test says so. */
export class ManualTimers implements FeedTimers {
  private timeMs: number;
  private readonly waiting = new Set<{ readonly dueMs: number; readonly call: () => void }>();

  constructor(startMs = 1_700_000_000_000) {
    this.timeMs = startMs;
  }

  nowMs(): number {
    return this.timeMs;
  }

  after(delayMs: number, call: () => void): () => void {
    const entry = { dueMs: this.timeMs + delayMs, call };
    this.waiting.add(entry);
    return () => this.waiting.delete(entry);
  }

  /** Lets time pass; what becomes due meanwhile is called at its moment, in order. */
  pass(durationMs: number): void {
    const endMs = this.timeMs + durationMs;
    for (;;) {
      const due = [...this.waiting].filter(({ dueMs }) => dueMs <= endMs);
      if (due.length === 0) break;
      const next = due.reduce((a, b) => (b.dueMs < a.dueMs ? b : a));
      this.waiting.delete(next);
      this.timeMs = Math.max(this.timeMs, next.dueMs);
      next.call();
    }
    this.timeMs = endMs;
  }

  /** The same, with a turn for promises after each millisecond step. */
  async passSlowly(durationMs: number, stepMs = 10): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += stepMs) {
      this.pass(Math.min(stepMs, durationMs - passed));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get count(): number {
    return this.waiting.size;
  }
}
