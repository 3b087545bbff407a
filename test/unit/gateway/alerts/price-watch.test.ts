import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PriceAlert } from '../../../../src/gateway/alerts/alert-book.ts';
import { PriceWatch } from '../../../../src/gateway/alerts/price-watch.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);

function alertOf(alertId: number, direction: 'above' | 'below', priceTicks: number): PriceAlert {
  return {
    kind: 'price',
    alertId,
    userId: 1,
    marketId: 6,
    direction,
    priceTicks,
    repeats: true,
    note: '',
    createdMs: 0,
    firings: 0,
    firedMs: null,
    firedValue: null,
  };
}

const price = fc.integer({ min: 95, max: 105 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('trade' as const), price }) },
  fc.record({
    op: fc.constant('add' as const),
    direction: fc.constantFrom('above' as const, 'below' as const),
    price,
    rests: fc.boolean(),
  }),
  fc.record({ op: fc.constant('remove' as const), which: fc.nat() }),
);

describe('price alerts of a market', () => {
  it(`fire as looking at every one of them would have it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const watch = new PriceWatch();
        const naive = new Map<PriceAlert, 'armed' | 'resting'>();
        let nextId = 1;
        for (const one of steps) {
          if (one.op === 'add') {
            const alert = alertOf(nextId, one.direction, one.price);
            nextId += 1;
            watch.add(alert, one.rests);
            naive.set(alert, one.rests ? 'resting' : 'armed');
          } else if (one.op === 'remove') {
            const all = [...naive.keys()];
            const alert = all[one.which % Math.max(1, all.length)];
            if (alert === undefined) continue;
            watch.remove(alert);
            naive.delete(alert);
          } else {
            const fired: number[] = [];
            watch.traded(6, one.price, ({ alertId }) => fired.push(alertId));
            const expected: number[] = [];
            for (const [alert, state] of naive) {
              const { direction, priceTicks } = alert;
              const reached =
                direction === 'above' ? one.price >= priceTicks : one.price <= priceTicks;
              if (state === 'resting' && !reached) naive.set(alert, 'armed');
              if (state !== 'armed' || !reached) continue;
              expected.push(alert.alertId);
              naive.delete(alert);
            }
            assert.deepEqual(
              fired.sort((a, b) => a - b),
              expected,
            );
          }
        }
        watch.traded(7, 100, () => assert.fail('no alert is of this market'));
      }),
      { seed: SEED },
    );
  });
});
