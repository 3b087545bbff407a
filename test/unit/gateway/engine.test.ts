import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import * as C from '../../../src/domain/result-codes.ts';
import type { OrderReply, PlaceRequest } from '../../../src/gateway/venue.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const markets = shippedMarkets();
const aapl = markets.resolve('NASDAQ', 'AAPL');
assert.ok(aapl !== undefined);
const USD = 1_000_000;

const request = (more: Partial<PlaceRequest> = {}): PlaceRequest => ({
  market: aapl,
  userId: 1,
  portfolioId: 2,
  side: O.SIDE_BUY,
  orderType: O.ORDER_TYPE_LIMIT,
  tif: O.TIF_GTC,
  flags: 0,
  priceTicks: 10_000,
  qtyLots: 10,
  clientOrderId: '',
  ...more,
});

describe('engine', () => {
  let venue: OneThreadVenue;
  beforeEach(() => {
    venue = new OneThreadVenue(markets, { balances: { USD: 100_000 * USD, AAPL: 1000 } });
  });

  const place = (more: Partial<PlaceRequest> = {}): OrderReply[] => {
    const replies: OrderReply[] = [];
    venue.engine.place(request(more), (reply) => replies.push(reply));
    return replies;
  };

  it('answers nothing and shows nothing before the journal has released it', () => {
    const replies = place();
    venue.match();
    venue.engine.turn();
    assert.equal(replies.length, 0, 'matched, but not durable');
    assert.equal(venue.engine.depth(aapl).bids.length, 0);
    venue.commit();
    venue.engine.turn();
    assert.equal(replies.length, 1);
    assert.equal(replies[0].code, C.OK);
    assert.equal(venue.engine.depth(aapl).bids.qtysLots[0], 10);
  });

  it('holds at the door and releases what is not needed', () => {
    place();
    const usd = venue.ledger.get(2).balance('USD');
    // 10 × 100.00 and the taker fee of 30 millionths.
    assert.equal(usd.held, 1000 * USD + 30_000);
    assert.equal(usd.total, 100_000 * USD);
    venue.settle();
    venue.engine.cancel(1, 1, () => undefined);
    venue.settle();
    assert.equal(usd.held, 0);
  });

  for (const [what, more, code] of [
    ['a price of 0', { priceTicks: 0 }, C.PRICE_OFF_TICK],
    ['a price beyond the market', { priceTicks: 2 ** 45 }, C.PRICE_TOO_LARGE],
    ['no quantity', { qtyLots: 0 }, C.QUANTITY_OFF_LOT],
    ['more than the market’s maximum', { qtyLots: 1_000_001 }, C.QUANTITY_TOO_LARGE],
    ['another user’s portfolio', { portfolioId: 3 }, C.UNKNOWN_PORTFOLIO],
    ['a portfolio that does not exist', { portfolioId: 99 }, C.UNKNOWN_PORTFOLIO],
    ['more than the balance', { qtyLots: 1000 }, C.INSUFFICIENT_BALANCE],
    ['a sale of more than is held', { side: 1, qtyLots: 1001 }, C.INSUFFICIENT_BALANCE],
    ['a market order without any price to bound it', { orderType: 1 }, C.NO_REFERENCE_PRICE],
  ] as const) {
    it(`denies ${what} at once and changes nothing`, () => {
      const replies = place(more);
      assert.deepEqual(replies, [{ code, order: null }]);
      assert.equal(venue.ledger.get(2).balance('USD').held, 0);
      assert.equal(venue.ledger.get(2).openOrders, 0);
      venue.settle();
      assert.equal(venue.journal.length, 0, 'nothing reached the book');
    });
  }

  it('denies with a full command ring, keeps no hold, and goes on when there is room', () => {
    venue = new OneThreadVenue(markets, { commandRingBytes: 1024, balances: { USD: 1e12 } });
    const replies = Array.from({ length: 20 }, () => place({ qtyLots: 1 }));
    const denied = replies.filter(([reply]) => reply?.code === C.COMMAND_RING_FULL).length;
    assert.ok(denied > 0 && denied < 20, `${denied} of 20 denied`);
    assert.equal(venue.ledger.get(2).openOrders, 20 - denied);
    venue.settle();
    assert.equal(replies.filter(([reply]) => reply?.code === C.OK).length, 20 - denied);
    assert.equal(place({ qtyLots: 1 }).length, 0);
  });

  it('does not know another user’s order', () => {
    place();
    venue.settle();
    let code = -1;
    venue.engine.cancel(2, 1, (reply) => {
      code = reply.code;
    });
    assert.equal(code, C.UNKNOWN_ORDER);
    assert.equal(venue.engine.order(2, 1), undefined);
    assert.equal(venue.engine.order(1, 1)?.orderId, 1);
  });

  it('answers a cancel of a closed order with its final state', () => {
    place();
    venue.settle();
    venue.engine.cancel(1, 1, () => undefined);
    venue.settle();
    const replies: OrderReply[] = [];
    venue.engine.cancel(1, 1, (reply) => replies.push(reply));
    assert.equal(replies[0].code, C.ORDER_NOT_IN_BOOK);
    assert.equal(replies[0].order?.status, O.STATUS_CANCELLED);
  });

  it('answers a cancel that came too late with the final state, too', () => {
    place();
    venue.settle();
    const replies: OrderReply[] = [];
    venue.engine.cancel(1, 1, (reply) => replies.push(reply));
    venue.engine.cancel(1, 1, (reply) => replies.push(reply));
    venue.settle();
    assert.deepEqual(
      replies.map(({ code, order }) => [code, order?.status]),
      [
        [C.OK, O.STATUS_CANCELLED],
        [C.ORDER_NOT_IN_BOOK, O.STATUS_CANCELLED],
      ],
    );
  });

  it('answers whoever waits, once, when nothing will become durable any more', () => {
    const replies = place();
    venue.match();
    venue.healthy = false;
    venue.engine.abandonPending();
    assert.deepEqual(replies, [{ code: C.JOURNAL_UNAVAILABLE, order: null }]);
    venue.commit();
    venue.engine.turn();
    assert.equal(replies.length, 1);
  });

  it('bounds a market order by the collar around the best opposite price', () => {
    place({ side: O.SIDE_SELL, userId: 2, portfolioId: 3, priceTicks: 10_000, qtyLots: 1 });
    place({ side: O.SIDE_SELL, userId: 2, portfolioId: 3, priceTicks: 10_500, qtyLots: 1 });
    place({ side: O.SIDE_SELL, userId: 2, portfolioId: 3, priceTicks: 10_501, qtyLots: 1 });
    venue.settle();
    const replies = place({ orderType: O.ORDER_TYPE_MARKET, qtyLots: 3, priceTicks: 0 });
    venue.settle();
    const { order } = replies[0];
    assert.deepEqual([order?.filledLots, order?.priceTicks], [2, 10_500]);
    assert.equal(order?.status, O.STATUS_EXPIRED);
  });

  it('takes cancels but no orders while the disk is nearly full', () => {
    place();
    venue.settle();
    venue.spaceLow = true;
    assert.deepEqual(place(), [{ code: C.DISK_SPACE_LOW, order: null }]);
    const replies: OrderReply[] = [];
    venue.engine.cancel(1, 1, (reply) => replies.push(reply));
    venue.settle();
    assert.equal(replies[0].order?.status, O.STATUS_CANCELLED);
    venue.spaceLow = false;
    assert.equal(place().length, 0, 'under way again');
  });

  it('takes no order once it is stopping or the journal has failed', () => {
    venue.healthy = false;
    assert.equal(place()[0].code, C.JOURNAL_UNAVAILABLE);
    venue.healthy = true;
    venue.engine.stopAccepting();
    assert.equal(place()[0].code, C.DRAINING);
  });
});
