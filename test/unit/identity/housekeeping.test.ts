import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { at, IdentityBench, USER_PASSWORD } from '../../support/identity-bench.ts';

test('failed logins are written down soon, and then once a minute', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const bench = new IdentityBench(context);
  const errors: unknown[] = [];
  bench.identity.startHousekeeping((error) => errors.push(error));
  const written = () => bench.events.filter(({ kind }) => kind === 'LoginsFailed').length;
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 5000) {
      bench.clock.aheadMs += 5000;
      context.mock.timers.tick(5000);
      await turn();
    }
  };
  await pass(60_000);
  assert.equal(written(), 0, 'nothing failed');
  await bench.identity.login('ann', USER_PASSWORD, at('192.0.2.1'));
  await pass(5_000);
  assert.equal(written(), 1);
  for (let i = 0; i < 12; i += 1) {
    await bench.identity.login(`ann${i}`, USER_PASSWORD, at('192.0.2.1'));
    await pass(5_000);
  }
  assert.equal(written(), 2);
  await bench.identity.login('ann', USER_PASSWORD, at('192.0.2.2'));
  await bench.identity.stopHousekeeping();
  assert.equal(written(), 3, 'an orderly end loses none');
  await bench.identity.login('ann', USER_PASSWORD, at('192.0.2.3'));
  await pass(120_000);
  assert.equal(written(), 3, 'and then it is over');
  assert.deepEqual(errors, []);
});

test('sessions whose time is over are forgotten', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const login = await bench.login('ann');
  let told = 0;
  bench.principal(login).grant?.onEnd(() => {
    told += 1;
  });
  bench.identity.startHousekeeping(() => undefined);
  bench.clock.aheadMs += 31 * 86_400_000;
  context.mock.timers.tick(5000);
  assert.equal(bench.identity.state.sessions.size, 0);
  assert.equal(told, 1);
  await bench.identity.stopHousekeeping();
});
