import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SESSION_LIFETIME_MS } from '../../../src/identity/logins.ts';
import { IdentityRefused } from '../../../src/identity/refused.ts';
import { CHAINS_PER_SESSION_MAX, SESSIONS_PER_USER_MAX } from '../../../src/identity/sessions.ts';
import { at, IdentityBench, outcome, USER_PASSWORD } from '../../support/identity-bench.ts';

const CLIENT = at('192.0.2.1');

test('a refresh gives another pair, and the used token is worth nothing', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const first = await bench.login('ann@example.com');
  const second = await bench.identity.logins.refresh(first.refreshToken, CLIENT);
  assert.ok(!(second instanceof IdentityRefused));
  assert.notEqual(second.accessToken, first.accessToken);
  assert.notEqual(second.refreshToken, first.refreshToken);
  assert.equal(bench.token(first.accessToken), 'good', 'access tokens last their time');
  assert.equal(bench.token(second.accessToken), 'good');
});

test('a refresh token that comes twice ends the session, whoever it was', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const stolen = await bench.login('ann');
  const elsewhere = await bench.login('ann');
  const next = await bench.identity.logins.refresh(stolen.refreshToken, CLIENT);
  assert.ok(!(next instanceof IdentityRefused));
  const again = await bench.identity.logins.refresh(stolen.refreshToken, at('203.0.113.9'));
  assert.equal(outcome(again), 'wrong_credentials');
  for (const dead of [stolen, next]) {
    assert.equal(bench.token(dead.accessToken), 'INVALID_CREDENTIALS');
    const refused = await bench.identity.logins.refresh(dead.refreshToken, CLIENT);
    assert.equal(outcome(refused), 'wrong_credentials');
  }
  assert.equal(bench.token(elsewhere.accessToken), 'good', 'another login is another session');
  bench.restart();
  assert.equal(bench.token(next.accessToken), 'INVALID_CREDENTIALS', 'after a restart too');
  const entry = bench.identity.state.audit.page(1, Infinity, () => true).entries[0];
  assert.equal(entry.action, 'session.refresh_token_reused');
  assert.equal(entry.origin.address, '203.0.113.9');
});

test('of two refreshes at the same moment at most one lives, and the session ends', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const { refreshToken, accessToken } = await bench.login('ann');
  const { logins } = bench.identity;
  const results = await Promise.all([
    logins.refresh(refreshToken, CLIENT),
    logins.refresh(refreshToken, CLIENT),
  ]);
  assert.ok(results.map(outcome).includes('wrong_credentials'));
  assert.equal(bench.token(accessToken), 'INVALID_CREDENTIALS');
});

test('an access token refreshes into a chain of its own', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const first = await bench.login('ann');
  const principal = bench.principal(first);
  const { logins } = bench.identity;
  const pairs = await Promise.all([
    logins.refreshByAccess(principal, CLIENT),
    logins.refreshByAccess(principal, CLIENT),
  ]);
  const tokens = [first, ...pairs].map((pair) =>
    pair instanceof IdentityRefused ? '' : pair.refreshToken,
  );
  assert.equal(new Set(tokens).size, 3);
  for (const token of tokens) assert.equal(outcome(await logins.refresh(token, CLIENT)), 'done');
  bench.restart();
  const used = await bench.identity.logins.refresh(tokens[1], CLIENT);
  assert.equal(outcome(used), 'wrong_credentials', 'used up before the restart');
  assert.equal(bench.token(first.accessToken), 'INVALID_CREDENTIALS', 'and the session ends');
});

test('a session has a bounded number of chains; the oldest makes way', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const first = await bench.login('ann');
  const principal = bench.principal(first);
  for (let i = 0; i < CHAINS_PER_SESSION_MAX; i += 1) {
    await bench.identity.logins.refreshByAccess(principal, CLIENT);
  }
  const [session] = bench.identity.state.sessions.ofUser(principal.userId);
  assert.equal(session.chains.size, CHAINS_PER_SESSION_MAX);
  const refused = await bench.identity.logins.refresh(first.refreshToken, CLIENT);
  assert.equal(outcome(refused), 'wrong_credentials');
  assert.equal(bench.token(first.accessToken), 'good', 'a forgotten chain ends nothing');
});

test('a user has a bounded number of sessions; the oldest makes way', async (context) => {
  const bench = new IdentityBench(context);
  const { userId } = await bench.register('ann');
  const first = await bench.login('ann');
  for (let i = 0; i < SESSIONS_PER_USER_MAX; i += 1) await bench.login('ann');
  assert.equal(bench.identity.state.sessions.ofUser(userId).length, SESSIONS_PER_USER_MAX);
  assert.equal(bench.token(first.accessToken), 'INVALID_CREDENTIALS');
});

