import { type BarCalendar, MINUTE_SECONDS } from '../domain/candles.ts';
import { Prng } from '../lib/prng.ts';
import { FundamentalModel, SECONDS_PER_YEAR } from './fundamental.ts';
import { deriveSeed, hashText } from './seeds.ts';

/** An asset's value before the simulation began; its markets' bars are made of it. */
export interface HistoryAsset {
  readonly name: string;
  /** Assets of one group share a market factor. */
  readonly group: string;
  /** Annualised standard deviation of the log price, as a fraction. */
  readonly annualVolatility: number;
}

/** Values within a minute: where it begins is where the one before ended. */
export const STEPS_A_MINUTE = 4;
const STEP_MS = (MINUTE_SECONDS * 1000) / STEPS_A_MINUTE;
/** Steps of the value while the market is closed. */
const CLOSED_STEP_SECONDS = 600;
/** Sets the streams of chance apart from those of the live simulation. */
const HISTORY = 0x4b1d;

/** The minutes of a stretch of time in which the market trades. */
export interface MinutePath {
  readonly seconds: readonly number[];
  /** Log value relative to the path's beginning: where the minute begins, then after each step. */
  readonly values: Float64Array;
  /** Volatility of each minute as a multiple of its mean. */
  readonly volatility: Float64Array;
}

/**
 * The simulation's own price process, run over minutes that have passed: two-factor stochastic
 * volatility, a common factor of the group, jumps. Its end is set to the price from which the live
 * simulation starts by whoever uses it: only differences count here.
 */
export function minutePath(
  asset: HistoryAsset,
  calendar: BarCalendar,
  startSeconds: number,
  endSeconds: number,
  seed: number,
): MinutePath {
  const spec = { ...asset, logPrice: 0, generation: HISTORY };
  const model = new FundamentalModel([spec], seed);
  const seconds: number[] = [];
  const values: number[] = [];
  const volatility: number[] = [];
  for (let now = startSeconds; now < endSeconds; ) {
    const spell = calendar.spell(now);
    if (!spell.isTrading) {
      const next = Math.min(spell.endSeconds, endSeconds, now + CLOSED_STEP_SECONDS);
      model.advance((next - now) * 1000);
      now = next;
      continue;
    }
    seconds.push(now);
    values.push(model.logPrice(asset.name));
    for (let step = 0; step < STEPS_A_MINUTE; step += 1) {
      model.advance(STEP_MS);
      values.push(model.logPrice(asset.name));
    }
    volatility.push(model.volatilityFactor(asset.name));
    now += MINUTE_SECONDS;
  }
  return {
    seconds,
    values: Float64Array.from(values),
    volatility: Float64Array.from(volatility),
  };
}

/** Values within a day: where it opens, then after each step. */
export const STEPS_A_DAY = 12;
/** Volatility from day to day: time constant in trading days, deviation of its logarithm. */
const DAILY_MEMORY_DAYS = 20;
const DAILY_DEVIATION = 0.4;
const FACTOR_LOADING = 0.75;
/** Share of the variance that comes with rare news, and how many days lie between two of them. */
const NEWS_SHARE = 0.1;
const NEWS_INTERVAL_DAYS = 45;

export interface DayPath {
  /** When the days begin by the calendar. */
  readonly seconds: readonly number[];
  /** Log value relative to the path's beginning: at the opening, then after each step. */
  readonly values: Float64Array;
  readonly volatility: Float64Array;
  /** Hours of trading. */
  readonly hours: Float64Array;
}

/**
 * The same process as days see it: within a day its volatility averages out, so from day to day it
 * follows a slower wave, shared like the factor by the group, and news come as jumps at the opening.
 */
export function dayPath(
  asset: HistoryAsset,
  calendar: BarCalendar,
  startSeconds: number,
  endSeconds: number,
  seed: number,
): DayPath {
  const common = new Prng(deriveSeed(seed, hashText(asset.group), HISTORY, 2));
  const own = new Prng(deriveSeed(seed, hashText(asset.name), HISTORY, 2));
  const sigma = asset.annualVolatility / Math.sqrt(SECONDS_PER_YEAR);
  const kept = Math.exp(-1 / DAILY_MEMORY_DAYS);
  const fresh = DAILY_DEVIATION * Math.sqrt(1 - kept * kept);
  let wave = DAILY_DEVIATION * common.normal();
  let value = 0;
  let closedSince = Number.NaN;
  const seconds: number[] = [];
  const values: number[] = [];
  const volatility: number[] = [];
  const hours: number[] = [];
  const shock = (): number =>
    FACTOR_LOADING * common.normal() + Math.sqrt(1 - FACTOR_LOADING ** 2) * own.normal();
  for (let day = calendar.period('day', startSeconds); day.startSeconds < endSeconds; ) {
    const session = tradingIn(calendar, day.startSeconds, day.endSeconds);
    if (session !== null) {
      wave = wave * kept + fresh * common.normal();
      const factor = Math.exp(wave - DAILY_DEVIATION ** 2);
      const spread = sigma * factor * Math.sqrt(1 - NEWS_SHARE);
      const pause = Number.isNaN(closedSince) ? 0 : session.startSeconds - closedSince;
      value += spread * Math.sqrt(pause) * shock();
      if (own.chance(1 / NEWS_INTERVAL_DAYS)) {
        value += sigma * Math.sqrt(NEWS_SHARE * NEWS_INTERVAL_DAYS * 86_400) * own.normal();
      }
      seconds.push(day.startSeconds);
      values.push(value);
      const length = session.endSeconds - session.startSeconds;
      for (let step = 0; step < STEPS_A_DAY; step += 1) {
        value += spread * Math.sqrt(length / STEPS_A_DAY) * shock();
        values.push(value);
      }
      volatility.push(factor);
      hours.push(length / 3600);
      closedSince = session.endSeconds;
    }
    day = calendar.period('day', day.endSeconds);
  }
  return {
    seconds,
    values: Float64Array.from(values),
    volatility: Float64Array.from(volatility),
    hours: Float64Array.from(hours),
  };
}

/** When the market trades within a day; `null` when it does not. */
function tradingIn(calendar: BarCalendar, startSeconds: number, endSeconds: number) {
  let spell = calendar.spell(startSeconds);
  if (!spell.isTrading) {
    if (spell.endSeconds >= endSeconds) return null;
    spell = calendar.spell(spell.endSeconds);
  }
  return {
    startSeconds: Math.max(startSeconds, spell.startSeconds),
    endSeconds: Math.min(endSeconds, spell.endSeconds),
  };
}
