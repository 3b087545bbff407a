import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { LIMITS } from '../../src/config/limits.ts';
import { eventually, ServerProcess } from '../support/server-process.ts';
import { closed } from '../support/stream-server.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

/** For the flow to fill the system's buffers and the bound of a socket. */
const FILLED_MS = 90_000;
const CLOSE_ABNORMAL = 1006;

/** A client that subscribes and reads nothing until it is told to. */
async function deaf(server: ServerProcess, requests: readonly object[]): Promise<WebSocket> {
  const socket = new WebSocket(server.webSocketUrl('/ws/stream'));
  await once(socket, 'open');
  for (const request of requests) {
    socket.send(JSON.stringify({ op: 'subscribe', market: '*', ...request }));
  }
  socket.pause();
  return socket;
}

async function readMetrics(server: ServerProcess) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name: string): number => {
    const match = new RegExp(`^openbell_stream_${name} ([\\d.e+]+)$`, 'm').exec(text);
    assert.ok(match !== null, `${name} is told`);
    return Number(match[1]);
  };
  return {
    slow: read('slow_connections\\{endpoint="native"\\}'),
    closes: read('slow_closes_total\\{endpoint="native"\\}'),
    cuts: read('slow_cuts_total\\{endpoint="native"\\}'),
    conflations: read('conflations_total\\{endpoint="native"\\}'),
    drops: read('drops_total\\{endpoint="native"\\}'),
    queuedBytes: read('queued_bytes'),
    connections: read('connections\\{endpoint="native"\\}'),
  };
}

test('deaf clients of a busy server are ended in time, and metrics tell of it', async (t) => {
  const server = await ServerProcess.start(temporaryDirectory(t), {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '2500',
  });
  t.after(() => server.end('SIGKILL'));
  const everything = [{ channel: 'orders_book' }, { channel: 'book' }, { channel: 'trades' }];
  const newest = [{ channel: 'book', conflate: true }, { channel: 'bbo' }, { channel: 'features' }];
  const late = await deaf(server, everything);
  const conflated = await deaf(server, newest);
  const never = await deaf(server, everything);
  t.after(() => {
    for (const socket of [late, conflated, never]) socket.terminate();
  });
  const before = await readMetrics(server);
  assert.deepEqual([before.slow, before.closes, before.cuts, before.conflations], [0, 0, 0, 0]);
  const bound = LIMITS.socketBackpressureBytes + LIMITS.socketOverrunBytes;
  const look = async (isSo: (metrics: typeof before) => boolean) => {
    const metrics = await readMetrics(server);
    assert.ok(metrics.queuedBytes < 3 * bound, 'what waits is bounded');
    return isSo(metrics) ? metrics : undefined;
  };

  await eventually('both are slow', () => look(({ slow }) => slow === 2), FILLED_MS);
  const slowAt = performance.now();
  const words = new Promise<string>((resolve) => {
    late.on('message', (data: Buffer) => {
      if (data.includes('"slow_consumer"')) resolve(data.toString());
    });
  });
  const closing = closed(late);
  late.resume();
  assert.deepEqual(await closing, { code: 4008, reason: 'slow_consumer' });
  assert.ok(JSON.parse(await words).subscriptions.length > 0);

  const cut = await eventually(
    'the other is cut off',
    () => look(({ cuts }) => cuts === 1),
    30_000,
  );
  const waitedMs = performance.now() - slowAt;
  assert.ok(waitedMs > LIMITS.slowConsumerGraceMs / 2, `not before its grace: ${waitedMs} ms`);
  assert.deepEqual([cut.slow, cut.closes, cut.connections], [0, 1, 1]);

  // It is alone now, so what waits is for it: from there on it gets only the newest.
  const { socketConflationBytes } = LIMITS;
  const isFull = ({ queuedBytes }: typeof before) => queuedBytes > socketConflationBytes;
  await eventually('its backlog is full', () => look(isFull), FILLED_MS);
  await sleep(1000);
  conflated.resume();
  const after = await eventually('it goes on with the newest', () =>
    look(({ conflations }) => conflations > 0),
  );
  assert.equal(conflated.readyState, WebSocket.OPEN);
  assert.deepEqual([after.drops, after.cuts, after.closes], [0, 1, 1]);

  const ended = closed(never);
  never.resume();
  assert.equal((await ended).code, CLOSE_ABNORMAL);
});
