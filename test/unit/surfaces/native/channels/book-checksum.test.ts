import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { DepthSide } from '../../../../../src/projections/depth.ts';
import { MarketView } from '../../../../../src/projections/market-view.ts';
import { BookChecksum } from '../../../../../src/surfaces/native/channels/book-checksum.ts';
import { MarketFlow } from '../../../../support/market-flow.ts';
import { shippedMarkets } from '../../../../support/markets.ts';

/** The rule as the documentation has it, from nothing. */
function expected({ depth, market }: MarketView): number {
  const digits = ({ length, pricesTicks, qtysLots }: DepthSide): string =>
    Array.from({ length: Math.min(length, 10) }, (_, i) => {
      return `${pricesTicks[i] * market.tickUnits}${qtysLots[i] * market.lotUnits}`;
    }).join('');
  return crc32(`${digits(depth.asks)}${digits(depth.bids)}`);
}

test('what is remembered of a book never shows: the sum is that of the book as it stands', () => {
  const markets = shippedMarkets();
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }),
      (seed, drains) => {
        const checksum = new BookChecksum();
        // Two markets by turns: each has its own memory.
        const books = [6, 7].map((id) => ({
          view: new MarketView(markets.get(id)!),
          flow: new MarketFlow(id, seed + id),
        }));
        for (const { view } of books) assert.equal(checksum.of(view), 0, 'of an empty book');
        for (const [i, records] of drains.entries()) {
          const { view, flow } = books[i % 2];
          for (let record = 0; record < records; record += 1) {
            flow.step();
            view.apply(flow.views, 0);
          }
          view.settle();
          assert.equal(checksum.of(view), expected(view));
          assert.equal(checksum.of(view), expected(view), 'asked again');
          view.clearChanges();
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a side that empties and fills again is summed as it stands', () => {
  const view = new MarketView(shippedMarkets().get(6)!);
  const checksum = new BookChecksum();
  const set = (side: number, priceTicks: number, qtyLots: number): void => {
    view.depth.setLevel(side, priceTicks, qtyLots, 1);
    view.bookPosition.seq += 1;
    assert.equal(checksum.of(view), expected(view));
  };
  set(1, 1001, 5);
  set(0, 999, 7);
  set(1, 1001, 0);
  set(0, 999, 0);
  assert.equal(checksum.of(view), 0);
  set(0, 999, 7);
  set(1, 1001, 50_000);
});
