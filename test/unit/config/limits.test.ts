import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertLimits, LIMITS } from '../../../src/config/limits.ts';

it('the limits fit each other', () => {
  assert.doesNotThrow(assertLimits);
});

it('every limit is a positive whole number, its unit last in the name', () => {
  for (const [name, value] of Object.entries(LIMITS)) {
    assert.ok(Number.isSafeInteger(value) && value > 0, name);
    assert.doesNotMatch(name, /^(?:bytes|ms|seconds)[A-Z]/, name);
  }
});
