import { tryOut } from './forecast.ts';
import type { ForecastModel, Pauses } from './model.ts';

/**
 * Several models weighted by the inverse of their mean absolute errors, which are measured at
 * origins before all those at which the ensemble itself is tried.
 */
export class EnsembleModel implements ForecastModel {
  readonly name = 'ensemble';
  readonly closesMin: number;
  readonly closesMax: number;
  /** Of each member, adding up to 1; empty before it has learnt. */
  weights: readonly number[] = [];
  private readonly members: readonly ForecastModel[];
  private readonly stepSeconds: number;

  constructor(members: readonly ForecastModel[], stepSeconds: number) {
    this.members = members;
    this.stepSeconds = stepSeconds;
    this.closesMin = Math.max(...members.map(({ closesMin }) => closesMin)) + LEARNING_CLOSES;
    this.closesMax = Math.max(...members.map(({ closesMax }) => closesMax)) + LEARNING_CLOSES;
  }

  async learn(logs: Float64Array, horizonMax: number, control: Pauses): Promise<void> {
    const errors: number[] = [];
    for (const member of this.members) {
      const trials = await tryOut(member, logs, horizonMax, this.stepSeconds, control);
      let sum = 0;
      for (const { predicted, actual } of trials) {
        for (let i = 0; i < actual.length; i += 1) sum += Math.abs(actual[i] - predicted[i]);
      }
      errors.push(Math.max(Number.EPSILON, sum / (trials.length * horizonMax)));
    }
    const inverse = errors.map((error) => 1 / error);
    const total = inverse.reduce((a, b) => a + b, 0);
    this.weights = inverse.map((weight) => weight / total);
  }

  predict(logs: Float64Array, horizon: number, stepSeconds: number): Float64Array {
    const sum = new Float64Array(horizon);
    for (const [i, member] of this.members.entries()) {
      const predicted = member.predict(logs, horizon, stepSeconds);
      for (let step = 0; step < horizon; step += 1) sum[step] += this.weights[i] * predicted[step];
    }
    return sum;
  }
}

/** Closes before the ensemble's own origins at which its members are weighed. */
const LEARNING_CLOSES = 120;
