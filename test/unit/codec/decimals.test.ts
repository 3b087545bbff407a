import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  averagePriceUnits,
  lotsOf,
  priceNumber,
  priceText,
  quantityNumber,
  quantityText,
  ticksOf,
} from '../../../src/codec/decimals.ts';
import { shippedMarkets } from '../../support/markets.ts';

/** Ticks of 0.05, lots of 0.002, a quote asset with six decimals. */
const MARKET = {
  tickUnits: 5,
  priceDecimals: 2,
  lotUnits: 2,
  qtyDecimals: 3,
  quote: { name: 'USDT', decimals: 6 },
};

describe('decimals of a market', () => {
  for (const [text, ticks] of [
    ['150.05', 3001],
    ['150.0500', 3001],
    ['1.5e2', 3000],
    ['0.05', 1],
    ['150.04', undefined],
    ['150.055', undefined],
    ['0', undefined],
    ['-0.05', undefined],
    ['1e99', undefined],
    ['price', undefined],
  ] as const) {
    it(`reads the price ${text} as ${ticks} ticks`, () => {
      assert.equal(ticksOf(MARKET, text), ticks);
    });
  }

  it('reads quantities by the lot, and none between two lots', () => {
    assert.equal(lotsOf(MARKET, '1.004'), 502);
    assert.equal(lotsOf(MARKET, '1.003'), undefined);
    assert.equal(lotsOf(MARKET, '0'), undefined);
  });

  it('writes with all decimals of the market as text, with none too many as a number', () => {
    assert.equal(priceText(MARKET, 3000), '150.00');
    assert.equal(priceNumber(MARKET, 3000), 150);
    assert.equal(quantityText(MARKET, 501), '1.002');
    assert.equal(quantityNumber(MARKET, 501), 1.002);
  });

  it('gives back what it was given, as text and as a JSON number, for every step', () => {
    const steps = fc.integer({ min: 1, max: 2 ** 40 });
    const markets = fc.record({
      tickUnits: fc.integer({ min: 1, max: 100 }),
      priceDecimals: fc.integer({ min: 0, max: 4 }),
      lotUnits: fc.integer({ min: 1, max: 100 }),
      qtyDecimals: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(markets, steps, (market, count) => {
        assert.equal(ticksOf(market, priceText(market, count)), count);
        assert.equal(lotsOf(market, quantityText(market, count)), count);
        assert.equal(ticksOf(market, String(priceNumber(market, count))), count);
        assert.equal(lotsOf(market, String(quantityNumber(market, count))), count);
      }),
    );
  });

  it('gives JSON numbers of the shipped markets that print without an error in the last place', () => {
    const property = fc.property(
      fc.constantFrom(...shippedMarkets().all),
      fc.integer({ min: 1, max: 10 ** 9 }),
      (market, count) => {
        const price = priceNumber(market, count);
        assert.equal(ticksOf(market, String(price)), count);
        assert.ok(!/\d{12}/.test(String(price).split('.')[1] ?? ''));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('takes half a step of a shipped market for none', () => {
    const half = (count: number, units: number, decimals: number) =>
      String((count * units * 10 + units * 5) / 10 ** (decimals + 1));
    const property = fc.property(
      fc.constantFrom(...shippedMarkets().all),
      fc.integer({ min: 0, max: 10 ** 6 }),
      (market, count) => {
        const { tickUnits, priceDecimals, lotUnits, qtyDecimals } = market;
        assert.equal(ticksOf(market, half(count, tickUnits, priceDecimals)), undefined);
        assert.equal(lotsOf(market, half(count, lotUnits, qtyDecimals)), undefined);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('averages exactly where doubles would not, rounding half up', () => {
    // 0.006 units for 1.000002 quote: 166.667 per unit.
    assert.equal(averagePriceUnits(MARKET, 3, 1_000_002, 6), 166_667_000);
    // Two units for three smallest ones: half of one goes up.
    assert.equal(averagePriceUnits(MARKET, 1000, 3, 6), 2);
    assert.equal(averagePriceUnits(MARKET, -1000, -3, 6), 2);
    const units = 9_007_199_254_740_991;
    assert.equal(averagePriceUnits({ ...MARKET, lotUnits: 1 }, 1000, units, 6), units);
  });
});
