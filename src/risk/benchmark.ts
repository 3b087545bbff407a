import { alignSeries, type PriceSeries } from './price-series.ts';

/**
 * Levels of an index of several assets: the sum of their closes, each times its weight. With shares
 * outstanding as weights it is an index by capitalisation.
 * @param weights one for each series; absent: each begins with the same value
 */
export function indexLevels(
  series: readonly PriceSeries[],
  weights: readonly number[] | undefined,
): PriceSeries {
  const { days, closes } = alignSeries(series);
  const count = days.length;
  const levels = new Float64Array(count);
  for (let asset = 0; asset < series.length; asset += 1) {
    const row = asset * count;
    const weight = weights?.[asset] ?? 1 / closes[row];
    for (let i = 0; i < count; i += 1) levels[i] += weight * closes[row + i];
  }
  return { days, closes: levels };
}
