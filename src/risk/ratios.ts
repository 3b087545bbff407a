import { covariance, deviation, mean, NO_DEVIATION } from './moments.ts';

/** How returns become figures of a year. */
export interface Year {
  /** Returns in a year: 252 where exchanges keep days of trading, 365 where they never close. */
  readonly periods: number;
  /** What money earns without risk, as a fraction a year. */
  readonly riskFreeRate: number;
}

/** Standard deviation of returns, annualised. */
export function volatility(returns: Float64Array, { periods }: Year): number {
  return deviation(returns) * Math.sqrt(periods);
}

/**
 * Mean excess return over its standard deviation, annualised (Sharpe 1994); `null` without any
 * deviation.
 */
export function sharpeRatio(returns: Float64Array, year: Year): number | null {
  const spread = deviation(returns);
  if (!(spread > NO_DEVIATION)) return null;
  return ((mean(returns) - riskFree(year)) / spread) * Math.sqrt(year.periods);
}

/**
 * Mean excess return over the deviation below the risk-free return, the root of the mean square
 * over all observations, annualised (Sortino and Price 1994); `null` when nothing fell below.
 */
export function sortinoRatio(returns: Float64Array, year: Year): number | null {
  const target = riskFree(year);
  let squares = 0;
  for (let i = 0; i < returns.length; i += 1) {
    const short = Math.min(0, returns[i] - target);
    squares += short * short;
  }
  const downside = Math.sqrt(squares / returns.length);
  if (!(downside > NO_DEVIATION)) return null;
  return ((mean(returns) - target) / downside) * Math.sqrt(year.periods);
}

/** The largest fall of compounded returns from a height before, as a fraction, 0 or negative. */
export function maxDrawdown(returns: Float64Array): number {
  let level = 1;
  let height = 1;
  let worst = 0;
  for (let i = 0; i < returns.length; i += 1) {
    level *= 1 + returns[i];
    if (level > height) height = level;
    const fall = level / height - 1;
    if (fall < worst) worst = fall;
  }
  return worst;
}

/** How returns move with a benchmark's: covariance over the benchmark's variance. */
export function beta(returns: Float64Array, benchmark: Float64Array): number | null {
  const variance = covariance(benchmark, benchmark);
  return variance > NO_DEVIATION ** 2 ? covariance(returns, benchmark) / variance : null;
}

function riskFree({ riskFreeRate, periods }: Year): number {
  return riskFreeRate / periods;
}
