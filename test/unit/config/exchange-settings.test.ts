import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readExchangeSettings } from '../../../src/config/exchange-settings.ts';
import { loadMarkets } from '../../../src/config/markets.ts';
import { SettingError } from '../../../src/config/setting-error.ts';
import { repositoryRoot } from '../../support/repository.ts';

const FILE = `${repositoryRoot}/config/markets.json`;

describe('settings of exchanges', () => {
  it('choose the source of each exchange, and keep the ids of its markets', () => {
    const env = { OPENBELL_EXCHANGES: ' Binance : live, sei:off ,bybit:simulated' };
    const { exchangeSources } = readExchangeSettings(env);
    const markets = loadMarkets(FILE, exchangeSources);
    const sources = new Map(markets.all.map(({ exchange, source }) => [exchange, source]));
    assert.deepEqual(
      [...sources],
      [
        ['NASDAQ', 'simulated'],
        ['binance', 'live'],
        ['bybit', 'simulated'],
        ['hyperliquid', 'simulated'],
        ['sei', 'off'],
      ],
    );
    assert.deepEqual(
      markets.all.map(({ id }) => id),
      loadMarkets(FILE).all.map(({ id }) => id),
    );
    assert.equal(markets.hasPlayMoney, true);
  });

  it('leave out what the file has switched off, unless it is switched on', () => {
    assert.equal(loadMarkets(FILE).exchangeName('okx'), undefined);
    const { exchangeSources } = readExchangeSettings({ OPENBELL_EXCHANGES: 'okx:live' });
    const okx = loadMarkets(FILE, exchangeSources).resolve('okx', 'BTCUSDT');
    assert.deepEqual([okx?.id, okx?.source], [15, 'live']);
    const off = readExchangeSettings({ OPENBELL_EXCHANGES: 'okx:off' }).exchangeSources;
    assert.equal(loadMarkets(FILE, off).exchangeName('okx'), undefined);
  });

  it('read addresses without their last slash', () => {
    const env = { OPENBELL_BYBIT_REST_URL: 'http://127.0.0.1:81/x/' };
    const { exchangeEndpoints } = readExchangeSettings(env);
    assert.equal(exchangeEndpoints.bybit.rest, 'http://127.0.0.1:81/x');
    assert.match(exchangeEndpoints.bybit.socket, /^wss:/);
  });

  for (const [name, text] of [
    ['OPENBELL_EXCHANGES', 'binance'],
    ['OPENBELL_EXCHANGES', 'binance:real'],
    ['OPENBELL_EXCHANGES', 'binance:live,binance:off'],
    ['OPENBELL_EXCHANGES', 'sei:live'],
    ['OPENBELL_EXCHANGES', 'okx:simulated'],
    ['OPENBELL_BINANCE_REST_URL', 'fapi.binance.com'],
    ['OPENBELL_BINANCE_SOCKET_URL', 'https://fstream.binance.com'],
  ]) {
    it(`refuse ${name}=${text}`, () => {
      assert.throws(
        () => readExchangeSettings({ [name]: text }),
        (error: Error) => error instanceof SettingError && error.message.includes(name),
      );
    });
  }

  it('refuse an exchange that is not described', () => {
    const { exchangeSources } = readExchangeSettings({ OPENBELL_EXCHANGES: 'kraken:off' });
    assert.throws(() => loadMarkets(FILE, exchangeSources), /kraken.*binance/);
  });
});
