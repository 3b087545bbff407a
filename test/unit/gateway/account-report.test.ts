import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ORDER_TYPE_LIMIT, SIDE_BUY, SIDE_SELL, TIF_GTC } from '../../../src/domain/orders.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const markets = shippedMarkets([6]);
const market = markets.all[0];
const BALANCES = { [market.base.name]: 1_000_000_000, [market.quote.name]: 1_000_000_000_000 };

/** User 1 has portfolio 2, user 2 has portfolio 3. */
function place(venue: OneThreadVenue, userId: number, side: number, price: number, lots: number) {
  const terms = { side, orderType: ORDER_TYPE_LIMIT, tif: TIF_GTC, flags: 0 };
  const request = { ...terms, market, userId, portfolioId: userId + 1, clientOrderId: '' };
  let code = -1;
  venue.engine.place({ ...request, priceTicks: price, qtyLots: lots }, (reply) => {
    code = reply.code;
  });
  venue.settle();
  assert.equal(code, 0);
}

describe('what an account shows', () => {
  it('is balances with what orders hold, and positions that equal the fills', () => {
    const venue = new OneThreadVenue(markets, { balances: BALANCES });
    place(venue, 2, SIDE_SELL, 100, 10);
    place(venue, 1, SIDE_BUY, 100, 4);
    place(venue, 2, SIDE_SELL, 110, 1);
    place(venue, 1, SIDE_BUY, 120, 7);
    const account = venue.engine.account(2);
    const fills = [6, 4].map((lots) => lots * 100).reduce((sum, units) => sum + units, 0) + 110;
    const [position] = account?.positions ?? [];
    assert.equal(position.qtyLots, 11);
    assert.equal(position.costUnits, fills * market.quoteUnitsPerTickLot);
    assert.equal(position.priceTicks, 110);
    assert.equal(position.unrealisedUnits, (11 * 110 - fills) * market.quoteUnitsPerTickLot);
    assert.equal(position.positionId, `pos_2_${market.id}_1`);
    assert.equal(position.leverage, 1);
    const quote = account?.balances.find(({ asset }) => asset === market.quote);
    const paid = fills * market.quoteUnitsPerTickLot + position.feeUnits;
    assert.equal(quote?.totalUnits, BALANCES[market.quote.name] - paid);
    assert.equal(quote?.heldUnits, 0);

    const seller = venue.engine.account(3);
    const base = seller?.balances.find(({ asset }) => asset === market.base);
    assert.equal(base?.heldUnits, 0);
    assert.equal(base?.totalUnits, BALANCES[market.base.name] - 11 * market.baseUnitsPerLot);
    place(venue, 2, SIDE_SELL, 130, 2);
    const after = venue.engine.account(3)?.balances.find(({ asset }) => asset === market.base);
    assert.equal(after?.heldUnits, 2 * market.baseUnitsPerLot);
    assert.equal(after?.freeUnits, (after?.totalUnits ?? 0) - 2 * market.baseUnitsPerLot);
    assert.ok((venue.engine.account(3)?.sequence ?? 0) > (seller?.sequence ?? 0));
  });

  it('is nothing for a portfolio that does not exist', () => {
    const venue = new OneThreadVenue(markets);
    assert.equal(venue.engine.account(99), undefined);
    assert.deepEqual(venue.engine.portfolios(1), [{ portfolioId: 2, kind: 'cash', name: 'p' }]);
  });
});
