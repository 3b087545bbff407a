/** What an exchange grants in one window, and how much of it we allow ourselves. */
export interface WeightLimits {
  readonly windowMs: number;
  /** Weight per window. */
  readonly weightMax: number;
}

/**
 * Keeps the weight of requests within an exchange's window, as it counts itself: windows begin at
 * multiples of their length, and what the exchange says it has counted is believed when it is more.
 */
export class WeightLimiter {
  private readonly limits: WeightLimits;
  private window = 0;
  private used = 0;
  private blockedUntilMs = 0;

  constructor(limits: WeightLimits) {
    this.limits = limits;
  }

  /** How long a request of this weight has to wait, milliseconds; 0: it may go, and is counted. */
  admit(weight: number, nowMs: number): number {
    this.turn(nowMs);
    if (nowMs < this.blockedUntilMs) return this.blockedUntilMs - nowMs;
    const { windowMs, weightMax } = this.limits;
    if (this.used + weight > weightMax && this.used > 0) {
      return (this.window + 1) * windowMs - nowMs;
    }
    this.used += weight;
    return 0;
  }

  /** What the exchange has counted in its present window (`X-MBX-USED-WEIGHT-1M`). */
  observe(usedWeight: number, nowMs: number): void {
    this.turn(nowMs);
    this.used = Math.max(this.used, usedWeight);
  }

  /** Nothing may go until then: the exchange said so. */
  block(untilMs: number): void {
    this.blockedUntilMs = Math.max(this.blockedUntilMs, untilMs);
  }

  private turn(nowMs: number): void {
    const window = Math.floor(nowMs / this.limits.windowMs);
    if (window === this.window) return;
    this.window = window;
    this.used = 0;
  }
}
