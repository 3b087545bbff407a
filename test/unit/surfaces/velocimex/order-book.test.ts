import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceNumber, quantityNumber } from '../../../../src/codec/decimals.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../../src/domain/orders.ts';
import { Prng } from '../../../../src/lib/prng.ts';
import type { DepthSide } from '../../../../src/projections/depth.ts';
import { OrderBookEncoder } from '../../../../src/surfaces/velocimex/order-book.ts';
import { InstantVenue } from '../../../support/instant-venue.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? 20_261_121);
const DEPTHS = [1, 2, 7, 50];

test(`a book says its levels whatever has changed since it was asked for last, seed ${SEED}`, () => {
  const prng = new Prng(SEED);
  const venue = new InstantVenue();
  const market = venue.market('binance', 'BTC-USDT');
  const book = venue.depth(market);
  const encoder = new OrderBookEncoder();
  const levels = (side: DepthSide, depth: number) =>
    Array.from({ length: Math.min(depth, side.length) }, (_, i) => ({
      price: priceNumber(market, side.pricesTicks[i]),
      quantity: quantityNumber(market, side.qtysLots[i]),
      orders: side.orders[i],
    }));
  for (let turn = 0; turn < 3000; turn += 1) {
    const changes = prng.chance(0.1) ? prng.integer(20, 80) : prng.integer(0, 3);
    for (let i = 0; i < changes; i += 1) {
      const side = prng.integer(0, 1) === 0 ? SIDE_BUY : SIDE_SELL;
      const away = prng.integer(1, 40);
      const priceTicks = side === SIDE_BUY ? 1000 - away : 1000 + away;
      const qtyLots = prng.chance(0.4) ? 0 : prng.integer(1, 3);
      book.setLevel(side, priceTicks, qtyLots, prng.integer(1, 2));
      book.seq += 1;
    }
    if (prng.chance(0.01)) {
      for (let away = 1; away <= 40; away += 1) book.setLevel(SIDE_BUY, 1000 - away, 0, 0);
      book.seq += 1;
    }
    const depth = DEPTHS[prng.integer(0, DEPTHS.length - 1)];
    const text = Buffer.from(encoder.encode(venue, market, depth)).toString();
    const { data } = JSON.parse(text);
    assert.deepEqual(data, {
      exchange: 'binance',
      symbol: 'BTC/USDT',
      timestamp: null,
      sequence: book.seq,
      bids: levels(book.bids, depth),
      asks: levels(book.asks, depth),
    });
  }
});
