import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssetNames, shortName } from '../../../src/sentiment/asset-names.ts';
import { shippedMarkets } from '../../support/markets.ts';

const names = new AssetNames(shippedMarkets().all);

test('companies and coins are found by name, symbol and cashtag', () => {
  assert.deepEqual(names.find('Apple and Google raise dividends'), ['AAPL', 'GOOGL']);
  assert.deepEqual(names.find('BTC-USDT climbs, $eth follows'), ['BTC', 'ETH']);
  assert.deepEqual(names.find('NVIDIA’s quarter'), ['NVDA']);
  assert.deepEqual(names.find('Nvidia, BITCOIN and Ethereum in one headline'), [
    'NVDA',
    'BTC',
    'ETH',
  ]);
  assert.deepEqual(names.find('ETH, Ether, Ethereum, $ETH'), ['ETH']);
});

test('ordinary words are no names', () => {
  assert.deepEqual(names.find('An apple a day; the amazon forest'), []);
  assert.deepEqual(names.find('sol invictus; either way; bitcoiners'), []);
  assert.deepEqual(names.find('Pineapple prices and Applebee'), []);
});

test('a name loses what headlines leave out', () => {
  assert.equal(shortName('Amazon.com, Inc.'), 'Amazon');
  assert.equal(shortName('Alphabet Inc. Class A'), 'Alphabet');
  assert.equal(shortName('Bitcoin perpetual'), 'Bitcoin');
  assert.equal(shortName('Sei'), 'Sei');
});
