import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_KEYS_PER_USER_MAX } from '../../../src/identity/api-keys.ts';
import type { KeyRequest } from '../../../src/identity/key-desk.ts';
import { AuthFailure, type Credentials, type Principal } from '../../../src/identity/principal.ts';
import { IdentityRefused } from '../../../src/identity/refused.ts';
import { at, IdentityBench, outcome } from '../../support/identity-bench.ts';

const CLIENT = at('192.0.2.1');
const PLAIN: KeyRequest = {
  name: 'desk',
  scopes: ['write', 'read'],
  allowedAddresses: [],
  expiresAtMs: null,
  signing: false,
};

async function keyOf(bench: IdentityBench, name: string, request: Partial<KeyRequest> = {}) {
  const user = bench.identity.state.users.find(name);
  assert.ok(user !== undefined);
  const made = await bench.identity.keys.create(user, { ...PLAIN, ...request }, user, CLIENT);
  assert.ok(!(made instanceof IdentityRefused), outcome(made));
  return { apiKey: made.key.key, apiSecret: made.secret, address: () => '192.0.2.1' };
}

const credentials = (parts: Partial<Credentials>): Credentials => ({
  authorization: '',
  apiKey: '',
  apiSecret: '',
  address: () => '192.0.2.1',
  ...parts,
});

function who(bench: IdentityBench, parts: Partial<Credentials>): Principal {
  const found = bench.identity.authenticate(credentials(parts));
  assert.ok(!(found instanceof AuthFailure), 'accepted');
  return found;
}

function failure(bench: IdentityBench, parts: Partial<Credentials>): string {
  const found = bench.identity.authenticate(credentials(parts));
  assert.ok(found instanceof AuthFailure, 'refused');
  return found.message;
}

test('a key with its secret is its user, with its own scopes and limits', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const key = await keyOf(bench, 'ann');
  const principal = who(bench, key);
  assert.equal(principal.username, 'ann');
  assert.deepEqual(principal.scopes, ['read', 'write']);
  assert.equal(principal.credential, `key:${key.apiKey}`);
  assert.equal(principal.sessionId, undefined);
  bench.restart();
  assert.equal(who(bench, key).userId, principal.userId);
});

test('the secret is in no event', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const plain = await keyOf(bench, 'ann');
  const signing = await keyOf(bench, 'ann', { signing: true });
  const journal = JSON.stringify(bench.events);
  for (const { apiKey, apiSecret } of [plain, signing]) {
    assert.ok(journal.includes(apiKey));
    assert.ok(!journal.includes(apiSecret) && !journal.includes(apiSecret.slice(4)));
  }
});

test('what is not exactly a good key is refused', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  await bench.register('bob');
  const key = await keyOf(bench, 'ann');
  const other = await keyOf(bench, 'bob');
  const cases: Partial<Credentials>[] = [
    { ...key, apiSecret: other.apiSecret },
    { ...key, apiSecret: `${key.apiSecret} ` },
    { ...key, apiSecret: '' },
    { ...key, apiKey: 'obk_nobody' },
    { ...key, apiKey: '__proto__' },
    { ...key, authorization: 'Bearer nonsense' },
    { ...key, authorization: `Bearer ${(await bench.login('bob')).accessToken}` },
  ];
  for (const each of cases) failure(bench, each);
  assert.equal(failure(bench, { apiSecret: key.apiSecret }), 'This endpoint needs a credential.');
});

test('revoking and rotating end a key’s former secret and what was opened with it', async (context) => {
  const bench = new IdentityBench(context);
  const ann = await bench.register('ann');
  const bob = await bench.register('bob');
  const key = await keyOf(bench, 'ann');
  const by = { userId: ann.userId, scopes: ann.scopes };
  const principal = who(bench, key);
  let told = 0;
  principal.grant?.onEnd(() => {
    told += 1;
  });
  const stranger = { ...principal, userId: bob.userId };
  const { keys } = bench.identity;
  assert.equal(outcome(await keys.rotate(stranger, key.apiKey, CLIENT)), 'not_found');
  assert.equal(outcome(await keys.revoke(stranger, key.apiKey, CLIENT)), 'not_found');
  const rotated = await keys.rotate(principal, key.apiKey, CLIENT);
  assert.ok(!(rotated instanceof IdentityRefused));
  assert.equal(told, 1);
  failure(bench, key);
  const next = { ...key, apiSecret: rotated.secret };
  assert.notEqual(who(bench, next).grant, principal.grant);
  assert.equal(outcome(await keys.revoke(by, key.apiKey, CLIENT)), 'done');
  failure(bench, next);
  bench.restart();
  failure(bench, next);
  assert.equal(outcome(await bench.identity.keys.revoke(by, key.apiKey, CLIENT)), 'not_found');
});

