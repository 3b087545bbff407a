/** Plain statistics of plain arrays, for tests of simulated data. */

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export function variance(values: readonly number[]): number {
  const middle = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - middle) ** 2;
  return sum / values.length;
}

/** Fourth standardised moment less 3: 0 for a normal distribution. */
export function excessKurtosis(values: readonly number[]): number {
  const middle = mean(values);
  let second = 0;
  let fourth = 0;
  for (const value of values) {
    const square = (value - middle) ** 2;
    second += square;
    fourth += square * square;
  }
  const { length } = values;
  return fourth / length / (second / length) ** 2 - 3;
}

/** Correlation of a series with itself `lag` steps before. */
export function autocorrelation(values: readonly number[], lag: number): number {
  const middle = mean(values);
  let covariance = 0;
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    total += (values[i] - middle) ** 2;
    if (i >= lag) covariance += (values[i] - middle) * (values[i - lag] - middle);
  }
  return total === 0 ? 0 : covariance / total;
}

export function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let covariance = 0;
  for (let i = 0; i < a.length; i += 1) covariance += (a[i] - meanA) * (b[i] - meanB);
  return covariance / a.length / Math.sqrt(variance(a) * variance(b));
}

/** The value below which the given share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Logarithmic returns over every `step` samples, without overlap. */
export function logReturns(prices: readonly number[], step: number): number[] {
  const returns: number[] = [];
  for (let i = step; i < prices.length; i += step) {
    returns.push(Math.log(prices[i] / prices[i - step]));
  }
  return returns;
}
