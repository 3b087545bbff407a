import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openbell } from '../support/command-line.ts';
import { ConformanceStage } from '../support/conformance-stage.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { eventually } from '../support/server-process.ts';

const BTC = 'binance:BTC-USDT';

describe('a feeds thread that dies', () => {
  let binance: FakeBinance;
  let stage: ConformanceStage;
  let timer: NodeJS.Timeout;
  let price = 65_000;
  const env = (more: Record<string, string> = {}) => ({
    ...binance.env,
    OPENBELL_EXCHANGES: 'binance:live',
    ...more,
  });

  before(async () => {
    binance = await FakeBinance.start(['BTCUSDT']);
    timer = setInterval(() => {
      price += 1;
      binance.mark('BTCUSDT', '65000.50000000', '0.00010000', 1_900_000_000_000);
      binance.trade('BTCUSDT', price, 0.01);
    }, 50);
    // Two seconds after each of its starts.
    stage = await ConformanceStage.open(env({ OPENBELL_FAILPOINT: 'feeds.throw:40' }));
  });
  after(async () => {
    clearInterval(timer);
    await stage?.close();
    await binance?.die();
  });

  it('starts again, and goes on where its records ended', async () => {
    await eventually('a first failure', async () => {
      const text = await (await fetch(`${stage.server.url}/metrics`)).text();
      return /^openbell_feeds_thread_failures_total 1$/m.test(text) || undefined;
    });
    const before = (await stage.trades(BTC)).length;
    assert.ok(before > 0, 'it had worked');
    await eventually('more trades', async () => {
      return (await stage.trades(BTC)).length > before + 5 || undefined;
    });
    const health = await fetch(`${stage.server.url}/health`);
    assert.equal(health.status, 200, 'the server lives');
    await stage.restart('SIGTERM', env());
    const { stdout } = await openbell(['verify', '--json', '--data-dir', stage.dataDirectory]);
    assert.deepEqual(JSON.parse(stdout).problems, []);
    const ids = (await stage.trades(BTC)).map(({ price: told }) => Number(told));
    assert.equal(new Set(ids).size, ids.length, 'no trade is told twice');
  });
});
