import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { PriceBounds, shareOf } from '../../../src/matching/bounds.ts';

describe('price bounds', () => {
  it('basis points of a price are exact for all safe integers', () => {
    const random = new Prng(5);
    for (let i = 0; i < 20_000; i += 1) {
      const price = Math.floor(random.uniform() * 2 ** random.integer(1, 53));
      const bps = random.integer(0, 9999);
      assert.equal(BigInt(shareOf(price, bps)), (BigInt(price) * BigInt(bps)) / 10_000n);
    }
  });

  it('orders and trades have bounds of their own, which hold both prices at the bound', () => {
    const bounds = new PriceBounds(500, 300);
    bounds.set(1010, 7);
    // 5 % of 1010 are 50.5: ceil(959.5) to floor(1060.5); 3 % are 30.3.
    assert.deepEqual(
      [959, 960, 1060, 1061].map((p) => bounds.allowsOrder(p)),
      [false, true, true, false],
    );
    assert.deepEqual(
      [979, 980, 1040, 1041].map((p) => bounds.allowsTrade(p)),
      [false, true, true, false],
    );
  });

  it('nothing is bounded without a reference price, nor where a market has no bounds', () => {
    const bounds = new PriceBounds(500, 0);
    assert.ok(bounds.bounded && bounds.allowsOrder(2 ** 52));
    bounds.set(100, 1);
    assert.ok(!bounds.allowsOrder(106) && bounds.allowsTrade(2 ** 52));
    bounds.set(0, 0);
    assert.ok(bounds.allowsOrder(106));
    const none = new PriceBounds(0, 0);
    none.set(100, 1);
    assert.ok(!none.bounded && none.allowsOrder(1) && none.allowsTrade(2 ** 52));
  });
});
