import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Recorder } from '../../src/recording/recorder.ts';
import { RecordingServer } from '../../src/recording/recording-server.ts';
import { summarise } from '../../src/recording/summary.ts';
import { RecordingWriter } from '../../src/recording/writer.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { Subscriber } from '../support/recordings-client.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { type StreamServer, serveStreams } from '../support/stream-server.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { TurnClock } from '../support/turn-clock.ts';

const registry = shippedMarkets();
const MARKET = 'binance:BTC-USDT';
const PLACE = { host: '127.0.0.1', port: 0, loop: false };
const AT_ONCE = Number.POSITIVE_INFINITY;

const stream = (epoch: number) =>
  serveStreams(registry, (views, clock) => [
    new NativeStream({ markets: registry, views, epoch, clock, ...NO_ORDERS }),
  ]);

/** Flow in one market of a server, a drain at a time. */
function flowInto(server: StreamServer, seed = 4) {
  const flow = new MarketFlow(6, seed);
  return (records: number): void => {
    for (let i = 0; i < records; i += 1) {
      flow.step();
      server.hub.views.apply(flow.views, 0);
    }
    server.hub.publish();
  };
}

/** Passes connections on, to wherever it is told, until it is told to cut them. */
class Line {
  port = 0;
  private readonly server: Server;
  private readonly open = new Set<Socket>();
  private target: number;

