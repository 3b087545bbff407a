import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grant } from '../../../src/identity/grant.ts';
import { LoginGuard } from '../../../src/identity/login-guard.ts';
import { TokenCache } from '../../../src/identity/token-cache.ts';

const principal = { userId: 1, username: 'a', scopes: [], credential: 'user:1' } as const;

test('the login guard forgets failures after a minute and keeps a bounded number of names', () => {
  const guard = new LoginGuard(50);
  for (let i = 0; i < 5; i += 1) assert.equal(guard.begin('a', 1000 * i), 0);
  assert.equal(guard.begin('a', 10_000), 50);
  assert.equal(guard.begin('a', 60_000), 0);
  assert.equal(guard.begin('a', 60_500), 1);
  for (let i = 0; i < 500; i += 1) guard.begin(`name ${i}`, 61_000);
  assert.ok(guard.keys <= 50, `${guard.keys} names`);
});

test('the token cache keeps what is used and drops the rest', () => {
  const cache = new TokenCache(10);
  cache.set('used', principal, 1000);
  cache.set('unused', principal, 1000);
  for (let i = 0; i < 100; i += 1) {
    cache.set(`token ${i}`, principal, 1000);
    assert.equal(cache.get('used', 1), principal);
  }
  assert.equal(cache.get('unused', 1), undefined);
  assert.equal(cache.get('used', 1000), undefined, 'not past its end');
  const grant = new Grant();
  cache.set('granted', { ...principal, grant }, 1000);
  assert.equal(cache.get('granted', 1)?.userId, 1);
  grant.end();
  assert.equal(cache.get('granted', 1), undefined, 'not past its grant');
});
