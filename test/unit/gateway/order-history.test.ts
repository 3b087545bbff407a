import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OrderHistory } from '../../../src/gateway/order-history.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);

describe('what portfolios have had of orders', () => {
  it(`is listed newest first, each order once, in whatever order it was told (seed ${SEED})`, () => {
    const note = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(fc.array(note), fc.integer({ min: 1, max: 61 }), (notes, before) => {
        const history = new OrderHistory();
        // An order is of one portfolio.
        const owner = new Map<number, number>();
        for (const [portfolio, order] of notes) {
          if (!owner.has(order)) owner.set(order, portfolio);
          history.note(owner.get(order) ?? 0, order);
        }
        const expected = [...owner]
          .filter(([order, portfolio]) => order < before && portfolio !== 2)
          .map(([order]) => order)
          .sort((a, b) => b - a);
        assert.deepEqual([...history.before([1, 3, 9], before)], expected);
      }),
      { seed: SEED },
    );
  });

  it('forgets the oldest of whoever has most, past its bound', () => {
    const history = new OrderHistory(100);
    for (let order = 1; order <= 10; order += 1) history.note(1, order);
    for (let order = 11; order <= 1000; order += 1) history.note(2, order);
    assert.equal([...history.before([1], Number.POSITIVE_INFINITY)].length, 10);
    const kept = [...history.before([2], Number.POSITIVE_INFINITY)];
    assert.ok(kept.length <= 90 && kept.length >= 40, `${kept.length} are kept`);
    assert.deepEqual(kept.slice(0, 2), [1000, 999]);
  });
});
