import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { findAuctionPrice, isCrossed } from '../../../src/matching/auction.ts';
import { MarketState } from '../../../src/matching/market-state.ts';
import { fillState } from '../../../src/matching/state-image.ts';
import { EMPTY_IMAGE, plainOrder } from '../../support/book-images.ts';

type Order = readonly [side: number, priceTicks: number, open: number, visible: number];

function stateOf(orders: readonly Order[]): MarketState {
  const state = new MarketState(1000, 1000, 10);
  const images = orders.map(([side, priceTicks, remainingLots, visibleLots], i) => ({
    ...plainOrder({
      orderId: i + 1,
      portfolioId: 1,
      side,
      priceTicks,
      remainingLots,
      totalLots: remainingLots,
    }),
    visibleLots,
    displayLots: visibleLots === remainingLots ? 0 : visibleLots,
  }));
  fillState(state, { ...EMPTY_IMAGE, orders: images });
  return state;
}

function find(orders: readonly Order[], referenceTicks: number): number[] {
  const found = { priceTicks: 0, volumeLots: 0, surplusLots: 0 };
  findAuctionPrice(stateOf(orders), referenceTicks, found);
  return [found.priceTicks, found.volumeLots, found.surplusLots];
}

/** The rule word by word: every tick between the prices of the book is a candidate. */
function findPlainly(orders: readonly Order[], referenceTicks: number): number[] {
  const prices = orders.map(([, price]) => price);
  const candidates: { price: number; volume: number; surplus: number }[] = [];
  for (let price = Math.min(...prices); price <= Math.max(...prices); price += 1) {
    let bid = 0;
    let ask = 0;
    for (const [side, limit, open] of orders) {
      if (side === SIDE_BUY && limit >= price) bid += open;
      if (side === SIDE_SELL && limit <= price) ask += open;
    }
    candidates.push({ price, volume: Math.min(bid, ask), surplus: bid - ask });
  }
  const most = Math.max(...candidates.map(({ volume }) => volume));
  const full = candidates.filter(({ volume }) => volume === most);
  const least = Math.min(...full.map(({ surplus }) => Math.abs(surplus)));
  const best = full.filter(({ surplus }) => Math.abs(surplus) === least);
  const middle = Math.floor((best[0].price + best[best.length - 1].price) / 2);
  const distance = (price: number): number =>
    Math.abs(price - (referenceTicks === 0 ? middle : referenceTicks));
  best.sort((a, b) => distance(a.price) - distance(b.price) || b.price - a.price);
  return [best[0].price, best[0].volume, best[0].surplus];
}

describe('the auction price', () => {
  it('is what the rule says word by word, in random crossed books', () => {
    const random = new Prng(17);
    let crossed = 0;
    for (let i = 0; i < 3000; i += 1) {
      const spread = random.integer(2, 30);
      const orders: Order[] = [];
      for (let n = random.integer(2, 12); n > 0; n -= 1) {
        const open = random.integer(1, 9);
        const visible = random.chance(0.3) ? random.integer(1, open) : open;
        const price = 100 + random.integer(0, spread);
        orders.push([random.integer(SIDE_BUY, SIDE_SELL), price, open, visible]);
      }
      if (!isCrossed(stateOf(orders))) continue;
      crossed += 1;
      const reference = random.chance(0.4) ? 0 : 90 + random.integer(0, spread + 20);
      const text = JSON.stringify({ orders, reference });
      assert.deepEqual(find(orders, reference), findPlainly(orders, reference), text);
    }
    assert.ok(crossed > 1000);
  });

  it('looks at no tick one by one: prices may lie as far apart as they like', () => {
    const orders: Order[] = [
      [SIDE_BUY, 2 ** 50, 5, 5],
      [SIDE_SELL, 1, 5, 5],
    ];
    assert.deepEqual(find(orders, 0), [1 + Math.floor((2 ** 50 - 1) / 2), 5, 0]);
    assert.deepEqual(find(orders, 77), [77, 5, 0]);
  });
});
