import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { DeskBench } from '../../support/desk-bench.ts';

const NOISE = 111;

function bench(): DeskBench {
  return new DeskBench().book([[99, 10]], [[103, 10]], 101);
}

describe('the desk', () => {
  it('keeps quotes away from the other side, orders of the same step included', () => {
    const { desk, sink } = bench();
    desk.quote(NOISE, SIDE_BUY, 110, 5);
    desk.quote(NOISE, SIDE_SELL, 90, 5);
    assert.deepEqual(
      sink.placed().map(({ side, priceTicks }) => [side, priceTicks]),
      [
        [SIDE_BUY, 102],
        [SIDE_SELL, 103],
      ],
    );
  });

  it('sends no price that the market would not take', () => {
    const { desk, sink } = bench();
    assert.equal(desk.quote(NOISE, SIDE_BUY, 0, 5), false);
    assert.equal(desk.take(NOISE, SIDE_BUY, desk.profile.market.maxPriceTicks + 1, 5, true), false);
    assert.equal(desk.market(NOISE, SIDE_SELL, 0, 5), false);
    assert.deepEqual(sink.sent, []);
    assert.equal(desk.blocked, false);
  });

  it('gives up for the step when there is no room, and uses no id for it', () => {
    const { desk, sink } = bench();
    sink.room = 1;
    assert.equal(desk.quote(NOISE, SIDE_BUY, 98, 5), true);
    assert.equal(desk.quote(NOISE, SIDE_BUY, 97, 5), false);
    assert.equal(desk.blocked, true);
    sink.room = 9;
    assert.equal(desk.quote(NOISE, SIDE_BUY, 97, 5), false, 'the step is over');
    desk.begin(100);
    assert.equal(desk.quote(NOISE, SIDE_BUY, 97, 5), true);
    assert.deepEqual(
      sink.placed().map(({ clientOrderId }) => clientOrderId),
      ['s1-1', 's1-2'],
    );
    assert.equal(desk.sent, 2);
  });

  it('does not name an order twice while a command for it is under way', () => {
    const one = bench();
    const order = one.view.own.get(one.rest(NOISE, SIDE_BUY, 98, 5))!;
    assert.equal(one.desk.cancel(order), true);
    assert.equal(one.desk.cancel(order), false);
    assert.equal(one.desk.amend(order, 97, 5), false);
    one.desk.begin(10_000);
    assert.equal(one.view.inFlight, 0, 'an answer that never came is given up');
    assert.equal(one.desk.amend(order, 97, 5), true);
  });

  it('continues after the ids of a former run and ignores those of others', () => {
    const { desk, sink } = bench();
    desk.skipClientIds(['s1-z', 's1-2', 'abc', 's2-zzz', 's1-?']);
    desk.quote(NOISE, SIDE_BUY, 98, 5);
    assert.equal(sink.placed()[0].clientOrderId, 's1-10');
  });
});
