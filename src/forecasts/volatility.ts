const DECAY = 0.94;
/** Steps that are looked back; what lies before weighs less than a fortieth. */
const REACH = 60;
/** Prices that stand still have no volatility; forecasts still need a scale. */
const FLOOR = 1e-6;

/**
 * Volatility of one step at a place of a series: exponentially weighted root mean square of the
 * moves up to there (RiskMetrics' 0.94). @param logs logarithms of prices
 */
export function volatilityOf(logs: Float64Array, at: number): number {
  let sum = 0;
  let weights = 0;
  let weight = 1;
  for (let i = at; i > Math.max(0, at - REACH); i -= 1) {
    sum += weight * (logs[i] - logs[i - 1]) ** 2;
    weights += weight;
    weight *= DECAY;
  }
  return weights === 0 ? FLOOR : Math.max(FLOOR, Math.sqrt(sum / weights));
}
