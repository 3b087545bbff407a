import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUDIT_ENTRIES_MAX } from '../../../src/identity/audit-trail.ts';
import { FailedLogins } from '../../../src/identity/failed-logins.ts';
import { at, IdentityBench, USER_PASSWORD } from '../../support/identity-bench.ts';

const CLIENT = at('192.0.2.1');

test('who did what, to whom, from where, in the order in which it was done', async (context) => {
  const bench = new IdentityBench(context);
  const root = await bench.register('root', ['read', 'write', 'admin']);
  const ann = await bench.register('ann');
  const login = await bench.login('ann');
  await bench.identity.login('ann', 'wrong', at('198.51.100.1'));
  const request = {
    name: 'desk',
    scopes: ['read'] as const,
    allowedAddresses: [],
    expiresAtMs: null,
    signing: false,
  };
  const made = await bench.identity.keys.create(ann, request, ann, CLIENT);
  assert.ok('key' in made);
  const key = made.key.key;
  await bench.identity.keys.revoke(root, key, at('192.0.2.99'));
  await bench.identity.logins.logout(bench.principal(login), false, CLIENT);
  await bench.identity.switchUser(ann.userId, true, CLIENT, root.userId);
  await bench.identity.recordAction('market.halt', { market: 'NASDAQ:AAPL' }, CLIENT, root.userId);
  await bench.identity.rotateSigningKey(CLIENT, root.userId);
  await bench.identity.flush();
  const shown = () =>
    bench.identity.state.audit
      .page(100, Infinity, () => true)
      .entries.map(({ action, userId, origin }) => [
        action,
        userId,
        origin.byUserId,
        origin.address,
      ]);
  const expected = [
    ['login.failed', 0, 0, ''],
    ['signing_key.rotated', 0, 1, '192.0.2.1'],
    ['market.halt', 0, 1, '192.0.2.1'],
    ['user.disabled', 2, 1, '192.0.2.1'],
    ['session.logout', 2, 2, '192.0.2.1'],
    ['api_key.revoked', 2, 1, '192.0.2.99'],
    ['api_key.created', 2, 2, '192.0.2.1'],
    ['login.succeeded', 2, 2, '192.0.2.1'],
    ['user.registered', 2, 2, '192.0.2.1'],
    ['user.registered', 1, 1, '192.0.2.1'],
  ];
  assert.deepEqual(shown(), expected);
  bench.restart();
  assert.deepEqual(shown(), expected, 'and the same after a restart');
  const text = JSON.stringify(bench.identity.state.audit.page(100, Infinity, () => true));
  for (const secret of [key, made.secret, login.accessToken, login.refreshToken, USER_PASSWORD]) {
    assert.ok(!text.includes(secret));
  }
});

test('pages follow each other without a gap, newest first', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  for (let i = 0; i < 24; i += 1) {
    await bench.identity.recordAction(`step.${i}`, {}, CLIENT, 1);
  }
  const { audit } = bench.identity.state;
  const seen: string[] = [];
  let before: number | null = Number.POSITIVE_INFINITY;
  let pages = 0;
  while (before !== null) {
    const page = audit.page(5, before, () => true);
    seen.push(...page.entries.map(({ action }) => action));
    before = page.nextBefore;
    pages += 1;
  }
  assert.equal(pages, 5);
  assert.deepEqual(seen.slice(0, 3), ['step.23', 'step.22', 'step.21']);
  assert.equal(new Set(seen).size, 25);
});

test('the trail in memory is bounded; what falls out is in the journal', async (context) => {
  const bench = new IdentityBench(context);
  await bench.register('ann');
  for (let i = 0; i < AUDIT_ENTRIES_MAX + 2500; i += 1) {
    await bench.identity.recordAction('step', {}, CLIENT, 1);
  }
  const { audit } = bench.identity.state;
  const { entries } = audit.page(Infinity, Infinity, () => true);
  assert.ok(entries.length >= AUDIT_ENTRIES_MAX && entries.length <= AUDIT_ENTRIES_MAX + 1000);
  assert.equal(entries.at(-1)?.id, audit.oldestId);
});

test('a flood of failed logins is one small event a minute', async (context) => {
  const bench = new IdentityBench(context);
  for (let i = 0; i < 3000; i += 1) {
    const name = `${'x'.repeat(120)} ${i}`;
    await bench.identity.login(name, 'wrong', at(`198.51.100.${i % 250}`));
  }
  const before = bench.events.length;
  await bench.identity.flush();
  assert.equal(bench.events.length, before + 1);
  const event = bench.events.at(-1);
  assert.ok(event?.kind === 'LoginsFailed');
  const counted = event.attempts.reduce((sum, { count }) => sum + count, 0);
  assert.equal(counted + event.others, 3000, 'each one is counted');
  assert.ok(JSON.stringify(event).length < 5000);
});

test('failures are told apart by name and address', () => {
  const failures = new FailedLogins();
  assert.equal(failures.any, false);
  for (const [name, address] of [
    ['Ann', '192.0.2.1'],
    ['ann', '192.0.2.1'],
    ['ann', '192.0.2.2'],
  ]) {
    failures.add(name, at(address), 5000.7);
  }
  const { sinceMs, attempts, others } = failures.take();
  assert.equal(sinceMs, 5000);
  assert.deepEqual(
    attempts.map(({ address, count }) => [address, count]),
    [
      ['192.0.2.1', 2],
      ['192.0.2.2', 1],
    ],
  );
  assert.equal(others, 0);
  assert.equal(failures.any, false);
});
