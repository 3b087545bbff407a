import type { ForecastModel } from './model.ts';

/** The last price stays: the peer of every other model, and hard to beat. */
export class NaiveModel implements ForecastModel {
  readonly name = 'naive';
  readonly closesMin = 1;
  readonly closesMax = 1;

  learn(): void {}

  predict(logs: Float64Array, horizon: number): Float64Array {
    return new Float64Array(horizon).fill(logs[logs.length - 1]);
  }
}
