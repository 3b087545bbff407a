import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import { isMarginEvent, type MarginEvent } from '../domain/margin-events.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import { isPortfolioEvent, type PortfolioEvent } from '../domain/portfolio-events.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { Ledger } from './ledger.ts';
import { describeEntry, marginProblems } from './margin-audit.ts';
import {
  depositPosting,
  type LedgerMarket,
  listedMarket,
  marginPostings,
  VENUE_PORTFOLIO_ID,
} from './postings.ts';

/** Problems kept; the count goes on. */
const MAX_PROBLEMS = 100;

/**
 * Proves the ledger from the journal. Every balance is kept twice: by the ledger itself, whose
 * postings move an amount from one portfolio to another, and by single entries worked out here
 * from the trade alone (what each side gets, pays and is charged), fees from the listing's rates
 * rather than from the record. At every event
 *  - the sum of every asset over all portfolios stays what it was;
 *  - the fees in a trade are those of the market's listing;
 *  - no cash portfolio falls below zero;
 *  - funding is what position, rate and mark price make of it, and both sides' payments cancel out
 *    but for what rounding leaves to the fund;
 *  - a liquidation begins only with an equity below the maintenance margin;
 * and at the end both sets of balances are equal, and every asset sums to zero.
 */
export class LedgerAudit {
  readonly ledger: Ledger;
  /** Trades and deposits gone through. */
  events = 0;
  private readonly markets = new Map<number, LedgerMarket>();
  /** By portfolio and asset: the balance that single entries lead to. */
  private readonly expected = new Map<string, number>();
  private readonly problemsFound: string[] = [];

  /**
   * @param ledger where to start: an empty one for a whole journal, a snapshot's for what follows it
   * @param markets those listed before the first record
   */
  constructor(ledger = new Ledger([]), markets: Iterable<LedgerMarket> = []) {
    this.ledger = ledger;
    for (const market of markets) this.markets.set(market.id, market);
    for (const portfolio of ledger.portfolios.values()) {
      for (const [asset, { total }] of portfolio.balances) {
        this.expected.set(key(portfolio.id, asset), total);
      }
    }
  }

  /** Goes through one fact of the venue. */
  venueEvent(event: VenueEvent): void {
    switch (event.kind) {
      case 'MarketListed':
        this.markets.set(event.marketId, listedMarket(event));
        return;
      case 'PortfolioOpened':
        if (this.ledger.portfolios.has(event.portfolioId)) {
          this.note(`portfolio ${event.portfolioId} was opened twice`);
        } else this.ledger.openPortfolio(event);
        return;
      case 'FundsDeposited': {
        const { asset, portfolioId, amountUnits } = event;
        const where = `deposit of ${amountUnits} ${asset} to portfolio ${portfolioId}`;
        if (!this.known(where, VENUE_PORTFOLIO_ID, portfolioId)) return;
        this.events += 1;
        this.expect(portfolioId, asset, amountUnits);
        this.expect(VENUE_PORTFOLIO_ID, asset, -amountUnits);
        const { fromPortfolioId, toPortfolioId } = depositPosting(event);
        this.conserving(where, [fromPortfolioId, toPortfolioId], [asset], () =>
          this.ledger.deposit(event),
        );
        return;
      }
      default:
        if (isMarginEvent(event)) this.marginEvent(event);
        else if (isPortfolioEvent(event)) this.portfolioEvent(event);
    }
  }

  /** Goes through what a user did with a portfolio. */
  private portfolioEvent(event: PortfolioEvent): void {
    const moved = portfolioMoves(event);
    const where = `${event.kind} ${moved.map(({ from, to }) => `${from} to ${to}`).join(', ')}`;
    const concerned = moved.flatMap(({ from, to }) => [from, to]);
    if ('portfolioId' in event) concerned.push(event.portfolioId);
    if (!this.known(where, ...concerned)) return;
    if (moved.length > 0) this.events += 1;
    for (const { asset, from, to, units } of moved) {
      if (!(units > 0)) this.note(`${where}: ${units} ${asset} is no amount`);
      this.expect(from, asset, -units);
      this.expect(to, asset, units);
    }
    const assets = [...new Set(moved.map(({ asset }) => asset))];
    this.conserving(where, concerned, assets, () => this.ledger.applyPortfolio(event));
    if (event.kind !== 'PortfolioClosed') return;
    for (const [asset, { total }] of this.ledger.get(event.portfolioId).balances) {
      if (total !== 0) this.note(`${where}: the closed portfolio still has ${total} ${asset}`);
    }
  }

