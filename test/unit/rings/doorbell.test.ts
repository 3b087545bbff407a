import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Doorbell } from '../../../src/rings/doorbell.ts';

const FOREVER_MS = 60_000;
const SLEEPING_INDEX = 1;

describe('doorbell', () => {
  it('looks for work once more after it has said that it sleeps', () => {
    const bell = new Doorbell();
    const words = new Int32Array(bell.buffer);
    let saidSo = false;
    // Work that arrives between the last look and the sleep rings no bell: only this look finds it.
    bell.wait(() => {
      saidSo = words[SLEEPING_INDEX] === 1;
      return true;
    }, FOREVER_MS);
    assert.equal(saidSo, true);
    assert.equal(words[SLEEPING_INDEX], 0, 'awake again');
  });

  it('spins before it sleeps', () => {
    const bell = new Doorbell();
    const words = new Int32Array(bell.buffer);
    let looks = 0;
    bell.wait(
      () => {
        looks += 1;
        assert.equal(words[SLEEPING_INDEX], 0, 'not asleep while spinning');
        return looks === 5;
      },
      FOREVER_MS,
      10,
    );
    assert.equal(looks, 5);
  });

  it('wakes an event loop that sleeps, and only then', async () => {
    const bell = new Doorbell();
    const words = new Int32Array(bell.buffer);
    bell.ring();
    assert.equal(words[0], 0, 'nobody sleeps: one load and nothing else');
    let work = false;
    const woken = bell.waitAsync(() => work, FOREVER_MS);
    work = true;
    bell.ring();
    await woken;
    assert.equal(words[SLEEPING_INDEX], 0);
  });

  it('does not sleep when there is work', async () => {
    const bell = new Doorbell();
    await bell.waitAsync(() => true, FOREVER_MS);
    bell.wait(() => true, FOREVER_MS);
  });
});
