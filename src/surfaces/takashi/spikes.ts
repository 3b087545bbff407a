/** Timeframes that are watched, and the z-score from which on the open interest has a spike. */
export const SPIKE_THRESHOLDS = { '5m': 3, '15m': 2.5, '1h': 2 } as const;
export type SpikeTimeframe = keyof typeof SPIKE_THRESHOLDS;

/** Bars that one is compared with at most, and at least: before that nothing is said. */
export const SPIKE_WINDOW = 96;
export const SPIKE_WINDOW_MIN = 24;

/** Of the timeframe's threshold, what the weaker of the two scores must exceed to confirm. */
const CONFIRMED_SHARE = 2 / 3;

/** What happened in one bar that has ended. */
export interface BarFacts {
  /** Change of the open interest over the bar, lots. */
  readonly interestLots: number;
  readonly volumeLots: number;
}

export interface Spike {
  readonly zOi: number;
  readonly zVol: number;
  /** The volume is out of the ordinary, too. */
  readonly confirmed: boolean;
}

/**
 * Compares the newest bar with the ones before it: how many standard deviations its change of open
 * interest and its volume lie above their means. The bar itself does not enter these, else a spike
 * would hide itself.
 * @param bars oldest first, the one to be judged last; of those before it the newest 96 count
 * @returns `undefined` where there is no spike, and where too little is known
 */
export function spikeOf(bars: readonly BarFacts[], threshold: number): Spike | undefined {
  const before = bars.slice(-SPIKE_WINDOW - 1, -1);
  const newest = bars.at(-1);
  if (newest === undefined || before.length < SPIKE_WINDOW_MIN) return undefined;
  const zOi = zScore(
    newest.interestLots,
    before.map(({ interestLots }) => interestLots),
  );
  const zVol = zScore(
    newest.volumeLots,
    before.map(({ volumeLots }) => volumeLots),
  );
  if (!(zOi > threshold) || Number.isNaN(zVol)) return undefined;
  return { zOi, zVol, confirmed: zVol > threshold * CONFIRMED_SHARE };
}

/** NaN where all values are alike: then nothing says how far is far. */
function zScore(value: number, values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return deviation === 0 ? Number.NaN : (value - mean) / deviation;
}
