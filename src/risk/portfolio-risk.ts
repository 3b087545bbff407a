import { correlationMatrix, type SquareMatrix } from './covariance-matrix.ts';
import { type InsufficientData, insufficientData, OBSERVATIONS_MIN } from './insufficient.ts';
import {
  type Claim,
  type ClaimRequest,
  type Holdings,
  LossClaims,
  type Window,
  windowOf,
} from './loss-claims.ts';
import { alignSeries, type PriceSeries, simpleReturns, weightedSum } from './price-series.ts';
import { beta, maxDrawdown, sharpeRatio, sortinoRatio, volatility, type Year } from './ratios.ts';

export interface PortfolioRiskTask extends Holdings {
  /** Positions and cash. */
  readonly totalValue: number;
  /** Levels of what the portfolio is compared with; `null`: nothing. */
  readonly benchmark: PriceSeries | null;
  /** Daily returns that figures rest on. */
  readonly window: number;
  readonly year: Year;
  readonly claims: readonly ClaimRequest[];
}

/**
 * Figures of the returns that today's portfolio, cash included, would have had with its present
 * weights on every day. `null`: there is no such figure (no spread, no benchmark).
 */
export interface ReturnMeasures extends Window {
  /** Of a year. */
  readonly volatility: number;
  readonly sharpeRatio: number | null;
  readonly sortinoRatio: number | null;
  /** A fraction, 0 or negative. */
  readonly maxDrawdown: number;
  readonly beta: number | null;
  /** Returns of portfolio and benchmark on their common days. */
  readonly betaWindow: Window;
}

export interface PortfolioRisk {
  readonly claims: readonly Claim[];
  readonly measures: ReturnMeasures | InsufficientData;
  /** Of the positions' assets, in their order. */
  readonly correlations: SquareMatrix | InsufficientData;
}

/** Everything about a portfolio's risk. Pure: equal tasks give equal figures. */
export function portfolioRisk(
  task: PortfolioRiskTask,
  pause: () => void = () => undefined,
): PortfolioRisk {
  const lossClaims = new LossClaims(task, task.window, pause);
  const claims = task.claims.map((request) => lossClaims.answer(request));
  const table = lossClaims.table(task.window + 1);
  const window = windowOf(table);
  pause();
  if (window.observations < OBSERVATIONS_MIN) {
    const lacks = insufficientData('risk figures', OBSERVATIONS_MIN, window.observations);
    return { claims, measures: lacks, correlations: lacks };
  }
  const returns = simpleReturns(table);
  return {
    claims,
    measures: measuresOf(task, window, returns),
    correlations: correlationMatrix(returns),
  };
}

function measuresOf(
  task: PortfolioRiskTask,
  window: Window,
  table: ReturnType<typeof simpleReturns>,
): ReturnMeasures | InsufficientData {
  const { year, totalValue, values } = task;
  // What a portfolio that is worth nothing returns cannot be said.
  if (!(totalValue > 0)) return insufficientData('returns of a portfolio without value', 1, 0);
  const returns = weightedSum(
    table,
    values.map((value) => value / totalValue),
  );
  return {
    ...window,
    volatility: volatility(returns, year),
    sharpeRatio: sharpeRatio(returns, year),
    sortinoRatio: sortinoRatio(returns, year),
    maxDrawdown: maxDrawdown(returns),
    ...benchmarkBeta(task),
  };
}

/** On the days that portfolio and benchmark share, which may be fewer than the portfolio's own. */
function benchmarkBeta(task: PortfolioRiskTask): Pick<ReturnMeasures, 'beta' | 'betaWindow'> {
  const { benchmark, series, values, totalValue } = task;
  if (benchmark === null) return { beta: null, betaWindow: NO_COMPARISON };
  const table = alignSeries([...series, benchmark], task.window + 1);
  const betaWindow = windowOf(table);
  if (betaWindow.observations < OBSERVATIONS_MIN) return { beta: null, betaWindow };
  const returns = simpleReturns(table);
  const weights = Float64Array.from([...values.map((value) => value / totalValue), 0]);
  const { observations } = returns;
  const ofBenchmark = returns.values.subarray(series.length * observations);
  return { beta: beta(weightedSum(returns, weights), ofBenchmark), betaWindow };
}

const NO_COMPARISON: Window = { observations: 0, firstDay: null, lastDay: null };
