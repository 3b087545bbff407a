import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { correlationMatrix } from '../../../src/risk/covariance-matrix.ts';
import { kupiecRatio, testCoverage } from '../../../src/risk/coverage.ts';
import { isInsufficient, observationsFor } from '../../../src/risk/insufficient.ts';
import { pathsWithin } from '../../../src/risk/monte-carlo.ts';
import { normalDensity, normalQuantile } from '../../../src/risk/normal.ts';
import { portfolioRisk } from '../../../src/risk/portfolio-risk.ts';
import { beta, maxDrawdown, sharpeRatio, sortinoRatio } from '../../../src/risk/ratios.ts';
import { historicalTail, overlappingTail } from '../../../src/risk/value-at-risk.ts';
import { priceWalks } from '../../support/price-walks.ts';

const YEAR = { periods: 252, riskFreeRate: 0 };

describe('the normal distribution', () => {
  it('has the quantiles of the tables, to their last digit', () => {
    for (const [probability, z] of [
      [0.5, 0],
      [0.95, 1.6448536269514722],
      [0.975, 1.959963984540054],
      [0.99, 2.3263478740408408],
      [0.999, 3.090232306167813],
      [0.9999, 3.719016485455709],
      [1e-12, -7.034483825301132],
    ]) {
      assert.ok(Math.abs(normalQuantile(probability) - z) <= 2e-15 * Math.abs(z), `${probability}`);
    }
    assert.ok(Math.abs(normalDensity(1) - 0.24197072451914337) < 1e-16);
  });
});

describe('what history carries', () => {
  it('a quantile needs one observation beyond it, and thirty in any case', () => {
    const needed = [0.5, 0.95, 0.975, 0.99, 0.999, 0.9999].map(observationsFor);
    assert.deepEqual(needed, [30, 30, 40, 100, 1000, 10_000]);
  });

  it('99.9 % from 999 days is refused, from 1 000 it is the largest loss', () => {
    const profits = Float64Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
    const claim = { confidence: 0.999, horizonDays: 1 };
    assert.deepEqual(historicalTail(profits.subarray(1), claim), {
      code: 'INSUFFICIENT_DATA',
      what: 'historical value at risk at 99.9 %',
      needed: 1000,
      observations: 999,
    });
    const tail = historicalTail(profits, claim);
    assert.ok(!isInsufficient(tail));
    // Losses are 0, -1, … -999: rank 998.001 of them lies just above the second largest.
    assert.ok(Math.abs(tail.valueAtRisk - -0.999) < 1e-12 && tail.expectedShortfall === 0);
  });

  it('overlapping stretches count as so many as fit beside each other', () => {
    const profits = new Float64Array(300);
    const short = overlappingTail(profits, { confidence: 0.99, horizonDays: 10 });
    assert.ok(isInsufficient(short) && short.needed === 100 && short.observations === 30);
    assert.ok(!isInsufficient(overlappingTail(profits, { confidence: 0.95, horizonDays: 10 })));
  });

  it('too few common days leave claims and ratios without figures', () => {
    const series = priceWalks({ assets: 2, days: 25, seed: 1 });
    const values = Float64Array.of(1, 1);
    const rest = { totalValue: 2, benchmark: null, window: 252, year: YEAR, claims: [] };
    const { measures, correlations } = portfolioRisk({ values, series, ...rest });
    assert.ok(isInsufficient(measures) && measures.needed === 30 && measures.observations === 24);
    assert.ok(isInsufficient(correlations));
  });

  it('simulations of many assets get as many paths as there is time for, at least 1 000', () => {
    assert.equal(pathsWithin(100_000, 14), 100_000);
    assert.equal(pathsWithin(100_000, 1000), 3996);
    assert.equal(pathsWithin(100_000, 100_000), 1000);
  });
});

describe('ratios', () => {
  const returns = Float64Array.of(0.1, -0.2, 0.05, 0.3, -0.1);

  it('the drawdown is the deepest fall from a height before', () => {
    assert.ok(Math.abs(maxDrawdown(returns) - -0.2) < 1e-15);
    assert.equal(maxDrawdown(Float64Array.of(0.1, 0.2)), 0);
    assert.ok(Math.abs(maxDrawdown(Float64Array.of(-0.5, 0.5, -0.5)) - -0.625) < 1e-15);
  });

  it('without spread, falls or a moving benchmark there is no ratio', () => {
    const still = new Float64Array(5).fill(0.01);
    assert.equal(sharpeRatio(still, YEAR), null);
    assert.equal(sortinoRatio(still, YEAR), null);
    assert.equal(beta(returns, still), null);
    assert.ok((beta(returns, returns) ?? 0) === 1);
  });

  it('an asset that never moved correlates with nothing', () => {
    const values = Float64Array.of(...returns, ...new Float64Array(5), ...returns.map((x) => -x));
    const { values: matrix } = correlationMatrix({ assets: 3, observations: 5, values });
    assert.equal(matrix[0], 1);
    assert.ok(Number.isNaN(matrix[1]) && Number.isNaN(matrix[4]));
    assert.ok(Math.abs(matrix[2] + 1) < 1e-15);
  });
});

describe('Kupiec’s test', () => {
  it('gives the ratios of its formula, also where nothing was exceeded', () => {
    assert.ok(Math.abs(kupiecRatio(1000, 50, 0.05)) < 1e-9);
    // 250 days, 99 %: 4 exceedances pass at 5 %, 7 do not; the figures are the formula’s.
    assert.ok(Math.abs(kupiecRatio(250, 4, 0.01) - 0.7691383) < 1e-6);
    assert.ok(Math.abs(kupiecRatio(250, 7, 0.01) - 5.4969904) < 1e-6);
    assert.ok(Math.abs(kupiecRatio(250, 0, 0.01) - -2 * 250 * Math.log(0.99)) < 1e-12);
  });

  it('a claim of each day is judged by the day after, never by itself', () => {
    const profits = Float64Array.from({ length: 200 }, (_, i) => (i === 150 ? -100 : (i % 10) - 5));
    const { days, exceedances } = testCoverage(profits, 'historical', 0.95, 100);
    assert.deepEqual([days, exceedances], [100, 1]);
  });
});
