import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Principal } from '../../src/identity/principal.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { Subscriber } from '../support/recordings-client.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { serveStreams } from '../support/stream-server.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const registry = shippedMarkets();
const READER: Principal = { userId: 7, username: 'reader', scopes: ['read'], credential: 'user:7' };
const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

function openbell(args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const end = once(child, 'close').then(([code]) => ({ code: code as number, out, err }));
  return { child, end, printed: (pattern: RegExp) => shown(child, () => pattern.exec(err)) };
}

/** Resolves when the process has printed something. */
async function shown<T>(child: ChildProcess, look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await once(child.stderr!, 'data');
  }
}

test('a recording from the command line: made, ended by SIGINT, described, served', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  const server = await serveStreams(registry, (views, clock) => [
    new NativeStream({
      ...{ markets: registry, views, epoch: 1, clock, ...NO_ORDERS },
      authenticate: () => READER,
    }),
  ]);
  const flow = new MarketFlow(6, 77);
  const timer = setInterval(() => {
    for (let i = 0; i < 10; i += 1) {
      flow.step();
      server.hub.views.apply(flow.views, 0);
    }
    server.hub.publish();
  }, 5);
  const url = `ws://127.0.0.1:${server.port}/ws/stream`;
  const market = ['--market', 'binance:BTC-USDT'];
  const secret = 'a-token-that-nobody-may-read';
  const recording = openbell(['record', path, '--url', url, ...market, '--token', secret]);
  const written = setInterval(() => {
    if (messagesIn(path) <= 60) return;
    // Once: a second one means "at once".
    clearInterval(written);
    recording.child.kill('SIGINT');
  }, 50);
  const recorded = await recording.end;
  clearInterval(written);
  clearInterval(timer);
  server.close();
  assert.equal(recorded.code, 0, recorded.err);
  assert.match(recorded.err, /a\.obr: \d+ messages, \d+ bytes, 0 gaps/);
  assert.ok(!readFileSync(path).includes(secret), 'no token is written down');

  const info = await openbell(['record', '--info', path]).end;
  assert.equal(info.code, 0, info.err);
  assert.match(info.out, /1 connections, epochs 1, 0 gaps/);
  assert.match(info.out, /^book {9}binance:BTC-USDT .* 0$/m);
  const json = await openbell(['record', '--info', path, '--json']).end;
  assert.equal(JSON.parse(json.out).ended, true);

  const serving = openbell(['serve-recording', path, '--speed', 'max', '--wait']);
  const [, address] = await serving.printed(/^ready (\S+)$/m);
  const client = await Subscriber.connect(address, 'json');
  client.send({ op: 'subscribe', channel: 'book', market: '*' });
  const served = await serving.end;
  assert.equal(served.code, 0, served.err);
  assert.match(served.out, /^\d+ messages in 1 passes; no moments to keep/);
  assert.equal(client.books('json', registry).size, 1);

  truncateSync(path, readFileSync(path).length - 3);
  const torn = await openbell(['record', '--info', path]).end;
  assert.equal(torn.code, 1);
  assert.match(torn.out, /DAMAGED: the file ends with half a frame/);
});

function messagesIn(path: string): number {
  try {
    return readFileSync(path, 'latin1').split('"prev_seq"').length;
  } catch {
    return 0;
  }
}

test('what the command line cannot mean is refused with 2', async (t) => {
  const path = join(temporaryDirectory(t), 'a.obr');
  for (const args of [
    ['record'],
    ['record', path, '--url', 'http://127.0.0.1'],
    ['record', path, '--format', 'xml'],
    ['record', path, '--seconds', '-1'],
    ['serve-recording'],
    ['serve-recording', path, '--speed', '0'],
    ['serve-recording', path, '--port', '70000'],
  ]) {
    const { code, err } = await openbell(args).end;
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
  }
  const missing = await openbell(['serve-recording', path]).end;
  assert.equal(missing.code, 1);
});
