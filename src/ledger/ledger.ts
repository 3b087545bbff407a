import * as R from '../codec/records.ts';
import { LIMITS } from '../config/limits.ts';
import { feeUnits } from '../domain/fees.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import {
  INSUFFICIENT_BALANCE,
  NOTIONAL_TOO_LARGE,
  OK,
  TOO_MANY_OPEN_ORDERS,
} from '../domain/result-codes.ts';
import type { FundsDeposited, PortfolioOpened } from '../domain/venue-events.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import { addFill, Portfolio } from './portfolio.ts';
import { depositPosting, type LedgerMarket, type Posting, TradePostings } from './postings.ts';

/** What an open order keeps set aside. */
interface Hold {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly side: number;
  priceTicks: number;
  remainingLots: number;
  /** Smallest units of the quote asset for a purchase, of the base asset for a sale. */
  amountUnits: number;
}

/**
 * Who owns what. Single writer: the gateway thread. Holds are made before a command goes to its
 * market; everything else changes only by durable events, so that recovery, which applies the same
 * events, ends in the same state. It reads no clock and does no I/O.
 *
 * Property: over all portfolios, every asset sums to zero at any time (deposits are debited to the
 * venue's own portfolio). Kept by `post`, the only place where a total changes.
 */
export class Ledger {
  readonly portfolios = new Map<number, Portfolio>();
  private readonly holds = new Map<number, Hold>();
  private readonly markets: ReadonlyMap<number, Market>;
  /** REUSED for every trade. */
  private readonly tradePostings = new TradePostings();

  constructor(markets: readonly Market[]) {
    this.markets = new Map(markets.map((market) => [market.id, market]));
  }

  openPortfolio(event: PortfolioOpened): Portfolio {
    assert(!this.portfolios.has(event.portfolioId), 'portfolio ids are used once');
    const { portfolioId, userId, portfolioKind, name } = event;
    const portfolio = new Portfolio(portfolioId, userId, portfolioKind, name);
    this.portfolios.set(portfolioId, portfolio);
    return portfolio;
  }

  deposit(event: FundsDeposited): void {
    this.post(depositPosting(event));
  }

  get(portfolioId: number): Portfolio {
    const portfolio = this.portfolios.get(portfolioId);
    assert(portfolio !== undefined, `portfolio ${portfolioId} does not exist`);
    return portfolio;
  }

  /**
   * Sets aside what a new order may cost at worst: price × quantity and the highest fee for a
   * purchase, the quantity for a sale.
   * @returns `OK` and the hold is made, or the reason why not and nothing changed
   */
  hold(
    orderId: number,
    portfolio: Portfolio,
    market: Market,
    side: number,
    priceTicks: number,
    qtyLots: number,
  ): number {
    if (!Number.isSafeInteger(qtyLots * market.baseUnitsPerLot)) return NOTIONAL_TOO_LARGE;
    const amountUnits = holdUnits(market, side, priceTicks, qtyLots);
    if (!Number.isSafeInteger(amountUnits)) return NOTIONAL_TOO_LARGE;
    if (portfolio.kind === 'cash') {
      if (portfolio.openOrders >= LIMITS.openOrdersPerPortfolio) return TOO_MANY_OPEN_ORDERS;
      const balance = portfolio.balance(heldAsset(market, side));
      if (balance.total - balance.held < amountUnits) return INSUFFICIENT_BALANCE;
    }
    this.addHold(orderId, {
      portfolio,
      market,
      side,
      priceTicks,
      remainingLots: qtyLots,
      amountUnits,
    });
    return OK;
  }

  /** Takes a hold back: the order never reached its market, or has left it. */
  release(orderId: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    hold.portfolio.balance(heldAsset(hold.market, hold.side)).held -= hold.amountUnits;
    hold.portfolio.openOrders -= 1;
    this.holds.delete(orderId);
  }

