import type { MarketRegistry } from '../../config/markets.ts';
import type { Asset, Market } from '../../domain/markets.ts';
import {
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_MARKET,
  SIDE_BUY,
  SIDE_SELL,
  TIF_IOC,
} from '../../domain/orders.ts';
import * as C from '../../domain/result-codes.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { MarginRules } from '../../ledger/margin.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import { parseScaled } from '../../lib/fixed-point.ts';
import type {
  Derivatives,
  FundingPoint,
  LiquidationFill,
  OpenInterestPoint,
} from '../../projections/derivatives.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import type { Account } from '../account.ts';
import { type Accounts, ensurePortfolio } from '../accounts.ts';
import type { OrderReply, PlaceRequest } from '../venue.ts';
import type {
  ClosePositionRequest,
  HistoryRange,
  LeverageRequest,
  MarginVenue,
  OpenPositionRequest,
  PositionReply,
} from './margin-venue.ts';
import { standingMarkTicks } from './mark-prices.ts';

/** A user's margin portfolio goes by this name. */
const MARGIN_PORTFOLIO = 'margin';

export interface MarginDeskParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly views: MarketViews;
  readonly openingCollateral?: ReadonlyMap<string, string>;
  /** Resolves when the fact or entry is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly place: (request: PlaceRequest, done: (reply: OrderReply) => void) => void;
  readonly account: (portfolioId: number) => Account | undefined;
  /** Why nothing is taken now, or `OK`. */
  readonly refusal: () => number;
}

/** Leveraged trading as users ask for it, and the figures of perpetual markets. */
export class MarginDesk implements MarginVenue {
  readonly rules: MarginRules;
  private readonly parts: MarginDeskParts;
  /** Margin portfolios being opened, by user. */
  private readonly opening = new Map<number, Promise<number>>();

  constructor(parts: MarginDeskParts) {
    const { ledger, views } = parts;
    this.parts = parts;
    this.rules = new MarginRules({
      marketOf: (marketId) => ledger.marketOf(marketId),
      markTicks: (marketId) => {
        const view = views.get(marketId);
        return view === undefined ? 0 : standingMarkTicks(view);
      },
    });
    ledger.marginRules = this.rules;
  }

  marginPortfolioId(userId: number): number | undefined {
    return this.parts.accounts.portfolioIdByName(userId, MARGIN_PORTFOLIO);
  }

  openPosition(request: OpenPositionRequest, done: (reply: PositionReply) => void): void {
    const { userId, market, side, qtyLots, leverage, clientOrderId } = request;
    this.lever({ userId, market, leverage }).then(
      (code) => {
        const portfolioId = this.marginPortfolioId(userId);
        if (code !== C.OK || portfolioId === undefined) return done(denied(code));
        const terms = { side, orderType: ORDER_TYPE_MARKET, tif: TIF_IOC, flags: 0, priceTicks: 0 };
        // Its worst price must be paid for: not more than a quarter of the margin above the best.
        const collarBps = Math.min(market.marketCollarBps, Math.floor(2500 / leverage));
        const whose = { userId, portfolioId, clientOrderId };
        const order = { ...terms, ...whose, market, qtyLots, collarBps };
        this.place(order, done);
      },
      () => done(denied(C.JOURNAL_UNAVAILABLE)),
    );
  }

  closePosition({ userId, positionId }: ClosePositionRequest, done: Done): void {
    const [, portfolioId, marketId, opened] = /^pos_(\d+)_(\d+)_(\d+)$/.exec(positionId) ?? [];
    const portfolio = this.parts.ledger.portfolios.get(Number(portfolioId));
    const market = this.parts.markets.get(Number(marketId));
    const position = portfolio?.positions.get(Number(marketId));
    const isOwn = portfolio?.userId === userId && position?.opened === Number(opened);
    if (portfolio === undefined || market === undefined || position === undefined || !isOwn) {
      return done(denied(C.UNKNOWN_POSITION));
    }
    if (position.qtyLots === 0) return done(denied(C.UNKNOWN_POSITION));
    const order = {
      market,
      userId,
      portfolioId: portfolio.id,
      side: position.qtyLots > 0 ? SIDE_SELL : SIDE_BUY,
      orderType: ORDER_TYPE_MARKET,
      tif: TIF_IOC,
      flags: ORDER_FLAG_REDUCE_ONLY,
      priceTicks: 0,
      qtyLots: Math.abs(position.qtyLots),
      clientOrderId: '',
    };
    this.place(order, done);
  }

