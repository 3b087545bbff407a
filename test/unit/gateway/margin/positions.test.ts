import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE_BUY, SIDE_SELL } from '../../../../src/domain/orders.ts';
import * as C from '../../../../src/domain/result-codes.ts';
import { MarginScene, marginPortfolio } from '../../../support/margin-scene.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const markets = shippedMarkets([1, 6]);
const [apple, btc] = markets.all;
const USDT = 1_000_000;
/** 10 000 USDT and as many USD. */
const COLLATERAL = { USDT: 10_000 * USDT, USD: 10_000 * USDT };
/** Ticks of 0.1 USDT, lots of 0.001 BTC: one lot at 1 000 000 ticks is 100 USDT. */
const PRICE = 1_000_000;
const LOT = 100 * USDT;

async function scene(): Promise<MarginScene> {
  const made = new MarginScene(markets, { collateral: COLLATERAL, fund: { USDT: 1000 * USDT } });
  made.quote(btc, PRICE - 10, PRICE + 10, 100_000);
  made.quote(apple, 20_000 - 1, 20_000 + 1, 100_000);
  await made.pass(1);
  return made;
}

function assertConserved({ venue }: MarginScene): void {
  for (const asset of ['USDT', 'USD', 'BTC', 'AAPL']) assert.equal(venue.ledger.sumOf(asset), 0n);
}

