import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import * as C from '../../../src/domain/result-codes.ts';
import type { OrderReply, PlaceRequest } from '../../../src/gateway/venue.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

test('orders, cancels and amendments are counted by result, each once', async () => {
  const markets = shippedMarkets();
  const market = markets.resolve('NASDAQ', 'AAPL');
  assert.ok(market !== undefined);
  const venue = new OneThreadVenue(markets, { balances: { USD: 1e12, AAPL: 1000 } });
  const metrics = new Metrics(false);
  venue.engine.desk.outcomes.registerMetrics(metrics);
  const replies: OrderReply[] = [];
  const note = (reply: OrderReply): void => void replies.push(reply);
  const order = (more: Partial<PlaceRequest>): PlaceRequest => ({
    market,
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
  venue.engine.place(order({}), note);
  venue.engine.place(order({ portfolioId: 999 }), note);
  venue.engine.placeLinked([{ request: order({}), ocoOf: -1, childOf: -1 }], (all) =>
    all.forEach(note),
  );
  venue.settle();
  const { orderId } = replies.find(({ order: placed }) => placed !== null)?.order ?? { orderId: 0 };
  const amendment = { userId: 1, orderId, mode: O.AMEND_TOTAL, priceTicks: 0, qtyLots: 5 };
  venue.engine.amend(amendment, note);
  venue.settle();
  venue.engine.cancel(1, orderId, note);
  venue.engine.cancel(1, 12_345, note);
  venue.settle();
  assert.equal(replies.filter(({ code }) => code === C.OK).length, 4);
  const text = await metrics.text();
  assert.match(text, /^openbell_orders_total\{result="OK"\} 2$/m);
  assert.match(text, /^openbell_orders_total\{result="UNKNOWN_PORTFOLIO"\} 1$/m);
  assert.match(text, /^openbell_amendments_total\{result="OK"\} 1$/m);
  assert.match(text, /^openbell_cancels_total\{result="OK"\} 1$/m);
  assert.match(text, /^openbell_cancels_total\{result="UNKNOWN_ORDER"\} 1$/m);
});
