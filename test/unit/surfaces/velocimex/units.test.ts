import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadMarkets } from '../../../../src/config/markets.ts';
import {
  lotsOf,
  priceToWire,
  quantityToWire,
  ticksOf,
} from '../../../../src/surfaces/velocimex/translate.ts';
import { repositoryRoot } from '../../../support/repository.ts';

const { all } = loadMarkets(join(repositoryRoot, 'config/markets.json'));
const anyMarket = fc.constantFrom(...all);
const steps = fc.integer({ min: 1, max: 10 ** 9 });

test('every price and quantity survives the way out and back', () => {
  const property = fc.property(anyMarket, steps, (market, count) => {
    assert.equal(ticksOf(market, priceToWire(market, count)), count);
    assert.equal(lotsOf(market, quantityToWire(market, count)), count);
    assert.ok(!/\d{12}/.test(String(priceToWire(market, count)).split('.')[1] ?? ''));
  });
  fc.assert(property, { numRuns: 1000, verbose: 1 });
});

test('half a step is no step', () => {
  const property = fc.property(anyMarket, fc.integer({ min: 0, max: 10 ** 6 }), (market, count) => {
    const half = (units: number, decimals: number) =>
      Number(`${(count * units * 10 + units * 5) / 10 ** (decimals + 1)}`);
    assert.equal(ticksOf(market, half(market.tickUnits, market.priceDecimals)), undefined);
    assert.equal(lotsOf(market, half(market.lotUnits, market.qtyDecimals)), undefined);
  });
  fc.assert(property, { numRuns: 500, verbose: 1 });
});
