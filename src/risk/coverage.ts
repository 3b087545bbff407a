import { type InsufficientData, isInsufficient } from './insufficient.ts';
import { normalQuantile } from './normal.ts';
import { historicalTail, parametricTail, type RiskClaim, type Tail } from './value-at-risk.ts';

/** How often losses went beyond what was claimed of them. */
export interface Coverage {
  readonly days: number;
  readonly exceedances: number;
  /** `days` × (1 - confidence) */
  readonly expected: number;
  /** Kupiec's likelihood ratio; chi-squared with one degree of freedom if the claim holds. */
  readonly likelihoodRatio: number;
  /** The claim does not hold, at 5 %. */
  readonly rejected: boolean;
}

type Estimator = (profits: Float64Array, claim: RiskClaim) => Tail | InsufficientData;
const ESTIMATORS = { historical: historicalTail, parametric: parametricTail } as const;

/**
 * Claims each day's value at risk from the days before it and looks whether its loss was larger.
 * @param window days each claim rests on
 */
export function testCoverage(
  profits: Float64Array,
  method: keyof typeof ESTIMATORS,
  confidence: number,
  window: number,
): Coverage {
  const estimate: Estimator = ESTIMATORS[method];
  let days = 0;
  let exceedances = 0;
  for (let day = window; day < profits.length; day += 1) {
    const tail = estimate(profits.subarray(day - window, day), { confidence, horizonDays: 1 });
    if (isInsufficient(tail)) continue;
    days += 1;
    if (-profits[day] > tail.valueAtRisk) exceedances += 1;
  }
  const likelihoodRatio = kupiecRatio(days, exceedances, 1 - confidence);
  return {
    days,
    exceedances,
    expected: days * (1 - confidence),
    likelihoodRatio,
    rejected: likelihoodRatio > normalQuantile(0.975) ** 2,
  };
}

/**
 * Kupiec's proportion-of-failures test ("Techniques for Verifying the Accuracy of Risk Measurement
 * Models", Journal of Derivatives 3, 1995): how much likelier the share of exceedances that was seen
 * makes them than the share that was claimed, as twice the logarithm.
 */
export function kupiecRatio(days: number, exceedances: number, claimed: number): number {
  const seen = exceedances / days;
  const likelihood = (share: number): number =>
    times(days - exceedances, Math.log(1 - share)) + times(exceedances, Math.log(share));
  return -2 * (likelihood(claimed) - likelihood(seen));
}

/** 0 × -∞ is 0 here: what never happened is no evidence. */
function times(count: number, logarithm: number): number {
  return count === 0 ? 0 : count * logarithm;
}
