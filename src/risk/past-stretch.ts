import { type InsufficientData, insufficientData, OBSERVATIONS_MIN } from './insufficient.ts';
import {
  overlappingReturns,
  type PriceSeries,
  type PriceTable,
  weightedSum,
} from './price-series.ts';

/** What happened to prices between two closes. */
export interface PastStretch {
  /** Days since 1970-01-01. */
  readonly firstDay: number;
  readonly lastDay: number;
  /** One for each asset, as fractions; `null` where its history does not reach so far. */
  readonly shocks: readonly (number | null)[];
}

/** The stretch of so many days in which today's positions would have lost the most. */
export function worstStretch(
  table: PriceTable,
  values: Float64Array,
  horizonDays: number,
): PastStretch | InsufficientData {
  const returns = overlappingReturns(table, horizonDays);
  const { observations } = returns;
  const needed = OBSERVATIONS_MIN + horizonDays;
  if (table.days.length < needed) {
    return insufficientData('the worst stretch of the past', needed, table.days.length);
  }
  const profits = weightedSum(returns, values);
  let worst = 0;
  for (let i = 1; i < observations; i += 1) if (profits[i] < profits[worst]) worst = i;
  return {
    firstDay: table.days[worst],
    lastDay: table.days[worst + horizonDays],
    shocks: Array.from(values, (_, asset) => returns.values[asset * observations + worst]),
  };
}

/** What happened to each asset from one date to another, by the closes on or before them. */
export function stretchBetween(
  series: readonly PriceSeries[],
  firstDay: number,
  lastDay: number,
): PastStretch {
  return {
    firstDay,
    lastDay,
    shocks: series.map((one) => {
      const before = closeOn(one, firstDay);
      const after = closeOn(one, lastDay);
      return before === undefined || after === undefined ? null : after / before - 1;
    }),
  };
}

/** The newest close on or before a day. */
function closeOn({ days, closes }: PriceSeries, day: number): number | undefined {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle] <= day) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : closes[low - 1];
}
