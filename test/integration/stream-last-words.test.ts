import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { marketName } from '../../src/domain/markets.ts';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { Prng } from '../../src/lib/prng.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { factsOfBinary, factsOfJson, type MessageFacts } from '../support/stream-facts.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { closed, FrameReader, type StreamServer, serveStreams } from '../support/stream-server.ts';

const registry = shippedMarkets();
const CHANNELS = ['book', 'orders_book', 'trades'];
const BACKPRESSURE_BYTES = 64 * 1024;
/** Turns in which more is published after the client was found to be slow. */
const ROUNDS_AFTER = 20;

let server: StreamServer;

before(async () => {
  server = await serveStreams(
    registry,
    (views, clock) => [
      new NativeStream({
        markets: registry,
        views,
        epoch: 5,
        clock,
        ...NO_ORDERS,
        snapshotBacklogBytes: BACKPRESSURE_BYTES / 2,
      }),
    ],
    // What a slow client is told is the matter here, not how long it may take.
    { backpressureBytes: BACKPRESSURE_BYTES, slowGraceMs: 120_000 },
  );
});

after(() => server.close());

function channelOf({ trades, queues, changes }: MessageFacts): string {
  if (trades !== undefined) return 'trades';
  return queues === undefined && changes === undefined ? 'book' : 'orders_book';
}

/** What a client has: the last sequence of each subscription, every message continuing the one before. */
class Follower {
  readonly seqs = new Map<string, number>();
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  lastWords: any;

  take(frame: string | Uint8Array): void {
    if (typeof frame === 'string' && !frame.startsWith('{"channel"')) {
      const message = JSON.parse(frame);
      if (message.type === 'slow_consumer') this.lastWords = message;
      if (message.type !== 'subscribed') return;
      for (const { market, seq } of message.markets)
        this.seqs.set(`${message.channel} ${market}`, seq);
      return;
    }
    assert.equal(this.lastWords, undefined, 'nothing comes after the last words');
    const facts =
      typeof frame === 'string' ? factsOfJson(frame, registry) : factsOfBinary(frame, registry);
    const key = `${channelOf(facts)} ${facts.market}`;
    if (!facts.type.endsWith('snapshot')) assert.equal(facts.prevSeq, this.seqs.get(key), key);
    this.seqs.set(key, facts.seq);
  }
}

/** A client that has subscribed to everything, has its states, and has stopped reading. */
async function pausedClient(format: string): Promise<FrameReader> {
  const reader = new FrameReader(server.connect(`/ws/stream?format=${format}`));
  await once(reader.socket, 'open');
  for (const channel of CHANNELS) reader.send({ op: 'subscribe', channel, market: '*' });
  // The welcome, an acknowledgement each, and the states of two channels.
  const expected = 1 + CHANNELS.length + 2 * registry.all.length;
  while (reader.frames.length < expected) await sleep(5);
  reader.socket.pause();
  return reader;
}

/** One drain: messages of several markets, small and large ones, in any order. */
function publishSome(flows: readonly MarketFlow[], prng: Prng): void {
  for (const flow of flows) {
    if (!prng.chance(0.6)) continue;
    const { depth } = server.hub.views.get(flow.marketId)!;
    const levels = prng.chance(0.1) ? 800 : prng.integer(0, 150);
    for (let price = 1; price <= levels; price += 1) {
      depth.setLevel(SIDE_BUY, price, prng.integer(1, 1_000_000), 1);
    }
    for (let i = prng.integer(1, 30); i > 0; i -= 1) {
      flow.step();
      server.hub.views.apply(flow.views, 0);
    }
  }
  server.hub.publish();
}

const flows = registry.all.map(({ id }) => new MarketFlow(id, 100 + id));

