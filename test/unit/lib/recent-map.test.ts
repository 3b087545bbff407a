import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentMap } from '../../../src/lib/recent-map.ts';

test('a value in use outlives a flood of others', () => {
  const map = new RecentMap<number>(100);
  map.set('mine', 1);
  for (let i = 0; i < 10_000; i += 1) {
    map.set(`flood ${i}`, i);
    if (i % 50 === 0) assert.equal(map.get('mine'), 1, `after ${i}`);
  }
  assert.ok(map.size <= 200, `${map.size} entries`);
});

test('a value that two turns did not use is gone', () => {
  const map = new RecentMap<number>(10);
  map.set('a', 1);
  map.set('b', 2);
  map.turn();
  assert.equal(map.get('a'), 1);
  map.turn();
  assert.equal(map.get('a'), 1);
  assert.equal(map.get('b'), undefined);
});

test('whatever the calls, it stays within its bound and never answers with another value', () => {
  const call = fc.tuple(fc.constantFrom('get', 'set', 'delete', 'turn'), fc.nat(30));
  const property = fc.property(fc.array(call, { maxLength: 400 }), (calls) => {
    const map = new RecentMap<number>(8);
    const written = new Map<string, number>();
    for (const [i, [name, n]] of calls.entries()) {
      const key = String(n);
      if (name === 'set') {
        map.set(key, i);
        written.set(key, i);
        assert.equal(map.get(key), i);
      } else if (name === 'get') {
        const value = map.get(key);
        if (value !== undefined) assert.equal(value, written.get(key));
      } else if (name === 'delete') {
        map.delete(key);
        written.delete(key);
        assert.equal(map.get(key), undefined);
      } else map.turn();
      assert.ok(map.size <= 16, `${map.size} entries`);
    }
  });
  fc.assert(property, { numRuns: 500, verbose: 1 });
});
