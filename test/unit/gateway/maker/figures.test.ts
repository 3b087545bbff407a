import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  alignedReturns,
  correlation,
  inventoryRisk,
} from '../../../../src/gateway/maker/inventory-risk.ts';
import {
  drawdown,
  fillRatePercent,
  profitCurve,
  sharpeRatio,
} from '../../../../src/gateway/maker/period-figures.ts';
import { MarketQuotes } from '../../../../src/gateway/strategies/quote-record.ts';
import { percentileOf } from '../../../../src/metrics/histogram.ts';

const MINUTE = 60_000;

describe('figures of a period', () => {
  it('weigh spreads by time, over the ends of minutes and without times away', () => {
    const quotes = new MarketQuotes();
    quotes.pass(30_000);
    quotes.touches = { ourBid: 99, ourAsk: 101, theirBid: 98, theirAsk: 102 };
    quotes.pass(90_000);
    quotes.touches = { ourBid: 99, ourAsk: 0, theirBid: 98, theirAsk: 102 };
    quotes.pass(100_000);
    quotes.touches = { ourBid: 99, ourAsk: 101, theirBid: 0, theirAsk: 102 };
    quotes.interrupted(110_000, 200_000);
    quotes.pass(210_000);
    const { all } = quotes.minutes;
    assert.deepEqual(
      all.map(({ minute, observedMs, bothMs, pairedMs }) => [minute, observedMs, bothMs, pairedMs]),
      [
        [0, 30_000, 30_000, 30_000],
        [1, 50_000, 40_000, 30_000],
        [3, 10_000, 0, 0],
      ],
    );
    const sums = quotes.minutes.since(0);
    assert.equal(sums.oursBpsMs / sums.pairedMs, 200);
    assert.equal(sums.marketBpsMs / sums.pairedMs, 400);
  });

  it('keep a day of minutes', () => {
    const quotes = new MarketQuotes();
    for (let minute = 0; minute < 1600; minute += 1) {
      quotes.minutes.at(minute * MINUTE).profitUnits = minute;
    }
    assert.equal(quotes.minutes.all.length, 1441);
    assert.equal(quotes.minutes.profitBefore(1500), 1499);
    assert.equal(quotes.minutes.profitBefore(10), 0);
  });

  it('draw the profit of all markets, each where it stood while it was silent', () => {
    const [a, b] = [new MarketQuotes(), new MarketQuotes()];
    a.minutes.at(MINUTE).profitUnits = 5;
    a.minutes.at(3 * MINUTE).profitUnits = 7;
    b.minutes.at(0).profitUnits = 100;
    b.minutes.at(2 * MINUTE).profitUnits = 90;
    assert.deepEqual(profitCurve([a, b], 1), [105, 95, 97]);
  });

  it('tell the greatest fall, in units and of the worth at the peak', () => {
    assert.deepEqual(drawdown([0, 100, 40, 120, 110], 900), { units: 60, percent: 6 });
    assert.deepEqual(drawdown([], 900), { units: 0, percent: 0 });
  });

  it('know no ratio of too few changes, or of none', () => {
    assert.ok(Number.isNaN(sharpeRatio([1, 2, 3])));
    assert.ok(Number.isNaN(sharpeRatio(new Array(50).fill(7))));
    const curve = Array.from({ length: 61 }, (_, i) => i * 2 + (i % 2));
    const mean = 2;
    const deviation = Math.sqrt(60 / 59);
    assert.ok(Math.abs(sharpeRatio(curve) - (mean / deviation) * Math.sqrt(525_600)) < 1e-6);
    assert.ok(Number.isNaN(fillRatePercent({ orders: 0, filledOrders: 0 })));
  });
});

describe('risk of an inventory', () => {
  it('is what the positions would have lost', () => {
    const returns = Array.from({ length: 100 }, (_, i) => (i - 50) / 1000);
    const { valueAtRisk, expectedShortfall } = inventoryRisk([1000], [returns]);
    const day = Math.sqrt(1440);
    // The five worst minutes of a hundred lose 50 to 46 of 1000.
    assert.ok(Math.abs(valueAtRisk - 46 * day) < 1e-9);
    assert.ok(Math.abs(expectedShortfall - 48 * day) < 1e-9);
    const hedged = inventoryRisk([1000, -1000], [returns, returns]);
    assert.equal(hedged.valueAtRisk, 0);
    assert.ok(Number.isNaN(inventoryRisk([1], [[0.1]]).valueAtRisk));
  });

  it('goes by minutes that all markets have, with the last close where one has none', () => {
    const a = new Map([
      [0, 100],
      [1, 110],
      [3, 121],
    ]);
    const b = new Map([
      [1, 50],
      [2, 55],
      [3, 55],
    ]);
    const [first, second] = alignedReturns([a, b]).map((all) =>
      all.map((x) => Number(x.toFixed(6))),
    );
    assert.deepEqual(
      [first, second],
      [
        [0, 0.1],
        [0.1, 0],
      ],
    );
    const rising = Array.from({ length: 40 }, (_, i) => i);
    assert.ok(
      Math.abs(
        correlation(
          rising,
          rising.map((x) => -3 * x),
        ) + 1,
      ) < 1e-12,
    );
    assert.ok(Number.isNaN(correlation(rising, new Array(40).fill(1))));
  });
});

describe('percentiles of a histogram', () => {
  it('lie evenly within a bucket, and at the greatest bound above all of them', () => {
    assert.equal(percentileOf([1, 2, 4], [0, 10, 0, 0], 0.5), 1.5);
    assert.equal(percentileOf([1, 2, 4], [10, 0, 10, 0], 0.75), 3);
    assert.equal(percentileOf([1, 2, 4], [0, 0, 0, 5], 0.5), 4);
    assert.ok(Number.isNaN(percentileOf([1], [0, 0], 0.5)));
  });
});
