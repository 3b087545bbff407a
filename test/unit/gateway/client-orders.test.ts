import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import * as C from '../../../src/domain/result-codes.ts';
import { usesId } from '../../../src/gateway/client-orders.ts';
import type { OrderReply, PlaceRequest } from '../../../src/gateway/venue.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const markets = shippedMarkets();
const aapl = markets.resolve('NASDAQ', 'AAPL');
const msft = markets.resolve('NASDAQ', 'MSFT');
assert.ok(aapl !== undefined && msft !== undefined);
const USD = 1_000_000;

const FIRST: PlaceRequest = {
  market: aapl,
  userId: 1,
  portfolioId: 2,
  side: O.SIDE_BUY,
  orderType: O.ORDER_TYPE_LIMIT,
  tif: O.TIF_GTC,
  flags: 0,
  priceTicks: 10_000,
  qtyLots: 10,
  clientOrderId: 'a',
};

describe('client order ids', () => {
  let venue: OneThreadVenue;
  beforeEach(() => {
    venue = new OneThreadVenue(markets, { balances: { USD: 100_000 * USD, AAPL: 1000 } });
  });

  const place = (more: Partial<PlaceRequest> = {}): OrderReply[] => {
    const replies: OrderReply[] = [];
    venue.engine.place({ ...FIRST, ...more }, (reply) => replies.push(reply));
    return replies;
  };

  it('a retry while the first is under way waits for the same outcome', () => {
    const first = place();
    const retry = place();
    venue.match();
    venue.engine.turn();
    assert.deepEqual([first.length, retry.length], [0, 0], 'nothing is durable yet');
    venue.settle();
    assert.equal(first[0].code, C.OK);
    assert.deepEqual(retry, first);
    assert.equal(venue.ledger.get(2).openOrders, 1);
    assert.equal(venue.engine.clientOrders.repeatsTotal, 1);
  });

  it('a retry afterwards is told the first result with the state it has now', () => {
    place();
    venue.settle();
    assert.deepEqual(
      place().map(({ code, order }) => [code, order?.orderId, order?.status]),
      [[C.OK, 1, O.STATUS_OPEN]],
    );
    venue.engine.cancel(1, 1, () => undefined);
    venue.settle();
    const [late] = place();
    assert.deepEqual([late.code, late.order?.status], [C.OK, O.STATUS_CANCELLED]);
    assert.equal(place().length, 1, 'at once: there is nothing to wait for');
  });

  it('an order the book rejected stays rejected under its id', () => {
    const first = place({ tif: O.TIF_FOK });
    venue.settle();
    assert.equal(first[0].code, C.FOK_NOT_FILLABLE);
    place({ side: O.SIDE_SELL, userId: 2, portfolioId: 3, clientOrderId: '' });
    venue.settle();
    const [again] = place({ tif: O.TIF_FOK });
    assert.equal(again.code, C.FOK_NOT_FILLABLE);
    assert.equal(again.order?.orderId, first[0].order?.orderId);
  });

  for (const [what, other] of [
    ['market', { market: msft }],
    ['side', { side: O.SIDE_SELL }],
    ['price', { priceTicks: 10_001 }],
    ['quantity', { qtyLots: 11 }],
    ['time in force', { tif: O.TIF_IOC }],
    ['type', { orderType: O.ORDER_TYPE_MARKET, priceTicks: 0 }],
    ['flags', { flags: O.ORDER_FLAG_POST_ONLY }],
  ] as const) {
    it(`refuses another ${what} under the same id, before and after the first is durable`, () => {
      place();
      const refused = [{ code: C.DUPLICATE_CLIENT_ORDER_ID, order: null }];
      assert.deepEqual(place(other), refused);
      venue.settle();
      assert.deepEqual(place(other), refused);
      assert.equal(venue.ledger.get(2).openOrders, 1);
    });
  }

  it('a market order is recognised whatever price protected it', () => {
    place({ side: O.SIDE_SELL, userId: 2, portfolioId: 3, clientOrderId: '', qtyLots: 4 });
    venue.settle();
    const market = { orderType: O.ORDER_TYPE_MARKET, priceTicks: 0, qtyLots: 4 };
    const first = place(market);
    venue.settle();
    assert.equal(first[0].order?.status, O.STATUS_FILLED);
    const filled = [C.OK, first[0].order?.orderId, 4];
    for (const tif of [O.TIF_GTC, O.TIF_IOC]) {
      const [{ code, order }] = place({ ...market, tif });
      assert.deepEqual([code, order?.orderId, order?.filledLots], filled, 'GTC means IOC for it');
    }
  });

  it('a denied order does not use its id up', () => {
    assert.equal(place({ qtyLots: 100_000 })[0].code, C.INSUFFICIENT_BALANCE);
    const second = place();
    venue.settle();
    assert.equal(second[0].code, C.OK);
  });

  it('nor does one that the book had no room for', () => {
    assert.equal(usesId(O.STATUS_REJECTED, C.ORDER_POOL_FULL), false);
    assert.equal(usesId(O.STATUS_REJECTED, C.POST_ONLY_WOULD_TAKE), true);
    assert.equal(usesId(O.STATUS_CANCELLED, O.CANCEL_BY_REQUEST), true);
  });

  it('another portfolio’s id is another id, and nobody sees into it', () => {
    place();
    place({ userId: 2, portfolioId: 3 });
    venue.settle();
    assert.equal(venue.engine.orderByClientId(1, 2, 'a')?.orderId, 1);
    assert.equal(venue.engine.orderByClientId(2, 3, 'a')?.orderId, 2);
    assert.equal(venue.engine.orderByClientId(2, 2, 'a'), undefined);
    assert.deepEqual(place({ userId: 2 }), [{ code: C.UNKNOWN_PORTFOLIO, order: null }]);
  });

  it('is found by its id only when it is durable', () => {
    place();
    venue.match();
    assert.equal(venue.engine.orderByClientId(1, 2, 'a'), undefined);
    venue.settle();
    assert.equal(venue.engine.orderByClientId(1, 2, 'a')?.orderId, 1);
    assert.equal(venue.engine.orderByClientId(1, 2, 'b'), undefined);
  });

  it('tells all who wait when nothing will become durable, but what is durable still answers', () => {
    place();
    venue.settle();
    const waiting = [place({ clientOrderId: 'b' }), place({ clientOrderId: 'b' })];
    venue.healthy = false;
    venue.engine.abandonPending();
    const lost = [{ code: C.JOURNAL_UNAVAILABLE, order: null }];
    assert.deepEqual(waiting, [lost, lost]);
    assert.deepEqual(place({ clientOrderId: 'b' }), lost);
    assert.equal(place()[0].order?.orderId, 1);
  });
});
