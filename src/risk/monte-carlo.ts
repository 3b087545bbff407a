import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { assert } from '../lib/assert.ts';
import { Prng } from '../lib/prng.ts';
import { covarianceMatrix, rowMeans, type SquareMatrix } from './covariance-matrix.ts';
import { type InsufficientData, observationsFor } from './insufficient.ts';
import type { ReturnTable } from './price-series.ts';
import { lacking, type RiskClaim, type Tail, tailOfLosses } from './value-at-risk.ts';

export interface Simulation {
  readonly paths: number;
  readonly seed: number;
}

/** A tail from simulated losses, and how far chance may have moved it. */
export interface SimulatedTail extends Tail {
  readonly paths: number;
  readonly seed: number;
  /** One standard error of the value at risk: the losses that so far away in rank lie. */
  readonly valueAtRiskError: number;
  readonly expectedShortfallError: number;
}

/** Products that one simulation may cost: about two seconds. */
const WORK_MAX = 2e9;
/** Between two looks at whether anyone still wants the result. */
const PATHS_A_BLOCK = 1024;
const JITTER_FIRST = 1e-12;
const JITTER_LAST = 1e-6;

/**
 * REUSED: losses of the simulation under way. Megabytes that come and go make the kernel rearrange
 * the memory of the whole process, and hold every thread up that asks for some meanwhile.
 */
let lossMemory = new Float64Array(0);

/**
 * Monte Carlo: logarithmic returns of all assets drawn from the normal distribution with the means
 * and covariances of the sample, over the horizon, and every position valued anew at the prices they
 * lead to. The same seed gives the same figures.
 * @param returns logarithmic, of a day
 * @param values of the positions, one for each asset
 * @param pause called now and then; may throw to end it
 */
export function monteCarloTail(
  returns: ReturnTable,
  values: Float64Array,
  { confidence, horizonDays }: RiskClaim,
  simulation: Simulation,
  pause: () => void = () => undefined,
): SimulatedTail | InsufficientData {
  const needed = observationsFor(confidence);
  if (returns.observations < needed) {
    return lacking('monte_carlo', confidence, needed, returns.observations);
  }
  const paths = pathsWithin(simulation.paths, returns.assets);
  const losses = simulateLosses(returns, values, horizonDays, { ...simulation, paths }, pause);
  losses.sort();
  const tail = tailOfLosses(losses, confidence);
  return { ...tail, ...errors(losses, confidence, tail), paths, seed: simulation.seed };
}

/** Paths of those asked for that the work of so many assets leaves room for. */
export function pathsWithin(paths: number, assets: number): number {
  const each = (assets * (assets + 1)) / 2;
  return Math.min(paths, Math.max(1000, Math.floor(WORK_MAX / Math.max(1, each))));
}

function simulateLosses(
  returns: ReturnTable,
  values: Float64Array,
  horizonDays: number,
  { paths, seed }: Simulation,
  pause: () => void,
): Float64Array {
  const { assets } = returns;
  const factor = choleskyFactor(covarianceMatrix(returns));
  const root = Math.sqrt(horizonDays);
  for (let i = 0; i < factor.length; i += 1) factor[i] *= root;
  const drift = rowMeans(returns);
  for (let i = 0; i < assets; i += 1) drift[i] *= horizonDays;
  const prng = new Prng(seed);
  const normals = new Float64Array(assets);
  if (lossMemory.length < paths) lossMemory = new Float64Array(paths);
  const losses = lossMemory.subarray(0, paths);
  for (let path = 0; path < paths; path += 1) {
    if (path % PATHS_A_BLOCK === 0) pause();
    for (let i = 0; i < assets; i += 1) normals[i] = prng.normal();
    let loss = 0;
    let at = 0;
    for (let i = 0; i < assets; i += 1) {
      let change = drift[i];
      for (let j = 0; j <= i; j += 1) {
        change += factor[at] * normals[j];
        at += 1;
      }
      loss -= values[i] * Math.expm1(change);
    }
    losses[path] = loss;
  }
  return losses;
}

/**
 * The lower triangle L with L Lᵀ = the matrix, row after row without the zeros. Fewer observations
 * than assets, or assets that move alike, make a matrix that has none: then the least is added to
 * its diagonal that gives it one, in proportion to the variances.
 */
export function choleskyFactor({ size, values }: SquareMatrix): Float64Array {
  const matrix = new Matrix(size, size);
  let trace = 0;
  for (let i = 0; i < size; i += 1) {
    trace += values[i * size + i];
    for (let j = 0; j < size; j += 1) matrix.set(i, j, values[i * size + j]);
  }
  const packed = new Float64Array((size * (size + 1)) / 2);
  // Nothing ever moved: nothing will.
  if (trace === 0) return packed;
  for (let jitter = 0; jitter <= JITTER_LAST; jitter = Math.max(JITTER_FIRST, jitter * 10)) {
    const trial = matrix.clone();
    for (let i = 0; i < size; i += 1) {
      trial.set(i, i, values[i * size + i] + (jitter * trace) / size);
    }
    const decomposition = new CholeskyDecomposition(trial);
    if (!decomposition.isPositiveDefinite()) continue;
    const { lowerTriangularMatrix } = decomposition;
    let at = 0;
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        packed[at] = lowerTriangularMatrix.get(i, j);
        at += 1;
      }
    }
    return packed;
  }
  assert(false, 'a covariance matrix is positive definite but for rounding');
}

/**
 * Standard errors: of the quantile by the losses one deviation of its rank away (David and Nagaraja,
 * "Order Statistics", 2003, 7.1), of the mean beyond it by Manistre and Hancock ("Variance of the
 * CTE Estimator", North American Actuarial Journal 9, 2005).
 */
function errors(
  losses: Float64Array,
  confidence: number,
  { valueAtRisk, expectedShortfall }: Tail,
): Pick<SimulatedTail, 'valueAtRiskError' | 'expectedShortfallError'> {
  const n = losses.length;
  const rank = confidence * (n - 1);
  const ranks = Math.sqrt(n * confidence * (1 - confidence));
  const above = losses[Math.min(n - 1, Math.ceil(rank + ranks))];
  const below = losses[Math.max(0, Math.floor(rank - ranks))];
  let squares = 0;
  let count = 0;
  for (let i = n - 1; i >= 0 && losses[i] >= valueAtRisk; i -= 1) {
    squares += (losses[i] - expectedShortfall) ** 2;
    count += 1;
  }
  const distance = expectedShortfall - valueAtRisk;
  const variance = squares / Math.max(1, count - 1) + confidence * distance * distance;
  return {
    valueAtRiskError: (above - below) / 2,
    expectedShortfallError: Math.sqrt(variance / (n * (1 - confidence))),
  };
}
