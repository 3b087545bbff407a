import { type InsufficientData, insufficientData, observationsFor } from './insufficient.ts';
import { deviation, mean, sortedQuantile } from './moments.ts';
import { normalDensity, normalQuantile } from './normal.ts';

export type RiskMethod = 'historical' | 'parametric' | 'monte_carlo';

/** The loss that is not exceeded with this probability over so many days. */
export interface RiskClaim {
  /** At least 0.5, below 1. */
  readonly confidence: number;
  /** Days of trading, at least 1. */
  readonly horizonDays: number;
}

/** Losses are positive, in the unit of the profits they were computed from. */
export interface Tail {
  readonly valueAtRisk: number;
  /** Mean loss where it is at least as large as that. */
  readonly expectedShortfall: number;
}

/** Losses of a day made those of several: as if days were independent, by the root of their number. */
export type HorizonScaling = 'sqrt_time' | 'overlapping';

/**
 * Historical simulation: the quantile of the losses that today's positions would have made on each
 * day (type 7, see `sortedQuantile`), and the mean of those at or beyond it; both times √days.
 * @param profits of each day, in any unit
 */
export function historicalTail(
  profits: Float64Array,
  { confidence, horizonDays }: RiskClaim,
): Tail | InsufficientData {
  const needed = observationsFor(confidence);
  if (profits.length < needed) return lacking('historical', confidence, needed, profits.length);
  return scaled(tailOfProfits(profits, confidence), Math.sqrt(horizonDays));
}

/**
 * The same from profits over whole horizons, one for each day on which one ends. They overlap, so
 * that only one in `horizonDays` says something of its own, and so many must there be.
 */
export function overlappingTail(
  profits: Float64Array,
  { confidence, horizonDays }: RiskClaim,
): Tail | InsufficientData {
  const needed = observationsFor(confidence);
  const independent = Math.ceil(profits.length / horizonDays);
  if (independent < needed) return lacking('overlapping', confidence, needed, independent);
  return tailOfProfits(profits, confidence);
}

/**
 * Variance and covariance: profits taken as normal with the mean and deviation of the sample, the
 * mean growing with the days and the deviation with their root.
 */
export function parametricTail(
  profits: Float64Array,
  { confidence, horizonDays }: RiskClaim,
): Tail | InsufficientData {
  const needed = observationsFor(confidence);
  if (profits.length < needed) return lacking('parametric', confidence, needed, profits.length);
  const expected = mean(profits) * horizonDays;
  const spread = deviation(profits) * Math.sqrt(horizonDays);
  const z = normalQuantile(confidence);
  return {
    valueAtRisk: spread * z - expected,
    expectedShortfall: (spread * normalDensity(z)) / (1 - confidence) - expected,
  };
}

/** What a history would have to carry for a claim of whatever method. */
export function lacking(
  method: string,
  confidence: number,
  needed: number,
  observations: number,
): InsufficientData {
  const percent = Number((confidence * 100).toPrecision(10));
  return insufficientData(`${method} value at risk at ${percent} %`, needed, observations);
}

function tailOfProfits(profits: Float64Array, confidence: number): Tail {
  const losses = new Float64Array(profits.length);
  for (let i = 0; i < losses.length; i += 1) losses[i] = -profits[i];
  return tailOfLosses(losses.sort(), confidence);
}

/** @param losses sorted, the largest last */
export function tailOfLosses(losses: Float64Array, confidence: number): Tail {
  const valueAtRisk = sortedQuantile(losses, confidence);
  let sum = 0;
  let count = 0;
  for (let i = losses.length - 1; i >= 0 && losses[i] >= valueAtRisk; i -= 1) {
    sum += losses[i];
    count += 1;
  }
  return { valueAtRisk, expectedShortfall: count === 0 ? valueAtRisk : sum / count };
}

function scaled({ valueAtRisk, expectedShortfall }: Tail, factor: number): Tail {
  return {
    valueAtRisk: valueAtRisk * factor,
    expectedShortfall: expectedShortfall * factor,
  };
}
