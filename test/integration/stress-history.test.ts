import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadScenarios } from '../../src/gateway/risk/scenario-file.ts';
import { stretchBetween } from '../../src/risk/past-stretch.ts';
import type { PriceSeries } from '../../src/risk/price-series.ts';
import type { Scenario, StressedAsset } from '../../src/risk/scenario.ts';
import { stressTest } from '../../src/risk/stress.ts';
import { readDailyPrices, until } from '../support/daily-prices.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';

const EQUITIES = 'candles/equities19-adjclose-1990-2024.csv.gz';
const INDEX = 'candles/sp500-index-1990-2022.csv.gz';
const BITCOIN = 'candles/btcusd-daily-2011-2025.csv.gz';
const daily = (name: string) => `candles/equity-${name}-daily.csv.gz`;
const SINGLE = ['spy', 'aig', 'googl', 'ibm', 'iwm'];
const skip = skipWithout(EQUITIES, INDEX, BITCOIN, ...SINGLE.map(daily));

const DAY_MS = 86_400_000;
const scenarios = loadScenarios(new URL('../../../config/stress-scenarios.json', import.meta.url));

/** Prices by asset: adjusted closes, the index under its own name. */
function readAll(): Map<string, PriceSeries> {
  const all = readDailyPrices(recordingPath(EQUITIES));
  for (const name of SINGLE) {
    const columns = readDailyPrices(recordingPath(daily(name)));
    all.set(name.toUpperCase(), columns.get('adj_close')!);
  }
  all.set('index', readDailyPrices(recordingPath(INDEX)).get('SP500')!);
  all.set('BTC', readDailyPrices(recordingPath(BITCOIN)).get('close')!);
  return all;
}

function actual(series: PriceSeries, { from, to }: Scenario): number {
  const days = [from, to].map((date) => Date.parse(date ?? '') / DAY_MS);
  const [shock] = stretchBetween([series], days[0], days[1]).shocks;
  assert.ok(shock !== null);
  return shock;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

describe('stress scenarios beside what happened', { skip }, () => {
  const prices = skip === false ? readAll() : new Map<string, PriceSeries>();

  for (const scenario of scenarios) {
    it(`${scenario.id}: every shock is what the closes of these dates did`, () => {
      let checked = 0;
      for (const [asset, shock] of Object.entries(scenario.assets)) {
        const series = prices.get(asset);
        assert.ok(series !== undefined, `there is a recording of ${asset}`);
        assert.ok(Math.abs(actual(series, scenario) - shock) < 6e-5, `${asset}: ${shock}`);
        checked += 1;
      }
      assert.ok(checked > 15);
      const index = actual(prices.get('index')!, scenario);
      for (const shock of [scenario.classes.equity, scenario.factors.market]) {
        assert.ok(Math.abs(index - (shock ?? 0)) < 6e-5, `index: ${index}`);
      }
      if (scenario.classes.crypto === undefined) return;
      assert.ok(Math.abs(actual(prices.get('BTC')!, scenario) - scenario.classes.crypto) < 6e-5);
    });
  }

  it('2008 for SPY and AIG, by what could be known before', (t) => {
    const crisis = scenarios.find(({ id }) => id === '2008_financial_crisis')!;
    const from = crisis.from ?? '';
    const names = ['SPY', 'AIG', 'IBM', 'AAPL'];
    const assets = names.map((asset): Omit<StressedAsset, 'beta'> => {
      return { asset, sector: null, assetClass: 'equity', value: 1 };
    });
    const { results, betas } = stressTest({
      assets,
      series: names.map((name) => until(prices.get(name)!, from)),
      benchmark: until(prices.get('index')!, from),
      window: 252,
      // With the assets' own shocks, with that of their class, with the market's by their betas.
      scenarios: [crisis, { ...crisis, assets: {} }, { ...crisis, assets: {}, classes: {} }],
    });
    const shocks = results.map((result) => {
      assert.ok('positions' in result);
      return result.positions.map(({ shock }) => shock ?? Number.NaN);
    });
    for (const [i, name] of names.entries()) {
      const happened = actual(prices.get(name)!, crisis);
      assert.ok(Math.abs(shocks[0][i] - happened) < 6e-5, 'its own shock is what happened');
      assert.equal(shocks[1][i], crisis.classes.equity);
      const { beta, observations } = betas[i];
      assert.equal(observations, 252);
      assert.ok(beta !== null && shocks[2][i] === Math.max(-1, beta * crisis.factors.market!));
      t.diagnostic(
        `${name}: happened ${percent(happened)}, class ${percent(shocks[1][i])}, ` +
          `beta ${beta.toFixed(2)} × market ${percent(shocks[2][i])}`,
      );
    }
    // What no figure of the time before knew: SPY did as told, AIG lost nearly twice as much.
    const [spy, aig] = names.map((name) => actual(prices.get(name)!, crisis));
    assert.ok(Math.abs(shocks[2][0] - spy) < 0.05);
    assert.ok(aig < shocks[1][1] - 0.3 && aig < shocks[2][1] - 0.3);
  });
});
