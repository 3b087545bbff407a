import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { ExpiryHeap } from '../../../src/matching/expiry-heap.ts';
import { ExtraPool } from '../../../src/matching/extra-pool.ts';
import { EXTRA, NONE } from '../../../src/matching/layout.ts';
import { OrderPool } from '../../../src/matching/order-pool.ts';

/** Expiries after 2038: their seconds do not fit a signed word. */
const START_SECONDS = 3_000_000_000;

interface Entry {
  readonly slot: number;
  readonly orderId: number;
  readonly seconds: number;
  readonly nanos: number;
}

class Bed {
  readonly orders = new OrderPool(2000);
  readonly extras = new ExtraPool(2000);
  readonly heap = new ExpiryHeap(this.orders, this.extras);

  insert(orderId: number, seconds: number, nanos: number): Entry {
    const slot = this.orders.take();
    const extra = this.extras.take();
    this.orders.write(slot, orderId, 0, 0, 1, 1, 1);
    this.orders.setExtra(slot, extra);
    this.extras.setInt(extra, EXTRA.I_EXPIRE_SECONDS, seconds);
    this.extras.setInt(extra, EXTRA.I_EXPIRE_NANOS, nanos);
    this.heap.insert(slot);
    return { slot, orderId, seconds, nanos };
  }
}

describe('ExpiryHeap', () => {
  it('gives orders by expiry, then by id, though others are taken out of its middle', () => {
    const random = new Prng(11);
    const bed = new Bed();
    const { heap } = bed;
    let entries: Entry[] = [];
    for (let orderId = 1; orderId <= 1500; orderId += 1) {
      const seconds = START_SECONDS + random.integer(0, 20);
      entries.push(bed.insert(orderId, seconds, random.integer(0, 3)));
      if (orderId % 3 !== 0) continue;
      const [gone] = entries.splice(random.integer(0, entries.length - 1), 1);
      heap.remove(gone.slot);
    }
    entries = entries.sort(
      (a, b) => a.seconds - b.seconds || a.nanos - b.nanos || a.orderId - b.orderId,
    );
    for (const { slot, seconds } of entries) {
      assert.equal(heap.nextSeconds, seconds);
      assert.equal(heap.due(START_SECONDS + 1000, 0), slot);
      heap.remove(slot);
    }
    assert.equal(heap.nextSeconds, Number.POSITIVE_INFINITY);
    assert.equal(heap.due(START_SECONDS + 1000, 0), NONE);
  });

  it('an expiry is due from its very nanosecond on', () => {
    const bed = new Bed();
    const { slot } = bed.insert(1, 100, 500);
    assert.equal(bed.heap.due(99, 999_999_999), NONE);
    assert.equal(bed.heap.due(100, 499), NONE);
    assert.equal(bed.heap.due(100, 500), slot);
    assert.equal(bed.heap.due(101, 0), slot);
  });
});
