import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countFound, StateSequence } from '../../../src/replay/state-sequence.ts';

function sequence(values: readonly number[]): StateSequence {
  const states = new StateSequence();
  for (const value of values) states.add(value, 1, value - 1, 1);
  return states;
}

/** Edits that turn `ours` into a beginning of `file`, at least, by the textbook's table. */
function fewestDifferences(ours: readonly number[], file: readonly number[]): number {
  let row = Array.from({ length: file.length + 1 }, (_, j) => j);
  for (let i = 1; i <= ours.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= file.length; j += 1) {
      const kept = ours[i - 1] === file[j - 1] ? row[j - 1] : Number.POSITIVE_INFINITY;
      next.push(Math.min(kept, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return Math.min(...row);
}

test('states: a state that stays is one state', () => {
  assert.equal(sequence([1, 1, 2, 2, 1]).length, 3);
});

test('states: what the file has besides ours costs nothing, what it lacks is missed', () => {
  const cases: [number[], number[], number][] = [
    [[1, 2, 3], [1, 2, 3], 3],
    [[1, 2, 3], [9, 1, 8, 2, 3, 4, 5], 3],
    [[1, 7, 2, 3], [1, 2, 3, 4], 3],
    [[3, 2, 1], [1, 2, 3], 1],
    [[], [1], 0],
    [[1, 2], [], 0],
  ];
  for (const [ours, file, found] of cases) {
    assert.equal(countFound(sequence(ours), sequence(file)), found, `${ours} in ${file}`);
  }
});

test('states: an alignment has the fewest differences there are', () => {
  const values = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 });
  const distinct = (list: number[]): number[] =>
    list.filter((v, i) => i === 0 || v !== list[i - 1]);
  fc.assert(
    fc.property(values.map(distinct), values.map(distinct), (ours, file) => {
      const found = countFound(sequence(ours), sequence(file));
      assert.ok(found !== null && found >= 0 && found <= ours.length);
      // Each of ours is found or passed over; the fewest differences bound how many may be missed.
      assert.ok(ours.length - found <= fewestDifferences(ours, file));
    }),
    { seed: 20120621 },
  );
});
