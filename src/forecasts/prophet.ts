import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initSync, Prophet } from '@bsull/augurs/prophet';
import { optimizer } from '@bsull/augurs-prophet-wasmstan';
import type { ForecastModel } from './model.ts';

const DAY_SECONDS = 86_400;
let ready = false;

function prepare(): void {
  if (ready) return;
  const file = import.meta.resolve('@bsull/augurs/prophet').replace(/\.js$/, '_bg.wasm');
  initSync({ module: readFileSync(fileURLToPath(file)) });
  ready = true;
}

/**
 * Prophet's piecewise trend on log prices, refitted at every origin. Its changes of trend may lie up
 * to the last twentieth of the past, because prices turn late; its own intervals are not used: on
 * prices they are far too narrow.
 */
export class ProphetModel implements ForecastModel {
  readonly name = 'prophet';
  readonly closesMin = 90;
  readonly closesMax = 250;

  learn(): void {
    prepare();
  }

  predict(logs: Float64Array, horizon: number, stepSeconds: number): Float64Array {
    prepare();
    const past = logs.slice(-this.closesMax);
    const prophet = new Prophet({
      optimizer,
      changepointPriorScale: 0.5,
      changepointRange: 0.95,
      uncertaintySamples: 0,
      dailySeasonality: { type: 'manual', enabled: false },
      weeklySeasonality: {
        type: 'manual',
        enabled: stepSeconds === DAY_SECONDS && past.length > 60,
      },
      yearlySeasonality: { type: 'manual', enabled: false },
    });
    try {
      // Only distances in time count: the newest close is at the epoch's day 30 000.
      const last = 30_000 * DAY_SECONDS;
      const at = (step: number): number => last + step * stepSeconds;
      const ds = Array.from(past, (_, i) => at(i - past.length + 1));
      prophet.fit({ ds, y: past });
      const future = Array.from({ length: horizon }, (_, i) => at(i + 1));
      return Float64Array.from(prophet.predict({ ds: future }).yhat.point);
    } finally {
      prophet.free();
    }
  }
}