for (const format of ['json', 'flatbuffers']) {
  for (const seed of [1, 2, 3]) {
    test(`the last words say what came: ${format}, flow of several markets, seed ${seed}`, async () => {
      const prng = new Prng(seed);
      const counters = server.hub.metrics.get('native')!;
      const reader = await pausedClient(format);
      const closing = closed(reader.socket);
      const { slowCloses } = counters;
      for (let rounds = 0; rounds < ROUNDS_AFTER; ) {
        // The system may still take what waits from it, so it may be closed already.
        if (counters.slow > 0 || counters.slowCloses > slowCloses) rounds += 1;
        // Several publications may share a turn of the library's loop.
        for (let i = prng.integer(1, 3); i > 0; i -= 1) publishSome(flows, prng);
        await turn();
      }
      reader.socket.resume();
      assert.deepEqual(await closing, { code: 4008, reason: 'slow_consumer' });
      const follower = new Follower();
      for (const frame of reader.frames) follower.take(frame);
      const { subscriptions } = follower.lastWords;
      assert.equal(subscriptions.length, CHANNELS.length * registry.all.length);
      for (const { channel, market, seq } of subscriptions) {
        assert.equal(seq, follower.seqs.get(`${channel} ${market}`), `${channel} ${market}`);
      }
    });
  }
}

test('a client that believes the last words and resumes from there misses nothing', async () => {
  const prng = new Prng(4);
  const reader = await pausedClient('json');
  const closing = closed(reader.socket);
  const counters = server.hub.metrics.get('native')!;
  while (counters.slow === 0) {
    publishSome(flows.slice(0, 3), prng);
    await turn();
  }
  // How many draws it took to get here is a matter of the machine. What is missed from here on must be
  // the same each time: more than may wait on the socket would be no resumption but a new start.
  const missed = new Prng(11);
  reader.socket.resume();
  await closing;
  const { subscriptions } = JSON.parse(reader.frames.at(-1) as string);
  const follower = new Follower();
  const again = new FrameReader(server.connect('/ws/stream'));
  await once(again.socket, 'open');
  publishSome(flows.slice(0, 3), missed);
  const markets = flows.slice(0, 3).map(({ marketId }) => marketName(registry.get(marketId)!));
  for (const { channel, market, seq } of subscriptions) {
    if (!markets.includes(market)) continue;
    follower.seqs.set(`${channel} ${market}`, seq);
    again.send({ op: 'subscribe', channel, market, resume: { epoch: 5, seq } });
  }
  publishSome(flows.slice(0, 3), missed);
  again.send({ op: 'ping', id: 'all there' });
  let recovered = 0;
  for (;;) {
    const frame = (await again.next()) as string;
    if (frame.includes('all there')) break;
    if (frame.includes('"subscribed"')) assert.equal(JSON.parse(frame).recovered, true);
    recovered += frame.includes('"subscribed"') ? 1 : 0;
    follower.take(frame);
  }
  assert.equal(recovered, CHANNELS.length * markets.length);
  for (const [key, seq] of follower.seqs) {
    const [channel, market] = key.split(' ');
    const view = server.hub.views.all.find((each) => marketName(each.market) === market)!;
    const position = { book: view.bookPosition, orders_book: view.ordersPosition }[channel];
    assert.equal(seq, (position ?? view.tradesPosition).publishedSeq, key);
  }
  again.socket.close();
});

test('where even the room beyond the bound is used up, no last words are said', async () => {
  const counters = server.hub.metrics.get('native')!;
  const { drops } = counters;
  const reader = await pausedClient('json');
  const closing = closed(reader.socket);
  const prng = new Prng(5);
  while (server.hub.queuedBytes === 0) {
    publishSome(flows, prng);
    await turn();
  }
  // More in one publication than a socket may have waiting.
  for (const flow of flows) {
    const { depth } = server.hub.views.get(flow.marketId)!;
    for (let price = 1; price <= 50_000; price += 1) {
      depth.setLevel(SIDE_BUY, price, prng.integer(1, 1_000_000), 1);
    }
    flow.step();
    server.hub.views.apply(flow.views, 0);
  }
  server.hub.publish();
  assert.ok(counters.drops > drops);
  await turn();
  assert.equal(counters.slow, 1);
  reader.socket.resume();
  assert.deepEqual(await closing, { code: 4008, reason: 'slow_consumer' });
  assert.ok(!reader.frames.some((frame) => frame.includes('slow_consumer' as never)));
});
