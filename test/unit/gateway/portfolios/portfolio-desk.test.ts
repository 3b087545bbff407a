import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as O from '../../../../src/domain/orders.ts';
import * as C from '../../../../src/domain/result-codes.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { OneThreadVenue } from '../../../support/one-thread-venue.ts';

const MARKETS = shippedMarkets();
const [AAPL] = MARKETS.all;
const USD = { name: 'USD', decimals: 6 };
const FIRST = 2;

class Scene {
  readonly venue = new OneThreadVenue(MARKETS, { users: 1, balances: { USD: 1_000_000 } });
  readonly desk = this.venue.engine.portfolioDesk;

  async settle(): Promise<void> {
    this.venue.settle();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async done<T>(asked: Promise<T>): Promise<T> {
    for (let i = 0; i < 8; i += 1) await this.settle();
    return asked;
  }

  async portfolio(units: number): Promise<number> {
    const request = { userId: 1, title: 'p', description: '', currency: USD, initialUnits: units };
    const made = await this.done(this.desk.create(request));
    assert.ok(typeof made === 'object');
    return made.portfolioId;
  }

  /** A purchase of one share at ticks of a cent. @returns its result code, once it is told */
  order(portfolioId: number, priceTicks: number): Promise<number> {
    return new Promise((resolve) =>
      this.venue.engine.place(
        {
          market: AAPL,
          userId: 1,
          portfolioId,
          side: O.SIDE_BUY,
          orderType: O.ORDER_TYPE_LIMIT,
          tif: O.TIF_GTC,
          flags: 0,
          priceTicks,
          qtyLots: 1,
          clientOrderId: '',
        },
        ({ code }) => resolve(code),
      ),
    );
  }

  usd(portfolioId: number) {
    return { ...this.venue.ledger.get(portfolioId).balance('USD') };
  }
}

describe('arranging portfolios while they trade', () => {
  it('an order that comes while its portfolio is being closed is refused', async () => {
    const scene = new Scene();
    const id = await scene.portfolio(500_000);
    assert.equal(await scene.done(scene.order(id, 1)), C.OK);
    const closing = scene.desk.close(1, id, true);
    await scene.settle();
    const late = scene.order(id, 2);
    const closed = await scene.done(closing);
    assert.equal(await late, C.UNKNOWN_PORTFOLIO);
    assert.ok(typeof closed === 'object');
    assert.deepEqual([closed.ordersCancelled, closed.moved.length], [1, 1]);
    assert.deepEqual(scene.usd(id), { total: 0, held: 0 });
    assert.deepEqual(scene.usd(FIRST), { total: 1_500_000, held: 0 });
    assert.equal(await scene.done(scene.order(id, 2)), C.UNKNOWN_PORTFOLIO);
    assert.equal(await scene.done(scene.desk.close(1, id, true)), C.UNKNOWN_PORTFOLIO);
  });

  it('what is about to be paid out is no order’s any more, and comes back if it was not', async () => {
    const scene = new Scene();
    const out = { userId: 1, portfolioId: FIRST, direction: 'out', asset: USD, note: '' } as const;
    const request = { ...out, otherPortfolioId: undefined, amountUnits: 995_000 };
    const paying = scene.desk.transfer(request);
    await scene.settle();
    assert.equal(await scene.done(scene.order(FIRST, 1)), C.INSUFFICIENT_BALANCE);
    assert.ok(typeof (await scene.done(paying)) === 'object');
    assert.deepEqual(scene.usd(FIRST), { total: 5000, held: 0 });
    assert.equal(await scene.done(scene.desk.transfer(request)), C.INSUFFICIENT_BALANCE);
    assert.deepEqual(scene.usd(FIRST), { total: 5000, held: 0 });
  });

  it('a portfolio that is refused to close goes on trading', async () => {
    const scene = new Scene();
    const id = await scene.portfolio(500_000);
    assert.equal(await scene.done(scene.desk.close(1, id, false)), C.PORTFOLIO_NOT_EMPTY);
    assert.equal(await scene.done(scene.desk.close(1, FIRST, true)), C.PORTFOLIO_IN_USE);
    assert.equal(await scene.done(scene.desk.close(2, id, true)), C.UNKNOWN_PORTFOLIO);
    for (const portfolioId of [id, FIRST]) {
      assert.equal(await scene.done(scene.order(portfolioId, 1)), C.OK);
    }
  });

  it('what the venue could not hold exactly is not paid in', async () => {
    const scene = new Scene();
    const request = { userId: 1, title: 'p', description: '', currency: USD };
    const create = (initialUnits: number) =>
      scene.done(scene.desk.create({ ...request, initialUnits }));
    assert.equal(await create(2 ** 50 + 1), C.AMOUNT_TOO_LARGE);
    let made = 0;
    while (typeof (await create(2 ** 50)) === 'object') made += 1;
    assert.equal(made, 3, 'up to 2^52 in all, the opening balance among it');
  });
});
