import { feeUnits } from '../../domain/fees.ts';
import type { LiquidatedPosition, MarginEvent } from '../../domain/margin-events.ts';
import type { Market } from '../../domain/markets.ts';
import { PHASE_CONTINUOUS, SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarginAccount, MarginRules } from '../../ledger/margin.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { LiquidationWatch, type WatchedAccount } from './liquidation-watch.ts';

/** One step takes what the other side shows up to so far from its best price, basis points. */
const STEP_DEPTH_BPS = 100;

export interface LiquidatorParts {
  readonly markets: readonly Market[];
  readonly ledger: Ledger;
  readonly rules: MarginRules;
  readonly views: MarketViews;
  readonly fundPortfolioId: number;
  /** Resolves when the entry is durable and applied. */
  readonly record: (event: MarginEvent) => Promise<void>;
  /** Cancels all orders of the portfolio in the market; done when that is durable. */
  readonly cancelAll: (market: Market, portfolioId: number, done: () => void) => void;
  /** Sends a liquidation order; `done` is called with its result code when its outcome is durable. */
  readonly close: (
    market: Market,
    portfolioId: number,
    side: number,
    qtyLots: number,
    done: (code: number) => void,
  ) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Closes the positions of margin portfolios that no longer have their maintenance margin: cancels
 * their orders, then closes position after position by reduce-only market orders, as much at a time
 * as the book takes well, until they have their initial margin again or nothing is left. What is
 * then missing the insurance fund pays. That a liquidation is under way is in the journal, so a
 * process that comes after a crash goes on with it, from what the portfolio has by then.
 *
 * Driven by `step`, after mark prices were worked out. It reads no clock.
 */
export class Liquidator {
  /** Liquidations begun since the process started. */
  startedTotal = 0;
  private readonly parts: LiquidatorParts;
  private readonly watch: LiquidationWatch;
  /** Accounts whose liquidation is under way. */
  private readonly underWay = new Set<WatchedAccount>();

  constructor(parts: LiquidatorParts) {
    this.parts = parts;
    this.watch = new LiquidationWatch(parts.markets, parts.views);
    for (const portfolio of parts.ledger.portfolios.values()) {
      if (portfolio.margin !== undefined) parts.ledger.marginTouched.add(portfolio);
    }
  }

  /** Accounts whose positions are being closed now. */
  get active(): number {
    return this.underWay.size;
  }

  /** Looks at whoever changed or whose price was reached, and goes on with what is under way. */
  step(): void {
    const { marginTouched } = this.parts.ledger;
    for (const portfolio of marginTouched) {
      for (const account of this.watch.accountsOf(portfolio)) this.look(account);
    }
    marginTouched.clear();
    // All of them first: who is looked at may be due again at the same price.
    const due: WatchedAccount[] = [];
    for (let one = this.watch.next(); one !== undefined; one = this.watch.next()) due.push(one);
    for (const account of due) this.look(account);
    for (const account of this.underWay) if (!account.busy) this.advance(account);
  }

  /** Takes an account over if it has too little; else says at which prices to look again. */
  private look(account: WatchedAccount): void {
    const { portfolio, asset } = account;
    if (portfolio.margin?.liquidations.has(asset)) {
      this.underWay.add(account);
      return;
    }
    if (account.busy) return;
    const state = this.parts.rules.account(portfolio, asset);
    if (state.equityUnits >= state.maintenanceUnits) this.watch.set(account, state);
    else this.begin(account, state);
  }

  private begin(account: WatchedAccount, state: MarginAccount): void {
    const { portfolio, asset } = account;
    const positions: LiquidatedPosition[] = [];
    let feePpm = 0;
    for (const market of this.openMarkets(portfolio, asset)) {
      const { maintenancePpm = 0, liquidationFeePpm = 0 } = market.margin ?? {};
      positions.push({
        marketId: market.id,
        qtyLots: portfolio.position(market.id).qtyLots,
        markTicks: this.viewOf(market)?.derivatives.markTicks ?? 0,
        quoteUnitsPerTickLot: market.quoteUnitsPerTickLot,
        maintenancePpm,
      });
      feePpm = Math.max(feePpm, liquidationFeePpm);
    }
    this.startedTotal += 1;
    this.record(account, {
      kind: 'LiquidationStarted',
      portfolioId: portfolio.id,
      asset,
      balanceUnits: portfolio.balance(asset).total,
      equityUnits: state.equityUnits,
      maintenanceUnits: state.maintenanceUnits,
      positions,
      feePpm,
    });
    this.underWay.add(account);
  }