  /** Goes through an entry of a margin portfolio or of a perpetual market. */
  private marginEvent(event: MarginEvent): void {
    for (const problem of marginProblems(event)) this.note(problem);
    const postings = marginPostings(event);
    const where = describeEntry(event);
    const concerned = postings.flatMap((one) => [one.fromPortfolioId, one.toPortfolioId]);
    if ('portfolioId' in event) concerned.push(event.portfolioId);
    if (!this.known(where, ...concerned)) return;
    if (postings.length > 0) this.events += 1;
    for (const { asset, fromPortfolioId, toPortfolioId, units } of postings) {
      this.expect(fromPortfolioId, asset, -units);
      this.expect(toPortfolioId, asset, units);
    }
    const assets = [...new Set(postings.map(({ asset }) => asset))];
    this.conserving(where, concerned, assets, () => this.ledger.applyMargin(event));
  }

  /** Goes through one record of a market; those that change no balance cost nothing. */
  marketRecord(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    if (type !== R.TRADE_EXECUTED && type !== R.AUCTION_TRADE) return;
    const isAuction = type === R.AUCTION_TRADE;
    const marketId = frameMarketId(word);
    const where = `market ${marketId}, seq ${views.f64[(at + R.RECORD_SEQ) >>> 3]}`;
    const market = this.markets.get(marketId);
    if (market === undefined) return this.note(`${where}: a trade in a market never listed`);
    const trade = isAuction ? readAuctionTrade(views, at) : readTrade(views, at);
    const concerned = [VENUE_PORTFOLIO_ID, trade.buyer, trade.seller];
    if (!this.known(where, ...concerned)) return;
    this.events += 1;
    this.expectTrade(where, trade, market);
    this.conserving(where, concerned, [market.base.name, market.quote.name], () => {
      if (isAuction) this.ledger.applyAuctionTrade(views, at, market);
      else this.ledger.applyTrade(views, at, market);
    });
  }

  /** What is wrong, in sentences; empty when all is well. Call it after the last record. */
  end(): string[] {
    const assets = new Set<string>();
    for (const portfolio of this.ledger.portfolios.values()) {
      for (const [asset, { total }] of portfolio.balances) {
        assets.add(asset);
        const expected = this.expected.get(key(portfolio.id, asset)) ?? 0;
        if (expected !== total) {
          this.note(
            `portfolio ${portfolio.id} has ${total} ${asset}, its trades and deposits lead to ${expected}`,
          );
        }
      }
    }
    for (const asset of assets) {
      const sum = this.ledger.sumOf(asset);
      if (sum !== 0n) this.note(`${asset} sums to ${sum} over all portfolios, not to zero`);
    }
    return this.problemsFound;
  }

  private expectTrade(where: string, trade: Trade, market: LedgerMarket): void {
    const { buyer, seller, qtyLots, priceTicks } = trade;
    const notional = priceTicks * qtyLots * market.quoteUnitsPerTickLot;
    const buyerFee = feeUnits(notional, market[trade.buyerRate]);
    const sellerFee = feeUnits(notional, market[trade.sellerRate]);
    if (trade.buyerFeeUnits !== buyerFee || trade.sellerFeeUnits !== sellerFee) {
      this.note(
        `${where}: fees are ${trade.buyerFeeUnits} and ${trade.sellerFeeUnits}, the listing says ` +
          `${buyerFee} and ${sellerFee}`,
      );
    }
    const bought = qtyLots * market.baseUnitsPerLot;
    const { base, quote } = market;
    this.expect(buyer, base.name, bought);
    this.expect(buyer, quote.name, -notional - buyerFee);
    this.expect(seller, base.name, -bought);
    this.expect(seller, quote.name, notional - sellerFee);
    this.expect(VENUE_PORTFOLIO_ID, quote.name, buyerFee + sellerFee);
  }

