import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jwt from 'jsonwebtoken';
import type { Client, IdentityEvent } from '../../../src/identity/events.ts';
import { Identity } from '../../../src/identity/identity.ts';
import type { Login } from '../../../src/identity/logins.ts';
import {
  AuthFailure,
  bearerCredentials,
  hasScope,
  type Principal,
} from '../../../src/identity/principal.ts';
import { IdentityRefused } from '../../../src/identity/refused.ts';
import { newestKey } from '../../support/credentials.ts';
import { MovableClock } from '../../support/test-server.ts';

const PASSWORD = 'a password of some length';
let directory: string;
let clock: MovableClock;
let events: IdentityEvent[];
let identity: Identity;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'openbell-identity-'));
  clock = new MovableClock();
  events = [];
  identity = open();
  await identity.ensureAdmin('admin', PASSWORD);
});
after(() => rmSync(directory, { recursive: true, force: true }));

function open(): Identity {
  const record = async (event: IdentityEvent) => void events.push(event);
  return Identity.open({ directory, clock, record });
}

const at = (address: string): Client => ({ address, network: address, requestId: '' });

function check(from: Identity, authorization: string): Principal | AuthFailure {
  return from.authenticate(bearerCredentials(authorization));
}

async function login(from: Identity, username = 'admin', password = PASSWORD): Promise<Login> {
  const result = await from.login(username, password, at('192.0.2.1'));
  assert.ok(!(result instanceof IdentityRefused));
  return result;
}

function failure(result: Principal | AuthFailure): AuthFailure['code'] {
  assert.ok(result instanceof AuthFailure);
  return result.code;
}

