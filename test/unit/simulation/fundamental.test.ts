import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FundamentalModel, SECONDS_PER_YEAR } from '../../../src/simulation/fundamental.ts';
import { correlation, excessKurtosis, logReturns, mean } from '../../support/statistics.ts';

const STEP_MS = 200;
const VOLATILITY = 0.5;

function specs(generation = 0) {
  return ['A', 'B', 'C'].map((name) => ({
    name,
    group: name === 'C' ? 'other' : 'pair',
    logPrice: Math.log(100),
    annualVolatility: VOLATILITY,
    generation,
  }));
}

/** Prices of the three assets, one a minute. */
function paths(seed: number, minutes: number, generation = 0): number[][] {
  const model = new FundamentalModel(specs(generation), seed);
  const prices: number[][] = [[], [], []];
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let ms = 0; ms < 60_000; ms += STEP_MS) model.advance(STEP_MS);
    ['A', 'B', 'C'].forEach((name, i) => {
      prices[i].push(Math.exp(model.logPrice(name)));
    });
  }
  return prices;
}

describe('the fundamental value', () => {
  const seed = 61;
  const [a, b, c] = paths(seed, 4_000).map((prices) => logReturns(prices, 1));

  it('has the configured volatility', () => {
    for (const returns of [a, b, c]) {
      const perYear = (mean(returns.map((value) => value ** 2)) * SECONDS_PER_YEAR) / 60;
      const ratio = Math.sqrt(perYear) / VOLATILITY;
      assert.ok(ratio > 0.85 && ratio < 1.15, `${ratio} (seed ${seed})`);
    }
  });

  it('has fat tails', () => {
    for (const returns of [a, b, c]) assert.ok(excessKurtosis(returns) > 1.5);
  });

  it('moves with its group and with nobody else', () => {
    const together = correlation(a, b);
    assert.ok(together > 0.4 && together < 0.75, `${together} (seed ${seed})`);
    const apart = correlation(a, c);
    assert.ok(Math.abs(apart) < 0.08, `${apart} (seed ${seed})`);
  });

  it('is the same for the same seed, and another for another seed or generation', () => {
    const last = (prices: number[][]): number[] => prices.map((series) => series.at(-1)!);
    assert.deepEqual(last(paths(5, 10)), last(paths(5, 10)));
    assert.notDeepEqual(last(paths(5, 10)), last(paths(6, 10)));
    assert.notDeepEqual(last(paths(5, 10)), last(paths(5, 10, 1)));
  });

  it('stands still and then moves', () => {
    const model = new FundamentalModel(specs(), 7);
    let still = 0;
    let before = model.logPrice('A');
    for (let step = 0; step < 5_000; step += 1) {
      model.advance(STEP_MS);
      if (model.logPrice('A') === before) still += 1;
      before = model.logPrice('A');
    }
    assert.ok(still > 3_500 && still < 4_950, `${still} of 5000`);
  });

  it('has a volatility factor whose mean square is 1', () => {
    const model = new FundamentalModel(specs(), 8);
    const squares: number[] = [];
    for (let step = 0; step < 20_000; step += 1) {
      model.advance(10_000);
      squares.push(model.volatilityFactor('A') ** 2);
    }
    const found = mean(squares);
    assert.ok(found > 0.8 && found < 1.35, `${found}`);
  });
});
