import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as codes from '../../../src/domain/result-codes.ts';

const constants = Object.entries<unknown>(codes).filter(
  (entry): entry is [string, number] => typeof entry[1] === 'number',
);

it('no two results have the same number', () => {
  const numbers = constants.map(([, code]) => code);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.length > 20);
});

it('every result is named after its constant, and nothing else is named', () => {
  for (const [name, code] of constants) assert.equal(codes.resultName(code), name);
  assert.equal(codes.RESULT_NAMES.size, constants.length);
  assert.equal(codes.resultName(999), 'CODE_999');
});

it('every refusal lies in one of the bands', () => {
  for (const [name, code] of constants) {
    if (name === 'OK') assert.equal(code, 0);
    else assert.ok(code > 100 && code < 500 && code % 100 !== 0, `${name} = ${code}`);
  }
});