test('the administrator is an event, and its password is in it only as argon2id', () => {
  assert.equal(events.length, 1);
  const [event] = events;
  assert.equal(event.kind, 'UserRegistered');
  assert.match(event.passwordHash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(!JSON.stringify(event).includes(PASSWORD));
});

test('a token from login is the user, for an hour', async () => {
  const { accessToken, expiresInSeconds, user } = await login(identity, 'ADMIN');
  assert.equal(expiresInSeconds, 3600);
  const decoded = jwt.decode(accessToken, { complete: true });
  assert.equal(decoded?.header.alg, 'HS256');
  assert.equal(decoded?.header.kid, newestKey(directory).kid);
  const found = check(identity, `Bearer ${accessToken}`);
  assert.ok(!(found instanceof AuthFailure));
  assert.equal(found.userId, user.userId);
  assert.equal(found.credential, 'user:1');
  assert.deepEqual((found as Principal).scopes, ['read', 'write', 'admin']);
  clock.aheadMs += 3_599_000;
  assert.deepEqual(check(identity, `bearer  ${accessToken}`), found);
  clock.aheadMs += 2_000;
  assert.equal(failure(check(identity, `Bearer ${accessToken}`)), 'EXPIRED_TOKEN');
});

test('forged, foreign and misshapen credentials are refused', async () => {
  const { kid, material } = newestKey(directory);
  const secret = Buffer.from(material, 'base64url');
  const good = { issuer: 'openbell', audience: 'openbell', subject: '1', keyid: kid };
  const { sid } = jwt.decode((await login(identity)).accessToken) as { sid: string };
  const now = Math.floor(clock.nowMs() / 1000);
  const payload = { iat: now, exp: now + 60, scope: 'admin', sid };
  const sign = (
    options: jwt.SignOptions,
    key: Buffer | string = secret,
    claims: object = payload,
  ) => jwt.sign(claims, key, { ...good, ...options });
  const ours = sign({});
  assert.ok(!(check(identity, `Bearer ${ours}`) instanceof AuthFailure));
  const [head, body, signature] = ours.split('.');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const forged: Record<string, string> = {
    'other secret': sign({}, Buffer.alloc(32)),
    'other issuer': sign({ issuer: 'elsewhere' }),
    'other audience': sign({ audience: 'elsewhere' }),
    'other key id': sign({ keyid: 'x' }),
    'unknown user': sign({ subject: '99' }),
    'no user': sign({ subject: 'admin' }),
    'other algorithm': sign({ algorithm: 'HS512' }),
    'no algorithm': `${none}.${body}.`,
    'no signature': `${head}.${body}.`,
    'changed payload': `${head}.${body.slice(0, -2)}AA.${signature}`,
    'no expiry': jwt.sign({ iat: now, scope: 'admin', sid }, secret, good),
    'no session': sign({}, secret, { iat: now, exp: now + 60, scope: 'admin' }),
    'unknown session': sign({}, secret, { ...payload, sid: 'A'.repeat(16) }),
    'no token': 'x',
  };
  for (const [what, token] of Object.entries(forged)) {
    assert.equal(failure(check(identity, `Bearer ${token}`)), 'INVALID_CREDENTIALS', what);
  }
  for (const header of [ours, `Basic ${ours}`, 'Bearer', 'Bearer ', `Bearer ${ours} x`]) {
    assert.equal(failure(check(identity, header)), 'INVALID_CREDENTIALS', header);
  }
  assert.equal(failure(check(identity, '')), 'MISSING_CREDENTIALS');
});

test('five failures a minute, then even the right password waits', async () => {
  const attempt = (username: string, password: string, client = '192.0.2.7') =>
    identity.login(username, password, at(client));
  for (let i = 0; i < 5; i += 1) {
    const result = await attempt('admin', 'wrong');
    assert.ok(result instanceof IdentityRefused && result.reason === 'wrong_credentials');
  }
  const refused = await attempt('Admin', PASSWORD);
  assert.ok(refused instanceof IdentityRefused && refused.reason === 'too_many_failures');
  assert.ok(refused.retryAfterSeconds > 50 && refused.retryAfterSeconds <= 60);
  assert.ok(!((await attempt('admin', PASSWORD, '192.0.2.8')) instanceof IdentityRefused));
  const unknown = await attempt('nobody', PASSWORD);
  assert.ok(unknown instanceof IdentityRefused && unknown.reason === 'wrong_credentials');
  clock.aheadMs += 61_000;
  assert.ok(!((await attempt('admin', PASSWORD)) instanceof IdentityRefused));
});

test('attempts at the same moment share the allowance', async () => {
  const results = await Promise.all(
    Array.from({ length: 9 }, () => identity.login('admin', 'wrong', at('192.0.2.9'))),
  );
  const reasons = results.map((result) =>
    result instanceof IdentityRefused ? result.reason : 'logged in',
  );
  assert.equal(reasons.filter((reason) => reason === 'wrong_credentials').length, 5);
  assert.equal(reasons.filter((reason) => reason === 'too_many_failures').length, 4);
});

test('events alone rebuild the users, and tokens outlive a restart', async () => {
  const { accessToken } = await login(identity);
  const restarted = open();
  assert.equal(
    failure(check(restarted, `Bearer ${accessToken}`)),
    'INVALID_CREDENTIALS',
    'before the events no user exists',
  );
  const recorded = events.length;
  for (const event of events) restarted.apply(event);
  for (const event of events) restarted.apply(event);
  assert.deepEqual(restarted.userIds(), [1]);
  assert.ok(!(check(restarted, `Bearer ${accessToken}`) instanceof AuthFailure));
  const again = await restarted.ensureAdmin('admin', PASSWORD);
  assert.deepEqual(again, { userId: 1, created: false, generatedPassword: null });
  assert.equal(events.length, recorded, 'nothing changed, so nothing was recorded');
});

test('a new password from the settings ends older sessions', async () => {
  const restarted = open();
  for (const event of events) restarted.apply(event);
  const { accessToken } = await login(restarted);
  assert.ok(!(check(restarted, `Bearer ${accessToken}`) instanceof AuthFailure));
  clock.aheadMs += 1_000;
  await restarted.ensureAdmin('admin', 'another password');
  assert.equal(events.at(-1)?.kind, 'PasswordChanged');
  assert.equal(failure(check(restarted, `Bearer ${accessToken}`)), 'INVALID_CREDENTIALS');
  assert.ok((await restarted.login('admin', PASSWORD, at('x'))) instanceof IdentityRefused);
  await login(restarted, 'admin', 'another password');
});

test('without a password a new administrator gets a random one', async () => {
  const first = await identity.ensureAdmin('operator', undefined);
  assert.equal(first.created, true);
  assert.match(String(first.generatedPassword), /^[\w-]{20}$/);
  await login(identity, 'operator', String(first.generatedPassword));
  const second = await identity.ensureAdmin('operator', undefined);
  assert.deepEqual(second, { userId: first.userId, created: false, generatedPassword: null });
});

test('a user exists once it is durable, not before', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = Identity.open({ directory, clock, record: () => gate });
  const registered = slow.ensureAdmin('late', PASSWORD);
  assert.ok((await slow.login('late', PASSWORD, at('x'))) instanceof IdentityRefused);
  release();
  await registered;
  await login(slow, 'late');
});

test('a higher scope implies the lower', () => {
  assert.ok(hasScope(['admin'], 'read'));
  assert.ok(hasScope(['write'], 'read'));
  assert.ok(!hasScope(['read'], 'write'));
  assert.ok(!hasScope([], 'read'));
});
