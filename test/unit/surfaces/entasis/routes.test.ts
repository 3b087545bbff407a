import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MarketFlow } from '../../../support/market-flow.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

const BARS = 5100;

let server: TestServer;
/** When the first bar begins. */
let firstSeconds: number;

before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
  const { venue, clock } = server;
  const flow = new MarketFlow(venue.market('binance', 'BTC-USDT').id, 1);
  firstSeconds = 60 * Math.floor(clock.nowMs() / 60_000) - 60 * (BARS - 1);
  for (let bar = 0; bar < BARS; bar += 1) {
    flow.seconds = firstSeconds + 60 * bar;
    const trades = flow.trades.length;
    while (flow.trades.length === trades) {
      flow.step();
      flow.seconds = firstSeconds + 60 * bar;
      venue.views.apply(flow.views, 0);
    }
    venue.views.clearChanges();
  }
});
after(() => server.close());

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
  body: any;
}

async function get(path: string): Promise<Reply> {
  const reply = await server.request(path);
  return { status: reply.status, body: await reply.json() };
}

const history = (query: string) => get(`/api/v1/market/history/BTC-USDT?interval=1m&${query}`);
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

test('history: the last 500 bars, or as many as asked for, up to 5000', async () => {
  const { body } = await get('/api/v1/market/history/BTC-USDT?interval=1m');
  assert.equal(body.data.length, 500);
  const most = (await history('limit=5000')).body.data;
  assert.equal(most.length, 5000);
  assert.deepEqual(most.slice(-500), body.data);
  const times = most.map(({ timestamp }: { timestamp: string }) => Date.parse(timestamp) / 1000);
  assert.ok(times.every((time: number, i: number) => i === 0 || time - times[i - 1] === 60));
  assert.equal((await history('limit=1')).body.data[0].timestamp, most.at(-1).timestamp);
});

test('history: ranges have both ends; one asked for whole is not cut', async () => {
  const [from, to] = [firstSeconds + 600, firstSeconds + 1200];
  const { body } = await history(`start=${iso(from)}&end=${iso(to)}`);
  assert.equal(body.data.length, 11);
  assert.equal(Date.parse(body.data[0].timestamp), from * 1000);
  assert.equal(Date.parse(body.data.at(-1).timestamp), to * 1000);
  const plain = iso(from).slice(0, 19);
  assert.equal((await history(`start=${plain}&end=${plain}`)).body.data.length, 1, 'UTC');
  assert.equal((await history(`end=${iso(to)}`)).body.data.length, 21);
  assert.deepEqual((await history('start=2999-01-01&end=2999-01-02')).body.data, []);
  const whole = await history(`start=${iso(firstSeconds)}`);
  assert.equal(whole.status, 400);
  assert.equal(whole.body.error.details.parameter, 'start');
  const newest = await history(`start=${iso(firstSeconds)}&limit=10`);
  assert.equal(newest.body.data.length, 10);
  const fits = await history(`start=${iso(firstSeconds)}&end=${iso(firstSeconds + 60 * 4999)}`);
  assert.equal(fits.body.data.length, 5000);
});

test('history: times that are none, or in the wrong sequence', async () => {
  for (const [query, parameter] of [
    ['start=1700000000', 'start'],
    ['end=2026-13-01', 'end'],
    ['end=2026-01-01T25:00', 'end'],
    ['start=2026-01-02&end=2026-01-01', 'start'],
    ['limit=0', 'limit'],
    ['interval=15m', 'interval'],
  ]) {
    const { status, body } = await get(`/v1/market/history/BTC-USDT?${query}`);
    assert.deepEqual([status, body.error.details.parameter], [400, parameter], query);
  }
});

test('price: of a market without a trade it is null, not made up', async () => {
  const { body } = await get('/api/v1/market/price/ETH-USDT');
  assert.deepEqual(body, {
    symbol: 'ETH-USDT',
    price: null,
    timestamp: null,
    volume: '0.000',
    exchange: 'binance',
  });
  for (const [symbol, exchange] of [
    ['aapl', 'NASDAQ'],
    ['BTC', 'hyperliquid'],
    ['BTCUSDT', 'binance'],
  ]) {
    assert.equal((await get(`/v1/market/price/${symbol}`)).body.exchange, exchange);
  }
});

test('positions: what is asked for reaches the venue in whole numbers', async () => {
  const post = (body: object) =>
    server.request('/v1/portfolio/positions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { opened } = server.venue.margin;
  await post({ symbol: 'BTC-USDT', size: '1.5', type: 'short', leverage: '20.0' });
  await post({ symbol: 'BTC/USDT', exchange: 'bybit', size: 0.002, type: 'long' });
  assert.deepEqual(
    opened.map(({ market, side, qtyLots, leverage }) => [market.exchange, side, qtyLots, leverage]),
    [
      ['binance', 1, 1500, 20],
      ['bybit', 0, 2, 1],
    ],
  );
  const reply = await post({ symbol: 'BTC-USDT', size: '0.0005', type: 'long' });
  const { error } = (await reply.json()) as { error: { details: Record<string, string> } };
  assert.deepEqual(
    [reply.status, error.details.parameter, error.details.value],
    [400, 'size', '0.0005'],
  );
});

test('clients from elsewhere than the list says are refused, on this surface alone', async () => {
  const closed = await startTestServer({
    settings: { entasisAllowedAddresses: ['10.0.0.0/8', '2001:db8::/32'] },
  });
  const open = await startTestServer({ settings: { entasisAllowedAddresses: ['127.0.0.1'] } });
  try {
    for (const path of ['/api/v1/market/price/AAPL', '/v1/portfolio/nowhere']) {
      const reply = await closed.request(path);
      assert.equal(reply.status, 403, path);
      const { error } = (await reply.json()) as { error: { code: string } };
      assert.equal(error.code, 'HTTP_403');
    }
    assert.equal((await closed.request('/v1/markets/status')).status, 200);
    assert.equal((await open.request('/api/v1/market/price/AAPL')).status, 200);
  } finally {
    closed.close();
    open.close();
  }
});