test('an administrator may revoke anybody’s key, and rotate only their own', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const root = await bench.register('root', ['read', 'write', 'admin']);
  const { apiKey } = await keyOf(bench, 'ann');
  const { keys } = bench.identity;
  const admin = bench.principal(await bench.login('root'));
  assert.equal(outcome(await keys.rotate(admin, apiKey, CLIENT)), 'not_found');
  assert.equal(outcome(await keys.revoke(root, apiKey, CLIENT)), 'done');
});

test('a key works from its addresses only, IPv4 and IPv6', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const key = await keyOf(bench, 'ann', {
    allowedAddresses: ['192.0.2.0/24', '2001:db8::/32', '203.0.113.7'],
  });
  const from = (address: string) => ({ ...key, address: () => address });
  for (const address of ['192.0.2.255', '2001:db8:1:2::3', '203.0.113.7', '192.0.2.255']) {
    who(bench, from(address));
  }
  for (const address of ['192.0.3.1', '2001:db9::1', '203.0.113.8', '', 'nonsense']) {
    assert.match(failure(bench, from(address)), /may not be used from this address/);
  }
  const ann = bench.identity.state.users.find('ann');
  for (const wrong of [
    '192.0.2.0/33',
    '192.0.2',
    '::/129',
    'localhost',
    '10.0.0.0/8/9',
    '1.2.3.4/',
  ]) {
    const request = { ...PLAIN, allowedAddresses: [wrong] };
    const made = await bench.identity.keys.create(ann!, request, ann!, CLIENT);
    assert.equal(outcome(made), 'invalid', wrong);
  }
});

test('an expired key is refused', async (context) => {
  const bench = new IdentityBench(context);
  const ann = await bench.register('ann');
  const expiresAtMs = Math.floor(bench.clock.nowMs()) + 60_000;
  const key = await keyOf(bench, 'ann', { expiresAtMs });
  assert.equal(who(bench, key).expiresAtMs, expiresAtMs);
  bench.clock.aheadMs += 61_000;
  assert.match(failure(bench, key), /has expired/);
  const request = { ...PLAIN, expiresAtMs };
  assert.equal(outcome(await bench.identity.keys.create(ann, request, ann, CLIENT)), 'invalid');
});

test('a key never may more than who made it and whose it is', async (context) => {
  const bench = new IdentityBench(context);
  const reader = await bench.register('reader', ['read']);
  const root = await bench.register('root', ['read', 'write', 'admin']);
  const { keys } = bench.identity;
  for (const by of [reader, root]) {
    const request = { ...PLAIN, scopes: ['read', 'write'] as const };
    assert.equal(outcome(await keys.create(reader, request, by, CLIENT)), 'forbidden');
  }
  const request = { ...PLAIN, scopes: ['admin'] as const };
  assert.equal(outcome(await keys.create(root, request, root, CLIENT)), 'done');
});

test('a disabled user’s keys rest, and come back with the user', async (context) => {
  const bench = new IdentityBench(context);
  const { userId } = await bench.register('ann');
  const key = await keyOf(bench, 'ann');
  const { grant } = who(bench, key);
  await bench.identity.switchUser(userId, true, CLIENT, 0);
  assert.equal(grant?.ended, true);
  failure(bench, key);
  await bench.identity.switchUser(userId, false, CLIENT, 0);
  who(bench, key);
});

test('where a surface says so, a key alone reads, and no more than it may', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('root', ['read', 'write', 'admin']);
  const { apiKey, apiSecret } = await keyOf(bench, 'root', { scopes: ['admin'] });
  assert.match(failure(bench, { apiKey }), /without its secret/);
  assert.deepEqual(who(bench, { apiKey, keyAlone: true }).scopes, ['read']);
  assert.deepEqual(who(bench, { apiKey, apiSecret, keyAlone: true }).scopes, ['admin']);
  failure(bench, { apiKey, apiSecret: 'wrong', keyAlone: true });
});

test('uses are noted in memory and written down together', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  const key = await keyOf(bench, 'ann');
  const before = bench.events.length;
  for (let i = 0; i < 1000; i += 1) who(bench, key);
  assert.equal(bench.events.length, before, 'no event per request');
  await bench.identity.flush();
  await bench.identity.flush();
  assert.equal(bench.events.length, before + 1);
  bench.restart();
  const used = bench.identity.state.keys.get(key.apiKey);
  assert.ok(used?.lastUsedAtMs !== null && used?.lastUsedAddress === '192.0.2.1');
});

test('a user has a bounded number of keys', async (context) => {
  const bench = new IdentityBench(context);
  const ann = await bench.register('ann');
  for (let i = 0; i < API_KEYS_PER_USER_MAX; i += 1) await keyOf(bench, 'ann');
  assert.equal(outcome(await bench.identity.keys.create(ann, PLAIN, ann, CLIENT)), 'too_many');
});
