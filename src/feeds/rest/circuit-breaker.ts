export interface BreakerLimits {
  /** Failures in a row that open the circuit. */
  readonly failuresMax: number;
  /** How long it stays open first; doubled with every trial that fails, … */
  readonly openMs: number;
  /** … up to this. */
  readonly openMaxMs: number;
}

/**
 * After several failures in a row an exchange is left alone: who asks gets a failure at once. When
 * the pause is over one request is let through; it decides for all.
 */
export class CircuitBreaker {
  private readonly limits: BreakerLimits;
  private failures = 0;
  private trials = 0;
  private openUntilMs = 0;
  private isTrying = false;

  constructor(limits: BreakerLimits) {
    this.limits = limits;
  }

  /** 0: ask, and say how it went. Otherwise how long to leave the exchange alone, milliseconds. */
  waitMs(nowMs: number): number {
    if (this.failures < this.limits.failuresMax) return 0;
    if (nowMs < this.openUntilMs) return this.openUntilMs - nowMs;
    if (this.isTrying) return Math.max(1, this.limits.openMs);
    this.isTrying = true;
    return 0;
  }

  succeeded(): void {
    this.failures = 0;
    this.trials = 0;
    this.isTrying = false;
  }

  failed(nowMs: number): void {
    this.failures += 1;
    if (this.failures < this.limits.failuresMax) return;
    const { openMs, openMaxMs } = this.limits;
    this.openUntilMs = nowMs + Math.min(openMaxMs, openMs * 2 ** Math.min(this.trials, 20));
    this.trials += 1;
    this.isTrying = false;
  }

  /** A request that ended without saying anything of the exchange's health. */
  undecided(): void {
    this.isTrying = false;
  }
}
