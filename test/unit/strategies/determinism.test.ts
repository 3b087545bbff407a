import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { CATALOGUE } from '../../../src/strategies/catalogue.ts';
import type { StrategyDefinition } from '../../../src/strategies/strategy.ts';
import { StrategyScene } from '../../support/strategy-scene.ts';

const QUICK: Record<string, Record<string, number>> = {
  momentum: { sample_seconds: 0.5, fast_samples: 3, slow_samples: 10, entry_bps: 1 },
  mean_reversion: { sample_seconds: 0.5, window_samples: 10, entry_z: 1.2, min_deviation_bps: 0.1 },
  market_making: {},
  arbitrage: { min_edge_bps: 0 },
};

/** Five minutes of two markets that wander, apart from each other too. */
function run(definition: StrategyDefinition, seed: number): StrategyScene {
  const marketIds = definition.marketsMin === 2 ? [6, 9] : [6];
  const scene = new StrategyScene(definition, { marketIds, parameters: QUICK[definition.id] });
  const prng = new Prng(seed);
  let mid = 970_000;
  for (let step = 0; step < 600; step += 1) {
    mid += Math.round(prng.normal() * 150);
    for (const marketId of marketIds) {
      const off = Math.round(prng.normal() * 900);
      const half = 3 + Math.floor(prng.uniform() * 40);
      scene.quote(marketId, mid + off - half, mid + off + half, 200);
      if (prng.chance(0.3)) {
        const side = prng.chance(0.5) ? SIDE_BUY : SIDE_SELL;
        const reach = side === SIDE_BUY ? half + 30 : -half - 30;
        scene.take(marketId, side, mid + off + reach, 1 + Math.floor(prng.uniform() * 300));
      }
    }
    scene.pass(500);
  }
  return scene;
}

describe('the same events lead to the same orders', () => {
  for (const definition of CATALOGUE) {
    it(definition.id, () => {
      const seed = 20_261;
      const first = run(definition, seed);
      const second = run(definition, seed);
      assert.ok(first.text.length >= 4, `${definition.id} hardly traded: ${first.text.length}`);
      assert.deepEqual(second.text, first.text);
      assert.deepEqual(second.host.record.image(), first.host.record.image());
      assert.notDeepEqual(run(definition, seed + 1).text, first.text);
    });
  }
});
