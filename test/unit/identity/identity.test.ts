import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jwt from 'jsonwebtoken';
import type { IdentityEvent } from '../../../src/identity/events.ts';
import { Identity, type Login, LoginRefused } from '../../../src/identity/identity.ts';
import { AuthFailure, hasScope, type Principal } from '../../../src/identity/principal.ts';
import { openSecrets } from '../../../src/identity/secrets-file.ts';
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

async function login(from: Identity, username = 'admin', password = PASSWORD): Promise<Login> {
  const result = await from.login(username, password, '192.0.2.1');
  assert.ok(!(result instanceof LoginRefused));
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
  const { accessToken, expiresInSeconds, principal } = await login(identity, 'ADMIN');
  assert.equal(expiresInSeconds, 3600);
  const decoded = jwt.decode(accessToken, { complete: true });
  assert.equal(decoded?.header.alg, 'HS256');
  assert.equal(decoded?.header.kid, openSecrets(directory).jwt.kid);
  const found = identity.authenticate(`Bearer ${accessToken}`);
  assert.deepEqual(found, principal);
  assert.equal((found as Principal).credential, 'user:1');
  assert.deepEqual((found as Principal).scopes, ['read', 'write', 'admin']);
  clock.aheadMs += 3_599_000;
  assert.deepEqual(identity.authenticate(`bearer  ${accessToken}`), principal);
  clock.aheadMs += 2_000;
  assert.equal(failure(identity.authenticate(`Bearer ${accessToken}`)), 'EXPIRED_TOKEN');
});

test('forged, foreign and misshapen credentials are refused', async () => {
  const { jwt: secrets } = openSecrets(directory);
  const secret = Buffer.from(secrets.secret, 'base64url');
  const good = { issuer: 'openbell', audience: 'openbell', subject: '1', keyid: secrets.kid };
  const now = Math.floor(clock.nowMs() / 1000);
  const payload = { iat: now, exp: now + 60, scope: 'admin' };
  const sign = (
    options: jwt.SignOptions,
    key: Buffer | string = secret,
    claims: object = payload,
  ) => jwt.sign(claims, key, { ...good, ...options });
  const ours = sign({});
  assert.ok(!(identity.authenticate(`Bearer ${ours}`) instanceof AuthFailure));
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
    'no expiry': jwt.sign({ iat: now, scope: 'admin' }, secret, good),
    'no token': 'x',
  };
  for (const [what, token] of Object.entries(forged)) {
    assert.equal(failure(identity.authenticate(`Bearer ${token}`)), 'INVALID_CREDENTIALS', what);
  }
  for (const header of [ours, `Basic ${ours}`, 'Bearer', 'Bearer ', `Bearer ${ours} x`]) {
    assert.equal(failure(identity.authenticate(header)), 'INVALID_CREDENTIALS', header);
  }
  assert.equal(failure(identity.authenticate('')), 'MISSING_CREDENTIALS');
});

test('five failures a minute, then even the right password waits', async () => {
  const attempt = (username: string, password: string, client = '192.0.2.7') =>
    identity.login(username, password, client);
  for (let i = 0; i < 5; i += 1) {
    const result = await attempt('admin', 'wrong');
    assert.ok(result instanceof LoginRefused && result.reason === 'wrong_credentials');
  }
  const refused = await attempt('Admin', PASSWORD);
  assert.ok(refused instanceof LoginRefused && refused.reason === 'too_many_failures');
  assert.ok(refused.retryAfterSeconds > 50 && refused.retryAfterSeconds <= 60);
  assert.ok(!((await attempt('admin', PASSWORD, '192.0.2.8')) instanceof LoginRefused));
  const unknown = await attempt('nobody', PASSWORD);
  assert.ok(unknown instanceof LoginRefused && unknown.reason === 'wrong_credentials');
  clock.aheadMs += 61_000;
  assert.ok(!((await attempt('admin', PASSWORD)) instanceof LoginRefused));
});

test('attempts at the same moment share the allowance', async () => {
  const results = await Promise.all(
    Array.from({ length: 9 }, () => identity.login('admin', 'wrong', '192.0.2.9')),
  );
  const reasons = results.map((result) => (result as LoginRefused).reason);
  assert.equal(reasons.filter((reason) => reason === 'wrong_credentials').length, 5);
  assert.equal(reasons.filter((reason) => reason === 'too_many_failures').length, 4);
});

test('events alone rebuild the users, and tokens outlive a restart', async () => {
  const { accessToken } = await login(identity);
  const restarted = open();
  assert.equal(
    failure(restarted.authenticate(`Bearer ${accessToken}`)),
    'INVALID_CREDENTIALS',
    'before the events no user exists',
  );
  for (const event of events) restarted.apply(event);
  for (const event of events) restarted.apply(event);
  assert.deepEqual(restarted.userIds(), [1]);
  assert.ok(!(restarted.authenticate(`Bearer ${accessToken}`) instanceof AuthFailure));
  const again = await restarted.ensureAdmin('admin', PASSWORD);
  assert.deepEqual(again, { userId: 1, created: false, generatedPassword: null });
  assert.equal(events.length, 1, 'nothing changed, so nothing was recorded');
});

test('a new password from the settings ends older sessions', async () => {
  const restarted = open();
  for (const event of events) restarted.apply(event);
  const { accessToken } = await login(restarted);
  assert.ok(!(restarted.authenticate(`Bearer ${accessToken}`) instanceof AuthFailure));
  clock.aheadMs += 1_000;
  await restarted.ensureAdmin('admin', 'another password');
  assert.equal(events.at(-1)?.kind, 'PasswordChanged');
  assert.equal(failure(restarted.authenticate(`Bearer ${accessToken}`)), 'INVALID_CREDENTIALS');
  assert.ok((await restarted.login('admin', PASSWORD, 'x')) instanceof LoginRefused);
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
  assert.ok((await slow.login('late', PASSWORD, 'x')) instanceof LoginRefused);
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
