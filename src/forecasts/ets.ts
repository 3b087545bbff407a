import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AutoETS, initSync } from '@bsull/augurs/ets';
import type { ForecastModel } from './model.ts';

/** Error, trend and season: the library chooses the kinds of the first two; prices have no season. */
const SPEC = 'ZZN';
const NO_SEASON = 1;
let ready = false;

function prepare(): void {
  if (ready) return;
  const file = import.meta.resolve('@bsull/augurs/ets').replace(/\.js$/, '_bg.wasm');
  initSync({ module: readFileSync(fileURLToPath(file)) });
  ready = true;
}

/** Exponential smoothing with automatic choice of its kind, refitted at every origin. */
export class EtsModel implements ForecastModel {
  readonly name = 'ets';
  readonly closesMin = 60;
  readonly closesMax = 400;

  learn(): void {
    prepare();
  }

  predict(logs: Float64Array, horizon: number): Float64Array {
    prepare();
    const model = new AutoETS(NO_SEASON, SPEC);
    try {
      model.fit(logs.slice(-this.closesMax));
      return Float64Array.from(model.predict(horizon).point);
    } finally {
      model.free();
    }
  }
}
