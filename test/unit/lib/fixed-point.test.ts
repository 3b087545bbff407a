import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatScaled, parseScaled, scaledToNumber } from '../../../src/lib/fixed-point.ts';

describe('fixed point', () => {
  for (const [text, decimals, expected] of [
    ['150.5', 2, 15_050],
    ['150.50', 2, 15_050],
    ['0.001', 3, 1],
    ['-1.00', 2, -100],
    ['1e2', 0, 100],
    ['1.5e-3', 4, 15],
    ['100', 0, 100],
    ['0', 6, 0],
    ['0.0000', 2, 0],
    ['9007199254740991', 0, 9_007_199_254_740_991],
    ['150.505', 2, undefined],
    ['9007199254740992', 0, undefined],
    ['1e400', 0, undefined],
    ['1e99', 0, undefined],
    ['', 2, undefined],
    ['.5', 2, undefined],
    ['1.', 2, undefined],
    ['NaN', 2, undefined],
    ['Infinity', 2, undefined],
    ['0x10', 0, undefined],
    ['1_000', 0, undefined],
    [' 1', 0, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)} with ${decimals} decimals as ${expected}`, () => {
      assert.equal(parseScaled(text, decimals), expected);
    });
  }

  it('prints without trailing zeros, and with as many decimals as asked', () => {
    assert.equal(formatScaled(15_050, 2), '150.5');
    assert.equal(formatScaled(15_050, 2, 2), '150.50');
    assert.equal(formatScaled(-5, 3), '-0.005');
    assert.equal(formatScaled(7, 0), '7');
  });

  it('reads back what it prints, exactly, for every integer and scale', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 }), (value, decimals) => {
        assert.equal(parseScaled(formatScaled(value, decimals), decimals), value === 0 ? 0 : value);
      }),
    );
  });

  it('gives numbers whose shortest text is the decimal value, up to 15 digits', () => {
    const digits15 = fc.integer({ min: 0, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(digits15, fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        assert.equal(String(scaledToNumber(value, decimals)), formatScaled(value, decimals));
      }),
    );
  });
});
