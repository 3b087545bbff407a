import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../../src/domain/orders.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

interface Book {
  data: {
    exchange: string;
    symbol: string;
    timestamp: string | null;
    sequence: number;
    bids: { price: number; quantity: number; orders: number }[];
    asks: { price: number; quantity: number; orders: number }[];
  };
}

let server: TestServer;
before(async () => {
  server = await startTestServer({ http: { rateLimits: 'off' } });
});
after(() => server.close());

const book = async (path: string): Promise<Book> => {
  const reply = await server.request(`/v1/markets/${path}`);
  assert.equal(reply.status, 200, path);
  return (await reply.json()) as Book;
};

test('the order book shows levels best first, in exact numbers', async () => {
  const market = server.venue.market('binance', 'BTC-USDT');
  const depth = server.venue.depth(market);
  for (let i = 0; i < 1200; i += 1) {
    depth.setLevel(SIDE_BUY, 972_500 - i, 7 + i, 1);
    depth.setLevel(SIDE_SELL, 972_501 + i, 3, 2);
  }
  depth.seq = 41;
  const ticker = server.venue.ticker(market);
  ticker.updatedSeconds = 1_713_191_400;
  ticker.updatedNanos = 123_456_789;
  for (const symbol of ['BTC/USDT', 'BTC%2FUSDT', 'btcusdt', 'BTC-USDT']) {
    const { data } = await book(`BINANCE/orderbook/${symbol}?depth=2`);
    assert.deepEqual(data, {
      exchange: 'binance',
      symbol: 'BTC/USDT',
      timestamp: '2024-04-15T14:30:00.123456Z',
      sequence: 41,
      bids: [
        { price: 97250, quantity: 0.007, orders: 1 },
        { price: 97249.9, quantity: 0.008, orders: 1 },
      ],
      asks: [
        { price: 97250.1, quantity: 0.003, orders: 2 },
        { price: 97250.2, quantity: 0.003, orders: 2 },
      ],
    });
  }
  assert.equal((await book('binance/orderbook/BTC/USDT')).data.bids.length, 20);
  assert.equal((await book('binance/orderbook/BTC/USDT?depth=1000')).data.asks.length, 1000);
});

test('a change of the book shows at once, at every depth', async () => {
  const depth = server.venue.depth(server.venue.market('NASDAQ', 'MSFT'));
  for (let round = 1; round <= 3; round += 1) {
    depth.setLevel(SIDE_BUY, 42_830 + round, round, round);
    depth.seq = round;
    for (const levels of [1, 5, 20, 21, 22, 1]) {
      const { data } = await book(`NASDAQ/orderbook/MSFT?depth=${levels}`);
      assert.equal(data.sequence, round);
      assert.equal(data.bids.length, Math.min(levels, round));
      assert.deepEqual(data.bids[0], {
        price: (42_830 + round) / 100,
        quantity: round,
        orders: round,
      });
    }
  }
});

test('a market in which nothing has happened has an empty book without a time', async () => {
  const { data } = await book('sei/orderbook/SEI/USDC');
  assert.deepEqual(data, {
    exchange: 'sei',
    symbol: 'SEI/USDC',
    timestamp: null,
    sequence: 0,
    bids: [],
    asks: [],
  });
});

test('depth out of range, unknown parameters and unknown markets', async () => {
  const cases: [string, number, string, string][] = [
    ['NASDAQ/orderbook/AAPL?depth=0', 400, 'depth', '0'],
    ['NASDAQ/orderbook/AAPL?depth=1001', 400, 'depth', '1001'],
    ['NASDAQ/orderbook/AAPL?depth=-5', 400, 'depth', '-5'],
    ['NASDAQ/orderbook/AAPL?depth=1.5', 400, 'depth', '1.5'],
    ['NASDAQ/orderbook/AAPL?depth=NaN', 400, 'depth', 'NaN'],
    ['NASDAQ/orderbook/AAPL?depth=99999999999999999999', 400, 'depth', '99999999999999999999'],
    ['NASDAQ/orderbook/AAPL?limit=5', 400, 'limit', '5'],
    ['NASDAQ/orderbook/AAPL?depth=5&depth=6', 400, 'depth', '6'],
    ['NASDAQ/orderbook/TSLA', 404, 'symbol', 'TSLA'],
    ['NASDAQ/orderbook/AAPL/USD', 404, 'symbol', 'AAPL/USD'],
    ['LSE/orderbook/AAPL', 404, 'exchange', 'LSE'],
    ['status?x=1', 400, 'x', '1'],
  ];
  for (const [path, status, parameter, value] of cases) {
    const reply = await server.request(`/v1/markets/${path}`);
    const { error } = (await reply.json()) as {
      error: { code: string; details: Record<string, unknown> };
    };
    assert.equal(reply.status, status, path);
    assert.equal(error.code, 'INVALID_PARAMETER', path);
    assert.equal(error.details.parameter, parameter, path);
    assert.equal(error.details.value, value, path);
  }
});

test('the status of every exchange, its halted markets and its newest event', async () => {
  const { venue } = server;
  venue.ticker(venue.market('bybit', 'BTC-USDT')).phase = 1;
  Object.assign(venue.ticker(venue.market('bybit', 'ETH-USDT')), {
    phase: 1,
    updatedSeconds: 1_713_191_400,
    updatedNanos: 0,
  });
  venue.ticker(venue.market('NASDAQ', 'AAPL')).phase = 1;
  const reply = await server.request('/v1/markets/status');
  const { status, data } = (await reply.json()) as {
    status: string;
    data: { markets: { exchange: string; status: string; last_update: string | null }[] };
  };
  assert.equal(status, 'ok');
  const byExchange = new Map(data.markets.map((entry) => [entry.exchange, entry]));
  assert.deepEqual([...byExchange.keys()], ['NASDAQ', 'binance', 'bybit', 'hyperliquid', 'sei']);
  assert.equal(byExchange.get('NASDAQ')?.status, 'open', 'others of its markets are open');
  assert.equal(byExchange.get('bybit')?.status, 'halted');
  assert.equal(byExchange.get('bybit')?.last_update, '2024-04-15T14:30:00.000000Z');
  assert.equal(byExchange.get('sei')?.last_update, null);
});
