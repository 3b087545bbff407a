import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SCOPES } from '../../src/identity/principal.ts';
import { IdentityRefused } from '../../src/identity/refused.ts';
import { at, IdentityBench, outcome, USER_PASSWORD } from '../support/identity-bench.ts';

const NAMES = ['ann', 'bob', 'cid'];
const step = fc.record({
  what: fc.constantFrom(
    'login',
    'login',
    'fail',
    'refresh',
    'refresh',
    'refreshByAccess',
    'reuse',
    'logout',
    'logoutAll',
    'password',
    'makeKey',
    'makeKey',
    'rotateKey',
    'revokeKey',
    'disable',
    'enable',
    'wait',
    'restart',
  ),
  user: fc.nat({ max: NAMES.length - 1 }),
  pick: fc.nat({ max: 1000 }),
});

/** Everything that was ever handed out, good or not. */
class Handed {
  readonly access: string[] = [];
  readonly refresh: string[] = [];
  readonly keys: { apiKey: string; apiSecret: string }[] = [];
  /** The newest refresh token of each login, which may still be good. */
  readonly newest: string[] = [];
  readonly passwords = new Map(NAMES.map((name) => [name, USER_PASSWORD]));
}

/** What a bench says of every credential, without using any of them up. */
function verdicts(bench: IdentityBench, handed: Handed): unknown {
  const { users, sessions, keys, audit } = bench.identity.state;
  return {
    access: handed.access.map((token) => bench.token(token)),
    keys: handed.keys.map((key) =>
      bench.judge({ authorization: '', ...key, address: () => '192.0.2.1' }),
    ),
    sessions: [...users.all()].map(({ userId }) =>
      sessions
        .ofUser(userId)
        .map(({ sessionId, chains, nextChain, expiresAtMs }) => [
          sessionId,
          [...chains],
          nextChain,
          expiresAtMs,
        ]),
    ),
    users: [...users.all()].map(({ lock: _lock, ...user }) => user),
    keyNames: [...users.all()].map(({ userId }) => keys.ofUser(userId).map(({ key }) => key)),
    audit: audit.page(Infinity, Infinity, () => true),
  };
}

async function take(
  bench: IdentityBench,
  handed: Handed,
  { what, user, pick }: { what: string; user: number; pick: number },
): Promise<void> {
  const { identity } = bench;
  const name = NAMES[user];
  const found = identity.state.users.find(name);
  assert.ok(found !== undefined);
  const by = { userId: found.userId, scopes: SCOPES };
  const client = at(`192.0.2.${pick % 200}`);
  const note = (result: unknown): void => {
    if (result instanceof IdentityRefused) return;
    const { accessToken, refreshToken } = result as { accessToken: string; refreshToken: string };
    handed.access.push(accessToken);
    handed.refresh.push(refreshToken);
    handed.newest.push(refreshToken);
  };
  const [session] = identity.state.sessions.ofUser(found.userId);
  const principal = { ...by, username: name, credential: '', sessionId: session?.sessionId };
  const key = handed.keys[pick % Math.max(1, handed.keys.length)];
  switch (what) {
    case 'login':
      return note(await identity.login(name, handed.passwords.get(name) ?? '', client));
    case 'fail':
      return note(await identity.login(name, 'wrong', client));
    case 'refresh':
      return note(await identity.logins.refresh(handed.newest.pop() ?? '', client));
    case 'reuse':
      return note(await identity.logins.refresh(handed.refresh[pick % 7] ?? '', client));
    case 'refreshByAccess':
      return note(await identity.logins.refreshByAccess(principal, client));
    case 'logout':
    case 'logoutAll':
      await identity.logins.logout(principal, what === 'logoutAll', client);
      return;
    case 'password': {
      const next = `another password ${pick}`;
      const result = await identity.logins.changePassword(
        principal,
        handed.passwords.get(name) ?? '',
        next,
        client,
      );
      if (outcome(result) === 'done') handed.passwords.set(name, next);
      return note(result);
    }
    case 'makeKey': {
      const request = { name: 'k', scopes: ['read'] as const, allowedAddresses: [] };
      const expiresAtMs = pick % 3 === 0 ? Math.floor(bench.clock.nowMs()) + 60_000 : null;
      const signing = pick % 2 === 0;
      const made = await identity.keys.create(
        found,
        { ...request, expiresAtMs, signing },
        by,
        client,
      );
      if (made instanceof IdentityRefused) return;
      handed.keys.push({ apiKey: made.key.key, apiSecret: made.secret });
      return;
    }
    case 'rotateKey': {
      const rotated = await identity.keys.rotate(principal, key?.apiKey ?? '', client);
      if (rotated instanceof IdentityRefused) return;
      handed.keys.push({ apiKey: rotated.key.key, apiSecret: rotated.secret });
      return;
    }
    case 'revokeKey':
      await identity.keys.revoke(by, key?.apiKey ?? '', client);
      return;
    case 'disable':
    case 'enable':
      return identity.switchUser(found.userId, what === 'disable', client, 0);
    case 'wait':
      bench.clock.aheadMs += pick * 100;
      return;
    default:
      bench.restart();
  }
}

test('whatever users do, a restart changes nobody’s mind about any credential', async (context) => {
  const seed = 20_261_121;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const bench = new IdentityBench(context);
      const handed = new Handed();
      for (const name of NAMES) await bench.register(name);
      for (const each of steps) await take(bench, handed, each);
      const before = verdicts(bench, handed);
      bench.restart();
      assert.deepEqual(verdicts(bench, handed), before);
      // Twice the same events are once the same events.
      for (const event of bench.events) bench.identity.apply(event);
      assert.deepEqual(verdicts(bench, handed), before);
    }),
    { seed, numRuns: 120 },
  );
});
