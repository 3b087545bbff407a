import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { Ledger } from './ledger.ts';
import { depositPosting, type LedgerMarket, listedMarket, VENUE_PORTFOLIO_ID } from './postings.ts';

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
    }
  }

  /** Goes through one record of a market; those that change no balance cost nothing. */
  marketRecord(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    if (frameType(word) !== R.TRADE_EXECUTED) return;
    const { f64, i32 } = views;
    const marketId = frameMarketId(word);
    const where = `market ${marketId}, seq ${f64[(at + R.RECORD_SEQ) >>> 3]}`;
    const market = this.markets.get(marketId);
    if (market === undefined) return this.note(`${where}: a trade in a market never listed`);
    const maker = i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2];
    const taker = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
    if (!this.known(where, VENUE_PORTFOLIO_ID, maker, taker)) return;
    this.events += 1;
    this.expectTrade(where, views, at, market, maker, taker);
    const concerned = [VENUE_PORTFOLIO_ID, maker, taker];
    this.conserving(where, concerned, [market.base.name, market.quote.name], () =>
      this.ledger.applyTrade(views, at, market),
    );
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

  private expectTrade(
    where: string,
    { f64, u8 }: FrameViews,
    at: number,
    market: LedgerMarket,
    maker: number,
    taker: number,
  ): void {
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    const notional = priceTicks * qtyLots * market.quoteUnitsPerTickLot;
    const makerFee = feeUnits(notional, market.makerFeePpm);
    const takerFee = feeUnits(notional, market.takerFeePpm);
    const recordedMaker = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    const recordedTaker = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    if (recordedMaker !== makerFee || recordedTaker !== takerFee) {
      this.note(
        `${where}: fees are ${recordedMaker} and ${recordedTaker}, the listing says ${makerFee} and ${takerFee}`,
      );
    }
    const bought = qtyLots * market.baseUnitsPerLot;
    const sign = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY ? 1 : -1;
    const { base, quote } = market;
    this.expect(taker, base.name, sign * bought);
    this.expect(taker, quote.name, -sign * notional - takerFee);
    this.expect(maker, base.name, -sign * bought);
    this.expect(maker, quote.name, sign * notional - makerFee);
    this.expect(VENUE_PORTFOLIO_ID, quote.name, makerFee + takerFee);
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

function key(portfolioId: number, asset: string): string {
  return `${portfolioId}/${asset}`;
}
