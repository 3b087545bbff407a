import { existsSync } from 'node:fs';
import { EnsembleModel } from '../../src/forecasts/ensemble.ts';
import { EtsModel } from '../../src/forecasts/ets.ts';
import { forecast } from '../../src/forecasts/forecast.ts';
import { LstmModel } from '../../src/forecasts/lstm.ts';
import type { ForecastModel } from '../../src/forecasts/model.ts';
import { NaiveModel } from '../../src/forecasts/naive.ts';
import { ProphetModel } from '../../src/forecasts/prophet.ts';
import { Prng } from '../../src/lib/prng.ts';
import { readDailyPrices } from '../../test/support/daily-prices.ts';
import { recordingPath } from '../../test/support/recordings.ts';
import { type BenchOptions, type BenchResult, three } from '../support/result.ts';

const DAY_SECONDS = 86_400;
const HORIZON = 7;
const LEVEL = 0.9;
/** Closes a model is given, and ends of such stretches in each series, from the newest back. */
const STRETCH = 1200;
const STRETCHES = 2;
const CONTROL = { throwIfCancelled: (): void => undefined };

const SERIES = ['btcusd', 'equity-spy', 'equity-aapl', 'equity-ibm'];
const FILES: Readonly<Record<string, string>> = { btcusd: 'btcusd-daily-2011-2025' };

const MODELS: readonly (() => ForecastModel)[] = [
  () => new NaiveModel(),
  () => new EtsModel(),
  () => new ProphetModel(),
  () => new LstmModel(),
  () => new EnsembleModel([new NaiveModel(), new EtsModel(), new LstmModel()], DAY_SECONDS),
];

/**
 * How well each forecast model does on real daily closes: its error beside the last price repeated,
 * and the share of prices inside its 90 % band, at rolling origins of which it knows nothing later.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const series = smoke ? [['random walk', walk()] as const] : SERIES.flatMap(read);
  const rows: BenchResult['rows'][number][] = [];
  for (const make of smoke ? MODELS.slice(0, 2) : MODELS) {
    for (const [name, closes] of series) rows.push(await judge(make, name, closes, smoke));
  }
  return {
    name: 'forecasts',
    rows,
    notes: [
      `${HORIZON} days ahead, nominal ${LEVEL}; up to ${STRETCHES} stretches of ${STRETCH} closes a series, pooled`,
      'at each origin the model knows what was before it, and the band is made of errors that were known then',
      'MAE / naive: below 1 it is better than the last price repeated',
      ...(series.length === 0
        ? ['OPENBELL_MARKET_DATA has no daily closes: nothing measured']
        : []),
    ],
  };
}

async function judge(
  make: () => ForecastModel,
  name: string,
  closes: Float64Array,
  smoke: boolean,
): Promise<Record<string, string | number>> {
  let origins = 0;
  let inside = 0;
  const ratios: number[] = [];
  const ms: number[] = [];
  for (let stretch = 0; stretch < (smoke ? 1 : STRETCHES); stretch += 1) {
    const end = closes.length - Math.floor((stretch * (closes.length - STRETCH)) / STRETCHES);
    const part = closes.slice(Math.max(0, end - STRETCH), end);
    const start = performance.now();
    const past = { closes: part, lastSeconds: 0, stepSeconds: DAY_SECONDS };
    const result = await forecast(make(), past, HORIZON, LEVEL, CONTROL);
    ms.push(performance.now() - start);
    if (!('record' in result)) continue;
    const { record } = result;
    origins += record.origins;
    inside += record.coverage * record.origins;
    ratios.push(record.meanAbsoluteError / record.naiveMeanAbsoluteError);
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return {
    model: make().name,
    series: name,
    origins,
    coverage: three(inside / origins),
    'MAE / naive': three(mean),
    'ms/forecast': Math.round(ms.reduce((sum, each) => sum + each, 0) / ms.length),
  };
}

function read(name: string): (readonly [string, Float64Array])[] {
  const path = recordingPath(`candles/${FILES[name] ?? `${name}-daily`}.csv.gz`);
  if (!existsSync(path)) return [];
  const columns = readDailyPrices(path);
  // Split and paid-out shares jump where nobody lost or won anything.
  const series = columns.get('adj_close') ?? columns.get('close');
  return series === undefined ? [] : [[name, series.closes.filter((close) => close > 0)]];
}

function walk(): Float64Array {
  const random = new Prng(1);
  let log = 0;
  return Float64Array.from({ length: 320 }, () => {
    log += 0.01 * random.normal();
    return Math.exp(log);
  });
}
