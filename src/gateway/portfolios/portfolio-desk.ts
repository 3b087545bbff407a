import { LIMITS } from '../../config/limits.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Asset } from '../../domain/markets.ts';
import * as C from '../../domain/result-codes.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import { VENUE_PORTFOLIO_ID } from '../../ledger/postings.ts';
import type { Accounts } from '../accounts.ts';
import type { CancelAllReply, CancelAllRequest } from '../venue.ts';
import type { Holding, PortfolioBook, PortfolioInfo, TransferView } from './portfolio-book.ts';
import { PortfolioClosing } from './portfolio-closing.ts';
import type {
  ClosedPortfolio,
  CreatePortfolio,
  EditPortfolio,
  PortfolioVenue,
  RecordHolding,
  TransferRequest,
} from './portfolio-venue.ts';
import { Turns } from './turns.ts';

export interface PortfolioDeskParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly cashAssets: ReadonlyMap<string, Asset>;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly cancelAll: (request: CancelAllRequest, done: (reply: CancelAllReply) => void) => void;
  /** Why nothing is taken now, or `OK`. */
  readonly refusal: () => number;
  /** True while a strategy trades for the portfolio. */
  readonly isDeployed: (portfolioId: number) => boolean;
}

/** What users ask of their portfolios. One user's requests are carried out one after the other. */
export class PortfolioDesk implements PortfolioVenue {
  readonly cashAssets: ReadonlyMap<string, Asset>;
  private readonly parts: PortfolioDeskParts;
  private readonly book: PortfolioBook;
  private readonly assets = new Map<string, Asset>();
  private readonly turns = new Turns();
  private readonly closing: PortfolioClosing;

  constructor(parts: PortfolioDeskParts) {
    this.parts = parts;
    this.book = parts.accounts.book;
    this.cashAssets = parts.cashAssets;
    for (const { base, quote } of parts.markets.all) {
      this.assets.set(base.name, base).set(quote.name, quote);
    }
    this.closing = new PortfolioClosing({ ...parts, book: this.book, asset: (n) => this.known(n) });
  }

  info(portfolioId: number): PortfolioInfo | undefined {
    return this.book.info(portfolioId);
  }

  list(userId: number): readonly PortfolioInfo[] {
    return this.book.of(userId);
  }

  asset(name: string): Asset | undefined {
    return this.assets.get(name);
  }

  transfers(portfolioId: number): readonly TransferView[] {
    return this.book.transfersOf(portfolioId);
  }

  holdings(portfolioId: number): readonly Holding[] {
    return this.book.holdingsOf(portfolioId);
  }

  holding(holdingId: number): Holding | undefined {
    return this.book.holding(holdingId);
  }

  create(request: CreatePortfolio): Promise<PortfolioInfo | number> {
    const { userId, title, description, currency, initialUnits } = request;
    return this.inTurn(userId, async () => {
      if (this.book.of(userId).length >= LIMITS.portfoliosPerUser) return C.TOO_MANY_RECORDS;
      const code = initialUnits === 0 ? C.OK : this.mayPayIn(currency, initialUnits);
      if (code !== C.OK) return code;
      const portfolioId = this.parts.accounts.takePortfolioId();
      const opened = this.parts.record({
        kind: 'PortfolioOpened',
        portfolioId,
        userId,
        portfolioKind: 'cash',
        // Others' names stay free: the venue finds its own portfolios by theirs.
        name: `portfolio-${portfolioId}`,
        title,
        description,
        currency: currency.name,
      });
      const asset = currency.name;
      const paid =
        initialUnits > 0 &&
        this.parts.record({
          kind: 'FundsDeposited',
          portfolioId,
          asset,
          amountUnits: initialUnits,
        });
      await Promise.all([opened, paid]);
      return this.book.info(portfolioId) ?? C.UNKNOWN_PORTFOLIO;
    });
  }

  edit(request: EditPortfolio): Promise<PortfolioInfo | number> {
    const { userId, portfolioId, title, description } = request;
    return this.inTurn(userId, async () => {
      if (!this.isOpen(userId, portfolioId)) return C.UNKNOWN_PORTFOLIO;
      await this.parts.record({ kind: 'PortfolioEdited', portfolioId, title, description });
      return this.book.info(portfolioId) ?? C.UNKNOWN_PORTFOLIO;
    });
  }

  close(userId: number, portfolioId: number, force: boolean): Promise<ClosedPortfolio | number> {
    return this.inTurn(userId, async () => {
      if (!this.isOpen(userId, portfolioId)) return C.UNKNOWN_PORTFOLIO;
      return this.closing.close(userId, portfolioId, force);
    });
  }

