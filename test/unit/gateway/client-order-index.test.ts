import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ClientOrderIndex } from '../../../src/gateway/client-order-index.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);

/** What the orders table would say: an order's portfolio and client order id. */
type Orders = Map<number, readonly [number, string]>;

function find(index: ClientOrderIndex, orders: Orders, portfolioId: number, id: string): number {
  return index.find(portfolioId, id, (orderId) => {
    const order = orders.get(orderId);
    return order?.[0] === portfolioId && order[1] === id;
  });
}

describe('index of client order ids', () => {
  it(`knows exactly what it was told, forwards and backwards (seed ${SEED})`, () => {
    const entry = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.string({ maxLength: 3 }));
    const entries = fc.uniqueArray(entry, { maxLength: 400, selector: (pair) => pair.join('/') });
    fc.assert(
      fc.property(entries, fc.nat(), (all, split) => {
        const index = new ClientOrderIndex(1, 7);
        const orders: Orders = new Map(all.map((pair, i) => [i + 1, pair]));
        const middle = all.length === 0 ? 0 : split % all.length;
        for (let i = middle; i > 0; i -= 1) assert.ok(index.addOlder(...all[i - 1], i));
        for (let i = middle + 1; i <= all.length; i += 1) index.add(...all[i - 1], i);
        for (const [orderId, [portfolioId, id]] of orders) {
          assert.equal(find(index, orders, portfolioId, id), orderId);
          assert.equal(find(index, orders, 9, id), 0);
        }
        assert.equal(index.size, all.length);
      }),
      { seed: SEED },
    );
  });

  it('forgets the oldest when it is full, and keeps at least fifteen of sixteen', () => {
    const index = new ClientOrderIndex(16_384, 7);
    assert.equal(index.capacityIds, 16_384);
    const orders: Orders = new Map();
    const total = 40_000;
    for (let orderId = 1; orderId <= total; orderId += 1) {
      orders.set(orderId, [2, `id-${orderId}`]);
      index.add(2, `id-${orderId}`, orderId);
    }
    assert.ok(index.size >= (16_384 * 15) / 16 && index.size <= 16_384, `${index.size} kept`);
    for (let back = 0; back < index.size; back += 1) {
      assert.equal(find(index, orders, 2, `id-${total - back}`), total - back);
    }
    assert.equal(find(index, orders, 2, `id-${total - index.size}`), 0);
  });

  it('takes no more when it is filled backwards, and then goes on forwards', () => {
    const index = new ClientOrderIndex(1, 7);
    let orderId = 100_000;
    while (index.addOlder(2, `id-${orderId}`, orderId)) orderId -= 1;
    assert.equal(index.size, index.capacityIds);
    index.add(2, 'new', 100_001);
    const orders: Orders = new Map([
      [100_001, [2, 'new']],
      [100_000, [2, 'id-100000']],
      [orderId + 1, [2, `id-${orderId + 1}`]],
    ]);
    assert.equal(find(index, orders, 2, 'new'), 100_001);
    assert.equal(find(index, orders, 2, 'id-100000'), 100_000);
    assert.equal(find(index, orders, 2, `id-${orderId + 1}`), 0, 'the oldest made room');
  });

  it('tells the newest where an id was used again', () => {
    const index = new ClientOrderIndex(1, 7);
    index.add(2, 'a', 1);
    for (let orderId = 2; orderId < 3000; orderId += 1) index.add(2, `b${orderId}`, orderId);
    index.add(2, 'a', 3000);
    const orders: Orders = new Map([
      [1, [2, 'a']],
      [3000, [2, 'a']],
    ]);
    assert.equal(find(index, orders, 2, 'a'), 3000);
  });
});
