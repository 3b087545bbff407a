import { ALWAYS } from '../../config/calendars.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { OK, UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import type { JobPool } from '../../jobs/job-pool.ts';
import { isInsufficient } from '../../risk/insufficient.ts';
import type { Claim, ClaimRequest } from '../../risk/loss-claims.ts';
import type { PortfolioRisk, PortfolioRiskTask } from '../../risk/portfolio-risk.ts';
import type { PriceSeries } from '../../risk/price-series.ts';
import type { Scenario } from '../../risk/scenario.ts';
import type { PastScenario, StressAnswer, StressTask } from '../../risk/stress.ts';
import type { Refusal } from '../http/refusal.ts';
import { refusalOfResult } from '../http/result-refusal.ts';
import type { JobRequest } from '../jobs/job-answer.ts';
import type { Valuation } from '../portfolios/valuation.ts';
import type { Venue } from '../venue.ts';
import { type Benchmark, benchmarkLevels } from './benchmark-markets.ts';
import { DailyCloses } from './daily-closes.ts';
import { PORTFOLIO_RISK, STRESS_TEST } from './risk-jobs.ts';

/** Daily returns that figures rest on unless somebody asks for others: a year of trading. */
export const WINDOW_DAYS = 252;
const YEAR_OF_TRADING_DAYS = 252;
const YEAR_OF_ALL_DAYS = 365;

export interface RiskDeskParts {
  readonly venue: Pick<Venue, 'candleSeries' | 'valuation'>;
  readonly markets: MarketRegistry;
  readonly jobs: JobPool;
  readonly scenarios: readonly Scenario[];
  /** `undefined`: portfolios are compared with nothing. */
  readonly benchmark: Benchmark | undefined;
  /** A fraction a year. */
  readonly riskFreeRate: number;
}

/** A position in one market; several of a portfolio's lines may add up to it. */
export interface RiskPosition {
  readonly market: Market;
  /** Negative for a short one, in the portfolio's currency. */
  readonly value: number;
}

/**
 * What alerts watch: losses of a day as positive amounts in the portfolio's currency, the drawdown
 * as a negative fraction. `null` where history does not carry the figure.
 */
export interface RiskFigures {
  readonly var95: number | null;
  readonly var99: number | null;
  readonly expectedShortfall95: number | null;
  readonly maxDrawdown: number | null;
  readonly volatility: number | null;
  readonly sharpeRatio: number | null;
  readonly sortinoRatio: number | null;
  readonly beta: number | null;
}

/** The gateway's side of risk: puts together what jobs compute from, positions and daily closes. */
export class RiskDesk {
  readonly jobs: JobPool;
  readonly scenarios: readonly Scenario[];
  readonly benchmark: Benchmark | undefined;
  readonly riskFreeRate: number;
  private readonly parts: RiskDeskParts;
  private readonly closes: DailyCloses;

  constructor(parts: RiskDeskParts) {
    this.parts = parts;
    this.jobs = parts.jobs;
    this.scenarios = parts.scenarios;
    this.benchmark = parts.benchmark;
    this.riskFreeRate = parts.riskFreeRate;
    this.closes = new DailyCloses(parts.venue, parts.markets);
    this.jobs.introduce(PORTFOLIO_RISK);
    this.jobs.introduce(STRESS_TEST);
  }

  /** @param window daily returns, see `PortfolioRiskTask` */
  portfolioRisk(
    positions: readonly RiskPosition[],
    totalValue: number,
    claims: readonly ClaimRequest[],
    window = WINDOW_DAYS,
  ): JobRequest<PortfolioRiskTask, PortfolioRisk> {
    const task: PortfolioRiskTask = {
      values: Float64Array.from(positions, ({ value }) => value),
      series: positions.map(({ market }) => this.closes.read(market)),
      totalValue,
      benchmark: this.benchmarkLevels(),
      window,
      year: { periods: this.periodsAYear(positions), riskFreeRate: this.riskFreeRate },
      claims,
    };
    return { kind: PORTFOLIO_RISK, task };
  }