describe('positions on margin', () => {
  it('a long position with leverage: wallet, margin, liquidation price and profit', async () => {
    const made = await scene();
    const { code, order, position } = await made.open(1, btc, SIDE_BUY, 500, 10);
    assert.equal(code, C.OK);
    assert.equal(order?.filledLots, 500);
    assert.equal(position?.positionId, `pos_101_${btc.id}_1`);
    assert.equal(position?.leverage, 10);
    assert.equal(position?.costUnits, (500 * LOT * (PRICE + 10)) / PRICE);
    const [usdt] = made.account(1).collateral;
    const fee = position?.feeUnits ?? 0;
    assert.equal(fee, Math.floor(((position?.costUnits ?? 0) * 500) / 1e6));
    assert.equal(usdt.walletUnits, COLLATERAL.USDT - fee);
    assert.equal(usdt.unrealisedUnits, (-500 * LOT * 10) / PRICE, 'marked at the middle');
    assert.equal(usdt.initialMarginUnits, (500 * LOT) / 10);
    assert.equal(usdt.maintenanceMarginUnits, (500 * LOT * 5000) / 1e6);
    assert.equal(usdt.freeUnits, usdt.equityUnits - usdt.initialMarginUnits);
    // Equity of about 9970 is lost at a fall of about 19.4 %, all but the maintenance margin.
    const at = position?.liquidationTicks ?? 0;
    const equityAt = (ticks: number): number => usdt.equityUnits - (PRICE - ticks) * 500 * 100;
    const maintenanceAt = (ticks: number): number => Math.floor(ticks * 500 * 100 * 0.005);
    assert.ok(equityAt(at) < maintenanceAt(at));
    assert.ok(equityAt(at + 1) >= maintenanceAt(at + 1));
    assertConserved(made);
  });

  it('orders need margin, positions have limits, and what reduces always passes', async () => {
    const made = await scene();
    assert.equal((await made.open(1, btc, SIDE_BUY, 600, 101)).code, C.LEVERAGE_NOT_ALLOWED);
    assert.equal((await made.open(1, btc, SIDE_BUY, 600, 1)).code, C.INSUFFICIENT_MARGIN);
    assert.equal((await made.open(1, btc, SIDE_SELL, 1100, 10)).code, C.INSUFFICIENT_MARGIN);
    assert.equal((await made.open(1, btc, SIDE_SELL, 700, 10)).code, C.OK);
    const limit = btc.margin?.positionLimitLots ?? 0;
    const { ledger } = made.venue;
    ledger.deposit({
      kind: 'FundsDeposited',
      portfolioId: marginPortfolio(2),
      asset: 'USDT',
      amountUnits: 2e14,
    });
    assert.equal(made.trade(2, btc, SIDE_BUY, limit, PRICE - 100).code, C.OK);
    assert.equal(made.trade(2, btc, SIDE_BUY, 1, PRICE - 100).code, C.POSITION_LIMIT_EXCEEDED);
    assert.equal(made.trade(2, btc, SIDE_SELL, 1, PRICE + 100).code, C.OK);
    // Whoever has hardly anything left may still get out.
    made.quote(btc, PRICE + 120_000 - 10, PRICE + 120_000 + 10, 100_000);
    for (let i = 0; i < 3; i += 1) made.venue.settle();
    assert.equal(made.trade(1, btc, SIDE_BUY, 700).code, C.OK);
    assert.equal(made.account(1).positions[0].qtyLots, 0);
    assertConserved(made);
  });

  it('opposite positions net, and a turned position has another id', async () => {
    const made = await scene();
    const first = await made.open(1, btc, SIDE_BUY, 300, 5);
    const second = await made.open(1, btc, SIDE_SELL, 100, 5);
    assert.equal(second.position?.qtyLots, 200);
    assert.equal(second.position?.positionId, first.position?.positionId);
    const third = await made.open(1, btc, SIDE_SELL, 500, 5);
    assert.equal(third.position?.qtyLots, -300);
    assert.equal(third.position?.positionId, `pos_101_${btc.id}_2`);
    assert.equal((await made.close(2, `pos_101_${btc.id}_2`)).code, C.UNKNOWN_POSITION);
    assert.equal((await made.close(1, `pos_101_${btc.id}_1`)).code, C.UNKNOWN_POSITION);
    const closed = await made.close(1, `pos_101_${btc.id}_2`);
    assert.equal(closed.code, C.OK);
    assert.equal(closed.position?.positionId, null);
    const [usdt] = made.account(1).collateral;
    const { realisedUnits = 0, feeUnits = 0 } = closed.position ?? {};
    assert.equal(usdt.walletUnits, COLLATERAL.USDT + realisedUnits - feeUnits);
    assert.equal(usdt.initialMarginUnits, 0);
    assertConserved(made);
  });

  it('equities are sold short on margin alone, up to their leverage', async () => {
    const made = await scene();
    const short = await made.open(1, apple, SIDE_SELL, 100, 4);
    assert.equal(short.code, C.OK);
    assert.equal(short.position?.qtyLots, -100);
    assert.equal((await made.open(1, apple, SIDE_SELL, 1, 5)).code, C.LEVERAGE_NOT_ALLOWED);
    assert.equal(made.venue.engine.margin.derivatives(apple), undefined);
    // A rise of 200 to 205 costs 500 USD.
    made.quote(apple, 20_500 - 1, 20_500 + 1, 100_000);
    await made.pass(120);
    assert.equal(made.account(1).positions[0].unrealisedUnits, -501 * USDT);
    assertConserved(made);
  });

  it('working orders count for as long as they work, to the last unit', async () => {
    const made = await scene();
    assert.equal((await made.open(1, btc, SIDE_BUY, 10, 10)).code, C.OK);
    const before = made.account(1).collateral[0].initialMarginUnits;
    const resting = made.trade(1, btc, SIDE_BUY, 333, PRICE - 777);
    made.trade(1, btc, SIDE_SELL, 777, PRICE + 3333);
    assert.ok(made.account(1).collateral[0].initialMarginUnits > before);
    made.venue.engine.cancel(1, resting.order?.orderId ?? 0, () => undefined);
    made.venue.engine.desk.cancelPortfolio(btc, marginPortfolio(1), () => undefined);
    made.venue.settle();
    const exposure = made.venue.ledger.get(marginPortfolio(1)).margin?.exposure(btc.id);
    assert.deepEqual(
      { ...exposure },
      {
        buyLots: 0,
        sellLots: 0,
        buyUnits: 0,
        sellUnits: 0,
        feeUnits: 0,
        orders: 0,
      },
    );
    assert.equal(made.account(1).collateral[0].initialMarginUnits, before);
  });
});