  private expect(portfolioId: number, asset: string, units: number): void {
    const at = key(portfolioId, asset);
    this.expected.set(at, (this.expected.get(at) ?? 0) + units);
  }

  /** Runs a change of the ledger and checks that it moved assets without making or losing any. */
  private conserving(
    where: string,
    portfolioIds: readonly number[],
    assets: readonly string[],
    change: () => void,
  ): void {
    const concerned = [...new Set(portfolioIds)].map((id) => this.ledger.get(id));
    const sum = (asset: string): bigint =>
      concerned.reduce((total, portfolio) => total + BigInt(portfolio.balance(asset).total), 0n);
    const before = assets.map(sum);
    change();
    assets.forEach((asset, i) => {
      const made = sum(asset) - before[i];
      if (made !== 0n) this.note(`${where}: ${made} ${asset} came from nowhere`);
    });
    for (const { id, kind, balances } of concerned) {
      if (kind !== 'cash') continue;
      for (const asset of assets) {
        const total = balances.get(asset)?.total ?? 0;
        if (total < 0) this.note(`${where}: cash portfolio ${id} has ${total} ${asset}`);
      }
    }
  }

  private known(where: string, ...portfolioIds: readonly number[]): boolean {
    const missing = portfolioIds.find((id) => !this.ledger.portfolios.has(id));
    if (missing === undefined) return true;
    this.note(`${where}: portfolio ${missing} was never opened`);
    return false;
  }

  private note(problem: string): void {
    if (this.problemsFound.length < MAX_PROBLEMS) this.problemsFound.push(problem);
  }
}

/** What a portfolio's event moves, told from the event itself. */
function portfolioMoves(event: PortfolioEvent) {
  if (event.kind === 'FundsTransferred') {
    const { fromPortfolioId: from, toPortfolioId: to, asset, amountUnits: units } = event;
    return [{ from, to, asset, units }];
  }
  if (event.kind !== 'PortfolioClosed') return [];
  const { portfolioId: from, toPortfolioId: to, moved } = event;
  return moved.map(([asset, units]) => ({ from, to, asset, units }));
}

type Rate = 'makerFeePpm' | 'takerFeePpm' | 'auctionFeePpm';

/** A trade of either kind, by who bought and who sold. */
interface Trade {
  readonly buyer: number;
  readonly seller: number;
  readonly qtyLots: number;
  readonly priceTicks: number;
  readonly buyerFeeUnits: number;
  readonly sellerFeeUnits: number;
  readonly buyerRate: Rate;
  readonly sellerRate: Rate;
}

function readTrade({ f64, i32, u8 }: FrameViews, at: number): Trade {
  const maker = i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2];
  const taker = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
  const makerFee = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
  const takerFee = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
  const takerBuys = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY;
  return {
    buyer: takerBuys ? taker : maker,
    seller: takerBuys ? maker : taker,
    qtyLots: f64[(at + R.TRADE_QTY_LOTS) >>> 3],
    priceTicks: f64[(at + R.TRADE_PRICE_TICKS) >>> 3],
    buyerFeeUnits: takerBuys ? takerFee : makerFee,
    sellerFeeUnits: takerBuys ? makerFee : takerFee,
    buyerRate: takerBuys ? 'takerFeePpm' : 'makerFeePpm',
    sellerRate: takerBuys ? 'makerFeePpm' : 'takerFeePpm',
  };
}

function readAuctionTrade({ f64, i32 }: FrameViews, at: number): Trade {
  return {
    buyer: i32[(at + R.AUCTION_BID_PORTFOLIO_ID) >>> 2],
    seller: i32[(at + R.AUCTION_ASK_PORTFOLIO_ID) >>> 2],
    qtyLots: f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3],
    priceTicks: f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3],
    buyerFeeUnits: f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3],
    sellerFeeUnits: f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3],
    buyerRate: 'auctionFeePpm',
    sellerRate: 'auctionFeePpm',
  };
}

function key(portfolioId: number, asset: string): string {
  return `${portfolioId}/${asset}`;
}
