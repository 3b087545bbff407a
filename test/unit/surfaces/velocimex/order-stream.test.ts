import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import type { StreamRequest } from '../../../../src/gateway/streams/endpoint.ts';
import { LoginFailures } from '../../../../src/gateway/streams/login-failures.ts';
import type { OrderView } from '../../../../src/gateway/venue.ts';
import { Grant } from '../../../../src/identity/grant.ts';
import { AuthFailure, type Credentials } from '../../../../src/identity/principal.ts';
import { NO_EXTENSION } from '../../../../src/projections/order-extension.ts';
import { VelocimexOrderStream } from '../../../../src/surfaces/velocimex/order-stream.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import {
  FakeHub,
  type FakeSocket,
  PLAIN_REQUEST,
  StepClock,
} from '../../../support/stream-fakes.ts';

const ORDER: OrderView = {
  orderId: 7,
  market: shippedMarkets().get(6)!,
  portfolioId: 1,
  side: 1,
  orderType: 0,
  tif: 0,
  flags: 0,
  selfTrade: 0,
  extension: NO_EXTENSION,
  priceTicks: 972_501,
  qtyLots: 5,
  filledLots: 0,
  filledNotionalUnits: 0,
  feeUnits: 0,
  status: 1,
  reason: 0,
  clientOrderId: 'c-1',
  createdSeconds: 1_713_191_400,
  createdNanos: 0,
  updatedSeconds: 1_713_191_400,
  updatedNanos: 0,
};

function bench(loginWindowMs?: number) {
  const asked: Credentials[] = [];
  const grant = new Grant();
  const clock = new StepClock();
  const stream = new VelocimexOrderStream(
    (credentials) => {
      asked.push(credentials);
      const token = credentials.authorization.replace('Bearer ', '');
      if (token === 'broken') throw new Error('store unavailable');
      const alice = { userId: 11, username: 'alice', scopes: ['read'], grant } as const;
      if (token === 'alice' || credentials.apiKey === 'key') {
        return { ...alice, credential: 'user:11' };
      }
      if (token === 'bob') return { ...alice, userId: 12, credential: 'user:12' };
      if (token === 'brief') {
        return { ...alice, credential: 'user:11', expiresAtMs: clock.nowMs() + 20 };
      }
      if (token === 'powerless') return { ...alice, scopes: [], credential: 'user:11' };
      return new AuthFailure('INVALID_CREDENTIALS', 'not valid');
    },
    clock,
    new ConnectionLimit(10),
    new LoginFailures(),
    loginWindowMs,
  );
  const wire = new FakeHub();
  stream.bind(wire);
  const connect = (request: Partial<StreamRequest> = {}): FakeSocket => {
    const socket = wire.socket();
    socket.session = stream.open(socket, { ...PLAIN_REQUEST, ...request });
    return socket;
  };
  return { stream, connect, asked, grant, clock };
}

test('an order goes to its owner alone, and to each of the owner’s sockets', async () => {
  const { stream, connect } = bench();
  const sockets = [
    connect({ query: 'token=alice' }),
    connect({ authorization: 'Bearer alice' }),
    connect({ apiKey: 'key', apiSecret: 's' }),
    connect({ query: 'token=bob' }),
  ];
  await turn();
  stream.publishOrder(11, ORDER);
  assert.deepEqual(
    sockets.map((socket) => socket.received.length),
    [1, 1, 1, 0],
    'nothing but orders is sent to whoever logged in at the upgrade',
  );
  const order = JSON.parse(sockets[0].received[0] as string);
  assert.equal(order.order_id, '7');
  assert.equal(order.symbol, 'BTC/USDT');
  assert.equal(order.price, 97250.1);
  assert.equal(order.status, 'open');
  assert.equal(stream.counters.subscriptions, 4);
  sockets[0].session!.closed();
  assert.equal(stream.counters.subscriptions, 3);
});

test('a login by message is answered; a second one is refused', async () => {
  const { stream, connect, asked } = bench();
  const socket = connect({ address: '10.1.2.3' });
  stream.publishOrder(11, ORDER);
  assert.equal(socket.received.length, 0);
  socket.ask({ action: 'authenticate', token: 'alice' });
  await turn();
  assert.deepEqual(JSON.parse(socket.received[0] as string), { type: 'authenticated' });
  assert.equal(asked[0].address(), '10.1.2.3');
  assert.equal(
    socket.answer({ action: 'authenticate', token: 'bob' }).error.code,
    'INVALID_PARAMETER',
  );
  assert.equal(socket.answer({ action: 'ping' }).type, 'pong');
  assert.equal(socket.answer({ action: 'dance' }).error.details.parameter, 'action');
  stream.publishOrder(11, ORDER);
  assert.equal(JSON.parse(socket.received.at(-1) as string).order_id, '7');
});

test('wrong credentials close with 4401', async () => {
  const { connect, stream } = bench();
  const socket = connect({ query: 'token=mallory' });
  await turn();
  assert.equal(JSON.parse(socket.received[0] as string).error.code, 'AUTHENTICATION_ERROR');
  assert.equal(socket.closedWith?.code, 4401);
  stream.publishOrder(11, ORDER);
  assert.equal(socket.received.length, 1);
});

test('a credential without the scope read is not enough', async () => {
  const { connect } = bench();
  const socket = connect({ query: 'token=powerless' });
  await turn();
  assert.equal(socket.closedWith?.code, 4401);
});

test('the sockets of a credential end with it', async () => {
  const { stream, connect, grant } = bench();
  const sockets = [connect({ query: 'token=alice' }), connect({ apiKey: 'key', apiSecret: 's' })];
  await turn();
  grant.end();
  for (const socket of sockets) {
    const { error } = JSON.parse(socket.received[0] as string);
    assert.deepEqual(error, {
      code: 'AUTHENTICATION_ERROR',
      message: 'the credential has ended',
      details: {},
    });
    assert.equal(socket.closedWith?.code, 4401);
  }
  const closed = connect({ query: 'token=alice' });
  closed.session!.closed();
  assert.equal(stream.counters.errors, 2);
});

test('a socket ends when its token expires', async () => {
  const { connect, clock } = bench();
  const socket = connect({ query: 'token=brief' });
  await turn();
  assert.equal(socket.topics.size, 1);
  clock.seconds += 1;
  await sleep(60);
  assert.equal(socket.closedWith?.code, 4401);
});

test('a silent socket is closed with 4401 when its time is up', async () => {
  const { connect } = bench(20);
  const silent = connect();
  const prompt = connect();
  prompt.ask({ action: 'authenticate', token: 'bob' });
  await sleep(60);
  assert.equal(silent.closedWith?.code, 4401);
  assert.equal(prompt.closedWith, null);
});

test('a failing credential store is our fault, not the client’s', async () => {
  const { connect } = bench();
  const socket = connect({ query: 'token=broken' });
  await turn();
  assert.equal(JSON.parse(socket.received[0] as string).error.code, 'INTERNAL_ERROR');
  assert.equal(socket.closedWith?.code, 1011);
});

test('a login that ends after its socket closed does nothing', async () => {
  const { connect, stream } = bench();
  const socket = connect({ query: 'token=alice' });
  socket.session!.closed();
  await turn();
  assert.equal(socket.topics.size, 0);
  assert.equal(stream.counters.subscriptions, 0);
});