test('made-up and foreign refresh tokens are refused and end nothing', async (context) => {
  const bench = new IdentityBench(context);
  const other = new IdentityBench(context);
  for (const each of [bench, other]) await each.register('ann');
  const { refreshToken, accessToken } = await bench.login('ann');
  const foreign = await other.login('ann');
  const [name, chain, generation, mac] = refreshToken.split('.');
  const wrong = [
    '',
    'obr_',
    foreign.refreshToken,
    `${name}.${chain}.${generation}.${mac.slice(0, -1)}`,
    `${name}.${chain}.9.${mac}`,
    `${name}.1.${generation}.${mac}`,
    refreshToken.replace('obr_', 'xyz_'),
  ];
  for (const token of wrong) {
    assert.equal(outcome(await bench.identity.logins.refresh(token, CLIENT)), 'wrong_credentials');
  }
  assert.equal(bench.token(accessToken), 'good');
  assert.equal(outcome(await bench.identity.logins.refresh(refreshToken, CLIENT)), 'done');
});

test('a session is over thirty days after its login, however often it was refreshed', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  let { refreshToken } = await bench.login('ann');
  bench.clock.aheadMs += SESSION_LIFETIME_MS - 60_000;
  const late = await bench.identity.logins.refresh(refreshToken, CLIENT);
  assert.ok(!(late instanceof IdentityRefused));
  ({ refreshToken } = late);
  bench.clock.aheadMs += 120_000;
  const over = await bench.identity.logins.refresh(refreshToken, CLIENT);
  assert.equal(outcome(over), 'wrong_credentials');
  bench.identity.state.sessions.sweep(bench.clock.nowMs());
  assert.equal(bench.identity.state.sessions.size, 0);
});

test('logout ends one session or all, with what was opened under them', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const [one, two, three] = [
    await bench.login('ann'),
    await bench.login('ann'),
    await bench.login('ann'),
  ];
  let told = 0;
  bench.principal(one).grant?.onEnd(() => {
    told += 1;
  });
  assert.equal(await bench.identity.logins.logout(bench.principal(one), false, CLIENT), 1);
  assert.equal(told, 1);
  assert.equal(bench.token(one.accessToken), 'INVALID_CREDENTIALS');
  assert.equal(bench.token(two.accessToken), 'good');
  assert.equal(await bench.identity.logins.logout(bench.principal(two), true, CLIENT), 2);
  bench.restart();
  for (const { accessToken, refreshToken } of [one, two, three]) {
    assert.equal(bench.token(accessToken), 'INVALID_CREDENTIALS');
    const refused = await bench.identity.logins.refresh(refreshToken, CLIENT);
    assert.equal(outcome(refused), 'wrong_credentials');
  }
});

test('a changed password ends every session, and only the right one changes it', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const [here, there] = [await bench.login('ann'), await bench.login('ann')];
  const principal = bench.principal(here);
  const change = (current: string, next: string) =>
    bench.identity.logins.changePassword(principal, current, next, CLIENT);
  assert.equal(outcome(await change('wrong', 'another good password')), 'wrong_credentials');
  assert.equal(outcome(await change(USER_PASSWORD, 'short')), 'invalid');
  assert.equal(outcome(await change(USER_PASSWORD, 'ann@example.com')), 'invalid');
  const fresh = await change(USER_PASSWORD, 'another good password');
  assert.ok(!(fresh instanceof IdentityRefused));
  assert.equal(bench.token(fresh.accessToken), 'good');
  for (const { accessToken } of [here, there]) {
    assert.equal(bench.token(accessToken), 'INVALID_CREDENTIALS');
  }
  bench.restart();
  const old = await bench.identity.login('ann', USER_PASSWORD, CLIENT);
  assert.equal(outcome(old), 'wrong_credentials');
  await bench.login('ann', 'another good password');
});

test('a known and an unknown name cost the same work, right password or not', async (context) => {
  const bench = new IdentityBench(context);
  const user = await bench.register('ann');
  await bench.register('off');
  await bench.identity.switchUser(2, true, CLIENT, 0);
  await turn();
  const { verified } = bench.hasher;
  const hashedBefore = bench.hasher.hashed;
  const attempts = [
    ['ann', 'wrong'],
    ['nobody', 'wrong'],
    ['nobody', USER_PASSWORD],
    ['off', USER_PASSWORD],
  ];
  for (const [name, password] of attempts) {
    const before = verified.length;
    const result = await bench.identity.login(name, password, at('198.51.100.7'));
    assert.ok(result instanceof IdentityRefused);
    assert.equal(verified.length, before + 1, `${name}: one comparison`);
    assert.deepEqual(
      [result.reason, result.message, result.retryAfterSeconds],
      ['wrong_credentials', 'Wrong username or password.', 0],
    );
  }
  assert.equal(bench.hasher.hashed, hashedBefore, 'and nothing is hashed anew');
  assert.equal(verified[0], user.passwordHash);
  assert.notEqual(verified[1], user.passwordHash);
});

test('a password that changes while it is compared is compared in vain', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  bench.hasher.verify = async () => {
    await gate;
    return true;
  };
  const login = bench.identity.login('ann', USER_PASSWORD, CLIENT);
  await turn();
  await bench.identity.switchUser(1, true, CLIENT, 0);
  release();
  assert.equal(outcome(await login), 'wrong_credentials');
});
