import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openbell } from '../support/command-line.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const directory = openTemporaryDirectory();
const file = join(directory.path, 'binance.txt');
const recordings = process.env.OPENBELL_MARKET_DATA;
const BTC = 'raw-ws/binance-usdm-btcusdt-20240808.txt.gz';
const skip =
  recordings !== undefined && existsSync(join(recordings, BTC))
    ? false
    : 'OPENBELL_MARKET_DATA has no recordings of raw frames';

describe('recordings of an exchange’s frames', () => {
  let binance: FakeBinance;
  let timer: NodeJS.Timeout;

  before(async () => {
    binance = await FakeBinance.start(['BTCUSDT']);
    let price = 65_000;
    timer = setInterval(() => {
      if (binance.subscriptions === 0) return;
      price += 0.1;
      binance.level('BTCUSDT', 'bid', price - 100, 1);
      binance.trade('BTCUSDT', price, 0.25);
    }, 20);
  });
  after(async () => {
    clearInterval(timer);
    await binance.die();
    directory.remove();
  });

  it('are written as they arrive and read by the connector’s parser', async () => {
    const args = [
      'record',
      file,
      '--exchange',
      'binance',
      '--symbols',
      'BTCUSDT',
      '--seconds',
      '2',
    ];
    const { code, stderr } = await openbell(args, binance.env);
    assert.equal(code, 0, stderr);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    assert.ok(lines.every((line) => /^\d{19} \{/.test(line)));
    const read = await openbell(['replay', '--format', 'binance-raw', '--file', file, '--json']);
    const { symbols, malformed, frames } = JSON.parse(read.stdout);
    assert.deepEqual([read.code, malformed, frames], [0, 0, lines.length]);
    const trades = lines.filter((line) => line.includes('"e":"trade"')).length;
    assert.ok(trades > 20);
    assert.deepEqual(
      [symbols[0].symbol, symbols[0].trades, symbols[0].resets, symbols[0].stale],
      ['BTCUSDT', trades, 1, {}],
    );
  });

  it('refuse what the exchange does not have', async () => {
    const out = join(directory.path, 'none.txt');
    const args = ['record', out, '--exchange', 'binance', '--symbols', 'DOGEUSDT'];
    const { code, stderr } = await openbell(args, binance.env);
    assert.notEqual(code, 0);
    assert.match(stderr, /no symbol DOGEUSDT/);
    assert.equal(existsSync(out), false);
  });

  it('of the real exchange lead to its own best quotes', { skip }, async () => {
    const args = ['--format', 'binance-raw', '--file', join(recordings ?? '', BTC), '--json'];
    const { code, stdout } = await openbell(['replay', ...args]);
    const { symbols, malformed, offGrid } = JSON.parse(stdout);
    const [btc] = symbols;
    assert.equal(code, 0);
    assert.deepEqual([malformed, offGrid, btc.stale, btc.resets], [0, 0, {}, 1]);
    assert.deepEqual([btc.trades, btc.quotesDifferent], [21_313, 0]);
    assert.ok(btc.quotesCompared > 100);
  });
});
