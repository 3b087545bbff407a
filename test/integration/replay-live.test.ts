import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const folder = process.env.OPENBELL_MARKET_DATA ?? '';
const file = join(folder, 'lob/lobster-aapl-20120621-0930-1030-msg-l50.csv.gz');
const skip = folder === '' || !existsSync(file) ? 'OPENBELL_MARKET_DATA is not set' : false;

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  /** Resolves with standard output when the process ends. */
  readonly ended: Promise<string>;
}

/** Starts a replay and waits for its address. */
function startReplay(args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [CLI, 'replay', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(out)));
  return new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(`no address\n${log}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const ready = /^ready (http:\S+)$/m.exec(log);
      if (ready !== null) resolve({ child, url: ready[1], ended });
    });
  });
}

function verify(dataDirectory: string) {
  const args = [CLI, 'verify', '--data-dir', dataDirectory, '--json'];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

/** A subscriber's book, rebuilt from a snapshot and deltas; counts what must not be. */
class SubscriberBook {
  seq = 0;
  gaps = 0;
  snapshots = 0;
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();

  // biome-ignore lint/suspicious/noExplicitAny: a message is whatever the server sends
  take(message: any): void {
    if (message.type === 'snapshot') {
      this.snapshots += 1;
      this.bids.clear();
      this.asks.clear();
    } else if (message.type !== 'delta') return;
    else if (message.prev_seq !== this.seq) this.gaps += 1;
    this.seq = message.seq;
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, quantity] of message[side]) {
        if (Number(quantity) === 0) this[side].delete(price);
        else this[side].set(price, quantity);
      }
    }
  }

  levels(side: 'bids' | 'asks'): [string, string][] {
    const direction = side === 'bids' ? -1 : 1;
    return [...this[side]].sort(([a], [b]) => direction * (Number(a) - Number(b)));
  }
}

function follow(url: string): { book: SubscriberBook; socket: WebSocket } {
  const book = new SubscriberBook();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/stream`);
  socket.on('open', () => {
    socket.send(JSON.stringify({ op: 'subscribe', id: 1, channel: 'book', market: '*' }));
  });
  socket.on('message', (text) => book.take(JSON.parse(String(text))));
  socket.on('error', () => undefined);
  return { book, socket };
}

describe('a recorded hour while the world looks on', { skip }, () => {
  const directory = openTemporaryDirectory();
  after(() => directory.remove());
  let hash = '';

  it('gives a subscriber the engine’s own book, without a gap', { timeout: 120_000 }, async () => {
    const data = join(directory.path, 'followed');
    const replay = await startReplay([
      ...['--format', 'lobster', '--file', file, '--data-dir', data, '--hold'],
    ]);
    const { book, socket } = follow(replay.url);
    const fresh = await untilStill(replay.url, book);
    assert.equal(book.gaps, 0);
    assert.equal(book.snapshots, 1, 'one snapshot, and deltas ever after');
    assert.ok(fresh.seq > 200_000, 'the whole hour went by');
    assert.equal(book.seq, fresh.seq);
    assert.deepEqual(book.levels('bids'), fresh.levels('bids'));
    assert.deepEqual(book.levels('asks'), fresh.levels('asks'));
    socket.close();
    replay.child.kill('SIGTERM');
    const report = JSON.parse(await replay.ended);
    assert.equal(report.unanswered, 0);
    hash = report.state_hash;
    const checked = verify(data);
    assert.deepEqual([checked.ok, checked.problems], [true, []]);
    assert.equal(checked.markets[0].state_hash, hash, 'matched again, the state is the same');
  });

  it('survives kill -9 in the middle and ends in the same state', {
    timeout: 120_000,
  }, async () => {
    const data = join(directory.path, 'killed');
    const args = ['--format', 'lobster', '--file', file, '--data-dir', data];
    const first = await startReplay(args);
    const { book, socket } = follow(first.url);
    while (book.seq < 40_000) await new Promise((resolve) => setTimeout(resolve, 5));
    first.child.kill('SIGKILL');
    await first.ended;
    socket.terminate();
    const torn = verify(data);
    assert.deepEqual([torn.ok, torn.problems], [true, []], 'what is durable is whole');
    assert.ok(torn.markets[0].seq >= book.seq, 'everything a subscriber saw was durable');
    const second = await startReplay(args);
    const report = JSON.parse(await second.ended);
    assert.ok(report.resumed_from > 0, 'it went on where it was cut off');
    assert.equal(report.state_hash, hash, 'as if nothing had happened');
    assert.equal(verify(data).ok, true);
  });
});

/** Joins late, again and again, until nothing moves any more: the engine's book as it ends. */
async function untilStill(url: string, book: SubscriberBook): Promise<SubscriberBook> {
  for (let before = -1; before !== book.seq || book.seq === 0; ) {
    before = book.seq;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  const late = follow(url);
  while (late.book.snapshots === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  late.socket.close();
  return late.book;
}
