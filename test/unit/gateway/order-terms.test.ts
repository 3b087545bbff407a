import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import * as C from '../../../src/domain/result-codes.ts';
import { utcDayEnd } from '../../../src/gateway/order-terms.ts';
import type { OrderReply, PlaceRequest } from '../../../src/gateway/venue.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const registry = shippedMarkets([1, 2]);
const aapl = registry.get(1)!;
const NOW = 1_700_000_000;
const LIMIT = { orderType: O.ORDER_TYPE_LIMIT, priceTicks: 10_000 };
const STOP = { orderType: O.ORDER_TYPE_STOP, priceTicks: 0, triggerTicks: 10_500 };
const STOP_LIMIT = { orderType: O.ORDER_TYPE_STOP_LIMIT, triggerTicks: 10_500 };
const TRAILING = { orderType: O.ORDER_TYPE_TRAILING_STOP, priceTicks: 0, trailOffset: 100 };
const PEGGED = { orderType: O.ORDER_TYPE_PEGGED };
const MARKET = { orderType: O.ORDER_TYPE_MARKET, priceTicks: 0 };

describe('the door', () => {
  let venue: OneThreadVenue;
  beforeEach(() => {
    venue = new OneThreadVenue(registry, { balances: { USD: 1e13, AAPL: 100_000, MSFT: 1000 } });
    // There is a price to refer to: 100.00, and an ask at it.
    for (const [side, qtyLots] of [
      [O.SIDE_SELL, 5],
      [O.SIDE_BUY, 1],
    ]) {
      place({ side, qtyLots, userId: 2, portfolioId: 3 });
    }
  });
  const place = (more: Partial<PlaceRequest>): OrderReply => {
    let reply: OrderReply | undefined;
    const user = { userId: 1, portfolioId: 2, clientOrderId: '' };
    const plain = { market: aapl, side: O.SIDE_BUY, tif: O.TIF_GTC, flags: 0, qtyLots: 10 };
    venue.engine.place({ ...user, ...plain, ...LIMIT, ...more }, (given) => {
      reply = given;
    });
    if (reply === undefined) venue.settle();
    assert.ok(reply !== undefined);
    return reply;
  };
  const ioc = { tif: O.TIF_IOC };

  const DENIED: readonly [string, Partial<PlaceRequest>, number][] = [
    ['a price between the ticks', { priceTicks: 1.5 }, C.PRICE_OFF_TICK],
    ['a price that is no number', { priceTicks: Number.NaN }, C.PRICE_OFF_TICK],
    ['a quantity between the lots', { qtyLots: 1.5 }, C.QUANTITY_OFF_LOT],
    ['a quantity beyond all integers', { qtyLots: 2 ** 53 }, C.QUANTITY_OFF_LOT],
    ['a stop without a trigger', { ...STOP, triggerTicks: 0 }, C.TRIGGER_PRICE_INVALID],
    ['a trigger between the ticks', { ...STOP, triggerTicks: 1.5 }, C.TRIGGER_PRICE_INVALID],
    ['a limit order with a trigger', { triggerTicks: 1 }, C.TRIGGER_PRICE_INVALID],
    ['an iceberg that shows all', { displayLots: 10 }, C.DISPLAY_QUANTITY_INVALID],
    ['an iceberg that shows less than nothing', { displayLots: -1 }, C.DISPLAY_QUANTITY_INVALID],
    ['gtd without a time', { tif: O.TIF_GTD }, C.EXPIRY_INVALID],
    ['gtd till now', { tif: O.TIF_GTD, expireSeconds: NOW }, C.EXPIRY_INVALID],
    ['gtd beyond 2106', { tif: O.TIF_GTD, expireSeconds: 2 ** 32 }, C.EXPIRY_INVALID],
    ['gtc with a time', { expireSeconds: NOW + 9 }, C.EXPIRY_INVALID],
    ['a trailing stop without an offset', { ...TRAILING, trailOffset: 0 }, C.TRAIL_OFFSET_INVALID],
    [
      'an offset of all',
      { ...TRAILING, trailOffset: 10_000, trailUnit: 1 },
      C.TRAIL_OFFSET_INVALID,
    ],
    ['a limit order that trails', { trailOffset: 1 }, C.TRAIL_OFFSET_INVALID],
    ['a negative peg offset', { ...PEGGED, pegOffsetTicks: -1 }, C.PEG_OFFSET_INVALID],
    ['none against the other side', { ...PEGGED, pegKind: 1 }, C.PEG_OFFSET_INVALID],
    ['a limit order with a peg offset', { pegOffsetTicks: 1 }, C.PEG_OFFSET_INVALID],
    ['a stop that is post-only', { ...STOP, flags: 1 }, C.TERMS_INCOMPATIBLE],
    ['a market order for the day', { ...MARKET, tif: O.TIF_DAY }, C.TERMS_INCOMPATIBLE],
    ['an iceberg that is ioc', { displayLots: 1, ...ioc }, C.TERMS_INCOMPATIBLE],
    ['two ways of being post-only', { flags: 3 }, C.TERMS_INCOMPATIBLE],
    ['post-only and all-or-none', { flags: 9 }, C.TERMS_INCOMPATIBLE],
    ['a pegged order that is ioc', { ...PEGGED, ...ioc }, C.TERMS_INCOMPATIBLE],
    ['a pegged iceberg', { ...PEGGED, displayLots: 1 }, C.TERMS_INCOMPATIBLE],
    ['a link that decrements', { ocoOrderId: 1, selfTrade: 4 }, C.TERMS_INCOMPATIBLE],
    ['replacing and linking', { replacesOrderId: 1, ocoOrderId: 1 }, C.TERMS_INCOMPATIBLE],
    ['another’s order to link with', { ocoOrderId: 1 }, C.UNKNOWN_LINKED_ORDER],
    ['an order nobody placed', { parentOrderId: 77 }, C.UNKNOWN_LINKED_ORDER],
    ['another’s order to replace', { replacesOrderId: 1 }, C.UNKNOWN_LINKED_ORDER],
  ];
  for (const [what, more, code] of DENIED) {
    it(`denies ${what}`, () => {
      const frames = venue.journal.length;
      assert.deepEqual(place(more), { code, order: null });
      venue.settle();
      assert.equal(venue.journal.length, frames, 'nothing reached the book');
      assert.equal(venue.ledger.get(2).openOrders, 0);
    });
  }

  it('denies more than the market’s largest notional', () => {
    const small = { ...aapl, maxNotionalUnits: 10_000 * 10 * aapl.quoteUnitsPerTickLot };
    assert.equal(place({ market: small, qtyLots: 11 }).code, C.NOTIONAL_ABOVE_MAXIMUM);
    assert.equal(place({ market: small, qtyLots: 10 }).code, C.OK);
  });

  it('bounds what acts as a market order: from the trigger, or from the newest trade', () => {
    const price = (more: Partial<PlaceRequest>) => place(more).order?.priceTicks;
    // 5 % beyond 105.00; beyond 101.00, 100 ticks above the newest trade; likewise below.
    assert.equal(price(STOP), 11_025);
    assert.equal(price({ ...STOP, side: 1, triggerTicks: 9_900 }), 9_405);
    assert.equal(price(TRAILING), 10_605);
    assert.equal(price({ ...TRAILING, side: 1 }), 9_405);
    assert.equal(price({ ...TRAILING, trailOffset: 150, trailUnit: O.TRAIL_BPS }), 10_658);
    assert.equal(place({ ...TRAILING, market: registry.get(2)! }).code, C.NO_REFERENCE_PRICE);
  });

  it('lets an order for the day end with the day', () => {
    const order = place({ tif: O.TIF_DAY, priceTicks: 9_000 }).order;
    assert.equal(order?.extension.expireSeconds, 1_700_006_400);
    assert.equal(utcDayEnd(aapl, 1_700_006_400), 1_700_092_800, 'midnight begins the next');
  });

  it('the book answers for orders of one’s own that are gone', () => {
    const gone = place({ ...ioc, priceTicks: 1 }).order?.orderId ?? 0;
    assert.ok(gone > 0);
    assert.equal(place({ ocoOrderId: gone }).code, C.LINKED_ORDER_GONE);
    assert.equal(place({ replacesOrderId: gone }).code, C.REPLACED_ORDER_GONE);
  });

  it('amends what is its owner’s to amend', () => {
    const stop = place(STOP).order?.orderId ?? 0;
    const amend = (orderId: number, fields: object): number => {
      let code = -1;
      const request = { userId: 1, orderId, mode: O.AMEND_TOTAL, priceTicks: 0, qtyLots: 0 };
      venue.engine.amend({ ...request, ...fields }, (reply) => {
        code = reply.code;
      });
      venue.settle();
      return code;
    };
    assert.equal(amend(stop, { priceTicks: 9_000 }), C.TERMS_INCOMPATIBLE);
    assert.equal(amend(stop, { qtyLots: 3 }), C.OK);
    assert.equal(venue.orders.get(stop)?.qtyLots, 3);
    assert.equal(amend(stop, { qtyLots: 2 ** 40 }), C.QUANTITY_TOO_LARGE);
    assert.equal(amend(1, { qtyLots: 3 }), C.UNKNOWN_ORDER, 'another user’s');
    const limit = place({ ...STOP_LIMIT, priceTicks: 10_600 }).order?.orderId ?? 0;
    assert.equal(amend(limit, { priceTicks: 10_700 }), C.OK);
    assert.equal(amend(limit, { mode: O.AMEND_REDUCE_BY, qtyLots: 10 }), C.OK);
    assert.equal(amend(limit, { qtyLots: 1 }), C.ORDER_NOT_IN_BOOK);
  });
});
