import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { OrderSizes } from '../../../src/simulation/order-sizes.ts';
import { quantile } from '../../support/statistics.ts';

function draw(sizes: OrderSizes, count: number): number[] {
  return Array.from({ length: count }, () => sizes.draw());
}

describe('order sizes', () => {
  it('are whole lots within the market, however small or large the median', () => {
    for (const [median, max] of [
      [0.02, 1_000],
      [100, 150],
      [5e5, 1e6],
    ]) {
      for (const lots of draw(new OrderSizes(new Prng(1), median, 0, max), 5_000)) {
        assert.ok(Number.isSafeInteger(lots) && lots >= 1 && lots <= max, `${lots}`);
      }
    }
  });

  it('of shares are round lots for the most part, and odd lots below one', () => {
    const lots = draw(new OrderSizes(new Prng(2), 100, 100, 1e6), 20_000);
    const round = lots.filter((one) => one % 100 === 0);
    assert.ok(round.length > 0.62 * lots.length && round.length < 0.72 * lots.length);
    const one = lots.filter((size) => size === 100).length;
    assert.ok(one > 0.45 * lots.length);
    assert.ok(lots.every((size) => size % 100 === 0 || size < 100));
    assert.ok(Math.max(...lots) >= 2_000);
  });

  it('of coins have the median asked for and a heavy tail', () => {
    const lots = draw(new OrderSizes(new Prng(3), 1_000, 0, 1e9), 20_000);
    const median = quantile(lots, 0.5);
    assert.ok(median > 850 && median < 1_150, `${median}`);
    assert.ok(quantile(lots, 0.99) > 25 * median);
    assert.ok(Math.max(...lots) <= 400_000);
  });

  it('of quotes are whole round lots around the multiple', () => {
    const sizes = new OrderSizes(new Prng(4), 100, 100, 1e6);
    const quotes = Array.from({ length: 500 }, () => sizes.quote(5));
    assert.ok(quotes.every((lots) => lots % 100 === 0 && lots >= 300 && lots <= 700));
    assert.ok(new Set(quotes).size > 2);
  });
});
