import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isoMicros } from '../../../src/lib/clock.ts';
import { formatScaled } from '../../../src/lib/fixed-point.ts';
import { JsonWriter, jsonBytes } from '../../../src/lib/json-writer.ts';

const writer = new JsonWriter(16);

function written(write: (writer: JsonWriter) => void): string {
  writer.begin();
  write(writer);
  return Buffer.from(writer.take()).toString();
}

test('integers are written as JavaScript prints them', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.equal(
        written((w) => w.integer(value)),
        String(value === 0 ? 0 : value),
      );
    }),
    { numRuns: 2000 },
  );
  for (const value of [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 2 ** 31, 2 ** 53 - 1]) {
    assert.equal(
      written((w) => w.integer(value)),
      String(value),
    );
  }
});

test('decimals equal the reference formatter, as text with all decimals and as trimmed numbers', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 }), (units, decimals) => {
      assert.equal(
        written((w) => w.decimalText(units, decimals)),
        `"${formatScaled(units, decimals, decimals)}"`,
      );
      assert.equal(
        written((w) => w.decimalNumber(units, decimals)),
        formatScaled(units, decimals),
      );
    }),
    { numRuns: 2000 },
  );
});

test('times equal the reference formatter, also when the second goes back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (seconds, nanos) => {
        assert.equal(
          written((w) => w.isoMicros(seconds, nanos)),
          `"${isoMicros(seconds, nanos)}"`,
        );
      },
    ),
  );
});

test('the writer grows past its first size and keeps what was written', () => {
  const text = written((w) => {
    w.char(91);
    for (let i = 0; i < 500; i += 1) {
      if (i > 0) w.comma();
      w.raw(jsonBytes('{"n":'));
      w.integer(i);
      w.char(125);
    }
    w.char(93);
  });
  const parsed = JSON.parse(text) as { n: number }[];
  assert.deepEqual(
    parsed.map((entry) => entry.n),
    Array.from({ length: 500 }, (_, i) => i),
  );
});