  constructor(target: number) {
    this.target = target;
    this.server = createServer((near) => {
      const far = new (near.constructor as typeof Socket)();
      far.connect(this.target, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        this.open.add(socket);
        socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = (this.server.address() as { port: number }).port;
    return `ws://127.0.0.1:${this.port}/ws/stream`;
  }

  cut(target = this.target): void {
    this.target = target;
    for (const socket of this.open) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

async function recording(path: string, url: string) {
  const recorder = new Recorder({
    url,
    format: 'json',
    subscriptions: [
      { channel: 'book', market: MARKET },
      { channel: 'trades', market: 'binance:*' },
      { channel: 'bbo', market: MARKET },
    ],
    token: undefined,
    writer: await RecordingWriter.create(path, 'none'),
    recorder: 'test',
  });
  return { recorder, running: recorder.run() };
}

/** Gives the flow a drain now and then until something holds. */
async function until(holds: () => boolean, drain: (records: number) => void): Promise<void> {
  while (!holds()) {
    drain(3);
    await delay(5);
  }
}

test('a lost connection is a gap in the recording, which a resume makes up for', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  const server = await stream(1);
  const line = new Line(server.port);
  t.after(() => {
    line.close();
    server.close();
  });
  const drain = flowInto(server);
  drain(200);
  const { recorder, running } = await recording(path, await line.listen());
  await until(() => recorder.messages > 30, drain);
  line.cut();
  const before = recorder.messages;
  await until(() => recorder.sessions === 2 && recorder.messages > before + 30, drain);
  recorder.stop();
  await running;

  const { sessions, gaps, streams, ended } = await summarise(path);
  assert.deepEqual([gaps.length, gaps[0].code, ended], [1, 1006, true]);
  assert.deepEqual(
    sessions.map(({ epoch, recovered }) => [epoch, recovered]),
    [
      [1, true],
      [1, true],
    ],
  );
  for (const { channel, breaks } of streams) {
    if (channel !== 'bbo') assert.equal(breaks, 0, channel);
  }

  // Served again, a client sees one stream without a break.
  const served = await RecordingServer.start({ ...PLACE, path, speed: AT_ONCE, wait: true });
  const client = await Subscriber.connect(served.url, 'json');
  client.send({ op: 'subscribe', channel: 'book', market: MARKET });
  await Promise.all([served.play(), client.closed]);
  assert.ok(client.data.length > 20);
  const whole = client.books('json', registry).get(MARKET)!;

  // And who joins behind the gap has the same book in the end.
  const messages = streams.reduce((sum, row) => sum + row.messages, 0);
  const joinLate = async (): Promise<void> => {
    late.send({ op: 'subscribe', channel: 'book', market: MARKET });
    await late.until(() => late.answers.length === 2);
  };
  const clock = new TurnClock((moment) => (moment === messages - 10 ? joinLate() : undefined));
  const slowly = await RecordingServer.start({ ...PLACE, path, speed: 1, wait: true, clock });
  const early = await Subscriber.connect(slowly.url, 'json');
  const late = await Subscriber.connect(slowly.url, 'json');
  early.send({ op: 'subscribe', channel: 'book', market: MARKET });
  await Promise.all([slowly.play(), late.closed]);
  assert.ok(late.data.length < 30);
  for (const side of [0, 1]) {
    assert.deepEqual(late.books('json', registry).get(MARKET)!.levels(side), whole.levels(side));
  }
});

test('after a restart of the server the recording begins anew, and says that something is missing', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  const [first, second] = [await stream(1), await stream(2)];
  const line = new Line(first.port);
  t.after(() => {
    line.close();
    first.close();
    second.close();
  });
  const drains = [flowInto(first), flowInto(second, 9)];
  for (const drain of drains) drain(100);
  const { recorder, running } = await recording(path, await line.listen());
  await until(() => recorder.messages > 20, drains[0]);
  line.cut(second.port);
  const before = recorder.messages;
  await until(() => recorder.sessions === 2 && recorder.messages > before + 20, drains[1]);
  recorder.stop();
  await running;
  const { sessions, gaps } = await summarise(path);
  assert.equal(gaps.length, 1);
  assert.deepEqual(
    sessions.map(({ epoch, recovered }) => [epoch, recovered]),
    [
      [1, true],
      [2, false],
    ],
  );

  // Clients are sent away where the epoch changes, and find the new one when they come back.
  let back: Subscriber | undefined;
  let sentAway = false;
  const clock = new TurnClock(async () => {
    if (!sentAway || back !== undefined) return;
    back = await Subscriber.connect(served.url, 'json');
    back.send({ op: 'subscribe', channel: 'book', market: MARKET });
    await back.until(() => back?.answers.length === 2);
  });
  const served = await RecordingServer.start({ ...PLACE, path, speed: 1, wait: true, clock });
  const old = await Subscriber.connect(served.url, 'json');
  old.send({ op: 'subscribe', channel: 'book', market: MARKET });
  const playing = served.play();
  assert.deepEqual(await old.closed, { code: 1012, reason: 'epoch_changed' });
  sentAway = true;
  await playing;
  assert.equal(back?.answers[0].epoch, 2);
  await back.closed;
  assert.ok(back.data.length > 0);
  back.books('json', registry);
});

test('what cannot be recorded is told, and the file is closed', async (t) => {
  const directory = temporaryDirectory(t);
  const server = await stream(1);
  t.after(() => server.close());
  const start = async (name: string, url: string, channel: string) =>
    new Recorder({
      url,
      format: 'flatbuffers',
      subscriptions: [{ channel, market: MARKET }],
      token: undefined,
      writer: await RecordingWriter.create(join(directory, name), 'none'),
      recorder: 'test',
    }).run();
  const url = `ws://127.0.0.1:${server.port}/ws/stream`;
  await assert.rejects(start('a', url, 'nonsense'), /nonsense binance:BTC-USDT: UNKNOWN_CHANNEL/);
  await assert.rejects(start('b', 'ws://127.0.0.1:1/ws/stream', 'book'), /ECONNREFUSED/);
});

test('a served recording speaks one format, takes no orders, and knows what was recorded', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  const server = await stream(1);
  const drain = flowInto(server);
  drain(50);
  const { recorder, running } = await recording(path, `ws://127.0.0.1:${server.port}/ws/stream`);
  await until(() => recorder.messages > 20, drain);
  recorder.stop();
  await running;
  server.close();

  const served = await RecordingServer.start({
    ...{ ...PLACE, path, speed: AT_ONCE, wait: true },
    loop: true,
  });
  const playing = served.play();
  await assert.rejects(Subscriber.connect(served.url, 'flatbuffers'), /400/);
  const client = await Subscriber.connect(served.url, 'json');
  const asked: [object, string][] = [
    [{ op: 'order.place', id: 1 }, 'NO_ORDER_ENTRY'],
    [{ op: 'login', id: 2, token: 'x' }, 'NO_ORDER_ENTRY'],
    [{ op: 'subscribe', id: 3, channel: 'ticker', market: MARKET }, 'NOT_RECORDED'],
    [{ op: 'subscribe', id: 4, channel: 'book', market: 'AAPL' }, 'UNKNOWN_MARKET'],
    [{ op: 'subscribe', id: 5, channel: 'x', market: MARKET }, 'UNKNOWN_CHANNEL'],
    [{ op: 'unsubscribe', id: 6, channel: 'book', market: MARKET }, 'NOT_SUBSCRIBED'],
  ];
  for (const [request] of asked) client.send(request);
  await client.until(() => client.answers.length > asked.length);
  const [, ...errors] = client.answers;
  assert.deepEqual(
    errors.map(({ id, code }) => [id, code]),
    asked.map(([, code], at) => [at + 1, code]),
  );
  // In a loop the end of a pass sends clients away to begin again.
  client.send({ op: 'subscribe', id: 7, channel: 'book', market: MARKET });
  assert.deepEqual(await client.closed, { code: 1012, reason: 'recording_restarts' });
  const again = await Subscriber.connect(served.url, 'json');
  again.send({ op: 'subscribe', id: 1, channel: 'book', market: MARKET });
  assert.equal((await again.closed).code, 1012);
  assert.deepEqual(again.data, client.data);
  served.stop();
  assert.equal((await playing).passes, 2);
});
