import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import { EXTRA, NONE, TERMS } from '../../../src/matching/layout.ts';
import { MarketState } from '../../../src/matching/market-state.ts';

const BUY = O.SIDE_BUY;
const SELL = O.SIDE_SELL;

/** Stops by id in a state of their own. */
class Bed {
  readonly state = new MarketState(100, 100, 100);
  private readonly slots: number[] = [];

  add(
    orderId: number,
    side: number,
    orderType: number,
    trigger: number,
    offset = 0,
    bps = 0,
  ): void {
    const { state } = this;
    const { orders } = state.book;
    const slot = orders.take();
    const terms = side | (orderType << TERMS.TYPE_SHIFT);
    orders.write(slot, orderId, 0, terms, trigger + (side === BUY ? 10 : -10), 1, 1);
    const extra = state.ensureExtra(slot);
    state.extras.setDouble(extra, EXTRA.F_TRIGGER, trigger);
    state.extras.setDouble(extra, EXTRA.F_TRAIL_OFFSET, offset);
    state.extras.setInt(extra, EXTRA.I_UNITS, bps);
    this.slots[orderId] = slot;
    state.hold(slot, O.HELD_STOP);
  }

  /** Trigger and price of an order. */
  at(orderId: number): number[] {
    const { orders } = this.state.book;
    const slot = this.slots[orderId];
    const trigger = this.state.extras.double(orders.extra(slot), EXTRA.F_TRIGGER);
    return [trigger, orders.price(slot)];
  }

  /** Ids of waiting stops of a side in the sequence in which they would be triggered. */
  queue(side: number): number[] {
    const { stops, book } = this.state;
    const ids: number[] = [];
    for (let slot = stops.first(side); slot !== NONE; slot = stops.next(slot)) {
      ids.push(book.orders.id(slot));
    }
    return ids;
  }

  trade(priceTicks: number): number[] {
    const { state } = this;
    state.tape[1] = priceTicks;
    state.followTrades();
    const ids: number[] = [];
    for (let slot = state.ready.first; slot !== NONE; slot = state.ready.first) {
      ids.push(state.book.orders.id(slot));
      state.unhold(slot);
      state.free(slot);
    }
    return ids;
  }
}

describe('StopBook', () => {
  it('a price triggers purchases from the lowest, sales from the highest, at one price by age', () => {
    const bed = new Bed();
    bed.add(9, BUY, O.ORDER_TYPE_STOP, 105);
    bed.add(2, BUY, O.ORDER_TYPE_STOP, 105);
    bed.add(3, BUY, O.ORDER_TYPE_STOP, 101);
    bed.add(4, BUY, O.ORDER_TYPE_STOP_LIMIT, 106);
    bed.add(5, SELL, O.ORDER_TYPE_STOP, 107);
    bed.add(6, SELL, O.ORDER_TYPE_STOP, 110);
    bed.add(7, SELL, O.ORDER_TYPE_STOP, 90);
    assert.deepEqual(
      [bed.queue(BUY), bed.queue(SELL)],
      [
        [3, 9, 2, 4],
        [6, 5, 7],
      ],
    );
    assert.deepEqual(
      bed.trade(105),
      [3, 9, 2, 6, 5],
      'who waited in pre-open may be met on both sides',
    );
    assert.deepEqual([bed.queue(BUY), bed.queue(SELL)], [[4], [7]]);
    assert.deepEqual(bed.trade(90), [7]);
  });

  it('trailing stops follow by id, behind those that wait at their new trigger', () => {
    const bed = new Bed();
    bed.trade(100);
    bed.add(8, SELL, O.ORDER_TYPE_TRAILING_STOP, 95, 5);
    bed.add(3, SELL, O.ORDER_TYPE_TRAILING_STOP, 95, 5);
    bed.add(5, SELL, O.ORDER_TYPE_STOP, 98);
    assert.deepEqual(bed.trade(103), []);
    assert.deepEqual(bed.queue(SELL), [5, 3, 8]);
    assert.deepEqual(
      [bed.at(3), bed.at(5)],
      [
        [98, 88],
        [98, 88],
      ],
    );
    bed.trade(99);
    assert.deepEqual(bed.at(3), [98, 88], 'a fall leaves them where they are');
    bed.trade(104);
    assert.deepEqual(bed.queue(SELL), [3, 8, 5]);
  });

  it('basis points are rounded down, to at least one tick; no sale is triggered below 1', () => {
    const bed = new Bed();
    bed.trade(1000);
    bed.add(1, BUY, O.ORDER_TYPE_TRAILING_STOP, 1020, 199, O.TRAIL_BPS);
    bed.add(2, SELL, O.ORDER_TYPE_TRAILING_STOP, 1, 5000);
    bed.trade(990);
    // 199 basis points of 990 are 19.7.
    assert.deepEqual(bed.at(1), [1009, 1019]);
    assert.deepEqual(bed.at(2), [1, -9]);
    bed.trade(40);
    assert.deepEqual(bed.at(1), [41, 51]);
  });
});
