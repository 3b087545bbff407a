import type { MarketRegistry } from '../../config/markets.ts';
import { CANDLES_PER_QUERY } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { OK } from '../../domain/result-codes.ts';
import { BAR_CLOSE, BAR_FIELDS, BAR_SECONDS, BAR_TRADES } from '../../features/bar-rows.ts';
import type { PriceForecast, TooShort } from '../../forecasts/forecast.ts';
import type { PriceSeries } from '../../forecasts/model.ts';
import type { Job, JobPool } from '../../jobs/job-pool.ts';
import type { Clock } from '../../lib/clock.ts';
import { RecentMap } from '../../lib/recent-map.ts';
import type { Refusal } from '../http/refusal.ts';
import { refusalOfResult } from '../http/result-refusal.ts';
import type { RequestContext } from '../http/route.ts';
import type { Venue } from '../venue.ts';
import { nextBars } from './bar-steps.ts';
import { FORECAST, type ForecastTask } from './forecast-jobs.ts';

/** Share of prices that a band is to hold. */
export const FORECAST_LEVEL = 0.9;
export const FORECAST_INTERVALS = ['1h', '4h', '1d'] as const;
export type ForecastInterval = (typeof FORECAST_INTERVALS)[number];

const STEP_SECONDS: Readonly<Record<ForecastInterval, number>> = {
  '1h': 3600,
  '4h': 14_400,
  '1d': 86_400,
};
/** Closes that models are given; the longest-looking of them needs fewer. */
const CLOSES_MAX = 1500;
const KEPT_MAX = 500;
/** Forecasts that were asked for within this time are made anew when their bar has ended. */
const KEPT_FRESH_MS = 2 * 3_600_000;
const LOOK_MS = 30_000;

export interface ForecastWish {
  readonly market: Market;
  readonly model: ForecastTask['model'];
  readonly interval: ForecastInterval;
  /** Bars ahead. */
  readonly horizon: number;
}

export interface DatedForecast {
  readonly forecast: PriceForecast;
  /** When the newest closed bar began, seconds since the Unix epoch. */
  readonly asOfSeconds: number;
  /** When the bars begin whose closes are predicted. */
  readonly dates: readonly number[];
}

interface Kept {
  readonly wish: ForecastWish;
  /** Of the newest closed bar. */
  readonly barSeconds: number;
  readonly outcome: Promise<PriceForecast | TooShort | Refusal>;
  askedMs: number;
}

export interface ForecastDeskParts {
  readonly venue: Pick<Venue, 'candleSeries'>;
  readonly markets: MarketRegistry;
  readonly jobs: JobPool;
  readonly clock: Clock;
}

/**
 * Forecasts of closing prices. One is made once per bar, whoever asks; what was asked for lately is
 * made anew in the background when a bar ends.
 */
export class ForecastDesk {
  private readonly parts: ForecastDeskParts;
  private readonly kept = new RecentMap<Kept>(KEPT_MAX);
  private readonly wanted = new Map<string, Kept>();
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: ForecastDeskParts) {
    this.parts = parts;
  }

  start(): void {
    this.timer = setInterval(() => this.refresh(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The forecast from the newest closed bar on, `TooShort`, or why it cannot be had now. */
  async forecast(
    wish: ForecastWish,
    { principal, clientIp }: Pick<RequestContext, 'principal' | 'clientIp'>,
  ): Promise<DatedForecast | TooShort | Refusal> {
    const owner = principal === null ? `address ${clientIp}` : `user ${principal.userId}`;
    const kept = this.take(wish, owner);
    const outcome = await kept.outcome;
    if (!('points' in outcome)) return outcome;
    const { market, interval, horizon } = wish;
    const calendar = this.parts.markets.opening(market).calendar.bars;
    const stepSeconds = STEP_SECONDS[interval];
    const dates = nextBars(calendar, kept.barSeconds + 1, stepSeconds, horizon);
    return { forecast: outcome, asOfSeconds: kept.barSeconds, dates };
  }

  private take(wish: ForecastWish, owner: string): Kept {
    const { clock, jobs } = this.parts;
    const series = this.seriesOf(wish);
    const key = `${wish.market.id}/${wish.model}/${wish.interval}/${wish.horizon}`;
    const known = this.kept.get(key);
    if (known?.barSeconds === series.lastSeconds) {
      if (owner !== '') known.askedMs = clock.nowMs();
      return known;
    }
    const { model, horizon } = wish;
    const task: ForecastTask = { model, series, horizon, level: FORECAST_LEVEL };
    const job = jobs.submit(FORECAST, task, { owner });
    const made: Kept = {
      wish,
      barSeconds: series.lastSeconds,
      outcome:
        job.code === OK
          ? resultOf(job)
          : Promise.resolve(refusalOfResult(job.code, {}, job.retryAfterSeconds)),
      askedMs: owner === '' ? (known?.askedMs ?? 0) : clock.nowMs(),
    };
    if (job.code !== OK) return made;
    this.kept.set(key, made);
    this.wanted.set(key, made);
    // What failed is tried anew by whoever asks next.
    made.outcome.then(
      (outcome) => {
        if (!('points' in outcome) && !('needed' in outcome)) this.kept.delete(key);
      },
      () => this.kept.delete(key),
    );
    return made;
  }

  private refresh(): void {
    const nowMs = this.parts.clock.nowMs();
    for (const [key, { wish, barSeconds, askedMs }] of this.wanted) {
      if (nowMs - askedMs > KEPT_FRESH_MS) this.wanted.delete(key);
      else if (this.seriesOf(wish).lastSeconds !== barSeconds) this.take(wish, '');
    }
  }

  /** Closes of the bars that have ended and in which anything traded. */
  private seriesOf({ market, interval }: ForecastWish): PriceSeries {
    const bars = this.parts.venue.candleSeries(market, interval);
    const now = bars.nowSeconds();
    const stepSeconds = STEP_SECONDS[interval];
    const calendar = this.parts.markets.opening(market).calendar.bars;
    const underWay =
      interval === '1d'
        ? calendar.period('day', now).startSeconds
        : Math.floor(now / stepSeconds) * stepSeconds;
    const limit = CANDLES_PER_QUERY;
    const { length, data } = bars.read({ fromSeconds: 0, toSeconds: underWay - 1, limit });
    const closes: number[] = [];
    let lastSeconds = 0;
    for (let i = Math.max(0, length - CLOSES_MAX); i < length; i += 1) {
      if (data[i * BAR_FIELDS + BAR_TRADES] === 0) continue;
      const ticks = data[i * BAR_FIELDS + BAR_CLOSE];
      closes.push((ticks * market.tickUnits) / 10 ** market.priceDecimals);
      lastSeconds = data[i * BAR_FIELDS + BAR_SECONDS];
    }
    return { closes: Float64Array.from(closes), lastSeconds, stepSeconds };
  }
}

async function resultOf(
  job: Job<PriceForecast | TooShort>,
): Promise<PriceForecast | TooShort | Refusal> {
  const outcome = await job.outcome;
  return outcome.code === OK ? outcome.result : refusalOfResult(outcome.code, {});
}
