import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addFill, type Position } from '../../../src/ledger/portfolio.ts';

const flat = (): Position => ({ qtyLots: 0, costUnits: 0, realisedUnits: 0, feeUnits: 0 });

/** Fills as [signed lots, price]; one tick × lot is one unit. */
function after(...fills: [number, number][]): Position {
  const position = flat();
  for (const [lots, price] of fills) addFill(position, lots, Math.abs(lots) * price, 0);
  return position;
}

describe('position', () => {
  it('averages what is bought', () => {
    assert.deepEqual(after([10, 100], [10, 110]), { ...flat(), qtyLots: 20, costUnits: 2100 });
  });

  it('realises the difference to the average cost when reduced', () => {
    const position = after([10, 100], [10, 110], [-5, 120]);
    assert.deepEqual(position, { qtyLots: 15, costUnits: 1575, realisedUnits: 75, feeUnits: 0 });
  });

  it('goes short and takes its profit when bought back', () => {
    const position = after([-5, 110], [5, 100]);
    assert.deepEqual(position, { qtyLots: 0, costUnits: 0, realisedUnits: 50, feeUnits: 0 });
  });

  it('crosses zero: closes the old side whole, opens the new one at its price', () => {
    const position = after([10, 100], [-15, 110]);
    assert.deepEqual(position, { qtyLots: -5, costUnits: -550, realisedUnits: 100, feeUnits: 0 });
  });

  it('loses nothing to rounding: cash flow equals realised profit minus open cost', () => {
    const fill = fc.tuple(
      fc.integer({ min: -1000, max: 1000 }).filter((lots) => lots !== 0),
      fc.integer({ min: 1, max: 1_000_000 }),
    );
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
        const position = after(...fills);
        const cash = fills.reduce((sum, [lots, price]) => sum - lots * price, 0);
        assert.equal(position.realisedUnits - position.costUnits, cash);
        if (position.qtyLots === 0) assert.equal(position.costUnits, 0);
      }),
    );
  });
});
