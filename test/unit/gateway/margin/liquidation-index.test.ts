import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PriceHeap, type Watched } from '../../../../src/gateway/margin/liquidation-index.ts';

interface Named extends Watched {
  readonly name: number;
}

describe('PriceHeap', () => {
  it('gives whoever is due, each once, as a list that is searched whole would', () => {
    const operation = fc.record({
      name: fc.integer({ min: 0, max: 30 }),
      ticks: fc.integer({ min: 1, max: 100 }),
      price: fc.option(fc.integer({ min: 1, max: 100 })),
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(operation, { maxLength: 300 }), (falling, operations) => {
        const heap = new PriceHeap<Named>(falling);
        const named = Array.from({ length: 31 }, (_, name) => ({ name, version: 0 }));
        const watching = new Map<number, number>();
        for (const { name, ticks, price } of operations) {
          named[name].version += 1;
          heap.add(ticks, named[name]);
          watching.set(name, ticks);
          if (price === null) continue;
          const expected = [...watching]
            .filter(([, at]) => (falling ? at >= price : at <= price))
            .map(([due]) => due);
          const due: number[] = [];
          for (let one = heap.take(price); one !== undefined; one = heap.take(price)) {
            one.version += 1;
            watching.delete(one.name);
            due.push(one.name);
          }
          assert.deepEqual(due.sort(), expected.sort());
        }
        assert.ok(heap.size <= 64 + 3 * 32 + 1, 'what was superseded does not pile up');
      }),
    );
  });
});
