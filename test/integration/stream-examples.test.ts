import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { repositoryRoot } from '../support/repository.ts';
import { NO_ORDERS } from '../support/stream-fakes.ts';
import { serveStreams } from '../support/stream-server.ts';

const registry = shippedMarkets();

interface Outcome {
  code: number | null;
  output: string;
}

/** Python with the two packages that the example needs; OPENBELL_PYTHON names another one. */
const PYTHON = process.env.OPENBELL_PYTHON ?? 'python3';
const HAS_PYTHON = spawnSync(PYTHON, ['-c', 'import flatbuffers, websockets']).status === 0;

/** Runs a decoder against a server whose market moves all the while. */
async function decode(market: string, example = 'decode-stream.mjs'): Promise<Outcome> {
  const server = await serveStreams(registry, (views, clock) => [
    new NativeStream({ markets: registry, views, epoch: 1, clock, ...NO_ORDERS }),
  ]);
  const flow = new MarketFlow(6, 77);
  const timer = setInterval(() => {
    for (let i = 0; i < 20; i += 1) {
      flow.step();
      server.hub.views.apply(flow.views, 0);
    }
    server.hub.publish();
  }, 5);
  const url = `ws://127.0.0.1:${server.port}/ws/stream`;
  const script = join(repositoryRoot, 'examples', example);
  const program = example.endsWith('.py') ? PYTHON : process.execPath;
  const child = spawn(program, [script, '--url', url, '--market', market, '--seconds', '2'], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  server.close();
  return { code, output };
}

test('the example follows a book through binary deltas and finds every checksum right', async () => {
  const { code, output } = await decode('binance:BTC-USDT');
  assert.equal(code, 0, output);
  assert.match(output, /binance:BTC-USDT \(simulated\) seq \d+: bid [\d.]+ @ [\d.]+ \| ask/);
  const messages = Number(/(\d+) messages, every checksum right, 0 resyncs/.exec(output)?.[1]);
  assert.ok(messages > 20, output);
});

test('the example says why it cannot follow an unknown market', async () => {
  const { code, output } = await decode('binance:DOGE-USDT');
  assert.equal(code, 1);
  assert.match(output, /UNKNOWN_MARKET/);
});

test('the Python example follows the same book, and shows the other channels', {
  skip: HAS_PYTHON ? false : `${PYTHON} lacks the packages flatbuffers and websockets`,
}, async () => {
  const { code, output } = await decode('binance:BTC-USDT', 'decode-stream.py');
  assert.equal(code, 0, output);
  assert.match(output, /\d+ messages, every checksum right, 0 resyncs/);
  for (const channel of ['bbo', 'orders_book', 'trades']) {
    assert.match(output, new RegExp(`^  ${channel}: .*[\\d.]+ @ [\\d.]+`, 'm'));
  }
});

test('the example of all channels comes back after a lost connection without losing an order', async () => {
  const { code, output } = await decode('binance:BTC-USDT', 'decode-channels.mjs');
  assert.equal(code, 0, output);
  assert.match(output, /\d+ orders, every checksum right, recovered: true/);
  for (const body of ['OrdersSnapshot', 'OrdersDelta', 'Trades', 'Bbo', 'Candles', 'Ticker']) {
    assert.match(output, new RegExp(`^${body}: \\d+$`, 'm'));
  }
  assert.match(output, /FEATURES_UNAVAILABLE/, 'this server has none, and says so');
});
