import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Refusal } from '../../../../src/gateway/http/refusal.ts';
import type { StreamRequest } from '../../../../src/gateway/streams/endpoint.ts';
import { LoginFailures } from '../../../../src/gateway/streams/login-failures.ts';
import { SocketLogin } from '../../../../src/gateway/streams/socket-login.ts';
import { Grant } from '../../../../src/identity/grant.ts';
import { AuthFailure } from '../../../../src/identity/principal.ts';
import { FakeHub, PLAIN_REQUEST, StepClock } from '../../../support/stream-fakes.ts';

const loginFailures = new LoginFailures();

function bench(request: Partial<StreamRequest> = {}, loginWindowMs = 5000) {
  const socket = new FakeHub().socket();
  const grant = new Grant();
  const told: (string | boolean)[] = [];
  const desk = {
    authenticate: ({ authorization }: { authorization: string }) => {
      if (authorization === 'Bearer broken') throw new Error('store unavailable');
      const user = { userId: 11, username: 'alice', credential: 'user:11', grant };
      if (authorization === 'Bearer alice') return { ...user, scopes: ['read'] as const };
      if (authorization === 'Bearer nobody') return { ...user, scopes: [] };
      return new AuthFailure('INVALID_CREDENTIALS', 'unknown token');
    },
    clock: new StepClock(),
    loginFailures,
    loginWindowMs,
  };
  const whole = { ...PLAIN_REQUEST, ...request };
  const login = new SocketLogin(desk, socket, whole, {
    onLogin: (_principal, asked) => told.push(asked),
    refuse: ({ code }: Refusal) => told.push(code),
  });
  login.begin(whole);
  return { socket, login, told, grant };
}

test('what came with the upgrade is not answered, a message is; a second login changes nothing', async () => {
  const early = bench({ query: 'token=alice' });
  assert.deepEqual(early.told, [], 'not before the session is open');
  await turn();
  assert.deepEqual(early.told, [false]);
  const late = bench();
  late.login.withToken('alice');
  late.login.withToken('mallory');
  assert.deepEqual(late.told, [true]);
  assert.equal(late.login.principal?.userId, 11);
  assert.equal(late.socket.closedWith, null);
});

test('who is silent, unknown or may not read is closed with 4401, and once', async () => {
  const silent = bench({}, 10);
  await sleep(30);
  const unknown = bench({ clientKey: 'one' });
  unknown.login.withToken('mallory');
  unknown.login.withToken('alice');
  const powerless = bench();
  powerless.login.withToken('nobody');
  for (const { socket, told, login } of [silent, unknown, powerless]) {
    assert.deepEqual(told, ['UNAUTHORIZED']);
    assert.deepEqual(socket.closedWith, { code: 4401, reason: 'authentication_error' });
    assert.ok(login.ended);
  }
});

test('who is excused may stay silent, and is expected again', async () => {
  const { login, socket } = bench({}, 10);
  login.excuse();
  await sleep(30);
  assert.equal(socket.closedWith, null);
  login.expect();
  await sleep(30);
  assert.deepEqual(socket.closedWith, { code: 4401, reason: 'authentication_error' });
});

test('the end of a credential ends its socket; a connection that has left is not told', () => {
  const here = bench();
  here.login.withToken('alice');
  here.grant.end();
  assert.deepEqual(here.told, [true, 'UNAUTHORIZED']);
  assert.equal(here.socket.closedWith?.code, 4401);
  const gone = bench();
  gone.login.withToken('alice');
  gone.login.closed();
  gone.grant.end();
  assert.deepEqual(gone.told, [true]);
});

test('a fault of ours is 1011; too many failures are 4429 on every socket of the client', () => {
  const broken = bench();
  broken.login.withToken('broken');
  assert.deepEqual(broken.told, ['INTERNAL_ERROR']);
  assert.equal(broken.socket.closedWith?.code, 1011);
  for (let i = 0; i < 5; i += 1) bench({ clientKey: 'guesser' }).login.withToken(`guess${i}`);
  const next = bench({ clientKey: 'guesser' });
  next.login.withToken('alice');
  assert.deepEqual(next.told, ['RATE_LIMIT_EXCEEDED']);
  assert.deepEqual(next.socket.closedWith, { code: 4429, reason: 'rate_limited' });
});
