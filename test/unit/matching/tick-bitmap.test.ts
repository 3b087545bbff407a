import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { NONE } from '../../../src/matching/layout.ts';
import { BITMAP_TICKS, TickBitmap } from '../../../src/matching/tick-bitmap.ts';

it('an empty set has no highest tick and none below', () => {
  const ticks = new TickBitmap();
  assert.equal(ticks.highest(), NONE);
  assert.equal(ticks.below(BITMAP_TICKS - 1), NONE);
  assert.equal(ticks.below(0), NONE);
});

it('finds neighbours across the borders of its words', () => {
  const ticks = new TickBitmap();
  const members = [0, 31, 32, 1023, 1024, 32_767, 32_768, 65_535, BITMAP_TICKS - 1];
  for (const tick of members) ticks.add(tick);
  const found: number[] = [];
  for (let tick = ticks.highest(); tick !== NONE; tick = ticks.below(tick)) found.push(tick);
  assert.deepEqual(found, members.toReversed());
});

it('agrees with a sorted array under random additions and removals', () => {
  const random = new Prng(3);
  const ticks = new TickBitmap();
  const members = new Set<number>();
  for (let step = 0; step < 5000; step += 1) {
    const tick = random.integer(0, 40) * random.integer(1, 6500);
    if (members.delete(tick)) ticks.remove(tick);
    else {
      members.add(tick);
      ticks.add(tick);
    }
    const probe = random.integer(0, BITMAP_TICKS - 1);
    const below = [...members].filter((member) => member < probe);
    assert.equal(ticks.highest(), Math.max(NONE, ...members));
    assert.equal(ticks.below(probe), Math.max(NONE, ...below));
  }
});
