import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARS_MAX } from '../../../../schemas/octopus-market.ts';
import { Refusal } from '../../../../src/gateway/http/refusal.ts';
import {
  HistoricalReplies,
  type HistoryInterval,
  type HistoryPeriod,
} from '../../../../src/surfaces/octopus/historical.ts';
import { MarketSearch } from '../../../../src/surfaces/octopus/market-search.ts';
import { quoteToWire, trendingToWire } from '../../../../src/surfaces/octopus/quotes.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { naiveBars, naiveFilled, naiveStart, naiveStep } from '../../../support/naive-candles.ts';
import { QuoteScene } from '../../../support/quote-scene.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** Ticks of binance:BTC-USDT as the surface tells them. */
const price = (ticks: number | undefined) => (ticks === undefined ? null : ticks / 10);

function historical(scene: QuoteScene, period: HistoryPeriod, interval: HistoryInterval) {
  const reply = new HistoricalReplies().write(scene.venue, scene.market, period, interval);
  return reply instanceof Refusal ? reply : JSON.parse(Buffer.from(reply).toString());
}

test('quotes are what the trades of the days make of them', () => {
  const scene = new QuoteScene(21);
  const nothing = quoteToWire(scene.venue, scene.market);
  assert.deepEqual([nothing.price, nothing.change, nothing.timestamp], [null, null, null]);
  let [withChange, quietDays] = [0, 0];
  for (let i = 0; i < 60; i += 1) {
    scene.drain(i % 7 === 0 ? 0 : 10);
    const day = scene.day();
    const quote = quoteToWire(scene.venue, scene.market);
    const { previousCloseTicks, lastTicks } = day;
    const change = previousCloseTicks === null ? null : lastTicks - previousCloseTicks;
    if (scene.trades.length > 0) {
      assert.equal(quote.price, price(lastTicks));
      assert.equal(quote.change, change === null ? null : change / 10);
      const percent = change === null ? null : (change / (previousCloseTicks ?? 1)) * 100;
      if (percent === null) assert.equal(quote.change_percent, null);
      else assert.ok(Math.abs((quote.change_percent ?? NaN) - percent) <= 0.000_051);
      assert.deepEqual([quote.market_cap, quote.pe_ratio], [null, null]);
      if (percent !== null) withChange += 1;
      if (day.open === undefined) quietDays += 1;
    }
    assert.deepEqual(
      [quote.open, quote.high, quote.low, quote.volume, quote.previous_close],
      [
        price(day.open),
        price(day.high),
        price(day.low),
        day.volumeLots / 1000,
        previousCloseTicks === null ? null : previousCloseTicks / 10,
      ],
    );
    scene.pass(i % 3 === 0 ? 13 * HOUR_MS : 1000);
  }
  assert.ok(withChange > 20 && quietDays > 2, `${withChange}, ${quietDays}`);
});

