import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Paced, Pacer } from '../../../../src/gateway/streams/pacer.ts';

interface Item extends Paced {
  name: string;
}

function bench() {
  const clock = { seconds: 0, nanos: 0, at: 0, tick() {}, nowMs: () => clock.at };
  const told: string[] = [];
  const pacer = new Pacer<Item>(clock, 50, ({ name }) => told.push(`${name}@${clock.at}`));
  const item = (name: string): Item => ({ name, lastSentMs: Number.NEGATIVE_INFINITY });
  return { clock, told, pacer, item };
}

test('a first change is told at once, further ones together at the interval’s end', () => {
  const { clock, told, pacer, item } = bench();
  const a = item('a');
  pacer.changed(a);
  clock.at = 10;
  pacer.changed(a);
  pacer.changed(a);
  pacer.flush();
  clock.at = 49;
  pacer.flush();
  assert.deepEqual(told, ['a@0']);
  clock.at = 50;
  pacer.flush();
  clock.at = 200;
  pacer.flush();
  assert.deepEqual(told, ['a@0', 'a@50']);
  pacer.changed(a);
  assert.deepEqual(told, ['a@0', 'a@50', 'a@200']);
});

test('items do not wait for each other, and who is forgotten is not told of', () => {
  const { clock, told, pacer, item } = bench();
  const [a, b] = [item('a'), item('b')];
  pacer.changed(a);
  clock.at = 20;
  pacer.changed(b);
  pacer.changed(a);
  pacer.changed(b);
  clock.at = 55;
  pacer.flush();
  assert.deepEqual(told, ['a@0', 'b@20', 'a@55']);
  pacer.forget(b);
  clock.at = 500;
  pacer.flush();
  assert.deepEqual(told, ['a@0', 'b@20', 'a@55']);
});

test('the timer tells what waits without being asked', async () => {
  const told: number[] = [];
  const clock = { seconds: 0, nanos: 0, tick() {}, nowMs: () => performance.now() };
  const pacer = new Pacer<Paced>(clock, 5, () => told.push(clock.nowMs()));
  const a = { lastSentMs: Number.NEGATIVE_INFINITY };
  pacer.changed(a);
  pacer.changed(a);
  assert.equal(told.length, 1);
  const keepAlive = setTimeout(() => undefined, 10_000);
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  clearTimeout(keepAlive);
  assert.ok(told[1] - told[0] >= 5, `${told[1] - told[0]} ms`);
});