  setLeverage(request: LeverageRequest, done: (code: number) => void): void {
    this.lever(request).then(done, () => done(C.JOURNAL_UNAVAILABLE));
  }

  derivatives(market: Market): Derivatives | undefined {
    const isPerpetual = (market.margin?.funding ?? null) !== null;
    return isPerpetual ? this.parts.views.get(market.id)?.derivatives : undefined;
  }

  openInterestHistory(market: Market, range: HistoryRange): readonly OpenInterestPoint[] {
    const { fromSeconds, toSeconds, intervalSeconds, limit } = range;
    const points = this.derivatives(market)?.interestPoints ?? [];
    return points
      .filter(({ seconds }) => seconds >= fromSeconds && seconds <= toSeconds)
      .filter(({ seconds }) => seconds % intervalSeconds === 0)
      .slice(-limit);
  }

  fundingHistory(market: Market, range: HistoryRange): readonly FundingPoint[] {
    const { fromSeconds, toSeconds, limit } = range;
    const points = this.derivatives(market)?.fundingPoints ?? [];
    return points
      .filter(({ seconds }) => seconds >= fromSeconds && seconds <= toSeconds)
      .slice(-limit);
  }

  liquidations(market: Market, limit: number): readonly LiquidationFill[] {
    return (this.derivatives(market)?.recentLiquidations ?? []).slice(-limit).reverse();
  }

  private place(request: PlaceRequest, done: Done): void {
    this.parts.place(request, ({ code, order }) => {
      const { portfolioId, market } = request;
      const positions = this.parts.account(portfolioId)?.positions ?? [];
      const position = positions.find((one) => one.market === market) ?? null;
      done({ code, order, position });
    });
  }

  /** Makes sure of the user's margin portfolio and of its leverage in the market. */
  private async lever({ userId, market, leverage }: LeverageRequest): Promise<number> {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return refusal;
    const { margin } = market;
    const isAllowed = margin !== null && Number.isInteger(leverage) && leverage >= 1;
    if (!isAllowed || leverage > margin.maxLeverage) return C.LEVERAGE_NOT_ALLOWED;
    const portfolio = this.parts.ledger.get(await this.ensure(userId));
    if (portfolio.margin?.leverage(market.id) === leverage) return C.OK;
    const code = this.rules.admitLeverage(portfolio, market, leverage);
    if (code !== C.OK) return code;
    const { id: marketId } = market;
    await this.parts.record({
      kind: 'LeverageSet',
      portfolioId: portfolio.id,
      marketId,
      leverage,
    });
    return C.OK;
  }

  /** The user's margin portfolio, opened if there is none; one at a time. */
  private ensure(userId: number): Promise<number> {
    const known = this.opening.get(userId);
    if (known !== undefined) return known;
    const opened = this.open(userId).finally(() => this.opening.delete(userId));
    this.opening.set(userId, opened);
    return opened;
  }

  private async open(userId: number): Promise<number> {
    const { accounts, record, ledger } = this.parts;
    const id = await ensurePortfolio(accounts, record, userId, 'margin', MARGIN_PORTFOLIO);
    await this.fund(ledger.get(id));
    return id;
  }

  /** Opening collateral, each asset once, on a venue where nothing real trades. */
  private async fund({ id: portfolioId }: Portfolio): Promise<void> {
    const { accounts, record, markets, openingCollateral } = this.parts;
    if (!markets.hasPlayMoney) return;
    const assets = new Map<string, Asset>();
    for (const { margin, quote } of markets.all) if (margin !== null) assets.set(quote.name, quote);
    for (const [name, { decimals }] of assets) {
      const text = openingCollateral?.get(name);
      const amountUnits = text === undefined ? undefined : parseScaled(text, decimals);
      if (amountUnits === undefined || accounts.hasDeposit(portfolioId, name)) continue;
      await record({ kind: 'FundsDeposited', portfolioId, asset: name, amountUnits });
    }
  }
}

type Done = (reply: PositionReply) => void;

function denied(code: number): PositionReply {
  return { code, order: null, position: null };
}
