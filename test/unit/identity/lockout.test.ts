import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOCK_AFTER_FAILURES, LockState, UnknownNames } from '../../../src/identity/lock-state.ts';
import { IdentityRefused } from '../../../src/identity/refused.ts';
import { at, IdentityBench, USER_PASSWORD } from '../../support/identity-bench.ts';

/** Fails `times` times from as many addresses. */
async function fail(bench: IdentityBench, name: string, times: number, net = '198.51.100') {
  for (let i = 0; i < times; i += 1) {
    await bench.identity.login(name, 'wrong', at(`${net}.${i}`));
  }
}

async function waitSeconds(bench: IdentityBench, name: string, address = '203.0.113.1') {
  const result = await bench.identity.login(name, USER_PASSWORD, at(address));
  return result instanceof IdentityRefused ? result.retryAfterSeconds : 'in';
}

test('ten failures from anywhere lock an account, and a restart does not unlock it', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  await fail(bench, 'ann', LOCK_AFTER_FAILURES - 1);
  assert.equal(bench.events.filter(({ kind }) => kind === 'AccountLocked').length, 0);
  await fail(bench, 'ann@example.com', 1, '198.18.0');
  assert.equal(bench.events.at(-1)?.kind, 'AccountLocked');
  assert.equal(await waitSeconds(bench, 'ANN'), 60);
  bench.restart();
  assert.equal(await waitSeconds(bench, 'ann'), 60);
  bench.clock.aheadMs += 61_000;
  assert.equal(await waitSeconds(bench, 'ann'), 'in');
});

test('each further lock is twice as long, up to an hour; a login forgives', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  await fail(bench, 'ann', LOCK_AFTER_FAILURES);
  const waits = [];
  for (let round = 1; round <= 8; round += 1) {
    waits.push(await waitSeconds(bench, 'ann'));
    bench.clock.aheadMs += 3_601_000;
    await fail(bench, 'ann', 5, `198.18.${round}`);
  }
  assert.deepEqual(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
  bench.clock.aheadMs += 3_601_000;
  assert.equal(await waitSeconds(bench, 'ann'), 'in');
  await fail(bench, 'ann', 1);
  assert.equal(await waitSeconds(bench, 'ann', '203.0.113.2'), 'in');
});

test('a name that nobody has is locked like one that somebody has', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  for (const name of ['ann', 'nobody']) {
    await fail(bench, name, LOCK_AFTER_FAILURES);
    assert.equal(await waitSeconds(bench, name), 60, name);
  }
  const locks = bench.events.filter(({ kind }) => kind === 'AccountLocked');
  assert.equal(locks.length, 1, 'only a user’s lock is written down');
});

test('strangers cannot lock a user out of where they are logged in', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  await bench.login('ann', USER_PASSWORD, '192.0.2.44');
  await fail(bench, 'ann', LOCK_AFTER_FAILURES);
  assert.equal(await waitSeconds(bench, 'ann'), 60, 'from elsewhere');
  assert.equal(await waitSeconds(bench, 'ann', '192.0.2.44'), 'in', 'from where they are at home');
});

test('an administrator lifts a lock by enabling the user', async (context) => {
  const bench = new IdentityBench(context);
  const { userId } = await bench.register('ann');
  await fail(bench, 'ann', LOCK_AFTER_FAILURES);
  await bench.identity.switchUser(userId, false, at(''), 0);
  assert.equal(await waitSeconds(bench, 'ann'), 'in');
});

test('failures of yesterday are forgotten', () => {
  const lock = new LockState();
  for (let i = 0; i < 9; i += 1) assert.equal(lock.failed(1e12 + i), undefined);
  assert.equal(lock.failed(1e12 + 86_400_100), undefined);
  assert.equal(lock.failures, 1);
});

test('names that nobody has take bounded memory', () => {
  const names = new UnknownNames(100);
  for (let i = 0; i < 5000; i += 1) names.of(`name ${i}`).failed(1e12);
  assert.equal(names.size, 100);
});
