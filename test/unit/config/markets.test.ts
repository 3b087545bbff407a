import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { buildRegistry, type MarketsFile } from '../../../src/config/markets.ts';

const shipped = (): MarketsFile =>
  JSON.parse(readFileSync(new URL('../../../../config/markets.json', import.meta.url), 'utf8'));

describe('markets', () => {
  const registry = buildRegistry(shipped());

  it('are the default markets of the documents', () => {
    assert.deepEqual(
      registry.all.map(({ exchange, symbol }) => `${exchange}:${symbol}`),
      [
        'NASDAQ:AAPL',
        'NASDAQ:MSFT',
        'NASDAQ:GOOGL',
        'NASDAQ:AMZN',
        'NASDAQ:NVDA',
        'binance:BTC-USDT',
        'binance:ETH-USDT',
        'binance:SOL-USDT',
        'bybit:BTC-USDT',
        'bybit:ETH-USDT',
        'hyperliquid:BTC-USDC',
        'hyperliquid:ETH-USDC',
        'sei:SEI-USDC',
        'sei:ETH-USDC',
      ],
    );
  });

  for (const [exchange, symbol, id] of [
    ['binance', 'BTC-USDT', 6],
    ['BINANCE', 'BTC/USDT', 6],
    ['Binance', 'btcusdt', 6],
    ['bybit', 'BTC_USDT', 9],
    ['hyperliquid', 'BTC', 11],
    ['nasdaq', 'aapl', 1],
    ['sei', 'SEI/USDC', 13],
  ] as const) {
    it(`finds ${exchange} ${symbol}`, () => {
      assert.equal(registry.resolve(exchange, symbol)?.id, id);
    });
  }

  it('finds nothing else', () => {
    assert.equal(registry.resolve('binance', 'BTC'), undefined);
    assert.equal(registry.resolve('kraken', 'BTC-USDT'), undefined);
    assert.equal(registry.exchangeName('nAsDaQ'), 'NASDAQ');
  });

  it('have earnings where a company has any, as decimal text', () => {
    const earnings = registry.all.map(({ reference }) => reference.earningsPerShare);
    assert.ok(earnings.slice(0, 5).every((text) => Number(text) > 0));
    assert.deepEqual(new Set(earnings.slice(5)), new Set([null]));
    const file = shipped();
    file.markets[0].earningsPerShare = '-1.25';
    assert.equal(buildRegistry(file).get(1)?.reference.earningsPerShare, '-1.25');
    file.markets[0].earningsPerShare = '6,08';
    assert.throws(() => buildRegistry(file), /market NASDAQ:AAPL: earningsPerShare is 6,08/);
  });

  it('have exact units: one tick times one lot in the quote asset’s smallest unit', () => {
    const btc = registry.get(6);
    // 0.1 USDT × 0.001 = 0.0001 USDT = 100 millionths.
    assert.equal(btc?.quoteUnitsPerTickLot, 100);
    assert.equal(btc?.baseUnitsPerLot, 100_000);
    assert.equal(registry.get(1)?.quoteUnitsPerTickLot, 10_000);
  });

  it('name the market and the mistake when the file is wrong', () => {
    const wrong = (change: (file: MarketsFile) => void) => () => {
      const file = shipped();
      change(file);
      buildRegistry(file);
    };
    assert.throws(
      wrong((file) => (file.markets[0].tick = '0.00000001')),
      /NASDAQ:AAPL: tick × lot/,
    );
    assert.throws(
      wrong((file) => (file.markets[0].quote = 'EUR')),
      /asset EUR is not described/,
    );
    assert.throws(
      wrong((file) => (file.markets[0].lot = '-1')),
      /lot is not a positive decimal/,
    );
    assert.throws(
      wrong((file) => (file.markets[1].id = 1)),
      /used twice/,
    );
    assert.throws(
      wrong((file) => (file.markets[1].symbol = 'AAPL')),
      /two markets are spelt/,
    );
  });
});
