import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Coverage, testCoverage } from '../../src/risk/coverage.ts';
import { isInsufficient } from '../../src/risk/insufficient.ts';
import type { ClaimRequest } from '../../src/risk/loss-claims.ts';
import { portfolioRisk } from '../../src/risk/portfolio-risk.ts';
import {
  alignSeries,
  type PriceSeries,
  simpleReturns,
  weightedSum,
} from '../../src/risk/price-series.ts';
import { readDailyPrices, until } from '../support/daily-prices.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';
import { repositoryRoot } from '../support/repository.ts';

const EQUITIES = 'candles/equities19-adjclose-1990-2024.csv.gz';
const SPY = 'candles/spy-adjclose-1993-2024.csv.gz';
const SCRIPT = join(repositoryRoot, 'test/support/risk_reference.py');

const hasPython = spawnSync('python3', ['-c', 'import statistics; statistics.correlation']);
const skip =
  skipWithout(EQUITIES, SPY) || (hasPython.status === 0 ? false : 'python3.10 is not installed');

/** What portfolios held, and when: calm and crisis, long and short, fewer and more days. */
const CASES = [
  {
    tickers: ['AAPL', 'AMZN', 'GOOG', 'JPM', 'XOM', 'WMT', 'PFE', 'META'],
    values: [25_000, 18_000, 17_000, 12_000, 9_000, 8_000, 6_000, 5_000],
    total: 120_000,
    last: '2024-11-29',
    window: 252,
  },
  {
    tickers: ['BAC', 'GE', 'JPM', 'SBUX', 'T', 'WMT'],
    values: [30_000, 20_000, -15_000, 10_000, 5_000, 2_500],
    total: 75_000,
    last: '2009-03-09',
    window: 1000,
  },
] as const;

/** The same claims of each; simulations by Python's own generator and fewer paths. */
const CLAIMS = [
  ['historical', 0.95, 1],
  ['historical', 0.99, 1],
  ['historical', 0.99, 10],
  ['parametric', 0.95, 1],
  ['parametric', 0.99, 10],
  ['monte_carlo', 0.99, 10],
] as const;
const PYTHON_PATHS = 30_000;

/** What docs/risk.md says of 1990 to 2024; figures of the document follow from this test. */
const COVERAGES = [
  { tickers: ['SPY'], values: [1], method: 'historical', confidence: 0.95 },
  { tickers: ['SPY'], values: [1], method: 'historical', confidence: 0.99 },
  { tickers: ['SPY'], values: [1], method: 'parametric', confidence: 0.95 },
  { tickers: ['SPY'], values: [1], method: 'parametric', confidence: 0.99 },
  ...(['historical', 'parametric'] as const).flatMap((method) =>
    [0.95, 0.99].map((confidence) => ({
      tickers: ['AAPL', 'AMD', 'BAC', 'BBY', 'GE', 'JPM', 'PFE', 'T', 'WMT', 'XOM'],
      values: Array.from({ length: 10 }, () => 0.1),
      method,
      confidence,
    })),
  ),
] as const;
const WINDOW = 252;
const LAST = '2024-11-29';

// biome-ignore lint/suspicious/noExplicitAny: what the script answers is compared number by number
type Answer = any;

