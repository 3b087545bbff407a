import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openbell } from '../support/command-line.ts';
import {
  ConformanceStage,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import { FakeBinance } from '../support/fake-binance.ts';
import { eventually } from '../support/server-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

const BTC = 'binance:BTC-USDT';
const FAST_MS = 2_000;

describe('a live market', () => {
  let binance: FakeBinance;
  let stage: ConformanceStage;
  let user: StageUser;
  const env = () => ({ ...binance.env, OPENBELL_EXCHANGES: 'binance:live' });
  const get = async (path: string): Promise<{ status: number; headers: Headers; body: Data }> => {
    const reply = await fetch(stage.server.url + path);
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
  };
  const fresh = () =>
    eventually('a fresh feed', async () => {
      binance.mark('BTCUSDT', '65000.50000000', '0.00010000', 1_900_000_000_000);
      binance.level('BTCUSDT', 'bid', 64_990, 1);
      const { exchanges, sources } = (await get('/health')).body;
      const isStale = sources.binance.stale_books.includes('BTC-USDT');
      return (exchanges.binance && !isStale) || undefined;
    });
  const subscribe = async (channel: string, more: object = {}): Promise<StageSocket> => {
    const socket = stage.socket('/ws/stream');
    await socket.send({ op: 'subscribe', channel, market: BTC, ...more });
    await socket.next('acknowledgement', ({ type }) => type === 'subscribed');
    return socket;
  };

  before(async () => {
    binance = await FakeBinance.start();
    stage = await ConformanceStage.open(env());
    user = await stage.user('trader');
    await fresh();
  });
  after(async () => {
    await stage?.close();
    await binance?.die();
  });

  it('shows the book of its exchange, and what changes in it', async () => {
    const book = await subscribe('book');
    const { bids, asks } = await book.next('snapshot', ({ type }) => type === 'snapshot');
    assert.deepEqual(
      [bids[0], asks[0]].map(([price, qty]: [string, string]) => [price, qty]),
      [
        ['65000.0', '2.000'],
        ['65001.0', '3.000'],
      ],
    );
    binance.level('BTCUSDT', 'bid', 65_000.5, 0.25);
    const delta = await book.next('delta', ({ type }) => type === 'delta');
    assert.deepEqual(delta.bids[0].slice(0, 2), ['65000.5', '0.250']);
    assert.equal(delta.stale, undefined, 'a fresh book says nothing of it');
    const bbo = await subscribe('bbo');
    await bbo.next('quote', (message) => JSON.stringify(message).includes('65000.5'));
    binance.level('BTCUSDT', 'bid', 65_000.5, 0);
  });

  it('tells trades, large trades and liquidations', async () => {
    const trades = await subscribe('trades');
    const large = stage.socket('/ws/binance/BTCUSDT/large_trades?min_value_usd=100000');
    const liquidations = stage.socket('/ws/all/liquidations?min_value_usd=1000');
    await Promise.all([large.opened(), liquidations.opened()]);
    const nowMs = Date.now();
    binance.trade('BTCUSDT', 65_001, 1, false, nowMs);
    // In a publication of its own.
    await new Promise((resolve) => setTimeout(resolve, 20));
    binance.trade('BTCUSDT', 65_003, 1, false, nowMs);
    binance.trade('BTCUSDT', 65_000, 0.1, true, nowMs + 1);
    const told = await trades.next('trades', ({ trades: list }) => list?.length > 0);
    assert.equal(told.trades[0].price, '65001.0');
    const trade = await large.next('large trade', ({ type }) => type === 'large_trade');
    assert.deepEqual(
      [trade.side, trade.price, trade.quantity, trade.value, trade.is_buyer_maker],
      ['buy', 65_002, 2, 130_004, false],
      'the fills of one aggressor are one trade',
    );
    binance.liquidate('BTCUSDT', 'SELL', '64950.0', '2.500');
    const { timestamp: _, ...event } = await liquidations.next(
      'liquidation',
      ({ type }) => type === 'liquidation',
    );
    assert.deepEqual(event, {
      type: 'liquidation',
      exchange: 'binance',
      symbol: 'BTCUSDT',
      side: 'sell',
      price: 64_950,
      quantity: 2.5,
      value: 162_375,
    });
  });

  it('tells candles as they change, and the past of its exchange', async () => {
    const candles = stage.socket('/ws/binance/BTCUSDT/ohlc?interval=1m');
    await candles.opened();
    binance.trade('BTCUSDT', 65_010, 0.5);
    const candle = await candles.next('candle', ({ close }) => close === 65_010);
    assert.equal(candle.is_closed, false);
    const hours = { interval: '1h', limit: 100 };
    await eventually('history where it is kept', async () => {
      const socket = await subscribe('candles', hours);
      const { candles: list } = await socket.next(
        'candles',
        ({ candles: all }) => all !== undefined,
      );
      return list.length === 100 || undefined;
    });
    const { body } = await get('/binance/ohlc/BTCUSDT/1h?limit=3');
    assert.deepEqual(
      body.map(({ is_closed: isClosed }: Data) => isClosed),
      [true, true, false],
    );
    const [raw] = (await get('/binance/klines/BTCUSDT/1h?limit=1')).body;
    assert.deepEqual(raw, binance.kline('BTCUSDT', '1h', raw[0]), 'passed through unchanged');
  });

  it('tells open interest, funding and histories', async () => {
    const interest = (await get('/binance/oi/BTCUSDT')).body;
    assert.equal(interest.open_interest, 81_234.567);
    assert.equal(interest.open_interest_value, 81_234.567 * 65_000.5);
    const funding = (await get('/binance/funding/BTC')).body;
    assert.deepEqual(
      [funding.funding_rate, funding.funding_time],
      [0.0001, '2030-03-17T17:46:40Z'],
    );
    assert.equal((await get('/binance/oi-hist/BTCUSDT?period=5m&limit=4')).body.length, 4);
    assert.equal((await get('/binance/funding-hist/BTCUSDT?limit=5')).body.length, 5);
    const { venues } = (await get('/hyperliquid/predicted-funding?coin=BTC')).body[0];
    assert.deepEqual(venues[1], {
      venue: 'BinPerp',
      funding_rate: 0.0001,
      next_funding_time: '2030-03-17T17:46:40Z',
    });
  });

  it('takes no orders, and says why', async () => {
    const order = { exchange: 'binance', symbol: 'BTC-USDT', side: 'buy', type: 'limit' };
    const reply = await user.send('POST', '/v1/trading/orders', {
      ...order,
      quantity: 1,
      price: 65_000,
    });
    assert.equal(reply.status, 409);
    assert.equal(reply.body.error.details.reason, 'MARKET_IS_LIVE');
    const position = { symbol: 'BTC-USDT', size: '0.1', type: 'long', leverage: '5' };
    const refused = await user.send('POST', '/api/v1/portfolio/positions', position);
    assert.equal(refused.body.error.details.reason, 'MARKET_IS_LIVE');
    const deployed = await user.send('POST', '/v1/strategies/market_making/deploy', {
      markets: [{ exchange: 'binance', symbol: 'BTC-USDT' }],
    });
    assert.ok(JSON.stringify(deployed.body).includes('MARKET_IS_LIVE'), JSON.stringify(deployed));
    const elsewhere = await user.send('POST', '/v1/trading/orders', {
      ...order,
      exchange: 'bybit',
      quantity: 1,
      price: 65_000,
    });
    assert.equal(elsewhere.status, 201, 'simulated markets trade');
  });

  it('is stale while its exchange is gone, and fresh when it is back', async () => {
    const book = await subscribe('book');
    await binance.die();
    const gone = await book.next('stale book', ({ stale }) => stale === true);
    assert.equal(gone.type, 'delta');
    await eventually('stale in health', async () => {
      const { status, sources } = (await get('/health')).body;
      return (status === 'degraded' && sources.binance.stale_books.length === 3) || undefined;
    });
    await eventually('an open circuit', async () => {
      const askedMs = performance.now();
      const reply = await get('/binance/funding-hist/BTCUSDT?limit=7');
      assert.equal(reply.status, 503);
      assert.deepEqual(Object.keys(reply.body), ['detail']);
      assert.ok(Number(reply.headers.get('retry-after')) >= 1);
      return performance.now() - askedMs < FAST_MS / 20 || undefined;
    });
    const multi = await get('/multi/ohlc/BTCUSDT/5m');
    assert.equal(multi.status, 200);
    assert.deepEqual(multi.body.binance, [], 'others are asked all the same');
    await binance.listen();
    await fresh();
    await book.next('fresh book', ({ bids, stale }) => bids?.length > 0 && stale === undefined);
    await eventually('answers', async () => {
      return (await get('/binance/funding-hist/BTCUSDT?limit=7')).status === 200 || undefined;
    });
  });

  it('goes on after a kill, and its journal is whole', async () => {
    for (let i = 0; i < 200; i += 1) binance.trade('BTCUSDT', 65_020 + (i % 7), 0.01, i % 2 === 0);
    await eventually('trades', async () => (await stage.trades(BTC)).length >= 204 || undefined);
    const before = await stage.trades(BTC);
    await stage.restart('SIGKILL', env());
    user = stage.again(user);
    await fresh();
    binance.trade('BTCUSDT', 65_100, 0.2);
    await eventually('another trade', async () => {
      return (await stage.trades(BTC)).length === before.length + 1 || undefined;
    });
    assert.deepEqual((await stage.trades(BTC)).slice(0, before.length), before);
    await stage.restart('SIGTERM', env());
    const { code, stdout } = await openbell([
      'verify',
      '--json',
      '--data-dir',
      stage.dataDirectory,
    ]);
    const report = JSON.parse(stdout);
    assert.deepEqual(report.problems, []);
    assert.equal(code, 0);
    assert.ok(report.outside_not_matched > 200);
  });
});
