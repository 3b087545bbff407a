import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RestingOrders } from '../../../src/projections/resting-orders.ts';

test('orders are found, changed and removed as in a map, however many there are', () => {
  const step = fc.record({
    id: fc.oneof(
      fc.integer({ min: 1, max: 400 }),
      // Ids beyond 32 bits, which share their low words with the small ones.
      fc.integer({ min: 1, max: 400 }).map((id) => id + 2 ** 32),
    ),
    remove: fc.boolean(),
    qtyLots: fc.integer({ min: 1, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const resting = new RestingOrders();
      const expected = new Map<number, [number, number, number, number]>();
      for (const [i, { id, remove, qtyLots }] of steps.entries()) {
        const slot = resting.find(id);
        assert.equal(slot >= 0, expected.has(id));
        if (remove && slot >= 0) {
          resting.remove(slot);
          expected.delete(id);
        } else {
          resting.add(id, i, i % 2, 1000 + i, qtyLots);
          expected.set(id, [i, i % 2, 1000 + i, qtyLots]);
        }
        assert.equal(resting.size, expected.size);
      }
      for (const [id, fields] of expected) {
        const slot = resting.find(id);
        assert.deepEqual(
          [
            resting.publicId(slot),
            resting.side(slot),
            resting.priceTicks(slot),
            resting.qtyLots(slot),
          ],
          fields,
        );
      }
      assert.equal([...resting.slots()].length, expected.size);
    }),
    { numRuns: 50 },
  );
});