  /** One step of a liquidation that is durable: the first of these that there is to do. */
  private advance(account: WatchedAccount): void {
    const { portfolio, asset } = account;
    if (!portfolio.margin?.liquidations.has(asset)) {
      // It has ended, or its beginning never became durable.
      this.underWay.delete(account);
      this.parts.ledger.marginTouched.add(portfolio);
      return;
    }
    const open = this.parts.markets.filter(
      (market) =>
        market.quote.name === asset && (portfolio.margin?.exposure(market.id).orders ?? 0) > 0,
    );
    if (open.length > 0) return this.cancel(account, open);
    const state = this.parts.rules.account(portfolio, asset);
    const isHealthy = state.positions === 0 || state.equityUnits >= state.initialUnits;
    if (isHealthy) return this.end(account, state);
    const largest = this.openMarkets(portfolio, asset)
      .filter((market) => this.isTrading(market))
      .sort((a, b) => this.maintenance(portfolio, b) - this.maintenance(portfolio, a));
    for (const market of largest) {
      const { qtyLots } = portfolio.position(market.id);
      const side = qtyLots > 0 ? SIDE_SELL : SIDE_BUY;
      const lots = Math.min(Math.abs(qtyLots), market.maxQtyLots, this.takenLots(market, side));
      if (lots === 0) continue;
      account.busy = true;
      this.parts.close(market, portfolio.id, side, lots, () => {
        account.busy = false;
      });
      return;
    }
  }

  /** Where an exchange is followed, or is switched off, a position waits until it is traded here again. */
  private isTrading(market: Market): boolean {
    if (market.source === 'live' || market.source === 'off') return false;
    return this.viewOf(market)?.ticker.phase === PHASE_CONTINUOUS;
  }

  private cancel(account: WatchedAccount, markets: readonly Market[]): void {
    let waiting = markets.length;
    account.busy = true;
    for (const market of markets) {
      this.parts.cancelAll(market, account.portfolio.id, () => {
        waiting -= 1;
        if (waiting === 0) account.busy = false;
      });
    }
  }

  private end(account: WatchedAccount, state: MarginAccount): void {
    const { portfolio, asset } = account;
    const { ledger, fundPortfolioId } = this.parts;
    const liquidation = portfolio.margin?.liquidations.get(asset);
    const { closedUnits = 0, feePpm = 0 } = liquidation ?? {};
    const fee = feeUnits(closedUnits, feePpm);
    const insuredUnits = state.positions === 0 ? Math.max(0, -state.equityUnits) : 0;
    const fundUnits = Math.max(0, ledger.get(fundPortfolioId).balance(asset).total);
    this.record(account, {
      kind: 'LiquidationEnded',
      portfolioId: portfolio.id,
      asset,
      fundPortfolioId,
      feeUnits: Math.max(0, Math.min(fee, state.equityUnits - state.initialUnits)),
      insuredUnits,
      uncoveredUnits: Math.max(0, insuredUnits - fundUnits),
    });
  }

  private record(account: WatchedAccount, event: MarginEvent): void {
    account.busy = true;
    this.parts.record(event).then(
      () => {
        account.busy = false;
      },
      (error: unknown) => {
        account.busy = false;
        this.parts.onError(error);
      },
    );
  }

  /** What the side that is taken from shows near its best price, at least a lot where it shows any. */
  private takenLots(market: Market, side: number): number {
    const view = this.viewOf(market);
    if (view === undefined) return 0;
    const levels = side === SIDE_BUY ? view.depth.asks : view.depth.bids;
    if (levels.length === 0) return 0;
    const reach = (levels.pricesTicks[0] * STEP_DEPTH_BPS) / 10_000;
    let lots = 0;
    for (let i = 0; i < levels.length; i += 1) {
      if (Math.abs(levels.pricesTicks[i] - levels.pricesTicks[0]) > reach) break;
      lots += levels.qtysLots[i];
    }
    return lots;
  }

  private openMarkets(portfolio: Portfolio, asset: string): Market[] {
    return this.parts.markets.filter(
      ({ id, quote }) => quote.name === asset && (portfolio.positions.get(id)?.qtyLots ?? 0) !== 0,
    );
  }

  private maintenance(portfolio: Portfolio, market: Market): number {
    return this.parts.rules.maintenanceUnits(market, portfolio.position(market.id).qtyLots);
  }

  private viewOf(market: Market): MarketView | undefined {
    return this.parts.views.get(market.id);
  }
}