  stressTest(
    positions: readonly RiskPosition[],
    scenarios: readonly (Scenario | PastScenario)[],
  ): JobRequest<StressTask, StressAnswer> {
    const task: StressTask = {
      assets: positions.map(({ market, value }) => ({
        asset: market.base.name,
        sector: market.reference.sector,
        assetClass: market.assetClass,
        value,
      })),
      series: positions.map(({ market }) => this.closes.read(market)),
      benchmark: this.benchmarkLevels(),
      window: WINDOW_DAYS,
      scenarios,
    };
    return { kind: STRESS_TEST, task };
  }

  /** What alerts of a portfolio watch, computed in a job of the venue's own. */
  async figures(portfolioId: number, signal?: AbortSignal): Promise<RiskFigures | Refusal> {
    const valuation = this.parts.venue.valuation(portfolioId);
    if (valuation === undefined) return refusalOfResult(UNKNOWN_PORTFOLIO, {});
    const claims = [0.95, 0.99].map((confidence) => dayClaim(confidence));
    const { kind, task } = this.portfolioRisk(
      positionsOf(valuation),
      totalValueOf(valuation),
      claims,
    );
    const job = this.jobs.submit(kind, task, { owner: '' });
    if (job.code !== OK) return refusalOfResult(job.code, {}, job.retryAfterSeconds);
    signal?.addEventListener('abort', () => job.cancel(), { once: true });
    const outcome = await job.outcome;
    if (outcome.code !== OK) return refusalOfResult(outcome.code, {});
    return watchedFigures(outcome.result);
  }

  /** Of a portfolio that holds anything with trading days, days are those; else all days. */
  private periodsAYear(positions: readonly RiskPosition[]): number {
    const { markets } = this.parts;
    const paused = positions.some(({ market }) => markets.opening(market).calendar !== ALWAYS);
    return paused ? YEAR_OF_TRADING_DAYS : YEAR_OF_ALL_DAYS;
  }

  private benchmarkLevels(): PriceSeries | null {
    return this.benchmark === undefined ? null : benchmarkLevels(this.benchmark, this.closes);
  }
}

/** A portfolio's lines added up by market, in its currency. */
export function positionsOf({ positions, currency }: Valuation): RiskPosition[] {
  const units = new Map<Market, number>();
  for (const { market, valueUnits } of positions) {
    units.set(market, (units.get(market) ?? 0) + valueUnits);
  }
  return [...units].map(([market, value]) => ({ market, value: value / 10 ** currency.decimals }));
}

export function totalValueOf({ totalUnits, currency }: Valuation): number {
  return totalUnits / 10 ** currency.decimals;
}

/** Paths of a simulation for which nobody asked for others, and its seed. */
export const PATHS = 100_000;
export const SEED = 1;

/** The plainest claim: the historical one over a day. */
export function dayClaim(confidence: number, more: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    method: 'historical',
    scaling: 'sqrt_time',
    horizonDays: 1,
    simulation: { paths: PATHS, seed: SEED },
    ...more,
    confidence,
  };
}

function watchedFigures({ claims, measures }: PortfolioRisk): RiskFigures {
  const [first, second] = claims;
  const known = isInsufficient(measures) ? null : measures;
  return {
    var95: tailFigure(first, 'valueAtRisk'),
    var99: tailFigure(second, 'valueAtRisk'),
    expectedShortfall95: tailFigure(first, 'expectedShortfall'),
    maxDrawdown: known?.maxDrawdown ?? null,
    volatility: known?.volatility ?? null,
    sharpeRatio: known?.sharpeRatio ?? null,
    sortinoRatio: known?.sortinoRatio ?? null,
    beta: known?.beta ?? null,
  };
}

export function tailFigure(
  { tail }: Claim,
  figure: 'valueAtRisk' | 'expectedShortfall',
): number | null {
  return isInsufficient(tail) ? null : tail[figure];
}
