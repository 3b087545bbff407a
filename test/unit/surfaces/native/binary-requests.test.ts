import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Builder } from 'flatbuffers';
import { Request } from '../../../../src/codec/generated/openbell/request.ts';
import { AuthFailure } from '../../../../src/identity/principal.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { NativeStream } from '../../../../src/surfaces/native/stream.ts';
import { answerOf } from '../../../support/binary-answers.ts';
import { encodeRequest } from '../../../support/binary-requests.ts';
import { InstantVenue } from '../../../support/instant-venue.ts';
import { FakeHub, PLAIN_REQUEST, StepClock } from '../../../support/stream-fakes.ts';

const PLACE = encodeRequest(5, {
  op: 'order.place',
  market: 1,
  terms: { side: 0, type: 0, quantity: 100, price: 15_050, client_order_id: 'mine-1' },
});

function bench(query = 'format=flatbuffers') {
  const venue = new InstantVenue();
  const wire = new FakeHub();
  const stream = new NativeStream({
    markets: venue.markets,
    views: new MarketViews(venue.markets.all),
    epoch: 1,
    clock: new StepClock(),
    venue,
    authenticate: ({ authorization }) =>
      authorization === 'Bearer alice'
        ? { userId: 7, username: 'alice', scopes: ['read', 'write'], credential: 'user:7' }
        : new AuthFailure('INVALID_CREDENTIALS', 'not valid'),
  });
  stream.bind(wire);
  const socket = wire.socket();
  socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
  const last = () => answerOf(socket.received.at(-1) as Uint8Array, venue.markets);
  return { venue, socket, stream, last };
}

test('an order placed and answered in FlatBuffers', () => {
  const { venue, socket, last } = bench();
  socket.ask({ op: 'login', token: 'alice' });
  socket.session!.binaryMessage(PLACE);
  const answer = last();
  assert.equal(answer.id, 5);
  assert.equal(answer.order.price, '150.50');
  assert.equal(answer.order.client_order_id, 'mine-1');
  const [{ market, priceTicks, qtyLots }] = venue.placed;
  assert.deepEqual([market.symbol, priceTicks, qtyLots], ['AAPL', 15_050, 100]);
  // A JSON request on the same connection is answered in JSON, about the same order.
  const { order_id: id } = answer.order;
  assert.equal(socket.answer({ op: 'order.status', id: 'a', order_id: id }).order.order_id, id);
});

test('replies kept back go out in the order of their outcomes, each in its own format', () => {
  const { venue, socket, stream } = bench();
  socket.ask({ op: 'login', token: 'alice' });
  venue.holding = true;
  socket.session!.binaryMessage(PLACE);
  socket.ask({
    op: 'order.place',
    id: 'b',
    market: 'AAPL',
    side: 'buy',
    type: 'market',
    quantity: 1,
  });
  socket.session!.binaryMessage(encodeRequest(6, { op: 'order.cancel', order_id: 1 }));
  const before = socket.received.length;
  for (const release of venue.waiting.splice(0)) release();
  assert.equal(socket.received.length, before, 'nothing goes out before the end of the drain');
  stream.flushReplies();
  const ids = socket.received
    .slice(before)
    .map((frame) =>
      typeof frame === 'string' ? JSON.parse(frame).id : answerOf(frame, venue.markets).id,
    );
  assert.deepEqual(ids, [5, 'b', 6]);
});

test('refusals carry the id of the request, with the codes of JSON', () => {
  const { socket, last, stream } = bench();
  socket.session!.binaryMessage(PLACE);
  assert.deepEqual(
    [last().id, last().code, last().details],
    [5, 'UNAUTHORIZED', { reason: 'MISSING_CREDENTIALS' }],
  );
  socket.session!.rateLimited(PLACE, 3);
  assert.deepEqual(
    [last().id, last().code, last().details],
    [5, 'RATE_LIMIT_EXCEEDED', { retry_after_seconds: '3' }],
  );
  socket.session!.rateLimited(new Uint8Array(5), 3);
  assert.deepEqual([last().id, last().code], [0, 'RATE_LIMIT_EXCEEDED']);
  assert.equal(stream.counters.refusals.get('RATE_LIMIT_EXCEEDED'), 2);
});

test('a command that nobody here knows is refused, and so is an id beyond 2^53', () => {
  const { socket, last } = bench();
  const request = (id: bigint, type: number): Uint8Array => {
    const builder = new Builder(64);
    builder.startObject(0);
    const empty = builder.endObject();
    Request.finishRequestBuffer(builder, Request.createRequest(builder, id, type, empty));
    return builder.asUint8Array();
  };
  socket.session!.binaryMessage(request(9n, 77));
  assert.deepEqual([last().id, last().code], [9, 'UNKNOWN_OP']);
  socket.session!.binaryMessage(request(2n ** 60n, 2));
  assert.deepEqual([last().id, last().code], [0, 'INVALID_REQUEST']);
});

test('a connection that speaks JSON takes no binary requests', () => {
  const { socket } = bench('');
  socket.ask({ op: 'login', token: 'alice' });
  socket.session!.binaryMessage(PLACE);
  const error = JSON.parse(socket.received.at(-1) as string);
  assert.deepEqual([error.type, error.code, error.id], ['error', 'INVALID_REQUEST', null]);
});
