import { dayClaim } from '../../src/gateway/risk/risk-desk.ts';
import { isInsufficient } from '../../src/risk/insufficient.ts';
import { type PortfolioRisk, portfolioRisk } from '../../src/risk/portfolio-risk.ts';
import type { PriceSeries } from '../../src/risk/price-series.ts';
import { type PlainRisk, plainRisk } from '../../test/support/plain-risk.ts';
import { priceWalks } from '../../test/support/price-walks.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const WINDOW = 252;
const DAYS = 300;
const SEED = 9;

/**
 * The risk of a portfolio of a thousand positions: value at risk, shortfall, ratios, drawdown, beta
 * and the matrix of correlations, over typed arrays and by a program of plain objects that gives the
 * same figures.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const sizes = smoke ? [20] : [20, 200, 1000];
  const rows = sizes.map((size) => measure(size, smoke ? 1 : size === 1000 ? 5 : 15));
  return {
    name: 'risk',
    rows,
    notes: [
      `${WINDOW} daily returns; historical 95 and 99 %, parametric 99 %, volatility, Sharpe, Sortino, drawdown, beta, all correlations`,
      'both from price histories joined by date; medians of interleaved runs in one thread; figures compared to 1e-9',
      'plain: rows of { date, close }, maps, map and reduce; simulations are in neither',
    ],
  };
}

function measure(positions: number, rounds: number): Record<string, string | number> {
  const series = priceWalks({ assets: positions + 1, days: DAYS, seed: SEED });
  const benchmark = series.pop() as PriceSeries;
  const values = Float64Array.from({ length: positions }, (_, i) => 1000 + 10 * i);
  const totalValue = values.reduce((sum, value) => sum + value, 0) * 1.1;
  const claims = [
    dayClaim(0.95),
    dayClaim(0.99),
    dayClaim(0.99, { method: 'parametric' as const }),
  ];
  const year = { periods: 252, riskFreeRate: 0 };
  const task = { values, series, totalValue, benchmark, window: WINDOW, year, claims };
  const plain = series.map((one, i) => ({
    symbol: `S${i}`,
    value: values[i],
    prices: plainPrices(one),
  }));
  const plainBenchmark = plainPrices(benchmark);
  const typedMs: number[] = [];
  const plainMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const ours = portfolioRisk(task);
    const middle = performance.now();
    const theirs = plainRisk(plain, plainBenchmark, totalValue, WINDOW);
    plainMs.push(performance.now() - middle);
    typedMs.push(middle - start);
    assertSame(ours, theirs);
  }
  const [typed, other] = [percentile(typedMs, 0.5), percentile(plainMs, 0.5)];
  return {
    positions,
    'typed arrays ms': three(typed),
    'plain objects ms': three(other),
    'times faster': three(other / typed),
  };
}

function plainPrices({ days, closes }: PriceSeries) {
  return Array.from(days, (day, i) => ({
    date: new Date(day * 86_400_000).toISOString().slice(0, 10),
    close: closes[i],
  }));
}

function assertSame({ claims, measures, correlations }: PortfolioRisk, plain: PlainRisk): void {
  if (isInsufficient(measures) || isInsufficient(correlations)) throw new Error('too few days');
  const tails = claims.map(({ tail }) => (isInsufficient(tail) ? Number.NaN : tail.valueAtRisk));
  const pairs = [
    [tails[0], plain.var95],
    [tails[1], plain.var99],
    [tails[2], plain.parametric99],
    [measures.volatility, plain.volatility],
    [measures.sharpeRatio, plain.sharpe],
    [measures.sortinoRatio, plain.sortino],
    [measures.maxDrawdown, plain.drawdown],
    [measures.beta, plain.beta],
    [correlations.values[1], plain.correlations.S0.S1],
    [correlations.values.at(-2), Object.values(Object.values(plain.correlations).at(-1)!).at(-2)],
  ];
  for (const [ours, theirs] of pairs) {
    if (Math.abs((ours ?? Number.NaN) / (theirs ?? Number.NaN) - 1) < 1e-9) continue;
    throw new Error(`${ours} is not ${theirs}`);
  }
}
