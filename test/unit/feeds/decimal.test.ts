import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type Decimal,
  decimalToNumber,
  multiply,
  parseDecimal,
  trimmed,
  unitsAt,
} from '../../../src/feeds/decimal.ts';
import { type Grid, lotsOf, OFF_GRID, ticksOf } from '../../../src/feeds/grid.ts';
import { Malformed } from '../../../src/feeds/malformed.ts';
import { formatScaled, parseScaled } from '../../../src/lib/fixed-point.ts';

const exact = fc.record({ units: fc.maxSafeInteger(), decimals: fc.nat({ max: 12 }) });

describe('decimal numbers of exchanges', () => {
  for (const [text, expected] of [
    ['0.00010000', { units: 10_000, decimals: 8 }],
    ['-0.0000015186', { units: -15_186, decimals: 10 }],
    ['61800.20', { units: 6_180_020, decimals: 2 }],
    ['0', { units: 0, decimals: 0 }],
    ['-0.00', { units: 0, decimals: 2 }],
    ['26286', { units: 26_286, decimals: 0 }],
    ['605822.2557999999', { units: 6_058_222_557_999_999, decimals: 10 }],
    ['1516669192.1953897476', { units: 1_516_669_192_195_390, decimals: 6, isRounded: true }],
    ['3495670.8399999999', { units: 3_495_670_840_000_000, decimals: 9, isRounded: true }],
    ['1e-7', { units: 1, decimals: 7 }],
    ['', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['NaN', undefined],
    ['0x10', undefined],
    ['1,000', undefined],
    [true, undefined],
    [null, undefined],
    [0.1, { units: 1, decimals: 1 }],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseDecimal(text), expected);
    });
  }

  it('reads what an integer and its scale print, whatever they are', () => {
    fc.assert(
      fc.property(exact, ({ units, decimals }) => {
        const read = parseDecimal(formatScaled(units, decimals, decimals));
        assert.ok(read !== undefined && read.isRounded === undefined);
        assert.deepEqual(trimmed(read), trimmed({ units, decimals }));
      }),
    );
  });

  it('multiplies as integers do, and says where it has to round', () => {
    fc.assert(
      fc.property(exact, exact, (a, b) => {
        const product = BigInt(a.units) * BigInt(b.units);
        const decimals = a.decimals + b.decimals;
        let found: Decimal;
        try {
          found = multiply(a, b);
        } catch (error) {
          assert.ok(error instanceof Malformed);
          assert.ok(
            product / 10n ** BigInt(decimals) > BigInt(Number.MAX_SAFE_INTEGER) - 1n ||
              product < 0n,
          );
          return;
        }
        const scaled = BigInt(found.units) * 10n ** BigInt(decimals - found.decimals);
        if (found.isRounded === undefined) assert.equal(scaled, product);
        else {
          const error = scaled - product;
          const step = 10n ** BigInt(decimals - found.decimals);
          assert.ok((error < 0n ? -error : error) < step, 'within one of the last digit');
        }
      }),
    );
  });

  it('changes scale exactly or not at all', () => {
    assert.equal(unitsAt({ units: 15_050, decimals: 2 }, 1), 1_505);
    assert.equal(unitsAt({ units: 15_055, decimals: 2 }, 1), undefined);
    assert.equal(unitsAt({ units: 15, decimals: 0 }, 3), 15_000);
    assert.equal(unitsAt({ units: Number.MAX_SAFE_INTEGER, decimals: 0 }, 1), undefined);
    assert.equal(decimalToNumber({ units: 1_505, decimals: 1 }), 150.5);
  });
});

const TENTHS: Grid = { tickUnits: 1, priceDecimals: 1, lotUnits: 5, qtyDecimals: 3 };

describe('prices and quantities on the grid of a market', () => {
  for (const [text, ticks] of [
    ['61800.20', 618_002],
    ['61800.2', 618_002],
    ['61800', 618_000],
    ['61800.25', OFF_GRID],
    ['0', 0],
    ['0.0000', 0],
    ['6e3', 60_000],
    ['-1.0', OFF_GRID],
    ['', OFF_GRID],
    ['1.', OFF_GRID],
    ['.1', OFF_GRID],
    ['1.0.0', OFF_GRID],
    ['abc', OFF_GRID],
    ['900719925474099.1', 9_007_199_254_740_991],
    ['9007199254740993', OFF_GRID],
  ] as const) {
    it(`${JSON.stringify(text)} is ${ticks === OFF_GRID ? 'off the grid' : `${ticks} ticks`}`, () => {
      assert.equal(ticksOf(text, TENTHS), ticks);
    });
  }

  it('a lot of 0.005 takes every fifth thousandth', () => {
    assert.equal(lotsOf('0.010', TENTHS), 2);
    assert.equal(lotsOf('0.011', TENTHS), OFF_GRID);
  });

  it('reads every text as the slow reader does', () => {
    const text = fc.oneof(
      fc.stringMatching(/^\d{0,17}\.?\d{0,9}$/),
      fc.stringMatching(/^-?\d{1,4}(\.\d{1,4})?(e[+-]?\d)?$/),
    );
    const grid = fc.record({
      tickUnits: fc.constantFrom(1, 2, 5, 25),
      priceDecimals: fc.nat({ max: 8 }),
    });
    fc.assert(
      fc.property(text, grid, (price, { tickUnits, priceDecimals }) => {
        const units = parseScaled(price, priceDecimals);
        const isOn = units !== undefined && units >= 0 && units % tickUnits === 0;
        const expected = isOn ? units / tickUnits : OFF_GRID;
        assert.equal(ticksOf(price, { ...TENTHS, tickUnits, priceDecimals }), expected);
      }),
    );
  });
});
