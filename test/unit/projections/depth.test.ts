import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { ChangedPrices, DepthBook, DepthSide } from '../../../src/projections/depth.ts';
import { MarketFlow, sortedLevels } from '../../support/market-flow.ts';

function levelsOf(side: DepthSide): [number, number, number][] {
  return Array.from({ length: side.length }, (_, i) => [
    side.pricesTicks[i],
    side.qtysLots[i],
    side.orders[i],
  ]);
}

test('a side equals a naive map under random settings of levels', () => {
  const setting = fc.tuple(
    fc.integer({ min: 1, max: 400 }),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(SIDE_BUY, SIDE_SELL),
      fc.array(setting, { maxLength: 1500 }),
      (side, settings) => {
        const tested = new DepthSide(side);
        const naive = new Map<number, [number, number]>();
        for (const [price, qty, orders] of settings) {
          tested.set(price, qty, orders);
          if (qty === 0) naive.delete(price);
          else naive.set(price, [qty, orders]);
          assert.equal(tested.qtyAt(price), qty);
          assert.equal(tested.ordersAt(price), qty === 0 ? 0 : orders);
        }
        const direction = side === SIDE_BUY ? -1 : 1;
        const expected = [...naive]
          .map(([price, [qty, orders]]) => [price, qty, orders])
          .sort((a, b) => (a[0] - b[0]) * direction);
        assert.deepEqual(levelsOf(tested), expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('a book kept from records equals the naive book, and names exactly the touched prices', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 600 }), (seed, steps) => {
      const flow = new MarketFlow(6, seed);
      const book = new DepthBook();
      let before = [new Map(flow.levels[0]), new Map(flow.levels[1])];
      for (let i = 1; i <= steps; i += 1) {
        flow.step();
        book.apply(flow.views, 0);
        assert.equal(book.seq, flow.seq);
        if (i % 37 !== 0 && i !== steps) continue;
        book.changed.settle();
        for (const [side, changed] of [book.changed.bids, book.changed.asks].entries()) {
          const named = [...changed.pricesTicks.subarray(0, changed.length)];
          const direction = side === SIDE_BUY ? -1 : 1;
          const ordered = [...new Set(named)].sort((a, b) => (a - b) * direction);
          assert.deepEqual(named, ordered, 'each price once, best first');
          for (const price of new Set([...before[side].keys(), ...flow.levels[side].keys()])) {
            const was = before[side].get(price) ?? [0, 0];
            const is = flow.levels[side].get(price) ?? [0, 0];
            if (was[0] !== is[0] || was[1] !== is[1]) assert.ok(named.includes(price));
          }
        }
        book.changed.clear();
        assert.ok(book.changed.empty);
        before = [new Map(flow.levels[0]), new Map(flow.levels[1])];
      }
      assert.deepEqual(levelsOf(book.bids), sortedLevels(flow, SIDE_BUY));
      assert.deepEqual(levelsOf(book.asks), sortedLevels(flow, SIDE_SELL));
      assert.equal(book.bestBidTicks(), sortedLevels(flow, SIDE_BUY)[0]?.[0] ?? 0);
      assert.equal(book.bestAskTicks(), sortedLevels(flow, SIDE_SELL)[0]?.[0] ?? 0);
    }),
    { numRuns: 100 },
  );
});

test('changed prices stay within twice the distinct ones, however often they are touched', () => {
  const changed = new ChangedPrices(SIDE_BUY);
  for (let i = 0; i < 100_000; i += 1) changed.add(1 + (i % 100));
  assert.ok(changed.pricesTicks.length <= 256);
  changed.settle();
  assert.deepEqual(
    [...changed.pricesTicks.subarray(0, changed.length)],
    Array.from({ length: 100 }, (_, i) => 100 - i),
  );
  changed.clear();
  changed.add(7);
  changed.settle();
  assert.equal(changed.length, 1);
  changed.add(9);
  changed.add(7);
  changed.settle();
  assert.deepEqual([...changed.pricesTicks.subarray(0, changed.length)], [9, 7]);
});