test('history has every bar of the period, whatever the interval', () => {
  const scene = new QuoteScene(22);
  for (let i = 0; i < 150; i += 1) {
    scene.drain(12);
    scene.pass(((i * 7) % 13) * HOUR_MS);
  }
  const firstSeconds = scene.trades[0].seconds;
  for (const [period, interval, seconds] of [
    ['1d', '1m', 86_400],
    ['5d', '5m', 5 * 86_400],
    ['5d', '15m', 5 * 86_400],
    ['max', '1h', Number.POSITIVE_INFINITY],
    ['max', '1d', Number.POSITIVE_INFINITY],
    ['max', '1wk', Number.POSITIVE_INFINITY],
    ['1y', '1mo', 366 * 86_400],
  ] as const) {
    const nowSeconds = scene.clock.seconds;
    const startOf = (at: number) => naiveStart(interval, at);
    const bars = naiveFilled(
      naiveBars(scene.trades, startOf),
      startOf,
      nowSeconds,
      naiveStep(interval),
    ).filter(({ openSeconds }) => openSeconds >= nowSeconds - seconds);
    const isDaily = ['1d', '1wk', '1mo'].includes(interval);
    const { data, ...rest } = historical(scene, period, interval);
    assert.deepEqual(rest, { symbol: 'BTC-USDT', exchange: 'binance', period, interval });
    assert.ok(bars.length > 1 && firstSeconds < nowSeconds, `${period} ${interval}`);
    assert.deepEqual(
      data,
      bars.map((bar) => {
        const iso = new Date(bar.openSeconds * 1000).toISOString();
        return {
          date: isDaily ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`,
          open: bar.open / 10,
          high: bar.high / 10,
          low: bar.low / 10,
          close: bar.close / 10,
          volume: bar.lots / 1000,
        };
      }),
      `${period} ${interval}`,
    );
  }
});

test('twenty thousand bars are told, one more is refused', () => {
  const scene = new QuoteScene(23);
  while (scene.trades.length === 0) scene.drain(1);
  const start = naiveStart('1m', scene.trades[0].seconds);
  const lastStart = start + (BARS_MAX - 1) * 60;
  scene.pass((lastStart - scene.clock.seconds) * 1000 + 1500);
  const { data } = historical(scene, 'max', '1m');
  assert.equal(data.length, BARS_MAX);
  for (const [at, { date }] of data.entries()) {
    assert.equal(Date.parse(date) / 1000, start + at * 60);
  }
  scene.pass(MINUTE_MS);
  const refusal = historical(scene, 'max', '1m');
  assert.ok(refusal instanceof Refusal);
  assert.deepEqual([refusal.kind, refusal.details.maximum], ['invalid', BARS_MAX]);
  assert.equal(historical(scene, '5d', '1m').data.length, 5 * 24 * 60);
});

test('trending counts the last day only', () => {
  const scene = new QuoteScene(24);
  assert.deepEqual(trendingToWire(scene.venue, 5), { most_active: [], biggest_movers: [] });
  scene.drain(100);
  const { most_active, biggest_movers } = trendingToWire(scene.venue, 5);
  assert.deepEqual(most_active, biggest_movers);
  const lots = scene.trades.reduce((sum, { qtyLots }) => sum + qtyLots, 0);
  const value = scene.trades.reduce((sum, each) => sum + each.priceTicks * each.qtyLots, 0);
  const [first] = most_active;
  assert.deepEqual(
    [first.symbol, first.volume_24h, first.value_24h],
    ['BTC-USDT', lots / 1000, value / 10_000],
  );
  scene.pass(2 * DAY_MS);
  assert.deepEqual(trendingToWire(scene.venue, 5).most_active, []);
});

test('search: symbols before names, beginnings and typos too', () => {
  const search = new MarketSearch(shippedMarkets());
  const found = (query: string) =>
    search.find(query, 100).results.map(({ symbol, exchange }) => `${exchange}:${symbol}`);
  for (const [query, first] of [
    ['apple', 'NASDAQ:AAPL'],
    ['AAPL', 'NASDAQ:AAPL'],
    ['aple', 'NASDAQ:AAPL'],
    ['microsfot', 'NASDAQ:MSFT'],
    ['micro', 'NASDAQ:MSFT'],
    ['amazon.com', 'NASDAQ:AMZN'],
    ['nvdia', 'NASDAQ:NVDA'],
    ['class a alphabet', 'NASDAQ:GOOGL'],
    ['btc', 'binance:BTC-USDT'],
    ['BTC/USDT', 'binance:BTC-USDT'],
    ['btcusdt', 'binance:BTC-USDT'],
    ['bitcion', 'binance:BTC-USDT'],
    ['sei', 'sei:SEI-USDC'],
  ] as const) {
    assert.equal(found(query)[0], first, query);
  }
  assert.deepEqual(found('btc').length, 3, 'of every exchange');
  assert.deepEqual(found('zzzzzz'), []);
  assert.deepEqual(found('---'), []);
  assert.equal(search.find('usdt', 2).results.length, 2);
});