describe('risk against an independent calculation on real prices', { skip }, () => {
  let reference: { figures: Answer[]; coverage: Answer[] };
  let prices: Map<string, PriceSeries>;

  before(() => {
    const claims = CLAIMS.map(([method, confidence, horizon]) => ({
      method,
      confidence,
      horizon,
      paths: PYTHON_PATHS,
      seed: 7,
    }));
    const rest = { risk_free_rate: 0.03, periods: 252 };
    const task = {
      equities: recordingPath(EQUITIES),
      spy: recordingPath(SPY),
      figures: CASES.map((one, i) => ({
        ...one,
        ...rest,
        claims: i === 0 ? claims : [...claims, ...MORE],
      })),
      coverage: COVERAGES.map((one) => ({ ...one, window: WINDOW, last: LAST })),
    };
    const { stdout, stderr, status } = spawnSync('python3', [SCRIPT], {
      input: JSON.stringify(task),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    assert.equal(status, 0, stderr);
    reference = JSON.parse(stdout);
    prices = new Map([
      ...readDailyPrices(recordingPath(EQUITIES)),
      ...readDailyPrices(recordingPath(SPY)),
    ]);
  });

  /** Only of the case with a thousand days. */
  const MORE = [
    { method: 'historical', confidence: 0.999, horizon: 1 },
    { method: 'parametric', confidence: 0.999, horizon: 1 },
    { method: 'overlapping', confidence: 0.95, horizon: 20 },
  ] as const;

  function request({ method, confidence, horizon }: Record<string, unknown>): ClaimRequest {
    const isOverlapping = method === 'overlapping';
    return {
      method: (isOverlapping ? 'historical' : method) as ClaimRequest['method'],
      scaling: isOverlapping ? 'overlapping' : 'sqrt_time',
      confidence: confidence as number,
      horizonDays: horizon as number,
      simulation: { paths: 100_000, seed: 1 },
    };
  }

  for (const [i, one] of CASES.entries()) {
    it(`${one.tickers.length} stocks, ${one.window} days to ${one.last}`, () => {
      const expected = reference.figures[i];
      const asked = [
        ...CLAIMS.map(([method, confidence, horizon]) => ({ method, confidence, horizon })),
        ...(i === 0 ? [] : MORE),
      ];
      const risk = portfolioRisk({
        values: Float64Array.from(one.values),
        series: one.tickers.map((ticker) => until(prices.get(ticker)!, one.last)),
        totalValue: one.total,
        benchmark: until(prices.get('SPY')!, one.last),
        window: one.window,
        year: { periods: 252, riskFreeRate: 0.03 },
        claims: asked.map(request),
      });
      const { measures, correlations } = risk;
      assert.ok(!isInsufficient(measures) && !isInsufficient(correlations));
      assert.equal(measures.observations, expected.observations);
      assert.equal(measures.firstDay, Date.parse(expected.first) / 86_400_000);
      assert.equal(measures.lastDay, Date.parse(expected.last) / 86_400_000);
      near(measures.volatility, expected.volatility, 'volatility');
      near(measures.sharpeRatio, expected.sharpe, 'Sharpe');
      near(measures.sortinoRatio, expected.sortino, 'Sortino');
      near(measures.maxDrawdown, expected.drawdown, 'drawdown');
      near(measures.beta, expected.beta, 'beta');
      const rows: number[][] = expected.correlations;
      for (const [r, row] of rows.entries()) {
        for (const [c, value] of row.entries()) {
          near(correlations.values[r * rows.length + c], value, `correlation ${r} ${c}`);
        }
      }
      for (const [k, claim] of risk.claims.entries()) {
        const { tail, errors } = claim;
        const what = `${claim.method} ${claim.confidence} over ${claim.horizonDays} days`;
        assert.ok(!isInsufficient(tail), what);
        const { var: valueAtRisk, es, var_error, es_error } = expected.claims[k];
        if (errors === null) {
          near(tail.valueAtRisk, valueAtRisk, `${what}: value at risk`);
          near(tail.expectedShortfall, es, `${what}: expected shortfall`);
        } else {
          within(tail.valueAtRisk, valueAtRisk, errors.valueAtRisk, var_error, what);
          within(tail.expectedShortfall, es, errors.expectedShortfall, es_error, what);
        }
      }
    });
  }

  it('claims of every day since 1990 are broken as often as Python counts it', (t) => {
    for (const [i, one] of COVERAGES.entries()) {
      const series = one.tickers.map((ticker) => until(prices.get(ticker)!, LAST));
      const returns = simpleReturns(alignSeries(series));
      const profits = weightedSum(returns, Float64Array.from(one.values));
      const ours: Coverage = testCoverage(profits, one.method, one.confidence, WINDOW);
      const theirs = reference.coverage[i];
      const what = `${one.tickers.length === 1 ? 'SPY' : '10 stocks'} ${one.method} ${one.confidence}`;
      assert.deepEqual([ours.days, ours.exceedances], [theirs.days, theirs.exceedances], what);
      near(ours.likelihoodRatio, theirs.ratio, `${what}: Kupiec`, 1e-7);
      assert.equal(ours.rejected, theirs.p_value < 0.05, `${what}: verdict`);
      const percent = ((100 * ours.exceedances) / ours.days).toFixed(2);
      t.diagnostic(
        `${what}: ${theirs.first} to ${theirs.last}, ${ours.exceedances} of ${ours.days} (${percent} %), ` +
          `expected ${ours.expected.toFixed(1)}, LR ${ours.likelihoodRatio.toFixed(2)}, p ${theirs.p_value.toExponential(2)}`,
      );
    }
  });
});

/** Relative to the size of the figure. */
function near(actual: number | null, expected: number, what: string, tolerance = 1e-9): void {
  const off = Math.abs((actual ?? Number.NaN) - expected) / Math.abs(expected);
  assert.ok(off <= tolerance, `${what}: ${actual}, Python has ${expected}`);
}

/** Two simulations differ by chance alone: by no more than four of their common errors. */
function within(
  actual: number,
  expected: number,
  error: number,
  otherError: number,
  what: string,
): void {
  const deviations = Math.abs(actual - expected) / Math.hypot(error, otherError);
  assert.ok(error > 0 && deviations < 4, `${what}: ${actual} is ${deviations} errors off`);
}
