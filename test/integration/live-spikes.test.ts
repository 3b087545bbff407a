import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConformanceStage } from '../support/conformance-stage.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { eventually } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const BAR_MS = 300_000;
/** So long before a bar of five minutes ends the clock is set, once all is under way. */
const LEAD_MS = 5_000;

const directory = openTemporaryDirectory();
const shiftFile = join(directory.path, 'shift');
/** Every thread of the server that has a loop looks there by how much its clock is ahead. */
const preload = `
  import { readFileSync } from 'node:fs';
  const now = Date.now;
  let shift = 0;
  setInterval(() => { shift = Number(readFileSync(${JSON.stringify(shiftFile)}, 'utf8')); }, 50).unref();
  Date.now = () => now() + shift;
`;
const realNow = Date.now;
let shiftMs = 0;

describe('spikes of open interest in a live market', () => {
  let binance: FakeBinance;
  let stage: ConformanceStage;
  let timer: NodeJS.Timeout;

  before(async () => {
    writeFileSync(shiftFile, '0');
    Date.now = () => realNow() + shiftMs;
    binance = await FakeBinance.start(['BTCUSDT']);
    stage = await ConformanceStage.open({
      ...binance.env,
      OPENBELL_EXCHANGES: 'binance:live',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
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
    directory.remove();
  });

  it('are told when the first bar ends, against the history that the exchange tells', async () => {
    const socket = stage.socket('/ws/oi-vol?timeframes=5m');
    await socket.opened();
    await eventually('a fresh feed', async () => {
      const { sources } = (await (await fetch(`${stage.server.url}/health`)).json()) as {
        sources: Record<string, { last_data_ms: number | null }>;
      };
      const isAsked = (binance.requests.get('/futures/data/openInterestHist') ?? 0) > 0;
      return (sources.binance.last_data_ms !== null && isAsked) || undefined;
    });
    shiftMs = BAR_MS - (realNow() % BAR_MS) - LEAD_MS;
    if (shiftMs > 0) writeFileSync(shiftFile, String(shiftMs));
    else shiftMs = 0;
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
