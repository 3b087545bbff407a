import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MarketStatistics } from '../../../../src/domain/candles.ts';
import type { Market } from '../../../../src/domain/markets.ts';
import { Accounts } from '../../../../src/gateway/accounts.ts';
import { Valuer } from '../../../../src/gateway/portfolios/valuer.ts';
import { Ledger } from '../../../../src/ledger/ledger.ts';
import { assert as invariant } from '../../../../src/lib/assert.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { shippedMarkets } from '../../../support/markets.ts';

const MARKETS = shippedMarkets();
const PORTFOLIO = 5;
/** Ten in the morning, UTC. */
const NOW = 1_700_042_400;
const DAY_START = NOW - (NOW % 86_400);
const USD = 1_000_000;

function market(exchange: string, symbol: string): Market {
  const found = MARKETS.resolve(exchange, symbol);
  invariant(found !== undefined, `${symbol} is shipped`);
  return found;
}

const AAPL = market('NASDAQ', 'AAPL');
const BTC = market('binance', 'BTC-USDT');

/** A portfolio of user 1, over markets whose prices and days are told. */
function scene() {
  const ledger = new Ledger(MARKETS.all);
  const accounts = new Accounts(ledger);
  const views = new MarketViews(MARKETS.all);
  const closes = new Map<number, number>();
  const opened = { kind: 'PortfolioOpened', portfolioKind: 'cash', name: 'p' } as const;
  accounts.apply({ ...opened, portfolioId: 1, userId: 0, portfolioKind: 'external' });
  accounts.apply({ ...opened, portfolioId: PORTFOLIO, userId: 1 });
  const valuer = new Valuer({
    markets: MARKETS,
    ledger,
    views,
    book: accounts.book,
    statistics: ({ id }) =>
      ({
        lastTicks: 0,
        previousCloseTicks: closes.get(id) ?? null,
        dayOpenTicks: 0,
      }) as MarketStatistics,
    nowSeconds: () => NOW,
  });
  const deposit = (asset: string, amountUnits: number) =>
    accounts.apply({ kind: 'FundsDeposited', portfolioId: PORTFOLIO, asset, amountUnits });
  const price = ({ id }: Market, ticks: number, close?: number) => {
    const view = views.get(id);
    invariant(view !== undefined, 'it has a view');
    view.ticker.lastPriceTicks = ticks;
    if (close !== undefined) closes.set(id, close);
  };
  /** A fill as the ledger settles it: the asset, the money and the fee. */
  const fill = (of: Market, lots: number, ticks: number, fee: number, seconds: number) => {
    const portfolio = ledger.get(PORTFOLIO);
    const notional = Math.abs(lots) * ticks * of.quoteUnitsPerTickLot;
    portfolio.take(of.id, lots, notional, fee, seconds);
    portfolio.balance(of.base.name).total += lots * of.baseUnitsPerLot;
    portfolio.balance(of.quote.name).total -= Math.sign(lots) * notional + fee;
  };
  const value = () => {
    const valuation = valuer.value(PORTFOLIO);
    invariant(valuation !== undefined, 'the portfolio exists');
    return valuation;
  };
  return { accounts, deposit, price, fill, value };
}

describe('what a portfolio is worth', () => {
  it('the day’s change: what was held by the price’s change, what was traded by what it cost', () => {
    const { deposit, price, fill, value } = scene();
    deposit('USD', 100_000 * USD);
    // Yesterday ten at 100, closed at 110; today five at 112, two sold at 115; now 120.
    fill(AAPL, 10, 10_000, 0, DAY_START - 3600);
    price(AAPL, 12_000, 11_000);
    fill(AAPL, 5, 11_200, 3 * USD, DAY_START + 60);
    fill(AAPL, -2, 11_500, 1 * USD, NOW - 60);
    const valuation = value();
    const made = 10 * (120 - 110) + 5 * (120 - 112) - 2 * (120 - 115) - 3 - 1;
    assert.equal(valuation.dayChangeUnits, made * USD);
    const spent = 10 * 100 + 5 * 112 - 2 * 115 + 4;
    assert.equal(valuation.cashUnits, (100_000 - spent) * USD);
    const [line] = valuation.positions;
    assert.deepEqual(
      [line.qtyUnits, line.valueUnits, line.previousCloseTicks, line.source],
      [13, 13 * 120 * USD, 11_000, 'orders'],
    );
    assert.equal(valuation.totalUnits, valuation.cashUnits + 13 * 120 * USD);
    assert.equal(line.weight, line.valueUnits / valuation.totalUnits);
  });

  it('the change equals that of the total when nothing came or went', () => {
    const { deposit, price, fill, value } = scene();
    deposit('USD', 10_000 * USD);
    fill(AAPL, 10, 10_000, 0, DAY_START - 3600);
    price(AAPL, 11_000, 11_000);
    const atTheClose = value().totalUnits;
    assert.equal(value().dayChangeUnits, 0);
    fill(AAPL, -10, 11_300, 2 * USD, DAY_START + 1);
    price(AAPL, 10_500);
    const { totalUnits, dayChangeUnits, positions } = value();
    assert.equal(positions.length, 0);
    assert.equal(dayChangeUnits, totalUnits - atTheClose, 'a flat position’s day counts, too');
  });

  it('what was transferred in has no cost, and what was recorded has its own', () => {
    const { accounts, deposit, price, value } = scene();
    deposit('AAPL', 40);
    deposit('BTC', 150_000_000);
    price(AAPL, 20_000, 19_000);
    price(BTC, 600_000, 590_000);
    const recorded = { portfolioId: PORTFOLIO, marketId: AAPL.id, qtyLots: 3 } as const;
    const fact = { kind: 'HoldingRecorded', ...recorded } as const;
    accounts.apply({ ...fact, holdingId: 1, costUnits: 450 * USD }, (DAY_START - 1) * 1000);
    accounts.apply({ ...fact, holdingId: 2, costUnits: 590 * USD }, (DAY_START + 1) * 1000);
    const { positions, cashUnits, dayChangeUnits } = value();
    assert.equal(cashUnits, 0);
    assert.deepEqual(
      positions.map((one) => [
        one.market.symbol,
        one.source,
        one.costUnits,
        one.unrealisedUnits,
        one.dayChangeUnits,
      ]),
      [
        ['AAPL', 'transfers', null, null, 40 * 10 * USD],
        ['AAPL', 'recorded', 450 * USD, 150 * USD, 3 * 10 * USD],
        ['AAPL', 'recorded', 590 * USD, 10 * USD, 10 * USD],
        ['BTC-USDT', 'transfers', null, null, 1.5 * 1000 * USD],
      ],
    );
    assert.equal(dayChangeUnits, (400 + 30 + 10 + 1500) * USD);
  });

  it('without a price a position is worth what it cost, and without that nothing', () => {
    const { accounts, deposit, value } = scene();
    deposit('ETH', 5);
    accounts.apply({
      kind: 'HoldingRecorded',
      portfolioId: PORTFOLIO,
      marketId: AAPL.id,
      qtyLots: 2,
      holdingId: 1,
      costUnits: 300 * USD,
    });
    const { totalUnits, dayChangeUnits } = value();
    assert.deepEqual([totalUnits, dayChangeUnits], [300 * USD, 0]);
  });
});
