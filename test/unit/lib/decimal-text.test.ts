import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalText } from '../../../src/lib/decimal-text.ts';
import { formatScaled, parseScaled } from '../../../src/lib/fixed-point.ts';

test('decimal text is what the slower printer prints, and reads back', () => {
  const units = fc.oneof(fc.maxSafeNat(), fc.nat(10_000));
  const property = fc.property(units, fc.nat(8), (value, decimals) => {
    const text = decimalText(value, decimals);
    assert.equal(text, formatScaled(value, decimals));
    assert.equal(parseScaled(text, decimals), value);
  });
  fc.assert(property, { numRuns: 5000, verbose: 1 });
});

test('no trailing zero, no dangling point', () => {
  const cases: [number, number, string][] = [
    [0, 0, '0'],
    [0, 8, '0'],
    [15050, 2, '150.5'],
    [15000, 2, '150'],
    [5, 4, '0.0005'],
    [100_000, 5, '1'],
    [100_001, 5, '1.00001'],
    [Number.MAX_SAFE_INTEGER, 0, '9007199254740991'],
  ];
  for (const [units, decimals, text] of cases) assert.equal(decimalText(units, decimals), text);
});
