import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Market } from '../../../../src/domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../../src/domain/orders.ts';
import * as C from '../../../../src/domain/result-codes.ts';
import type { VenueEvent } from '../../../../src/domain/venue-events.ts';
import { MarginScene, marginPortfolio } from '../../../support/margin-scene.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const markets = shippedMarkets([6, 7]);
const [btc, eth] = markets.all;
const USDT = 1_000_000;
const COLLATERAL = { USDT: 10_000 * USDT };
const PRICE = 1_000_000;

async function scene(fund = 100_000 * USDT): Promise<MarginScene> {
  const made = new MarginScene(markets, { collateral: COLLATERAL, fund: { USDT: fund } });
  made.quote(btc, PRICE - 10, PRICE + 10, 100_000);
  made.quote(eth, 350_000 - 10, 350_000 + 10, 100_000);
  await made.pass(1);
  return made;
}

async function opened(made: MarginScene, market: Market, side: number, lots: number, by: number) {
  const reply = await made.open(1, market, side, lots, by);
  assert.equal(reply.code, C.OK);
  return reply;
}

function assertConserved({ venue }: MarginScene): void {
  for (const asset of ['USDT', 'BTC', 'ETH']) assert.equal(venue.ledger.sumOf(asset), 0n);
}

function kinds({ venue }: MarginScene): string[] {
  return venue.recorded.map(({ kind }) => kind).filter((kind) => kind.startsWith('Liquidation'));
}

function find<K extends VenueEvent['kind']>({ venue }: MarginScene, kind: K) {
  const found = venue.recorded.find((event) => event.kind === kind);
  assert.ok(found !== undefined, `there is a ${kind}`);
  return found as VenueEvent & { kind: K };
}

describe('liquidation', () => {
  it('closes a long position when its margin is gone, once, and takes its fee', async () => {
    const made = await scene();
    const { position } = await opened(made, btc, SIDE_BUY, 700, 10);
    made.trade(1, btc, SIDE_SELL, 10, PRICE + 50_000);
    const at = position?.liquidationTicks ?? 0;
    // Just above the price: nothing happens, however long.
    made.quote(btc, at + 100 - 10, at + 100 + 10, 100_000);
    await made.pass(300);
    assert.deepEqual(kinds(made), []);
    made.quote(btc, at - 200 - 10, at - 200 + 10, 100_000);
    await made.pass(300);
    assert.deepEqual(kinds(made), ['LiquidationStarted', 'LiquidationEnded']);
    const started = find(made, 'LiquidationStarted');
    assert.ok(started.equityUnits < started.maintenanceUnits);
    const after = made.account(1);
    assert.equal(after.positions[0].qtyLots, 0);
    assert.equal(made.venue.ledger.get(marginPortfolio(1)).openOrders, 0);
    const ended = find(made, 'LiquidationEnded');
    const { feeUnits } = ended;
    assert.equal(feeUnits > 0 && ended.insuredUnits === 0, true);
    assert.ok(after.collateral[0].walletUnits >= 0);
    const fills = made.venue.engine.margin.liquidations(btc, 10);
    assert.equal(
      fills.reduce((sum, { qtyLots }) => sum + qtyLots, 0),
      700,
    );
    assert.ok(fills.every(({ side }) => side === SIDE_SELL));
    assertConserved(made);
    await made.pass(100);
    assert.equal(kinds(made).length, 2);
    assert.deepEqual(made.errors, []);
  });

  it('closes a thin book in steps, and stops where the initial margin is there again', async () => {
    const made = await scene();
    await opened(made, btc, SIDE_BUY, 700, 10);
    const fallen = PRICE - 139_000;
    made.quote(btc, fallen - 10, fallen + 10, 300);
    await made.pass(40);
    const stepped = made.account(1).positions[0].qtyLots;
    assert.equal(stepped, 400);
    made.maker(btc, SIDE_BUY, fallen - 10, 250);
    await made.pass(1);
    assert.equal(made.account(1).positions[0].qtyLots, 150);
    assert.equal(made.trade(1, btc, SIDE_BUY, 1, fallen).code, C.PORTFOLIO_IN_LIQUIDATION);
    assert.equal((await made.open(1, btc, SIDE_BUY, 1, 10)).code, C.PORTFOLIO_IN_LIQUIDATION);
    made.quote(btc, PRICE - 50_000 - 10, PRICE - 50_000 + 10, 10);
    await made.pass(60);
    assert.deepEqual(kinds(made), ['LiquidationStarted', 'LiquidationEnded']);
    const { positions, collateral } = made.account(1);
    assert.ok(positions[0].qtyLots > 0, 'the rest was left to its owner');
    assert.ok(collateral[0].equityUnits >= collateral[0].initialMarginUnits);
    assert.equal(collateral[0].inLiquidation, false);
    assertConserved(made);
  });

  it('pays what is missing from the fund, and records what the fund has not', async () => {
    for (const fund of [100_000 * USDT, 1000 * USDT]) {
      const made = await scene(fund);
      await opened(made, btc, SIDE_SELL, 700, 10);
      const risen = PRICE + 200_000;
      made.quote(btc, risen - 10, risen + 10, 100_000);
      await made.pass(60);
      const ended = find(made, 'LiquidationEnded');
      assert.ok(ended.insuredUnits > 3500 * USDT, String(ended.insuredUnits));
      const had = Math.max(0, ended.insuredUnits - fund);
      assert.equal(ended.uncoveredUnits, had);
      const { walletUnits, equityUnits } = made.account(1).collateral[0];
      assert.deepEqual([walletUnits, equityUnits], [0, 0]);
      assert.equal(made.venue.engine.account(50)?.positions.length, 0);
      assertConserved(made);
    }
  });

  it('counts profit and loss of all positions together', async () => {
    const made = await scene();
    await opened(made, btc, SIDE_BUY, 400, 10);
    await opened(made, eth, SIDE_SELL, 11_000, 10);
    // Both fall by a quarter: what one loses the other wins.
    made.quote(btc, 740_000 - 10, 740_000 + 10, 100_000);
    made.quote(eth, 259_000 - 10, 259_000 + 10, 100_000);
    await made.pass(200);
    assert.deepEqual(kinds(made), []);
    made.quote(eth, 350_000 - 10, 350_000 + 10, 100_000);
    await made.pass(200);
    assert.equal(kinds(made)[0], 'LiquidationStarted');
    assertConserved(made);
  });

  it('moves no mark price by a trade, nor at once by a quote', async () => {
    const made = await scene();
    await opened(made, btc, SIDE_BUY, 700, 10);
    made.maker(btc, SIDE_SELL, PRICE - 300, 1);
    made.quote(btc, PRICE - 200_000, PRICE + 10, 1000);
    await made.pass(1);
    const view = made.venue.views.get(btc.id);
    assert.ok((view?.derivatives.markTicks ?? 0) > PRICE - 25_000);
    made.quote(btc, PRICE - 10, PRICE + 10, 1000);
    await made.pass(30);
    assert.deepEqual(kinds(made), []);
  });
});
