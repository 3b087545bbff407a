/** Weight of the past after `elapsed` at a given half-life. */
function kept(elapsed: number, halfLife: number): number {
  return 2 ** (-elapsed / halfLife);
}

/**
 * What a market maker has to know of a market, measured: how far the price wanders in a second, how often
 * somebody takes liquidity, and how far from the middle takers reach. All of it forgets with one
 * half-life, and none of it is known before there was enough to measure.
 */
export class FlowMeasures {
  private halfLifeSeconds: number;
  private variance = 0;
  private varianceSeconds = 0;
  private lastMid = 0;
  private lastMs = 0;
  private reach = 0;
  private reachWeight = 0;
  private arrivals = 0;
  private arrivalsMs = 0;

  constructor(halfLifeSeconds: number) {
    this.halfLifeSeconds = halfLifeSeconds;
  }

  configure(halfLifeSeconds: number): void {
    this.halfLifeSeconds = halfLifeSeconds;
  }

  /** True when another middle is wanted: four a second are enough. */
  isDue(nowMs: number): boolean {
    return this.lastMid === 0 || nowMs - this.lastMs >= 250;
  }

  /** The middle of the touch at this time. */
  observeMid(nowMs: number, midTicks: number): void {
    const seconds = (nowMs - this.lastMs) / 1000;
    if (this.lastMid !== 0) {
      const weight = kept(seconds, this.halfLifeSeconds);
      this.variance = this.variance * weight + (midTicks - this.lastMid) ** 2;
      this.varianceSeconds = this.varianceSeconds * weight + seconds;
    }
    this.lastMid = midTicks;
    this.lastMs = nowMs;
  }

  /** Somebody took liquidity so far from the middle, in ticks. */
  observeTaker(nowMs: number, distanceTicks: number): void {
    const weight = kept((nowMs - this.arrivalsMs) / 1000, this.halfLifeSeconds);
    this.arrivals = this.arrivals * weight + 1;
    this.arrivalsMs = nowMs;
    this.reach = this.reach * weight + Math.max(0, distanceTicks);
    this.reachWeight = this.reachWeight * weight + 1;
  }

  /** True when a few seconds of prices have been seen. */
  get isReady(): boolean {
    return this.varianceSeconds >= 2;
  }

  /** Standard deviation of the price over one second, in ticks. */
  get volatilityTicks(): number {
    return this.varianceSeconds === 0 ? 0 : Math.sqrt(this.variance / this.varianceSeconds);
  }

  /**
   * How fast the intensity of takers falls with the distance from the middle, per tick: of an exponential
   * law the best estimate is one over the mean distance reached.
   */
  get intensityDecayPerTick(): number {
    if (this.reachWeight < 3) return 1;
    return 1 / Math.max(0.25, this.reach / this.reachWeight);
  }

  /** Takers per second as of the newest one. */
  get takersPerSecond(): number {
    return (this.arrivals * Math.LN2) / this.halfLifeSeconds;
  }
}
