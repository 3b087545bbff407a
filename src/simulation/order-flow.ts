import type { Prng } from '../lib/prng.ts';

/**
 * Arrivals that excite further arrivals (Hawkes 1971), with two exponential memories: a fast one
 * that makes bursts within a second and a slow one that makes busy and quiet minutes.
 */
const FAST_SECONDS = 0.5;
const SLOW_SECONDS = 20;
/** Mean number of arrivals one arrival causes through each memory. */
const FAST_OFFSPRING = 0.3;
const SLOW_OFFSPRING = 0.25;
const SHARE_UNCAUSED = 1 - FAST_OFFSPRING - SLOW_OFFSPRING;
/** One step never brings more, whatever excited it. */
const ARRIVALS_PER_STEP_MAX = 200;

export class HawkesFlow {
  private readonly prng: Prng;
  /** Arrivals per second above the uncaused ones. */
  private fast = 0;
  private slow: number;

  /** @param meanPerSecond arrivals per second to start from, as after a long time at that mean */
  constructor(prng: Prng, meanPerSecond: number) {
    this.prng = prng;
    this.slow = SLOW_OFFSPRING * meanPerSecond;
  }

  /** Arrivals in a step, given the mean rate the flow would settle at if nothing else excited it. */
  arrivals(elapsedMs: number, meanPerSecond: number): number {
    const seconds = elapsedMs / 1000;
    const intensity = SHARE_UNCAUSED * meanPerSecond + this.fast + this.slow;
    const count = poisson(this.prng, intensity * seconds);
    this.fast *= Math.exp(-seconds / FAST_SECONDS);
    this.slow *= Math.exp(-seconds / SLOW_SECONDS);
    this.fast += (count * FAST_OFFSPRING) / FAST_SECONDS;
    this.slow += (count * SLOW_OFFSPRING) / SLOW_SECONDS;
    return count;
  }

  /** Something happened that makes the given number of arrivals more likely within the second. */
  excite(arrivals: number): void {
    this.fast += arrivals / FAST_SECONDS;
  }
}

/** A Poisson number by counting exponential waits; fine for the small means of one step. */
function poisson(prng: Prng, mean: number): number {
  let count = 0;
  let time = prng.exponential(1);
  while (time < mean && count < ARRIVALS_PER_STEP_MAX) {
    count += 1;
    time += prng.exponential(1);
  }
  return count;
}

/** Time over which the governor averages what was sent. */
const GOVERNOR_SECONDS = 90;
const GAIN_MIN = 0.1;
const GAIN_MAX = 3;

/**
 * Keeps the mean number of commands per second at its target: how many commands an arrival takes,
 * and how many arrivals the market's own events excite, is measured instead of assumed.
 */
export class RateGovernor {
  private readonly targetPerSecond: number;
  private averagePerSecond: number;
  private gain = 0.5;

  constructor(targetPerSecond: number) {
    this.targetPerSecond = targetPerSecond;
    this.averagePerSecond = targetPerSecond;
  }

  /** Mean arrivals per second to ask of the flow. */
  get arrivalsPerSecond(): number {
    return this.targetPerSecond * this.gain;
  }

  record(commands: number, elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    const weight = 1 - Math.exp(-seconds / GOVERNOR_SECONDS);
    this.averagePerSecond += weight * (commands / seconds - this.averagePerSecond);
    const excess = this.averagePerSecond / this.targetPerSecond - 1;
    const gain = this.gain * Math.exp((-excess * seconds) / GOVERNOR_SECONDS);
    this.gain = Math.min(GAIN_MAX, Math.max(GAIN_MIN, gain));
  }
}
