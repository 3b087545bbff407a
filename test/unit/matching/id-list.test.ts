import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { ExtraPool } from '../../../src/matching/extra-pool.ts';
import { IdList } from '../../../src/matching/id-list.ts';
import { EXTRA, NONE } from '../../../src/matching/layout.ts';
import { OrderPool } from '../../../src/matching/order-pool.ts';

function idsOf(list: IdList, orders: OrderPool): number[] {
  const ids: number[] = [];
  for (let slot = list.first; slot !== NONE; slot = list.next(slot)) ids.push(orders.id(slot));
  return ids;
}

describe('IdList', () => {
  it('is sorted by id whatever the sequence of insertions and removals', () => {
    const random = new Prng(3);
    const orders = new OrderPool(500);
    const extras = new ExtraPool(500);
    const { I_WAIT_NEXT, I_WAIT_PREVIOUS, I_DAY_NEXT, I_DAY_PREVIOUS } = EXTRA;
    const list = new IdList(orders, extras, I_WAIT_NEXT, I_WAIT_PREVIOUS);
    const other = new IdList(orders, extras, I_DAY_NEXT, I_DAY_PREVIOUS);
    const slots = new Map<number, number>();
    for (let i = 0; i < 3000; i += 1) {
      const orderId = random.integer(1, 400);
      const known = slots.get(orderId);
      if (known === undefined) {
        const slot = orders.take();
        orders.write(slot, orderId, 0, 0, 1, 1, 1);
        orders.setExtra(slot, extras.take());
        list.insert(slot);
        other.insert(slot);
        slots.set(orderId, slot);
      } else {
        list.remove(known);
        other.remove(known);
        extras.free(orders.extra(known));
        orders.free(known);
        slots.delete(orderId);
      }
      if (i % 50 !== 0) continue;
      const expected = [...slots.keys()].sort((a, b) => a - b);
      assert.deepEqual(idsOf(list, orders), expected);
      assert.deepEqual(idsOf(other, orders), expected, 'an order is in several lists at once');
    }
    for (const slot of slots.values()) list.remove(slot);
    assert.equal(list.first, NONE);
  });
});
