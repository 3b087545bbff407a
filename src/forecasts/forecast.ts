import type { ForecastModel, ForecastModelName, Pauses, PriceSeries } from './model.ts';
import { volatilityOf } from './volatility.ts';

/** Origins in the past at which a model is tried before it is believed. */
const TRIALS_MAX = 60;
/** Fewer say nothing about how wide a band has to be, nor about how good it is. */
const TRIALS_MIN = 20;

export interface ForecastPoint {
  readonly price: number;
  readonly lower: number;
  readonly upper: number;
}

/** How a model did at the origins, beside the last price repeated. */
export interface ForecastRecord {
  /** Origins that it was judged at. */
  readonly origins: number;
  /** Mean absolute error of all steps of these origins, in the price's unit. */
  readonly meanAbsoluteError: number;
  readonly naiveMeanAbsoluteError: number;
  /** Share of prices inside the band, which at each origin was made of what was known then. */
  readonly coverage: number;
}

export interface PriceForecast {
  readonly model: ForecastModelName;
  readonly level: number;
  readonly points: readonly ForecastPoint[];
  readonly record: ForecastRecord;
}

export interface TooShort {
  readonly code: 'INSUFFICIENT_DATA';
  readonly closes: number;
  readonly needed: number;
}

/** What a model said at one origin, and what came. All are logarithms. */
export interface Trial {
  readonly origin: number;
  readonly originLog: number;
  readonly predicted: Float64Array;
  readonly actual: Float64Array;
  /** Volatility of one step at the origin. */
  readonly volatility: number;
}

/** Closes that a model needs to be tried at all origins. */
export function closesNeeded(model: ForecastModel, horizon: number): number {
  return model.closesMin + (2 * TRIALS_MIN - 1) * strideOf(horizon) + 2 * horizon;
}

/**
 * Continues a series, with a band around it that is as wide as the model's own errors in the past
 * say (split conformal prediction over rolling origins, in units of the volatility at each origin).
 * @param level share of prices that the band is to hold, 0 to 1
 */
export async function forecast(
  model: ForecastModel,
  series: PriceSeries,
  horizon: number,
  level: number,
  control: Pauses,
): Promise<PriceForecast | TooShort> {
  const needed = closesNeeded(model, horizon);
  const { closes, stepSeconds } = series;
  if (closes.length < needed) return { code: 'INSUFFICIENT_DATA', closes: closes.length, needed };
  const logs = closes.map(Math.log);
  const trials = await tryOut(model, logs, horizon, stepSeconds, control);
  const last = logs.length - 1;
  const predicted = model.predict(logs, horizon, stepSeconds);
  const width = bandWidth(trials, level) * volatilityOf(logs, last);
  const points = Array.from(predicted, (log, step) => {
    const reach = width * Math.sqrt(step + 1);
    return { price: Math.exp(log), lower: Math.exp(log - reach), upper: Math.exp(log + reach) };
  });
  return { model: model.name, level, points, record: recordOf(trials, level) };
}

/** Has a model predict at origins in the past, of which it knows nothing later than each. */
export async function tryOut(
  model: ForecastModel,
  logs: Float64Array,
  horizon: number,
  stepSeconds: number,
  control: Pauses,
  trialsMax = TRIALS_MAX,
): Promise<Trial[]> {
  const stride = strideOf(horizon);
  const newest = logs.length - 1 - horizon;
  const count = Math.min(trialsMax, Math.floor((newest - model.closesMin) / stride) + 1);
  const first = newest - (count - 1) * stride;
  await model.learn(logs.subarray(0, first + 1), horizon, control);
  const trials: Trial[] = [];
  for (let origin = first; origin <= newest; origin += stride) {
    control.throwIfCancelled();
    const past = logs.subarray(0, origin + 1);
    trials.push({
      origin,
      originLog: logs[origin],
      predicted: model.predict(past, horizon, stepSeconds),
      actual: logs.slice(origin + 1, origin + 1 + horizon),
      volatility: volatilityOf(logs, origin),
    });
  }
  return trials;
}

/** Origins lie so far apart that what follows them overlaps by half at most. */
function strideOf(horizon: number): number {
  return Math.max(1, Math.ceil(horizon / 2));
}

/** Absolute errors of a trial in units of what volatility makes of so many steps. */
function scores({ predicted, actual, volatility }: Trial): Float64Array {
  return predicted.map((log, step) => {
    return Math.abs(actual[step] - log) / (volatility * Math.sqrt(step + 1));
  });
}

/** The conformal quantile of the trials' errors. */
export function bandWidth(trials: readonly Trial[], level: number): number {
  const all = trials.flatMap((trial) => [...scores(trial)]).sort((a, b) => a - b);
  const rank = Math.ceil((all.length + 1) * level);
  return all[Math.min(all.length, rank) - 1];
}

function recordOf(trials: readonly Trial[], level: number): ForecastRecord {
  let origins = 0;
  let error = 0;
  let naive = 0;
  let inside = 0;
  for (const trial of trials) {
    const { origin, originLog, predicted, actual } = trial;
    const known = trials.filter((other) => other.origin + actual.length <= origin);
    if (known.length < TRIALS_MIN) continue;
    origins += 1;
    const width = bandWidth(known, level);
    for (const score of scores(trial)) if (score <= width) inside += 1;
    for (let step = 0; step < actual.length; step += 1) {
      const price = Math.exp(actual[step]);
      error += Math.abs(price - Math.exp(predicted[step]));
      naive += Math.abs(price - Math.exp(originLog));
    }
  }
  const count = origins * (trials[0]?.actual.length ?? 0);
  return {
    origins,
    meanAbsoluteError: error / count,
    naiveMeanAbsoluteError: naive / count,
    coverage: inside / count,
  };
}
