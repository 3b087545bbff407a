/**
 * The same risk figures as a program of plain objects has them: rows of `{ date, close }` joined by
 * maps, returns as arrays of objects, statistics by `map` and `reduce`. The twin that property tests
 * compare with, and what the bench is measured against.
 */
export interface PlainPosition {
  readonly symbol: string;
  readonly value: number;
  readonly prices: readonly PlainPrice[];
}

export interface PlainPrice {
  readonly date: string;
  readonly close: number;
}

export interface PlainRisk {
  readonly var95: number;
  readonly var99: number;
  readonly shortfall95: number;
  readonly parametric99: number;
  readonly volatility: number;
  readonly sharpe: number;
  readonly sortino: number;
  readonly drawdown: number;
  readonly beta: number;
  readonly correlations: Record<string, Record<string, number>>;
}

const Z_99 = 2.3263478740408408;
const PERIODS = 252;

export function plainRisk(
  positions: readonly PlainPosition[],
  benchmark: readonly PlainPrice[],
  totalValue: number,
  window: number,
): PlainRisk {
  const rows = joined([...positions.map(({ prices }) => prices), benchmark], window);
  const changes = rows.slice(1).map((row, i) => row.map((close, k) => close / rows[i][k] - 1));
  const days = changes.map((row) => {
    const profit = positions.reduce((sum, { value }, k) => sum + value * row[k], 0);
    return { profit, change: profit / totalValue, benchmark: row[positions.length] };
  });
  const losses = days.map(({ profit }) => -profit).sort((a, b) => a - b);
  const var95 = quantile(losses, 0.95);
  const beyond = losses.filter((loss) => loss >= var95);
  const profits = days.map(({ profit }) => profit);
  const returns = days.map(({ change }) => change);
  const others = days.map((day) => day.benchmark);
  const assets = positions.map(({ symbol }, k) => {
    const column = changes.map((row) => row[k]);
    const mean = average(column);
    return { symbol, centred: column.map((change) => change - mean), spread: deviation(column) };
  });
  const below = returns.map((change) => Math.min(0, change) ** 2);
  return {
    var95,
    var99: quantile(losses, 0.99),
    shortfall95: average(beyond),
    parametric99: Z_99 * deviation(profits) - average(profits),
    volatility: deviation(returns) * Math.sqrt(PERIODS),
    sharpe: (average(returns) / deviation(returns)) * Math.sqrt(PERIODS),
    sortino: (average(returns) / Math.sqrt(average(below))) * Math.sqrt(PERIODS),
    drawdown: worstFall(returns),
    beta: covariance(returns, others) / covariance(others, others),
    correlations: correlationsOf(assets),
  };
}

interface PlainAsset {
  readonly symbol: string;
  readonly centred: readonly number[];
  readonly spread: number;
}

/** Each pair once; means and deviations are known already. */
function correlationsOf(assets: readonly PlainAsset[]): PlainRisk['correlations'] {
  const matrix: PlainRisk['correlations'] = {};
  for (const { symbol } of assets) matrix[symbol] = {};
  for (const [i, a] of assets.entries()) {
    for (const b of assets.slice(0, i + 1)) {
      const sum = a.centred.reduce((total, change, day) => total + change * b.centred[day], 0);
      const value = sum / (a.centred.length - 1) / (a.spread * b.spread);
      matrix[a.symbol][b.symbol] = value;
      matrix[b.symbol][a.symbol] = value;
    }
  }
  return matrix;
}

function worstFall(returns: readonly number[]): number {
  let [level, height, worst] = [1, 1, 0];
  for (const change of returns) {
    level *= 1 + change;
    height = Math.max(height, level);
    worst = Math.min(worst, level / height - 1);
  }
  return worst;
}

/** Closes of the newest common dates, a row for each. */
function joined(histories: readonly (readonly PlainPrice[])[], window: number): number[][] {
  const maps = histories.map((prices) => new Map(prices.map(({ date, close }) => [date, close])));
  const dates = histories[0]
    .map(({ date }) => date)
    .filter((date) => maps.every((map) => map.has(date)));
  return dates.slice(-window - 1).map((date) => maps.map((map) => map.get(date) ?? Number.NaN));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [average(a), average(b)];
  const sum = a.reduce((total, value, i) => total + (value - meanA) * (b[i] - meanB), 0);
  return sum / (a.length - 1);
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(covariance(values, values));
}

function quantile(sorted: readonly number[], probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
