import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordWeakness } from '../../../src/identity/password-rules.ts';
import { IdentityRefused } from '../../../src/identity/refused.ts';
import { at, IdentityBench, outcome, USER_PASSWORD } from '../../support/identity-bench.ts';

const CLIENT = at('192.0.2.1');
const PERSON = {
  password: USER_PASSWORD,
  firstName: 'A',
  lastName: 'B',
  scopes: ['read'],
} as const;

test('usernames and e-mail addresses share one space, in any case', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const register = (username: string, email: string) =>
    bench.identity.register({ ...PERSON, username, email }, CLIENT);
  for (const [username, email] of [
    ['ANN', ''],
    ['other', 'Ann@Example.com'],
  ]) {
    assert.equal(outcome(await register(username, email)), 'taken', `${username} ${email}`);
  }
  assert.equal(outcome(await register('other', 'other@example.com')), 'done');
});

test('of two registrations of one name at the same moment one is made', async (context) => {
  const bench = new IdentityBench(context);
  const results = await Promise.all(
    ['first', 'second', 'third'].map((username) =>
      bench.identity.register({ ...PERSON, username, email: 'same@example.com' }, CLIENT),
    ),
  );
  assert.deepEqual(results.map(outcome), ['done', 'taken', 'taken']);
  assert.equal(bench.identity.userIds().length, 1);
});

test('users at the same moment get ids of their own', async (context) => {
  const bench = new IdentityBench(context);
  const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
  const users = await Promise.all(names.map((name) => bench.register(name)));
  assert.equal(new Set(users.map(({ userId }) => userId)).size, 20);
  assert.equal(new Set(users.map(({ publicId }) => publicId)).size, 20);
  bench.restart();
  assert.equal((await bench.register('late')).userId, 21);
});

test('weak passwords are refused, and the refusal does not show them', async (context) => {
  const bench = new IdentityBench(context);
  for (const password of ['short', 'password', 'aaaaaaaaaa', 'ababababab', 'ANN@example.com']) {
    const refused = await bench.identity.register(
      { ...PERSON, username: 'ann', email: 'ann@example.com', password },
      CLIENT,
    );
    assert.ok(refused instanceof IdentityRefused, password);
    assert.equal(refused.parameter, 'password');
    assert.equal(refused.value, undefined);
  }
  assert.equal(bench.events.length, 0);
});

test('names are checked, so that a username is nobody else’s address', async (context) => {
  const bench = new IdentityBench(context);
  for (const [username, email, parameter] of [
    ['x', '', 'username'],
    ['with space', '', 'username'],
    ['other@example.com', 'ann@example.com', 'username'],
    ['other@example.com', '', 'username'],
    ['ann', 'not an address', 'email'],
    ['ann', `${'x'.repeat(250)}@example.com`, 'email'],
  ]) {
    const refused = await bench.identity.register({ ...PERSON, username, email }, CLIENT);
    assert.ok(refused instanceof IdentityRefused, username);
    assert.equal(refused.parameter, parameter);
  }
});

test('what makes a password weak', () => {
  const weak = (password: string) => passwordWeakness(password, ['trader', 'trader@example.com']);
  assert.match(String(weak('1234567')), /at least 8/);
  assert.match(String(weak('x1'.repeat(200))), /at most 256/);
  assert.match(String(weak('11111111')), /different characters/);
  assert.match(String(weak('Password1')), /most common/);
  assert.match(String(weak('Trader@example.com')), /name of its user/);
  assert.equal(passwordWeakness('longtrader', ['longtrader@example.com']) === undefined, false);
  assert.equal(weak('secure_password'), undefined);
  assert.equal(weak('пароль-из-букв'), undefined);
});

test('a flood of passwords is answered with busy, not with memory', async (context) => {
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
  const logins = Array.from({ length: 40 }, (_, i) =>
    bench.identity.login('ann', USER_PASSWORD, at(`198.51.100.${i}`)),
  );
  const late = await logins[39];
  assert.equal(outcome(late), 'busy');
  assert.ok(late instanceof IdentityRefused && late.retryAfterSeconds === 1);
  release();
  const outcomes = (await Promise.all(logins)).map(outcome);
  assert.equal(outcomes.filter((each) => each === 'done').length, 32);
});
