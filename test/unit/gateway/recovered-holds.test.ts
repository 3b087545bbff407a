import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import { StateFollower } from '../../../src/gateway/state-follower.ts';
import type { PlaceRequest } from '../../../src/gateway/venue.ts';
import type { FrameViews } from '../../../src/rings/frame.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const markets = shippedMarkets();
const market = markets.resolve('NASDAQ', 'AAPL');
assert.ok(market !== undefined);

function aligned(bytes: Uint8Array): FrameViews {
  const { buffer } = Uint8Array.from(bytes);
  return {
    u8: new Uint8Array(buffer),
    i32: new Int32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

/** What every portfolio holds, and for how many orders. */
function heldIn({ ledger }: Pick<StateFollower, 'ledger'>) {
  return [...ledger.portfolios.values()].map(({ id, openOrders, balances }) => ({
    id,
    openOrders,
    held: [...balances].map(([asset, { held }]) => [asset, held]).sort(),
  }));
}

test('a restart holds for the open orders what was held before it, no more and no less', () => {
  const venue = new OneThreadVenue(markets, { balances: { USD: 1e12, AAPL: 1000 } });
  const place = (userId: number, more: Partial<PlaceRequest>): void => {
    venue.engine.place(
      {
        market,
        userId,
        portfolioId: userId + 1,
        side: O.SIDE_BUY,
        orderType: O.ORDER_TYPE_LIMIT,
        tif: O.TIF_GTC,
        flags: 0,
        priceTicks: 10_000,
        qtyLots: 10,
        clientOrderId: '',
        ...more,
      },
      () => undefined,
    );
    venue.settle();
  };
  place(1, {});
  place(1, { priceTicks: 9_000, qtyLots: 7 });
  place(2, { side: O.SIDE_SELL, qtyLots: 4 });
  place(2, { side: O.SIDE_SELL, priceTicks: 12_000, qtyLots: 30 });
  place(1, { orderType: O.ORDER_TYPE_STOP, priceTicks: 0, triggerTicks: 13_000, qtyLots: 3 });
  venue.engine.cancel(1, 2, () => undefined);
  venue.settle();

  const follower = new StateFollower(markets.all, () => undefined);
  for (const fact of venue.facts) follower.learn(fact);
  for (const frame of venue.journal) follower.apply(aligned(frame), 0);
  assert.ok(heldIn(follower).every(({ openOrders }) => openOrders === 0));
  follower.restoreHolds();
  assert.deepEqual(heldIn(follower), heldIn(venue));
  const [, first, second] = heldIn(follower);
  assert.deepEqual([first.openOrders, second.openOrders], [2, 1]);
  assert.ok(first.held.some(([asset, held]) => asset === 'USD' && Number(held) > 0));
});
