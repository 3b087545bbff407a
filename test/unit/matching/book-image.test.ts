import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BookImage, decodeImage, encodeImage } from '../../../src/matching/book-image.ts';
import { imageHash } from '../../../src/matching/state-hash.ts';
import { EMPTY_IMAGE, plainOrder } from '../../support/book-images.ts';
import { commandOf } from '../../support/naive-command.ts';
import { Harness } from '../../support/naive-harness.ts';

const IMAGE: BookImage = {
  ...EMPTY_IMAGE,
  seq: 900,
  phase: 1,
  lastTradeId: 12,
  lastTradePriceTicks: 101,
  orders: [
    plainOrder({
      orderId: 5,
      portfolioId: 7,
      side: 0,
      priceTicks: 100,
      remainingLots: 4,
      totalLots: 6,
    }),
    plainOrder({
      orderId: 2,
      portfolioId: 8,
      side: 1,
      priceTicks: 103,
      remainingLots: 1,
      totalLots: 1,
    }),
  ],
  positions: [{ portfolioId: 7, qtyLots: 2 }],
};

describe('BookImage', () => {
  it('survives its encoding', () => {
    assert.deepEqual(decodeImage(encodeImage(IMAGE)), IMAGE);
  });

  it('hashes every field, and orders of one price by their place in the queue', () => {
    const other = { ...IMAGE.orders[0], orderId: 6 };
    const variants: BookImage[] = [
      IMAGE,
      { ...IMAGE, marketId: 4 },
      { ...IMAGE, seq: 901 },
      { ...IMAGE, phase: 0 },
      { ...IMAGE, lastTradeId: 13 },
      { ...IMAGE, lastTradePriceTicks: 102 },
      { ...IMAGE, referenceTicks: 103 },
      { ...IMAGE, referenceSeconds: 104 },
      { ...IMAGE, auctionPriceTicks: 105 },
      { ...IMAGE, seconds: 106 },
      { ...IMAGE, nanos: 107 },
      { ...IMAGE, positions: [] },
      { ...IMAGE, positions: [{ portfolioId: 7, qtyLots: -2 }] },
      { ...IMAGE, positions: [{ portfolioId: 8, qtyLots: 2 }] },
      { ...IMAGE, orders: [] },
      { ...IMAGE, orders: [IMAGE.orders[0], other, IMAGE.orders[1]] },
      { ...IMAGE, orders: [other, IMAGE.orders[0], IMAGE.orders[1]] },
      ...Object.keys(other).map((field) => ({
        ...IMAGE,
        orders: [{ ...other, [field]: 99 }, IMAGE.orders[1]],
      })),
    ];
    const hashes = new Set(variants.map(imageHash));
    assert.equal(hashes.size, variants.length);
    for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it('the encoding does not change unnoticed: journals and snapshots hold hashes of it', () => {
    assert.equal(
      imageHash(IMAGE),
      'b5a10af8ac9be61c55509d33a77ddfcd03caf83198e16a9de65a6b9c2dfffce7',
    );
  });

  it('refuses what it did not write', () => {
    const encoded = encodeImage(IMAGE);
    assert.throws(() => decodeImage(encoded.subarray(0, encoded.length - 1)), /of 2 orders/);
    assert.throws(() => decodeImage(new Float64Array(13)), /version 0/);
  });

  it('only a new machine takes an image, only and of its market', () => {
    const used = new Harness();
    used.run(commandOf('buy 1 1@100'));
    const fails = { name: 'AssertionError' };
    assert.throws(() => used.machine.restore(IMAGE), fails);
    assert.throws(() => new Harness().machine.restore({ ...IMAGE, marketId: 4 }), fails);
    const twice = [IMAGE.orders[0], IMAGE.orders[0]];
    assert.throws(() => new Harness().machine.restore({ ...IMAGE, orders: twice }), fails);
  });
});
