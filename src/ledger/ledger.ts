import * as R from '../codec/records.ts';
import { LIMITS } from '../config/limits.ts';
import type { MarginEvent } from '../domain/margin-events.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import type { PortfolioEvent } from '../domain/portfolio-events.ts';
import {
  INSUFFICIENT_BALANCE,
  LEVERAGE_NOT_ALLOWED,
  NOTIONAL_TOO_LARGE,
  OK,
  TOO_MANY_OPEN_ORDERS,
} from '../domain/result-codes.ts';
import type { FundsDeposited, PortfolioOpened } from '../domain/venue-events.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import { Family } from './hold-family.ts';
import { type AskedLots, Hold, type HoldTerms, heldAsset } from './holds.ts';
import type { MarginRules } from './margin.ts';
import { count, marginState } from './margin-entries.ts';
import type { Exposure } from './margin-state.ts';
import { OpenInterest } from './open-interest.ts';
import { Portfolio } from './portfolio.ts';
import {
  depositPosting,
  type LedgerMarket,
  marginPostings,
  type Posting,
  portfolioPostings,
  TradePostings,
} from './postings.ts';

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
  /** Contracts open in each market. */
  readonly interest = new OpenInterest();
  /** Margin portfolios whose balances or positions changed; whoever looks at them takes them out. */
  readonly marginTouched = new Set<Portfolio>();
  /** Says what margin portfolios may do. */
  marginRules: MarginRules | undefined;
  private readonly holds = new Map<number, Hold>();
  /** Orders that are held for together with others. */
  private linked = 0;
  private readonly markets: ReadonlyMap<number, Market>;
  /** REUSED for every trade. */
  private readonly tradePostings = new TradePostings();

  constructor(markets: readonly Market[]) {
    this.markets = new Map(markets.map((market) => [market.id, market]));
  }

  openPortfolio(event: PortfolioOpened): Portfolio {
    assert(!this.portfolios.has(event.portfolioId), 'portfolio ids are used once');
    const { portfolioId, userId, portfolioKind, name } = event;
    this.portfolios.set(portfolioId, new Portfolio(portfolioId, userId, portfolioKind, name));
    return this.get(portfolioId);
  }

  deposit(event: FundsDeposited): void {
    this.postAll([depositPosting(event)]);
  }

  /** Follows what a user did with a portfolio: what moves, and whether it may still trade. */
  applyPortfolio(event: PortfolioEvent): void {
    this.postAll(portfolioPostings(event));
    if (event.kind === 'PortfolioClosed') this.get(event.portfolioId).locked = true;
  }

  /** Follows an entry of a margin portfolio or of a perpetual market. */
  applyMargin(event: MarginEvent): void {
    this.postAll(marginPostings(event));
    marginState(this, event);
  }

  /** A liquidation order of a margin portfolio traded. */
  noteLiquidated(portfolioId: number, market: LedgerMarket, notionalUnits: number): void {
    const liquidation = this.get(portfolioId).margin?.liquidations.get(market.quote.name);
    if (liquidation !== undefined) liquidation.closedUnits += notionalUnits;
  }

  get(portfolioId: number): Portfolio {
    const portfolio = this.portfolios.get(portfolioId);
    assert(portfolio !== undefined, `portfolio ${portfolioId} does not exist`);
    return portfolio;
  }

  /**
   * Sets aside what a new order may cost at worst: price × quantity and the highest fee for a
   * purchase, the quantity for a sale; of an order that is linked, what its family needs more.
   * @param terms absent for an order that has none but the plain ones
   * @returns `OK` and the hold is made, or the reason why not and nothing changed
   */
  hold(
    orderId: number,
    portfolio: Portfolio,
    market: Market,
    side: number,
    priceTicks: number,
    qtyLots: number,
    terms?: HoldTerms,
  ): number {
    const hold = new Hold(orderId, portfolio, market, side, priceTicks, qtyLots, terms);
    if (!hold.isExact) return NOTIONAL_TOO_LARGE;
    if (portfolio.kind !== 'external' && portfolio.openOrders >= LIMITS.openOrdersPerPortfolio) {
      return TOO_MANY_OPEN_ORDERS;
    }
    const family = hold.namesOthers ? this.familyFor(hold) : undefined;
    if (family !== undefined && family.members.size >= LIMITS.linkedOrders) {
      return TOO_MANY_OPEN_ORDERS;
    }
    this.join(hold, family);
    const refusal = this.cover(hold);
    if (refusal === OK) portfolio.openOrders += 1;
    else this.leave(hold, false);
    return refusal;
  }

  /** Takes a hold back: the order never reached its market, or has left it. */
  release(orderId: number): void {
    const hold = this.holds.get(orderId);
    if (hold !== undefined) this.end(hold, false);
  }

  /** Without a check: the hold of an order read from the journal, or of the venue's own order. */
  restoreHold(
    orderId: number,
    portfolioId: number,
    market: Market,
    side: number,
    priceTicks: number,
    qtyLots: number,
    terms?: HoldTerms,
  ): void {
    const portfolio = this.get(portfolioId);
    const hold = new Hold(orderId, portfolio, market, side, priceTicks, qtyLots, terms);
    hold.accepted = true;
    this.join(hold, hold.namesOthers ? this.familyFor(hold) : undefined);
    this.settleHold(hold);
    portfolio.openOrders += 1;
  }

  /** The open order with this id, or the one on its way to its market. */
  heldOrder(orderId: number): Hold | undefined {
    return this.holds.get(orderId);
  }

  /**
   * Sets aside what an order may cost if it is amended, before the amendment goes to its market; the
   * outcome has to be told by `amendmentAnswered`.
   * @returns `OK`, or the reason why not and nothing changed
   */
  holdAmendment(orderId: number, requestId: number, priceTicks: number, lots: AskedLots): number {
    const hold = this.holds.get(orderId);
    assert(hold !== undefined, `order ${orderId} is open`);
    hold.ask(requestId, priceTicks, lots);
    const refusal = hold.isExact ? this.cover(hold) : NOTIONAL_TOO_LARGE;
    if (refusal !== OK) hold.answered(requestId);
    return refusal;
  }

  /** An amendment was carried out (and applied) or refused. */
  amendmentAnswered(orderId: number, requestId: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    hold.answered(requestId);
    this.settleHold(hold);
  }

  /** Follows a durable `OrderAccepted`: the order's links hold from now on. */
  applyAcceptance(orderId: number): void {
    if (this.linked === 0) return;
    const hold = this.holds.get(orderId);
    if (hold?.family === undefined) return;
    hold.accepted = true;
    hold.doomed = false;
    this.settleHold(hold);
  }

  /** Settles a durable `TradeExecuted`: assets change hands, fees are paid, holds shrink. */
  applyTrade(views: FrameViews, at: number, market: LedgerMarket): void {
    const { f64, i32, u8 } = views;
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const maker = this.get(i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2]);
    const taker = this.get(i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2]);
    const makerFee = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    const takerFee = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    const takerBuys = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY;
    this.shrinkHold(
      f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3],
    );
    this.shrinkHold(
      f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3],
      f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3],
    );
    const { legs } = this.tradePostings.read(views, at, market);
    for (const posting of legs) this.post(posting);
    const [, { units: notional }] = legs;
    const signedTaker = takerBuys ? qtyLots : -qtyLots;
    const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    this.moved(taker, market.id, taker.take(market.id, signedTaker, notional, takerFee, seconds));
    this.moved(maker, market.id, maker.take(market.id, -signedTaker, notional, makerFee, seconds));
  }

  /** Settles a durable `AuctionTradeExecuted` likewise. */
  applyAuctionTrade(views: FrameViews, at: number, market: LedgerMarket): void {
    const { f64, i32 } = views;
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    const buyer = this.get(i32[(at + R.AUCTION_BID_PORTFOLIO_ID) >>> 2]);
    const seller = this.get(i32[(at + R.AUCTION_ASK_PORTFOLIO_ID) >>> 2]);
    const { legs } = this.tradePostings.readAuction(views, at, market);
    for (const posting of legs) this.post(posting);
    const [, { units: notional }] = legs;
    this.shrinkHold(
      f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3],
      f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3],
    );
    this.shrinkHold(
      f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3],
      f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3],
    );
    const buyerFee = f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3];
    const sellerFee = f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3];
    const seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    this.moved(buyer, market.id, buyer.take(market.id, qtyLots, notional, buyerFee, seconds));
    this.moved(seller, market.id, seller.take(market.id, -qtyLots, notional, sellerFee, seconds));
  }

  /** Follows a durable `OrderAmended`: the hold is made anew for the new price and quantity. */
  applyAmendment(orderId: number, priceTicks: number, remainingLots: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    hold.amended(priceTicks, remainingLots);
    this.settleHold(hold);
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

  /** A margin portfolio's position was `beforeLots`, and is another now. */
  private moved(portfolio: Portfolio, marketId: number, beforeLots: number): void {
    if (portfolio.margin === undefined) return;
    this.interest.move(marketId, beforeLots, portfolio.position(marketId).qtyLots);
    this.marginTouched.add(portfolio);
  }

  /** The one family of all orders that a new one names; `undefined` when none of them is open. */
  private familyFor(hold: Hold): Family | undefined {
    // Margin portfolios hold nothing for an order; what it may come to is counted.
    if (hold.portfolio.margin !== undefined) return undefined;
    let family: Family | undefined;
    for (const id of [hold.ocoOrderId, hold.replacesOrderId, hold.parentOrderId]) {
      const other = id === 0 ? undefined : this.holds.get(id);
      if (other === undefined || (family !== undefined && other.family === family)) continue;
      if (other.portfolio !== hold.portfolio || other.market.id !== hold.market.id) continue;
      const joined = other.family ?? family ?? new Family(hold.portfolio, hold.market);
      if (other.family === undefined) {
        joined.adopt(other);
        this.linked += 1;
      } else if (family !== undefined) joined.merge(family);
      family = joined;
    }
    return family;
  }

  private join(hold: Hold, family: Family | undefined): void {
    this.holds.set(hold.orderId, hold);
    const { margin } = hold.portfolio;
    if (margin !== undefined) margin.exposure(hold.market.id).orders += 1;
    if (family === undefined) return;
    family.add(hold);
    this.linked += 1;
  }

  private leave(hold: Hold, tradedWhole: boolean): void {
    const { family, portfolio } = hold;
    this.holds.delete(hold.orderId);
    if (portfolio.margin !== undefined) {
      count(hold, undefined);
      portfolio.margin.exposure(hold.market.id).orders -= 1;
      return;
    }
    if (family === undefined) {
      portfolio.balance(heldAsset(hold.market, hold.side)).held -= hold.amountUnits;
      return;
    }
    family.remove(hold, tradedWhole);
    this.linked -= 1;
    family.settle();
    const [last, ...others] = family.members.values();
    if (last === undefined || others.length > 0 || last.doomed) return;
    family.dissolve();
    this.linked -= 1;
  }

  private end(hold: Hold, tradedWhole: boolean): void {
    this.leave(hold, tradedWhole);
    hold.portfolio.openOrders -= 1;
  }

  /** Holds what the order and its family need now if there is as much; else nothing changes. */
  private cover(hold: Hold): number {
    const { portfolio, market, family } = hold;
    if (portfolio.margin !== undefined) return this.coverMargin(hold);
    if (portfolio.kind === 'cash') {
      for (const side of [SIDE_BUY, SIDE_SELL]) {
        let missing = family?.missingUnits(side) ?? 0;
        if (family === undefined && side === hold.side) {
          missing = hold.needUnits() - hold.amountUnits;
        }
        if (missing <= 0) continue;
        const { total, held } = portfolio.balance(heldAsset(market, side));
        if (total - held < missing) return INSUFFICIENT_BALANCE;
      }
    }
    this.settleHold(hold);
    return OK;
  }

  private coverMargin(hold: Hold): number {
    const { counted, portfolio, market } = hold;
    const before = { ...portfolio.margin?.exposure(market.id) } as Exposure;
    count(hold, hold.worstCase());
    const refusal = this.marginRules?.admit(hold, before) ?? LEVERAGE_NOT_ALLOWED;
    if (refusal !== OK) count(hold, counted);
    return refusal;
  }

  private settleHold(hold: Hold): void {
    if (hold.portfolio.margin !== undefined) {
      count(hold, hold.worstCase());
      return;
    }
    if (hold.family !== undefined) {
      hold.family.settle();
      return;
    }
    const amountUnits = hold.needUnits();
    const balance = hold.portfolio.balance(heldAsset(hold.market, hold.side));
    balance.held += amountUnits - hold.amountUnits;
    hold.amountUnits = amountUnits;
  }

  private shrinkHold(orderId: number, remainingLots: number): void {
    const hold = this.holds.get(orderId);
    if (hold === undefined) return;
    hold.traded(remainingLots);
    // Partners that trade with each other: the one that was there first is left with no partner.
    if (!hold.doomed) hold.family?.noteTrade(hold);
    if (remainingLots === 0) this.end(hold, true);
    else this.settleHold(hold);
  }

  private postAll(postings: readonly Posting[]): void {
    for (const posting of postings) {
      this.post(posting);
      for (const id of [posting.fromPortfolioId, posting.toPortfolioId]) {
        const portfolio = this.get(id);
        if (portfolio.margin !== undefined) this.marginTouched.add(portfolio);
      }
    }
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
