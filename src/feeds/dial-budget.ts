/** So many dials in a sliding window, not one more: exchanges shut out who dials too often. */
export class DialBudget {
  private readonly max: number;
  private readonly windowMs: number;
  /** When the dials of the window were, oldest first. */
  private readonly dialsMs: number[] = [];

  constructor(max: number, windowMs: number) {
    this.max = max;
    this.windowMs = windowMs;
  }

  /** How long the next dial has to wait, milliseconds; 0: it may go. */
  waitMs(nowMs: number): number {
    while (this.dialsMs.length > 0 && this.dialsMs[0] <= nowMs - this.windowMs)
      this.dialsMs.shift();
    if (this.dialsMs.length < this.max) return 0;
    return this.dialsMs[0] + this.windowMs - nowMs;
  }

  spend(nowMs: number): void {
    this.dialsMs.push(nowMs);
  }
}
