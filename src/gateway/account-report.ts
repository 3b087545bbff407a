import type { MarketRegistry } from '../config/markets.ts';
import { isMarginEvent } from '../domain/margin-events.ts';
import type { Asset, Market } from '../domain/markets.ts';
import { isPortfolioEvent, type PortfolioEvent } from '../domain/portfolio-events.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { MarginRules } from '../ledger/margin.ts';
import type { HeldPosition, Portfolio } from '../ledger/portfolio.ts';
import { assert } from '../lib/assert.ts';
import type { MarketViews } from '../projections/market-view.ts';
import type {
  Account,
  AccountBalance,
  AccountCollateral,
  AccountPosition,
  PortfolioSummary,
} from './account.ts';
import { standingMarkTicks } from './margin/mark-prices.ts';
import type { PortfolioBook } from './portfolios/portfolio-book.ts';

type Margins = Pick<
  AccountPosition,
  'leverage' | 'initialMarginUnits' | 'maintenanceMarginUnits' | 'liquidationTicks'
>;

const NO_MARGINS: Margins = {
  leverage: 1,
  initialMarginUnits: 0,
  maintenanceMarginUnits: 0,
  liquidationTicks: null,
};

export interface AccountListener {
  /**
   * Balances or positions of a user's portfolio changed; told once per turn. `Venue.account` reads
   * them. `sequence` counts the portfolio's changes since the process started.
   */
  onAccountChanged?(userId: number, portfolioId: number, sequence: number): void;
}

export interface AccountReportParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly views: MarketViews;
  readonly rules: MarginRules;
  readonly book: PortfolioBook;
}

/** Puts together what a portfolio has from the ledger, valued by the markets' views. */
export class AccountReport {
  private readonly parts: AccountReportParts;
  private readonly assets = new Map<string, Asset>();
  /** By portfolio: changes since the process started. */
  private readonly sequences = new Map<number, number>();
  /** Users' portfolios that changed in this turn. */
  private readonly touched = new Set<Portfolio>();

  constructor(parts: AccountReportParts) {
    this.parts = parts;
    for (const { base, quote } of parts.markets.all) {
      this.assets.set(base.name, base);
      this.assets.set(quote.name, quote);
    }
  }

  /** Balances or positions of the portfolio changed. */
  touch(portfolio: Portfolio): void {
    if (portfolio.userId > 0) this.touched.add(portfolio);
  }

  /** Takes in a fact of the venue that was applied. */
  noteFact(event: VenueEvent): void {
    if (event.kind === 'FundingSettled') {
      for (const [portfolioId] of event.payments) this.touchId(portfolioId);
    } else if (isMarginEvent(event) && 'portfolioId' in event) this.touchId(event.portfolioId);
    else if (event.kind === 'PortfolioOpened' || event.kind === 'FundsDeposited') {
      this.touchId(event.portfolioId);
    } else if (isPortfolioEvent(event)) this.notePortfolio(event);
  }

  private notePortfolio(event: PortfolioEvent): void {
    if ('portfolioId' in event) this.touchId(event.portfolioId);
    if ('toPortfolioId' in event) this.touchId(event.toPortfolioId);
    if ('fromPortfolioId' in event) this.touchId(event.fromPortfolioId);
  }

  private touchId(portfolioId: number): void {
    this.touch(this.parts.ledger.get(portfolioId));
  }

  /** Tells what changed since the last call. */
  tell(listener: AccountListener | undefined): void {
    if (this.touched.size === 0) return;
    for (const { id, userId } of this.touched) {
      const sequence = (this.sequences.get(id) ?? 0) + 1;
      this.sequences.set(id, sequence);
      listener?.onAccountChanged?.(userId, id, sequence);
    }
    this.touched.clear();
  }

  portfolios(userId: number): PortfolioSummary[] {
    return [...this.parts.ledger.portfolios.values()]
      .filter((portfolio) => portfolio.userId === userId)
      .map(({ id, kind, name }) => ({ portfolioId: id, kind, name }))
      .filter(({ portfolioId }) => this.parts.book.info(portfolioId)?.isClosed !== true);
  }