  /** Recovery only: the hold of an order read from the journal, without a check. */
  restoreHold(
    orderId: number,
    portfolioId: number,
    market: Market,
    side: number,
    priceTicks: number,
    qtyLots: number,
  ): void {
    const amountUnits = holdUnits(market, side, priceTicks, qtyLots);
    const portfolio = this.get(portfolioId);
    this.addHold(orderId, {
      portfolio,
      market,
      side,
      priceTicks,
      remainingLots: qtyLots,
      amountUnits,
    });
  }

  /** Settles a durable `TradeExecuted`: assets change hands, fees are paid, holds shrink. */
  applyTrade(views: FrameViews, at: number, market: LedgerMarket): void {
    const { f64, i32, u8 } = views;
    const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const maker = this.get(i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2]);
    const taker = this.get(i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2]);
    const makerFee = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    const takerFee = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    const takerBuys = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY;
    const notional = priceTicks * qtyLots * market.quoteUnitsPerTickLot;
    this.shrinkHold(
      f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3],
    );
    this.shrinkHold(
      f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3],
    );
    for (const posting of this.tradePostings.read(views, at, market).legs) this.post(posting);
    const signedTaker = takerBuys ? qtyLots : -qtyLots;
    addFill(taker.position(market.id), signedTaker, notional, takerFee);
    addFill(maker.position(market.id), -signedTaker, notional, makerFee);
  }

  /** Follows a durable `OrderAmended`: the hold is made anew for the new price and quantity. */
  applyAmendment(orderId: number, priceTicks: number, remainingLots: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    hold.priceTicks = priceTicks;
    this.resize(hold, remainingLots);
  }

  /** Sum of an asset over all portfolios; 0 unless money was made or lost. BigInt: sums may be big. */
  sumOf(asset: string): bigint {
    let sum = 0n;
    for (const portfolio of this.portfolios.values()) {
      sum += BigInt(portfolio.balances.get(asset)?.total ?? 0);
    }
    return sum;
  }

  marketOf(marketId: number): Market | undefined {
    return this.markets.get(marketId);
  }

  private addHold(orderId: number, hold: Hold): void {
    hold.portfolio.balance(heldAsset(hold.market, hold.side)).held += hold.amountUnits;
    hold.portfolio.openOrders += 1;
    this.holds.set(orderId, hold);
  }

  private shrinkHold(orderId: number, remainingLots: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    if (remainingLots === 0) this.release(orderId);
    else this.resize(hold, remainingLots);
  }

  private resize(hold: Hold, remainingLots: number): void {
    const amountUnits = holdUnits(hold.market, hold.side, hold.priceTicks, remainingLots);
    const balance = hold.portfolio.balance(heldAsset(hold.market, hold.side));
    balance.held += amountUnits - hold.amountUnits;
    hold.amountUnits = amountUnits;
    hold.remainingLots = remainingLots;
  }

  private post({ asset, fromPortfolioId, toPortfolioId, units }: Posting): void {
    const source = this.get(fromPortfolioId).balance(asset);
    const target = this.get(toPortfolioId).balance(asset);
    source.total -= units;
    target.total += units;
    assert(
      Number.isSafeInteger(source.total) && Number.isSafeInteger(target.total),
      `a balance of ${asset} left the safe integers`,
    );
  }
}

function heldAsset(market: Market, side: number): string {
  return side === SIDE_BUY ? market.quote.name : market.base.name;
}

/** What an order of this size may cost at worst, in smallest units of the asset it holds. */
export function holdUnits(
  market: Market,
  side: number,
  priceTicks: number,
  qtyLots: number,
): number {
  if (side !== SIDE_BUY) return qtyLots * market.baseUnitsPerLot;
  const notional = priceTicks * qtyLots * market.quoteUnitsPerTickLot;
  // A rebate is not counted on: the order may trade as a taker.
  return notional + feeUnits(notional, Math.max(market.makerFeePpm, market.takerFeePpm, 0));
}
