import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ConformanceStage } from '../support/conformance-stage.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { eventually } from '../support/server-process.ts';

const BAR_MS = 300_000;
/** So long before a bar of five minutes ends the server starts. */
const LEAD_MS = 9_000;

const realNow = Date.now;
const shiftMs = BAR_MS - (realNow() % BAR_MS) - LEAD_MS;
const shifted = `Date.now=(now=>()=>now()+${shiftMs})(Date.now)`;

describe('spikes of open interest in a live market', () => {
  let binance: FakeBinance;
  let stage: ConformanceStage;
  let timer: NodeJS.Timeout;

  before(async () => {
    Date.now = () => realNow() + shiftMs;
    binance = await FakeBinance.start(['BTCUSDT']);
    stage = await ConformanceStage.open({
      ...binance.env,
      OPENBELL_EXCHANGES: 'binance:live',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shifted)}`,
    });
    timer = setInterval(() => {
      binance.mark('BTCUSDT', '65000.50000000', '0.00010000', 1_900_000_000_000);
      binance.trade('BTCUSDT', 65_000, 5);
    }, 100);
  });
  after(async () => {
    clearInterval(timer);
    await stage?.close();
    await binance?.die();
    Date.now = realNow;
  });

  it('are told when the first bar ends, against the history that the exchange tells', async () => {
    const socket = stage.socket('/ws/oi-vol?timeframes=5m');
    await socket.opened();
    const alert = await eventually(
      'an alert',
      () => socket.heard.find(({ type }) => type === 'oi_spike'),
      25_000,
    );
    const { z_oi: zOi, z_vol: zVol, timestamp, ...rest } = alert;
    assert.deepEqual(rest, {
      type: 'oi_spike',
      exchange: 'binance',
      symbol: 'BTCUSDT',
      timeframe: '5m',
      confirmed: true,
    });
    assert.ok(zOi > 3 && zVol > 2, `${zOi} ${zVol}`);
    assert.equal(Date.parse(timestamp) % BAR_MS, 0);
  });
});