  account(portfolioId: number): Account | undefined {
    const portfolio = this.parts.ledger.portfolios.get(portfolioId);
    if (portfolio === undefined) return undefined;
    const { userId, kind, name } = portfolio;
    return {
      portfolioId,
      userId,
      kind,
      name,
      balances: portfolio.margin === undefined ? this.balances(portfolio) : this.wallets(portfolio),
      positions: this.positions(portfolio),
      collateral: this.collateral(portfolio),
      sequence: this.sequences.get(portfolioId) ?? 0,
    };
  }

  private balances({ balances }: Portfolio): AccountBalance[] {
    return [...balances].map(([name, { total, held }]) => ({
      asset: this.asset(name),
      totalUnits: total,
      heldUnits: held,
      freeUnits: Math.max(0, total - held),
    }));
  }

  private wallets(portfolio: Portfolio): AccountBalance[] {
    return this.collateral(portfolio).map((one) => ({
      asset: one.asset,
      totalUnits: one.walletUnits,
      heldUnits: one.initialMarginUnits,
      freeUnits: one.freeUnits,
    }));
  }

  /** Of each asset that margin markets settle in and the portfolio has, or had, any of. */
  private collateral(portfolio: Portfolio): AccountCollateral[] {
    const { margin } = portfolio;
    if (margin === undefined) return [];
    const settled = new Set(this.parts.markets.all.map((market) => market.quote.name));
    return [...portfolio.balances.keys()]
      .filter((name) => settled.has(name))
      .map((name) => {
        const account = this.parts.rules.account(portfolio, name);
        const { walletUnits, equityUnits, initialUnits, maintenanceUnits } = account;
        return {
          asset: this.asset(name),
          walletUnits,
          unrealisedUnits: equityUnits - walletUnits,
          equityUnits,
          initialMarginUnits: initialUnits,
          maintenanceMarginUnits: maintenanceUnits,
          freeUnits: Math.max(0, equityUnits - initialUnits),
          inLiquidation: margin.liquidations.has(name),
        };
      });
  }

  private positions(portfolio: Portfolio): AccountPosition[] {
    const { markets } = this.parts;
    return [...portfolio.positions.keys()]
      .sort((a, b) => a - b)
      .map((id) => markets.get(id))
      .filter((market) => market !== undefined)
      .map((market) => this.position(portfolio, market, portfolio.position(market.id)));
  }

  private position(portfolio: Portfolio, market: Market, position: HeldPosition): AccountPosition {
    const { qtyLots, costUnits, realisedUnits, feeUnits, fundingUnits, opened } = position;
    const priceTicks = this.priceTicks(portfolio, market);
    const valueUnits = qtyLots * priceTicks * market.quoteUnitsPerTickLot;
    return {
      positionId: qtyLots === 0 ? null : `pos_${portfolio.id}_${market.id}_${opened}`,
      market,
      qtyLots,
      costUnits,
      realisedUnits,
      feeUnits,
      fundingUnits,
      priceTicks,
      unrealisedUnits: priceTicks === 0 ? 0 : valueUnits - costUnits,
      ...this.margins(portfolio, market, qtyLots),
    };
  }

  private margins(portfolio: Portfolio, market: Market, qtyLots: number): Margins {
    const { margin } = portfolio;
    if (margin === undefined) return NO_MARGINS;
    const { rules } = this.parts;
    return {
      leverage: margin.leverage(market.id),
      initialMarginUnits: rules.initialUnits(portfolio, market),
      maintenanceMarginUnits: rules.maintenanceUnits(market, qtyLots),
      liquidationTicks: rules.liquidationTicks(portfolio, market),
    };
  }

  /** Margin portfolios are valued at the mark, which liquidates them; others at the newest trade. */
  private priceTicks(portfolio: Portfolio, market: Market): number {
    const view = this.parts.views.get(market.id);
    assert(view !== undefined, `market ${market.id} has a view`);
    if (portfolio.margin !== undefined) return standingMarkTicks(view);
    return view.ticker.lastPriceTicks || view.derivatives.markTicks;
  }

  /** One that no market here trades (any more) is shown in its smallest units. */
  private asset(name: string): Asset {
    return this.assets.get(name) ?? { name, decimals: 0 };
  }
}
