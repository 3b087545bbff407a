import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dayClaim } from '../../src/gateway/risk/risk-desk.ts';
import { covarianceMatrix } from '../../src/risk/covariance-matrix.ts';
import { isInsufficient } from '../../src/risk/insufficient.ts';
import { LossClaims } from '../../src/risk/loss-claims.ts';
import { choleskyFactor } from '../../src/risk/monte-carlo.ts';
import { portfolioRisk } from '../../src/risk/portfolio-risk.ts';
import { alignSeries, logReturns, type PriceSeries } from '../../src/risk/price-series.ts';
import { type PlainPrice, plainRisk } from '../support/plain-risk.ts';
import { priceWalks } from '../support/price-walks.ts';

const portfolio = fc.record({
  assets: fc.integer({ min: 1, max: 13 }),
  days: fc.integer({ min: 130, max: 400 }),
  gaps: fc.constantFrom(0, 0.01, 0.02),
  seed: fc.integer(),
});
const YEAR = { periods: 252, riskFreeRate: 0 };
const WINDOW = 100;

function plainPrices({ days, closes }: PriceSeries): PlainPrice[] {
  return Array.from(days, (day, i) => ({
    date: new Date(day * 86_400_000).toISOString().slice(0, 10),
    close: closes[i],
  }));
}

function near(actual: number | null, expected: number, what: string): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= 1e-9 * (1 + Math.abs(expected)), what);
}

describe('risk of made-up portfolios', () => {
  it('is what plain objects say, to nine digits, through gaps and shorts', () => {
    fc.assert(
      fc.property(
        portfolio,
        fc.array(fc.double({ min: -1, max: 3, noNaN: true })),
        (walks, sizes) => {
          const series = priceWalks({ ...walks, assets: walks.assets + 1 });
          const benchmark = series.pop() as PriceSeries;
          const values = Float64Array.from(series, (_, i) => 1000 * (sizes[i] ?? 1) + 1);
          const claims = [
            dayClaim(0.95),
            dayClaim(0.99),
            dayClaim(0.99, { method: 'parametric' as const }),
          ];
          const totalValue = 5000;
          const task = {
            values,
            series,
            totalValue,
            benchmark,
            window: WINDOW,
            year: YEAR,
            claims,
          };
          const { claims: answers, measures, correlations } = portfolioRisk(task);
          // The twin joins with the benchmark first: without gaps both see the same days.
          if (walks.gaps > 0) {
            assert.ok(answers.every(({ observations }) => observations <= WINDOW));
            return;
          }
          const positions = series.map((one, i) => ({
            symbol: String(i),
            value: values[i],
            prices: plainPrices(one),
          }));
          const plain = plainRisk(positions, plainPrices(benchmark), totalValue, WINDOW);
          assert.ok(!isInsufficient(measures) && !isInsufficient(correlations));
          const tails = answers.map(({ tail }) => (isInsufficient(tail) ? null : tail.valueAtRisk));
          near(tails[0], plain.var95, 'VaR 95');
          near(tails[1], plain.var99, 'VaR 99');
          near(tails[2], plain.parametric99, 'parametric');
          near(measures.sharpeRatio, plain.sharpe, 'Sharpe');
          near(measures.sortinoRatio, plain.sortino, 'Sortino');
          near(measures.maxDrawdown, plain.drawdown, 'drawdown');
          near(measures.beta, plain.beta, 'beta');
          for (let i = 0; i < series.length; i += 1) {
            for (let j = 0; j < series.length; j += 1) {
              const ours = correlations.values[i * series.length + j];
              near(ours, plain.correlations[i][j], `correlation ${i} ${j}`);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('series meet on the days that all of them have, and nowhere else', () => {
    fc.assert(
      fc.property(portfolio, (walks) => {
        const series = priceWalks({ ...walks, gaps: 0.05 });
        const { days, closes } = alignSeries(series, 50);
        const sets = series.map((one) => new Set(one.days));
        const common = [...sets[0]].filter((day) => sets.every((set) => set.has(day))).slice(-50);
        assert.deepEqual([...days], common);
        for (const [asset, one] of series.entries()) {
          const byDay = new Map(Array.from(one.days, (day, i) => [day, one.closes[i]]));
          const row = closes.subarray(asset * days.length, (asset + 1) * days.length);
          assert.deepEqual(
            [...row],
            [...days].map((day) => byDay.get(day)),
          );
        }
      }),
    );
  });

  it('a covariance matrix is its factor times itself, singular ones within the jitter', () => {
    fc.assert(
      fc.property(portfolio, fc.integer({ min: 20, max: 120 }), ({ seed, assets }, days) => {
        const series = priceWalks({ assets: assets * 4, days, seed });
        const { size, values } = covarianceMatrix(logReturns(alignSeries(series)));
        const factor = choleskyFactor({ size, values });
        const at = (i: number, j: number) => (j > i ? 0 : factor[(i * (i + 1)) / 2 + j]);
        let trace = 0;
        for (let i = 0; i < size; i += 1) trace += values[i * size + i];
        for (let i = 0; i < size; i += 1) {
          for (let j = 0; j <= i; j += 1) {
            let sum = 0;
            for (let k = 0; k <= j; k += 1) sum += at(i, k) * at(j, k);
            assert.ok(Math.abs(sum - values[i * size + j]) <= 2e-6 * trace, `${i} ${j}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a simulation agrees with its seed always, and with the normal formula within its error', () => {
    fc.assert(
      fc.property(portfolio, fc.integer({ min: 0, max: 2 ** 31 - 1 }), (walks, seed) => {
        const series = priceWalks({ ...walks, gaps: 0 });
        const values = Float64Array.from(series, () => 100);
        const simulation = { paths: 20_000, seed };
        const claims = new LossClaims({ values, series }, WINDOW);
        const request = dayClaim(0.95, { method: 'monte_carlo' as const, simulation });
        const first = claims.answer(request);
        assert.deepEqual(new LossClaims({ values, series }, WINDOW).answer(request), first);
        const normal = claims.answer({ ...request, method: 'parametric' });
        assert.ok(!isInsufficient(first.tail) && !isInsufficient(normal.tail));
        const { valueAtRisk, expectedShortfall } = first.tail;
        assert.ok(expectedShortfall >= valueAtRisk);
        // Over one day prices are as good as normal: their logarithm differs by half a square.
        const curvature = 0.03 * normal.tail.valueAtRisk;
        const off = Math.abs(valueAtRisk - normal.tail.valueAtRisk);
        assert.ok(off < 5 * (first.errors?.valueAtRisk ?? 0) + curvature, `${off}`);
      }),
      { numRuns: 25 },
    );
  });
});
