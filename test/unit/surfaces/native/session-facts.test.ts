import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import { Body } from '../../../../src/codec/generated/openbell/stream/body.ts';
import { Message } from '../../../../src/codec/generated/openbell/stream/message.ts';
import { Orders } from '../../../../src/codec/generated/openbell/stream/orders.ts';
import { Session } from '../../../../src/codec/generated/openbell/stream/session.ts';
import { LIMITS } from '../../../../src/config/limits.ts';
import { ORDER, orderBench } from '../../../support/order-entry-bench.ts';
import { FakeHub, type FakeSocket } from '../../../support/stream-fakes.ts';

function lastBinary(socket: FakeSocket): Message {
  const bytes = socket.received.findLast((frame) => typeof frame !== 'string');
  return Message.getRootAsMessage(new ByteBuffer(bytes as Uint8Array));
}

test('session facts are the same in both codecs', () => {
  const { open } = orderBench();
  const [json, binary] = ['', 'format=flatbuffers'].map((query) => open({ query }));
  for (const socket of [json, binary]) {
    socket.ask({ op: 'subscribe', channel: 'session' });
    socket.ask({ op: 'session.logon', token: 'alice' });
    socket.ask({ op: 'session.heartbeat', interval_ms: 2000 });
    socket.ask({ op: 'session.cancel_on_disconnect', enabled: true });
  }
  const wire = JSON.parse(json.received.at(-1) as string);
  const message = lastBinary(binary);
  assert.equal(message.bodyType(), Body.Session);
  const body = message.body(new Session())!;
  const read = {
    event: body.event(),
    user: body.user(),
    scopes: Array.from({ length: body.scopesLength() }, (_, i) => body.scopes(i)),
    portfolio_id: String(body.portfolioId()),
    cancel_on_disconnect: body.cancelOnDisconnect(),
    heartbeat_ms: body.heartbeatMs(),
    seq: Number(message.seq()),
    prev_seq: Number(message.prevSeq()),
  };
  const expected = {
    event: 'cancel_on_disconnect',
    user: 'alice',
    scopes: ['read', 'write'],
    portfolio_id: '70',
    cancel_on_disconnect: true,
    heartbeat_ms: 2000,
    seq: 3,
    prev_seq: 2,
  };
  assert.deepEqual(read, expected);
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(wire[name], value);
});

test('reports in the binary form name their portfolio and count like those in JSON', () => {
  const { stream, venue, open } = orderBench();
  const wire = new FakeHub();
  stream.bind(wire);
  const socket = open({ query: 'format=flatbuffers&token=alice' });
  wire.sockets.push(socket);
  const ack = JSON.parse(
    socket.ask({ op: 'subscribe', channel: 'orders', portfolio_id: '70' })[0] as string,
  );
  assert.deepEqual([ack.type, ack.portfolio_id, ack.seq], ['subscribed', '70', 0]);
  assert.equal(lastBinary(socket).body(new Orders())!.kind(), 0);
  socket.ask(ORDER);
  const [order] = venue.orders.values();
  stream.feeds.onOrder(7, order);
  stream.feeds.onOrder(7, order);
  stream.flushReplies();
  const message = lastBinary(socket);
  const body = message.body(new Orders())!;
  assert.deepEqual([message.seq(), message.prevSeq(), body.portfolioId()], [1n, 0n, 70n]);
  assert.deepEqual([body.kind(), body.ordersLength()], [1, 2]);
  assert.equal(body.orders(0)!.orderId(), BigInt(order.orderId));
});

test('the last words of a slow socket name what was published when it left its topics', () => {
  const { stream, open } = orderBench();
  for (const query of ['', 'format=flatbuffers']) {
    const socket = open({ query: `${query}&token=alice` });
    const market = 'binance:BTC-USDT';
    const { tradesPosition } = stream.view(stream.markets.resolve('binance', 'BTC-USDT')!);
    socket.ask({ op: 'subscribe', channel: 'trades', market });
    socket.ask({ op: 'subscribe', channel: 'candles', market, interval: '1h' });
    socket.ask({ op: 'subscribe', channel: 'fills' });
    const { session } = socket;
    tradesPosition.seq = 9;
    tradesPosition.publishedSeq = 4;
    session!.leavesTopics!();
    tradesPosition.publishedSeq = 9;
    const words = JSON.parse(session!.lastWords!()!);
    assert.equal(words.type, 'slow_consumer');
    assert.deepEqual(words.subscriptions, [
      { channel: 'trades', market, seq: 4 },
      { channel: 'candles', market, interval: '1h', seq: 0 },
      { channel: 'fills', portfolio_id: '70', seq: 0 },
    ]);
  }
});

test('a heartbeat that cannot list all that is quiet goes on in the next one', () => {
  const { open, stream } = orderBench();
  const socket = open();
  const intervals = ['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1wk', '1mo'];
  for (const interval of intervals) {
    socket.ask({ op: 'subscribe', channel: 'candles', market: '*', interval });
  }
  for (const channel of ['book', 'bbo', 'trades', 'ticker', 'orders_book', 'funding']) {
    socket.ask({ op: 'subscribe', channel, market: '*' });
  }
  const listed = new Set<string>();
  let partial = true;
  for (let beats = 0; beats < 2; beats += 1) {
    for (const session of stream.heartbeats.all) session.beat();
    const beat = JSON.parse(socket.received.at(-1) as string);
    assert.equal(beat.type, 'heartbeat');
    assert.ok(beat.quiet.length <= LIMITS.heartbeatSubscriptions);
    assert.ok(beat.subscriptions > 2 * 14 * 5);
    partial = partial && beat.partial;
    for (const each of beat.quiet) listed.add(JSON.stringify(each));
  }
  assert.equal(partial, true);
  assert.ok(listed.size > LIMITS.heartbeatSubscriptions, 'two together name more than one can');
});
