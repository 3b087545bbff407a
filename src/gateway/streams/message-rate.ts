/** Tokens overdrawn at which a client that does not slow down is closed, in bursts. */
const PATIENCE_BURSTS = 10;

/**
 * What one socket may send: a token bucket that fills at the steady rate and holds two seconds'
 * worth. Refused messages are charged too, so that a client which goes on regardless reaches the end
 * of patience and is closed.
 */
export class MessageRate {
  private readonly perSecond: number;
  private readonly burst: number;
  private tokens: number;
  private filledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.burst = 2 * perSecond;
    this.tokens = this.burst;
    this.filledMs = nowMs;
  }

  /**
   * Counts a message.
   * @returns 0 when it may be served, or the whole seconds to wait; `Infinity`: close the socket.
   */
  take(nowMs: number): number {
    const gained = (Math.max(0, nowMs - this.filledMs) * this.perSecond) / 1000;
    this.filledMs = nowMs;
    this.tokens = Math.min(this.burst, this.tokens + gained) - 1;
    if (this.tokens >= 0) return 0;
    if (this.tokens < -PATIENCE_BURSTS * this.burst) return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.ceil(-this.tokens / this.perSecond));
  }
}
