import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimiter } from '../../../../src/gateway/http/rate-limiter.ts';
import { orderBench as bench, ORDER } from '../../../support/order-entry-bench.ts';
import type { FakeSocket } from '../../../support/stream-fakes.ts';

test('a login is answered with who it is and where orders go', () => {
  const { open } = bench();
  assert.deepEqual(open().answer({ op: 'login', id: 'a', token: 'alice' }), {
    type: 'logged_in',
    id: 'a',
    user: 'alice',
    scopes: ['read', 'write'],
    portfolio_id: '70',
  });
});

test('credentials may come with the connection, in the header before the query', () => {
  const { open } = bench();
  const second = (socket: FakeSocket) => JSON.parse(socket.received[1] as string);
  assert.equal(second(open({ query: 'format=json&token=alice' })).user, 'alice');
  assert.equal(second(open({ authorization: 'Bearer bob', query: 'token=alice' })).user, 'bob');
  assert.equal(open().received.length, 1, 'no credentials, no answer to them');
  const wrong = open({ query: 'token=mallory' });
  assert.deepEqual(second(wrong), {
    type: 'error',
    id: null,
    code: 'UNAUTHORIZED',
    message: 'not valid',
    details: { reason: 'INVALID_CREDENTIALS' },
  });
  assert.equal(wrong.answer({ op: 'ping' }).type, 'pong', 'market data needs no login');
});

test('five failed logins a minute, then no token is looked at until the minute is over', () => {
  const { open, clock, asked, stream } = bench();
  const socket = open();
  const attempt = (token: string) => socket.answer({ op: 'login', id: 1, token });
  for (let i = 0; i < 5; i += 1) assert.equal(attempt('mallory').code, 'UNAUTHORIZED');
  clock.seconds += 59;
  const looked = asked.length;
  const refused = attempt('alice');
  assert.equal(refused.code, 'RATE_LIMIT_EXCEEDED');
  assert.equal(refused.details.retry_after_seconds, 1);
  assert.equal(asked.length, looked);
  const again = open();
  assert.equal(
    again.answer({ op: 'login', token: 'alice' }).code,
    'RATE_LIMIT_EXCEEDED',
    'per client',
  );
  const other = open({ clientKey: '203.0.113.7' });
  assert.equal(other.answer({ op: 'login', token: 'alice' }).type, 'logged_in');
  clock.seconds += 1;
  assert.equal(attempt('alice').type, 'logged_in');
  assert.equal(stream.counters.errors, 7);
  assert.equal(stream.counters.refusals.get('RATE_LIMIT_EXCEEDED'), 2);
});

test('orders count against the limit of REST orders, per credential, with its refusal', () => {
  const orderLimiter = new RateLimiter({ limit: 4, windowSeconds: 60 });
  const { loggedIn, venue, clock } = bench(orderLimiter);
  const alice = loggedIn();
  orderLimiter.take('user:7', clock.nowMs());
  assert.equal(alice.answer(ORDER).type, 'order');
  assert.equal(alice.answer({ op: 'order.status', id: 2, order_id: '1' }).type, 'order');
  const second = loggedIn();
  assert.equal(second.answer({ op: 'order.cancel', id: 3, order_id: '1' }).type, 'order');
  const refused = second.answer({ ...ORDER, id: 4 });
  assert.deepEqual(refused, {
    type: 'error',
    id: 4,
    code: 'RATE_LIMIT_EXCEEDED',
    message: 'Too many requests.',
    details: { limit: 4, retry_after_seconds: 60 },
  });
  assert.equal(alice.answer(ORDER).code, 'RATE_LIMIT_EXCEEDED');
  assert.equal(loggedIn('bob').answer(ORDER).type, 'order', 'another user is not held up');
  assert.equal(second.answer({ op: 'ping' }).type, 'pong', 'market data goes on');
  assert.equal(venue.placed.length, 2, 'what was refused did not reach the venue');
  clock.seconds += 60;
  assert.equal(alice.answer({ ...ORDER, client_order_id: 'later' }).type, 'order');
});

test('nothing is done without a login, without the scope, or once the token is void', () => {
  const { venue, open, loggedIn, revoked } = bench();
  const cancel = { op: 'order.cancel', id: 2, order_id: '1' };
  const status = { op: 'order.status', id: 3, order_id: '1' };
  const stranger = open();
  for (const request of [ORDER, cancel, status]) {
    const { code, id, details } = stranger.answer(request);
    assert.deepEqual(
      [code, id, details],
      ['UNAUTHORIZED', request.id, { reason: 'MISSING_CREDENTIALS' }],
    );
  }
  const reader = loggedIn('reader');
  for (const request of [ORDER, cancel]) {
    const { code, details } = reader.answer(request);
    assert.equal(code, 'INSUFFICIENT_SCOPE');
    assert.deepEqual(details, { required_scope: 'write', scopes: ['read'] });
  }
  assert.equal(reader.answer(status).code, 'UNKNOWN_ORDER', 'reading is allowed');
  const alice = loggedIn();
  revoked.add('alice');
  assert.deepEqual(alice.answer(ORDER).details, { reason: 'EXPIRED_TOKEN' });
  assert.equal(venue.placed.length, 0);
});

test('another login changes whose orders they are; a failed one changes nothing', () => {
  const { venue, loggedIn } = bench();
  const socket = loggedIn();
  socket.answer({ op: 'login', token: 'mallory' });
  socket.answer(ORDER);
  socket.answer({ op: 'login', token: 'bob' });
  socket.answer(ORDER);
  assert.deepEqual(
    venue.placed.map(({ userId }) => userId),
    [7, 8],
  );
});
