/** How long the strategies' thread is left down after it failed, and how often it may. */
export interface RestartPolicyOptions {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Failures within `windowMs` after which it stays down. */
  readonly failuresMax: number;
  readonly windowMs: number;
}

export const RESTART_POLICY: RestartPolicyOptions = {
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  failuresMax: 5,
  windowMs: 60_000,
};

/** Each failure within the window doubles the pause before the next start. */
export class RestartPolicy {
  private readonly options: RestartPolicyOptions;
  private failuresMs: number[] = [];

  constructor(options: RestartPolicyOptions = RESTART_POLICY) {
    this.options = options;
  }

  /** @returns how long to wait before the next start, or `undefined`: give up */
  failed(nowMs: number): number | undefined {
    const { firstPauseMs, longestPauseMs, failuresMax, windowMs } = this.options;
    this.failuresMs = this.failuresMs.filter((atMs) => atMs > nowMs - windowMs);
    this.failuresMs.push(nowMs);
    const count = this.failuresMs.length;
    if (count >= failuresMax) {
      this.failuresMs = [];
      return undefined;
    }
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (count - 1));
  }
}
