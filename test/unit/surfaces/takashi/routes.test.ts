import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Derivatives } from '../../../../src/projections/derivatives.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

const BARS = 1800;

let server: TestServer;
/** When the first bar begins. */
let firstSeconds: number;
let derivatives: Derivatives;

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
  const { venue, clock } = server;
  const market = venue.market('binance', 'BTC-USDT');
  const flow = new MarketFlow(market.id, 1);
  firstSeconds = 60 * Math.floor(clock.nowMs() / 60_000) - 60 * (BARS - 1);
  for (let bar = 0; bar < BARS; bar += 1) {
    const trades = flow.trades.length;
    while (flow.trades.length === trades) {
      flow.seconds = firstSeconds + 60 * bar;
      flow.step();
      venue.views.apply(flow.views, 0);
    }
    venue.views.clearChanges();
  }
  derivatives = venue.margin.derivatives(market) ?? assert.fail('it is a perpetual');
});
after(() => server.close());

async function get(path: string): Promise<Data> {
  const reply = await server.request(path);
  assert.equal(reply.status, 200, path);
  return reply.json();
}

const starts = (candles: Data[]): number[] =>
  candles.map(({ timestamp }) => (Date.parse(timestamp) / 1000 - firstSeconds) / 60);
const ohlc = async (query: string) => starts(await get(`/binance/ohlc/BTCUSDT/1m?${query}`));
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

test('without a start the newest candles, from a start on the first ones', async () => {
  const ms = (bar: number) => (firstSeconds + 60 * bar) * 1000;
  const newest = await ohlc('');
  assert.equal(newest.length, 500);
  assert.deepEqual(newest, from(newest[0], 500));
  assert.ok(newest[499] >= BARS - 1);
  assert.deepEqual(await ohlc(`end_time=${ms(700)}&limit=3`), [698, 699, 700]);
  assert.deepEqual(await ohlc(`end_time=${ms(700) - 1}&limit=3`), [697, 698, 699]);
  assert.deepEqual(await ohlc(`start_time=${ms(7)}&limit=3`), [7, 8, 9]);
  assert.deepEqual(await ohlc(`start_time=${ms(7) + 1}&limit=3`), [8, 9, 10]);
  assert.deepEqual(await ohlc(`start_time=${ms(7)}&end_time=${ms(8)}`), [7, 8]);
  assert.equal((await ohlc(`start_time=${ms(0)}&limit=1500`)).length, 1500);
  for (const before of [1, 1499, 1500, 1501, 90_000]) {
    const early = await ohlc(`start_time=${ms(-before)}&limit=1500`);
    const reached = before < 1500 ? from(0, 1500 - before) : from(0, 1500);
    assert.deepEqual(early, reached, `${before} before the first`);
  }
  assert.deepEqual(await ohlc(`start_time=${ms(BARS + 100)}`), []);
  assert.deepEqual(await ohlc(`start_time=${ms(-9)}&end_time=${ms(-1)}`), []);
  const klines = await get(`/binance/klines/BTCUSDT/1m?startTime=${ms(7)}&limit=2`);
  assert.deepEqual(
    klines.map(([open]: Data) => open),
    [ms(7), ms(8)],
  );
});

test('histories say what was sampled and settled, exactly', async () => {
  const end = 1_800_000_000;
  derivatives.interestPoints.push(
    { seconds: end - 3600, lots: 1_234_567, markTicks: 972_501 },
    { seconds: end, lots: 3, markTicks: 0 },
  );
  derivatives.fundingPoints.push({ seconds: end, ratePpb: -123_456, markTicks: 972_500 });
  const name = { exchange: 'binance', symbol: 'BTCUSDT' };
  assert.deepEqual(await get('/binance/oi-hist/BTCUSDT'), [
    {
      ...name,
      timestamp: '2027-01-15T07:00:00Z',
      open_interest: 1234.567,
      open_interest_value: 120_061_764.2067,
    },
    {
      ...name,
      timestamp: '2027-01-15T08:00:00Z',
      open_interest: 0.003,
      open_interest_value: null,
    },
  ]);
  const settled = '2027-01-15T08:00:00Z';
  assert.deepEqual(await get('/binance/funding-hist/BTC'), [
    { ...name, timestamp: settled, funding_rate: -0.000123456, funding_time: settled },
  ]);
  derivatives.predictedRatePpb = 100_000;
  derivatives.nextFundingSeconds = end;
  const { funding_rate: rate, funding_time: time } = await get('/binance/funding/BTCUSDT');
  assert.deepEqual([rate, time], [0.0001, settled]);
  const other = await get('/bybit/funding/BTCUSDT');
  assert.deepEqual([other.funding_rate, other.funding_time], [0, null]);
});
