export function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i];
  return sum / values.length;
}

/** Standard deviation of a sample (over n - 1). */
export function deviation(values: Float64Array): number {
  return Math.sqrt(covariance(values, values));
}

/** Covariance of two samples of equal length (over n - 1). */
export function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}

/**
 * The quantile of sorted values, linear between the two nearest ranks: Hyndman and Fan's type 7,
 * the default of numpy, R and spreadsheets.
 */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Deviations this small beside the values themselves are what rounding leaves of none. */
export const NO_DEVIATION = 1e-14;
