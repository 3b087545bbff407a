import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { indexLevels } from '../../../src/risk/benchmark.ts';
import { isInsufficient } from '../../../src/risk/insufficient.ts';
import { stretchBetween, worstStretch } from '../../../src/risk/past-stretch.ts';
import { alignSeries, type PriceSeries } from '../../../src/risk/price-series.ts';
import { applyScenario, type Scenario, type StressedAsset } from '../../../src/risk/scenario.ts';
import { stressTest } from '../../../src/risk/stress.ts';
import { priceWalks } from '../../support/price-walks.ts';

const SCENARIO: Scenario = {
  id: 'flood',
  name: 'Flood',
  source: 'a test',
  from: null,
  to: null,
  assets: { AAPL: -0.5 },
  sectors: { Energy: 0.2 },
  classes: { equity: -0.3, crypto: -0.6, crypto_spot: -0.7 },
  factors: { market: -0.4 },
};

function asset(name: string, more: Partial<StressedAsset> = {}): StressedAsset {
  return { asset: name, sector: null, assetClass: 'equity', value: 100, beta: null, ...more };
}

describe('scenarios', () => {
  it('take the nearest thing they know: asset, sector, class, the market by its beta', () => {
    const { positions, profit } = applyScenario(SCENARIO, [
      asset('AAPL', { sector: 'Energy' }),
      asset('XOM', { sector: 'Energy' }),
      asset('KO', { sector: 'Beverages' }),
      asset('BTC', { assetClass: 'crypto_perpetual' }),
      asset('SEI', { assetClass: 'crypto_spot' }),
      asset('ES', { assetClass: 'future', beta: 1.5 }),
      asset('ZN', { assetClass: 'future' }),
    ]);
    assert.deepEqual(
      positions.map(({ shock, basis }) => [Number(shock?.toFixed(6)), basis]),
      [
        [-0.5, 'asset'],
        [0.2, 'sector'],
        [-0.3, 'class'],
        [-0.6, 'class'],
        [-0.7, 'class'],
        [-0.6, 'market_beta'],
        [Number.NaN, 'none'],
      ],
    );
    assert.ok(Math.abs(profit - 100 * (-0.5 + 0.2 - 0.3 - 0.6 - 0.7 - 0.6)) < 1e-9);
  });

  it('shorts gain, nothing falls below nothing, names of objects are no assets', () => {
    const { positions } = applyScenario(SCENARIO, [
      asset('AAPL', { value: -200 }),
      asset('ES', { assetClass: 'future', beta: 4 }),
      asset('constructor', { assetClass: 'toString' }),
    ]);
    assert.equal(positions[0].profit, 100);
    assert.equal(positions[1].shock, -1);
    assert.deepEqual([positions[2].shock, positions[2].profit], [null, 0]);
  });

  it('betas come from the window, and only from enough days', () => {
    const [long, benchmark] = priceWalks({ assets: 2, days: 300, seed: 3 });
    const short: PriceSeries = { days: long.days.slice(-20), closes: long.closes.slice(-20) };
    const rest = { sector: null, assetClass: 'future', value: 100 };
    const { betas, results } = stressTest({
      assets: [
        { asset: 'A', ...rest },
        { asset: 'B', ...rest },
      ],
      series: [long, short],
      benchmark,
      window: 252,
      scenarios: [SCENARIO],
    });
    assert.equal(betas[0].observations, 252);
    assert.deepEqual(betas[1], { beta: null, observations: 19 });
    const [result] = results;
    assert.ok('positions' in result);
    assert.deepEqual(
      result.positions.map(({ basis }) => basis),
      ['market_beta', 'none'],
    );
  });
});

describe('what the past did', () => {
  const days = Int32Array.from({ length: 60 }, (_, i) => 1000 + i);
  const closes = Float64Array.from(days, (_, i) =>
    i < 40 ? 100 : i < 45 ? 100 - 8 * (i - 39) : 60,
  );
  const series: PriceSeries = { days, closes };

  it('the worst stretch is where these positions lose the most, also short ones', () => {
    const table = alignSeries([series]);
    const long = worstStretch(table, Float64Array.of(1), 5);
    assert.ok(!isInsufficient(long));
    assert.deepEqual([long.firstDay, long.lastDay, long.shocks], [1039, 1044, [-0.4]]);
    const short = worstStretch(table, Float64Array.of(-1), 5);
    assert.ok(!isInsufficient(short));
    assert.equal(short.shocks[0], 0, 'it never rose');
    const few = worstStretch(alignSeries([series], 34), Float64Array.of(1), 5);
    assert.ok(isInsufficient(few) && few.needed === 35);
  });

  it('between dates count the closes on or before them; before the first there is nothing', () => {
    const { shocks } = stretchBetween([series], 1039, 1044);
    assert.ok(Math.abs((shocks[0] ?? 0) - -0.4) < 1e-15);
    const gap: PriceSeries = { days: Int32Array.of(1000, 1050), closes: Float64Array.of(10, 11) };
    assert.ok(Math.abs((stretchBetween([gap], 1020, 2000).shocks[0] ?? 0) - 0.1) < 1e-12);
    assert.deepEqual(stretchBetween([series], 999, 1044).shocks, [null]);
  });

  it('an index weighs closes, or begins with equal shares', () => {
    const other: PriceSeries = { days, closes: closes.map((close) => 3 * close) };
    const weighed = indexLevels([series, other], [2, 1]);
    assert.equal(weighed.closes[0], 500);
    const equal = indexLevels([series, other], undefined);
    assert.equal(equal.closes[0], 2);
    assert.ok(Math.abs(equal.closes[59] - 1.2) < 1e-12);
  });
});