  transfer(request: TransferRequest): Promise<TransferView | number> {
    const { userId, portfolioId, otherPortfolioId, direction, asset, amountUnits, note } = request;
    return this.inTurn(userId, async () => {
      const other = otherPortfolioId ?? VENUE_PORTFOLIO_ID;
      const [fromPortfolioId, toPortfolioId] =
        direction === 'in' ? [other, portfolioId] : [portfolioId, other];
      const isOwn = this.isOpen(userId, portfolioId) && other !== portfolioId;
      if (!isOwn || (otherPortfolioId !== undefined && !this.isOpen(userId, otherPortfolioId))) {
        return C.UNKNOWN_PORTFOLIO;
      }
      const release = this.reserve(fromPortfolioId, asset, amountUnits);
      if (typeof release === 'number') return release;
      try {
        await this.parts.record({
          kind: 'FundsTransferred',
          fromPortfolioId,
          toPortfolioId,
          asset: asset.name,
          amountUnits,
          note,
        });
      } finally {
        release();
      }
      return this.book.transfersOf(portfolioId).at(-1) ?? C.UNKNOWN_PORTFOLIO;
    });
  }

  recordHolding(request: RecordHolding): Promise<Holding | number> {
    const { userId, portfolioId, market, qtyLots, costUnits } = request;
    return this.inTurn(userId, async () => {
      if (!this.isOpen(userId, portfolioId)) return C.UNKNOWN_PORTFOLIO;
      const { length } = this.book.holdingsOf(portfolioId);
      if (length >= LIMITS.holdingsPerPortfolio) return C.TOO_MANY_RECORDS;
      if (costUnits > market.maxNotionalUnits) return C.NOTIONAL_ABOVE_MAXIMUM;
      const holdingId = this.book.takeHoldingId();
      await this.parts.record({
        kind: 'HoldingRecorded',
        holdingId,
        portfolioId,
        marketId: market.id,
        qtyLots,
        costUnits,
      });
      return this.book.holding(holdingId) ?? C.UNKNOWN_POSITION;
    });
  }

  removeHolding(userId: number, holdingId: number): Promise<Holding | number> {
    return this.inTurn(userId, async () => {
      const holding = this.book.holding(holdingId);
      if (holding === undefined || !this.isOpen(userId, holding.portfolioId)) {
        return C.UNKNOWN_POSITION;
      }
      const { portfolioId } = holding;
      await this.parts.record({ kind: 'HoldingRemoved', holdingId, portfolioId });
      return holding;
    });
  }

  private isOpen(userId: number, portfolioId: number): boolean {
    const info = this.book.info(portfolioId);
    return info !== undefined && info.userId === userId && !info.isClosed;
  }

  /** Money comes in from outside where all of it is play money, and not without a bound. */
  private mayPayIn({ name }: Asset, units: number): number {
    if (!this.parts.markets.hasPlayMoney) return C.DEPOSITS_CLOSED;
    return this.parts.accounts.hasRoomFor(name, units) ? C.OK : C.AMOUNT_TOO_LARGE;
  }

  /**
   * Makes sure that an amount stays where it is until it has gone.
   * @returns what ends that, or why the amount cannot go
   */
  private reserve(portfolioId: number, asset: Asset, units: number): (() => void) | number {
    if (portfolioId === VENUE_PORTFOLIO_ID) {
      const code = this.mayPayIn(asset, units);
      return code === C.OK ? () => undefined : code;
    }
    const portfolio = this.parts.ledger.get(portfolioId);
    if (portfolio.margin !== undefined) return this.reserveCollateral(portfolio, asset, units);
    const balance = portfolio.balance(asset.name);
    if (balance.total - balance.held < units) return C.INSUFFICIENT_BALANCE;
    balance.held += units;
    return () => {
      balance.held -= units;
    };
  }

  /** A margin portfolio holds nothing for an order: it takes none until the collateral has gone. */
  private reserveCollateral(
    portfolio: Portfolio,
    { name }: Asset,
    units: number,
  ): (() => void) | number {
    if (portfolio.margin?.liquidations.has(name)) return C.PORTFOLIO_IN_LIQUIDATION;
    const account = this.parts.ledger.marginRules?.account(portfolio, name);
    if (account === undefined || account.equityUnits - account.initialUnits < units) {
      return C.INSUFFICIENT_BALANCE;
    }
    // Profit that is not taken yet is no money that could leave.
    if (account.walletUnits < units) return C.INSUFFICIENT_BALANCE;
    portfolio.locked = true;
    return () => {
      portfolio.locked = false;
    };
  }

  private known(name: string): Asset {
    return this.assets.get(name) ?? { name, decimals: 0 };
  }

  private inTurn<T>(userId: number, work: () => Promise<T | number>): Promise<T | number> {
    return this.turns.take(userId, async () => {
      const refusal = this.parts.refusal();
      if (refusal !== C.OK) return refusal;
      try {
        return await work();
      } catch {
        // A fact could not be written: what became of it is known after a restart.
        return C.JOURNAL_UNAVAILABLE;
      }
    });
  }
}
