/** Daily closes of one asset, oldest first. */
export interface PriceSeries {
  /** The date of each close, days since 1970-01-01, rising. */
  readonly days: Int32Array;
  /** All positive, in any one unit. */
  readonly closes: Float64Array;
}

/** Closes of several assets on the days on which each of them has one. */
export interface PriceTable {
  readonly assets: number;
  readonly days: Int32Array;
  /** Row by row, one for each asset: `closes[asset * days.length + day]`. */
  readonly closes: Float64Array;
}

/**
 * Puts series together on their common days. Markets with different calendars meet so: what a coin
 * did on a weekend is part of its return from Friday to Monday.
 * @param closesMax the newest so many common days
 */
export function alignSeries(
  series: readonly PriceSeries[],
  closesMax = Number.POSITIVE_INFINITY,
): PriceTable {
  const days = newest(commonDays(series), closesMax);
  const closes = new Float64Array(series.length * days.length);
  for (const [asset, one] of series.entries()) {
    const row = asset * days.length;
    let at = 0;
    for (let i = 0; i < days.length; i += 1) {
      while (one.days[at] < days[i]) at += 1;
      closes[row + i] = one.closes[at];
    }
  }
  return { assets: series.length, days, closes };
}

function newest(days: Int32Array, count: number): Int32Array {
  return days.length > count ? days.subarray(days.length - count) : days;
}

/** Days on which every series has a close, rising. */
function commonDays(series: readonly PriceSeries[]): Int32Array {
  if (series.length === 0) return new Int32Array(0);
  if (series.some(({ days }) => days.length === 0)) return new Int32Array(0);
  const first = Math.max(...series.map(({ days }) => days[0]));
  const last = Math.min(...series.map(({ days }) => days[days.length - 1]));
  if (last < first) return new Int32Array(0);
  const counts = new Uint16Array(last - first + 1);
  for (const { days } of series) {
    for (let i = days.length - 1; i >= 0 && days[i] >= first; i -= 1) {
      if (days[i] <= last) counts[days[i] - first] += 1;
    }
  }
  const common = new Int32Array(counts.length);
  let length = 0;
  for (let i = 0; i < counts.length; i += 1) {
    if (counts[i] !== series.length) continue;
    common[length] = first + i;
    length += 1;
  }
  return common.subarray(0, length);
}

/** Returns of several assets over the same days. */
export interface ReturnTable {
  readonly assets: number;
  readonly observations: number;
  /** Row by row, one for each asset: `values[asset * observations + i]`, as fractions. */
  readonly values: Float64Array;
}

/** Changes from close to close over the close before. */
export function simpleReturns(table: PriceTable): ReturnTable {
  return returnsBy(table, (before, now) => now / before - 1);
}

/** Logarithms of close over the close before. */
export function logReturns(table: PriceTable): ReturnTable {
  return returnsBy(table, (before, now) => Math.log(now / before));
}

function returnsBy(
  { assets, days, closes }: PriceTable,
  change: (before: number, now: number) => number,
): ReturnTable {
  const observations = Math.max(0, days.length - 1);
  const values = new Float64Array(assets * observations);
  for (let asset = 0; asset < assets; asset += 1) {
    const from = asset * days.length;
    const to = asset * observations;
    for (let i = 0; i < observations; i += 1) {
      values[to + i] = change(closes[from + i], closes[from + i + 1]);
    }
  }
  return { assets, observations, values };
}

/**
 * What amounts held in the assets would have gained: Σ amount × return, for each day.
 * @param amounts one for each asset; values in a currency give profits, weights give returns
 */
export function weightedSum(
  { assets, observations, values }: ReturnTable,
  amounts: Float64Array,
): Float64Array {
  const sum = new Float64Array(observations);
  for (let asset = 0; asset < assets; asset += 1) {
    const amount = amounts[asset];
    const row = asset * observations;
    for (let i = 0; i < observations; i += 1) sum[i] += amount * values[row + i];
  }
  return sum;
}

/** Changes over so many days, over each such stretch: neighbours overlap in all but one day. */
export function overlappingReturns(
  { assets, days, closes }: PriceTable,
  horizonDays: number,
): ReturnTable {
  const observations = Math.max(0, days.length - horizonDays);
  const values = new Float64Array(assets * observations);
  for (let asset = 0; asset < assets; asset += 1) {
    const from = asset * days.length;
    const to = asset * observations;
    for (let i = 0; i < observations; i += 1) {
      values[to + i] = closes[from + i + horizonDays] / closes[from + i] - 1;
    }
  }
  return { assets, observations, values };
}
