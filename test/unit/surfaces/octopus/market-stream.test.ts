import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INTERVAL_MS } from '../../../../src/surfaces/octopus/market-stream.ts';
import { QuoteScene } from '../../../support/quote-scene.ts';
import { type FakeSocket, PLAIN_REQUEST } from '../../../support/stream-fakes.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages differ, and the tests say what they expect
const ask = (socket: FakeSocket, message: unknown): any[] =>
  socket.ask(message).map((frame) => JSON.parse(frame as string));
const SUBSCRIBE = { type: 'subscribe', symbols: ['btc/usdt'] };
const quotes = (socket: FakeSocket): number =>
  socket.received.filter((frame) => String(frame).includes('"quote"')).length;

test('a client hears the quote now and then, until it unsubscribes', () => {
  const scene = new QuoteScene(3);
  const early = scene.connect();
  const [answer, ...none] = ask(early, { type: 'subscribe', symbols: ['BTC-USDT', 'AAPL'] });
  assert.deepEqual(answer, { type: 'subscribed', symbols: ['BTC-USDT', 'AAPL'] });
  assert.deepEqual(none, [], 'what has not traded has no quote');
  scene.drain(100);
  assert.equal(quotes(early), 1);
  const socket = scene.connect();
  const [, now] = ask(socket, SUBSCRIBE);
  assert.equal(now.price, scene.day().lastTicks / 10);
  assert.deepEqual(ask(socket, SUBSCRIBE), [{ type: 'subscribed', symbols: ['BTC-USDT'] }]);
  assert.equal(scene.stream.counters.subscriptions, 3);
  const left = ask(socket, { ...SUBSCRIBE, type: 'unsubscribe' });
  assert.deepEqual(left, [{ type: 'unsubscribed', symbols: ['BTC-USDT'] }]);
  const heard = socket.received.length;
  scene.pass(INTERVAL_MS);
  scene.drain(100);
  assert.equal(socket.received.length, heard);
  early.session!.closed();
  assert.equal(scene.stream.counters.subscriptions, 0);
});

test('a market is told at most once per interval, and encoded only while someone listens', () => {
  const scene = new QuoteScene(4);
  const socket = scene.connect();
  ask(socket, SUBSCRIBE);
  const before = scene.stream.counters.messages;
  for (let i = 0; i < 50; i += 1) {
    scene.drain(20);
    scene.pass(10);
  }
  const told = quotes(socket);
  const wholeMs = scene.clock.nowMs() - 1_700_000_000_000;
  assert.ok(told > 5 && told <= 2 + wholeMs / INTERVAL_MS, `${told} in ${wholeMs} ms`);
  assert.ok(scene.stream.counters.messages > before);
  scene.pass(INTERVAL_MS);
  ask(socket, { ...SUBSCRIBE, type: 'unsubscribe' });
  const { messages } = scene.stream.counters;
  scene.drain(200);
  scene.pass(INTERVAL_MS);
  assert.equal(scene.stream.counters.messages, messages);
});

test('what a client may get wrong is refused in the shape of the surface', () => {
  const socket = new QuoteScene(5).connect();
  const cases: [unknown, string, string][] = [
    ['{', 'BadRequest', 'INVALID_JSON'],
    [[], 'ValidationError', 'INVALID_PARAMETER'],
    [{ type: 'quote' }, 'ValidationError', 'INVALID_PARAMETER'],
    [{ type: 'subscribe' }, 'ValidationError', 'INVALID_PARAMETER'],
    [{ type: 'subscribe', symbols: [] }, 'ValidationError', 'INVALID_PARAMETER'],
    [{ type: 'subscribe', symbols: ['AAPL'], depth: 1 }, 'ValidationError', 'INVALID_PARAMETER'],
    [{ type: 'subscribe', symbols: ['AAPL', 'NOPE'] }, 'NotFound', 'UNKNOWN_MARKET'],
    [{ type: 'subscribe', symbols: ['AAPL'], exchange: 'LSE' }, 'NotFound', 'UNKNOWN_EXCHANGE'],
  ];
  for (const [message, error, code] of cases) {
    const [refusal] = ask(socket, message);
    assert.deepEqual([refusal.error, refusal.details?.code], [error, code], String(message));
    assert.deepEqual(Object.keys(refusal), [
      'error',
      'message',
      'details',
      'timestamp',
      'request_id',
    ]);
  }
  assert.equal(socket.topics.size, 0);
  socket.session!.binaryMessage(new Uint8Array([1]));
  socket.session!.rateLimited('{}', 3);
  const last = JSON.parse(socket.received.at(-1) as string);
  assert.deepEqual(
    [last.error, last.details],
    ['RateLimitExceeded', { code: 'RATE_LIMIT_EXCEEDED', retry_after_seconds: 3 }],
  );
  const [pong] = ask(socket, { type: 'ping' });
  assert.deepEqual(pong, { type: 'pong', timestamp: '2023-11-14T22:13:20.000Z' });
});

test('upgrades: the format is negotiated, and one address may hold so many sockets', () => {
  const { stream } = new QuoteScene(6, 1);
  const subprotocols = ['openbell.fb.v1'];
  assert.deepEqual(stream.negotiate({ ...PLAIN_REQUEST, subprotocols }), {
    subprotocol: 'openbell.fb.v1',
  });
  const unknown = stream.negotiate({ ...PLAIN_REQUEST, query: 'format=xml' });
  assert.ok('status' in unknown && unknown.status === '400 Bad Request');
  stream.connectionLimit.opened(PLAIN_REQUEST.clientKey);
  const refused = stream.negotiate(PLAIN_REQUEST);
  assert.ok('status' in refused);
  assert.equal(refused.status, '429 Too Many Requests');
  assert.equal(JSON.parse(refused.body).error, 'RateLimitExceeded');
});
