import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnsembleModel } from '../../../src/forecasts/ensemble.ts';
import { EtsModel } from '../../../src/forecasts/ets.ts';
import { bandWidth, closesNeeded, forecast, tryOut } from '../../../src/forecasts/forecast.ts';
import { LstmModel } from '../../../src/forecasts/lstm.ts';
import type { ForecastModel } from '../../../src/forecasts/model.ts';
import { NaiveModel } from '../../../src/forecasts/naive.ts';
import { ProphetModel } from '../../../src/forecasts/prophet.ts';
import { Prng } from '../../../src/lib/prng.ts';

const DAY = 86_400;
const control = { throwIfCancelled: (): void => undefined };

/** A random walk of daily closes with two volatilities. */
function walk(count: number, seed: number, drift = 0): Float64Array {
  const random = new Prng(seed);
  let log = Math.log(100);
  return Float64Array.from({ length: count }, (_, i) => {
    log += drift + random.normal() * (Math.floor(i / 100) % 2 === 0 ? 0.01 : 0.03);
    return Math.exp(log);
  });
}

const MODELS: (() => ForecastModel)[] = [
  () => new NaiveModel(),
  () => new EtsModel(),
  () => new ProphetModel(),
  () => new LstmModel(),
  () => new EnsembleModel([new NaiveModel(), new EtsModel()], DAY),
];

for (const make of MODELS) {
  const { name } = make();
  test(`${name}: what it says at an origin does not depend on what comes after it`, async () => {
    const model = make();
    const closes = walk(closesNeeded(model, 3) + 40, 11);
    const logs = closes.map(Math.log);
    const trials = await tryOut(model, logs, 3, DAY, control, 4);
    const [{ origin }] = trials.slice(-1);
    const changed = logs.slice();
    for (let i = origin + 1; i < changed.length; i += 1) changed[i] += 5;
    const other = make();
    const again = await tryOut(other, changed, 3, DAY, control, 4);
    assert.equal(trials.length, 4);
    assert.deepEqual(again.at(-1)?.predicted, trials.at(-1)?.predicted);
  });
}

test('a band holds about the share of a random walk that it says', async () => {
  let inside = 0;
  let origins = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const series = { closes: walk(400, seed), lastSeconds: 0, stepSeconds: DAY };
    const result = await forecast(new NaiveModel(), series, 5, 0.9, control);
    assert.ok('record' in result);
    inside += result.record.coverage * result.record.origins;
    origins += result.record.origins;
    assert.ok(result.record.origins >= 20);
  }
  const share = inside / origins;
  assert.ok(share > 0.86 && share < 0.94, `coverage ${share}`);
});

test('the width is the conformal quantile of the errors', () => {
  const trial = (error: number) => ({
    origin: 0,
    originLog: 0,
    predicted: Float64Array.of(0),
    actual: Float64Array.of(error),
    volatility: 1,
  });
  const trials = Array.from({ length: 19 }, (_, i) => trial(i + 1));
  assert.equal(bandWidth(trials, 0.9), 18);
  assert.equal(bandWidth(trials, 0.5), 10);
  assert.equal(bandWidth(trials, 0.999), 19);
});

test('the naive model is as good as itself, and a trend is found by those that look for one', async () => {
  const series = { closes: walk(420, 3, 0.02), lastSeconds: 0, stepSeconds: DAY };
  const naive = await forecast(new NaiveModel(), series, 5, 0.9, control);
  const ets = await forecast(new EtsModel(), series, 5, 0.9, control);
  assert.ok('record' in naive && 'record' in ets);
  assert.equal(naive.record.meanAbsoluteError, naive.record.naiveMeanAbsoluteError);
  assert.equal(ets.record.naiveMeanAbsoluteError, naive.record.meanAbsoluteError);
  assert.ok(ets.record.meanAbsoluteError < naive.record.meanAbsoluteError);
});

test('too short a past is told, with what would do', async () => {
  const series = { closes: walk(50, 5), lastSeconds: 0, stepSeconds: DAY };
  const result = await forecast(new EtsModel(), series, 5, 0.9, control);
  assert.deepEqual(result, {
    code: 'INSUFFICIENT_DATA',
    closes: 50,
    needed: closesNeeded(new EtsModel(), 5),
  });
});
