import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATUS_FILLED, STATUS_OPEN } from '../../../src/domain/orders.ts';
import { RecentOrders } from '../../../src/gateway/recent-orders.ts';
import { TrackedOrder } from '../../../src/projections/order-tracker.ts';

function order(orderId: number, status: number): TrackedOrder {
  return Object.assign(new TrackedOrder(), { orderId, status });
}

describe('RecentOrders', () => {
  it('keeps closed orders until the flush after them', () => {
    let flushes = 7;
    const recent = new RecentOrders(() => flushes);
    recent.keep(order(1, STATUS_FILLED));
    recent.keep(order(2, STATUS_OPEN));
    assert.equal(recent.get(1)?.orderId, 1);
    assert.equal(recent.get(2), undefined, 'open orders are the tracker’s');
    recent.keep(order(3, STATUS_FILLED));
    assert.equal(recent.get(1)?.orderId, 1);
    flushes = 8;
    recent.keep(order(4, STATUS_FILLED));
    assert.equal(recent.get(1), undefined);
    assert.equal(recent.get(4)?.orderId, 4);
  });
});
