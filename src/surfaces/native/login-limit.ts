const FAILURES_MAX = 5;
const WINDOW_MS = 60_000;

/** Bounds how often one connection may fail to log in: five times within any minute. */
export class LoginLimit {
  /** Times of the failures within the last minute, oldest first. */
  private failures: number[] = [];

  /** Whole seconds to wait before the next attempt; 0 when it may be made now. */
  waitSeconds(nowMs: number): number {
    this.failures = this.failures.filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (this.failures.length < FAILURES_MAX) return 0;
    return Math.ceil((this.failures[0] + WINDOW_MS - nowMs) / 1000);
  }

  failed(nowMs: number): void {
    this.failures.push(nowMs);
  }
}
