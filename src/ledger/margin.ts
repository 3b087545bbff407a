import { feeUnits } from '../domain/fees.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { Hold } from './holds.ts';
import type { Exposure, MarginState } from './margin-state.ts';
import type { Portfolio, Position } from './portfolio.ts';

/** A margin portfolio in one asset of settlement; smallest units. */
export interface MarginAccount {
  /** Deposits, profit taken, fees and funding. */
  walletUnits: number;
  /** Wallet and what the open positions have won or lost at the mark prices. */
  equityUnits: number;
  initialUnits: number;
  maintenanceUnits: number;
  /** Open positions. */
  positions: number;
}

/** What the rules need to know of the markets. */
export interface MarginMarkets {
  marketOf(marketId: number): Market | undefined;
  /** 0 while there is none. */
  markTicks(marketId: number): number;
}

/**
 * The rules of margin portfolios; see docs/margin.md. All markets that settle in one asset share its
 * collateral. Every fill moves base against quote as everywhere, so the balance of that asset may
 * fall below zero: what counts is the equity, that balance and the positions at their mark prices.
 */
export class MarginRules {
  private readonly markets: MarginMarkets;

  constructor(markets: MarginMarkets) {
    this.markets = markets;
  }

  /** Sums over the positions and open orders that settle in the asset. */
  account(portfolio: Portfolio, asset: string): MarginAccount {
    const balance = portfolio.balances.get(asset)?.total ?? 0;
    const account = {
      walletUnits: balance,
      equityUnits: balance,
      initialUnits: 0,
      maintenanceUnits: 0,
      positions: 0,
    };
    for (const [marketId, position] of portfolio.positions) {
      const market = this.markets.marketOf(marketId);
      if (market === undefined || market.quote.name !== asset || position.qtyLots === 0) continue;
      const valueUnits = this.valueUnits(market, position);
      account.walletUnits += position.costUnits;
      account.equityUnits += valueUnits;
      account.maintenanceUnits += maintenanceUnits(market, Math.abs(valueUnits));
      account.positions += 1;
    }
    for (const market of this.marginedMarkets(portfolio, asset)) {
      account.initialUnits += this.initialUnits(portfolio, market);
    }
    return account;
  }

  /**
   * Initial margin in one market: of the larger of what the position can become by purchases and by
   * sales, at the worst prices of the orders, divided by the leverage; and the fees.
   */
  initialUnits(portfolio: Portfolio, market: Market, leverage?: number): number {
    const { margin } = portfolio;
    if (margin === undefined) return 0;
    const position = portfolio.positions.get(market.id);
    const exposure = margin.exposures.get(market.id);
    const unit = this.markets.markTicks(market.id) * market.quoteUnitsPerTickLot;
    const value = (position?.qtyLots ?? 0) * unit;
    const bought = value + (exposure?.buyUnits ?? 0);
    // A sale fills at its price or a better one, and is then worth what it is marked at.
    const sold = Math.max(exposure?.sellUnits ?? 0, (exposure?.sellLots ?? 0) * unit) - value;
    const notional = Math.max(bought, sold, 0);
    return share(notional, leverage ?? margin.leverage(market.id)) + (exposure?.feeUnits ?? 0);
  }

  /** Maintenance margin of a position at its mark price. */
  maintenanceUnits(market: Market, qtyLots: number): number {
    const value = Math.abs(qtyLots) * this.markets.markTicks(market.id);
    return maintenanceUnits(market, value * market.quoteUnitsPerTickLot);
  }

  /**
   * The mark price at which equity falls below the maintenance margin if no other price moves: the
   * highest of a long position, the lowest of a short one; `null` where no price does that.
   */
  liquidationTicks(portfolio: Portfolio, market: Market): number | null {
    const { qtyLots } = portfolio.positions.get(market.id) ?? { qtyLots: 0 };
    if (qtyLots === 0 || market.margin === null) return null;
    const account = this.account(portfolio, market.quote.name);
    const markTicks = this.markets.markTicks(market.id);
    const ratio = market.margin.maintenancePpm / 1_000_000;
    const perTick = Math.abs(qtyLots) * market.quoteUnitsPerTickLot;
    const excess = account.equityUnits - account.maintenanceUnits;
    const isLong = qtyLots > 0;
    const distance = excess / (perTick * (isLong ? 1 - ratio : 1 + ratio));
    const isBelow = (ticks: number): boolean => {
      const moved = (ticks - markTicks) * market.quoteUnitsPerTickLot * qtyLots;
      const maintained = maintenanceUnits(market, ticks * perTick);
      const others = account.maintenanceUnits - maintenanceUnits(market, markTicks * perTick);
      return account.equityUnits + moved < others + maintained;
    };
    if (!isLong) {
      let ticks = Math.max(1, Math.floor(markTicks + distance) - 1);
      while (!isBelow(ticks)) ticks += 1;
      return ticks > market.maxPriceTicks ? null : ticks;
    }
    let ticks = Math.ceil(markTicks - distance) + 1;
    while (ticks > 0 && !isBelow(ticks)) ticks -= 1;
    return ticks > 0 ? ticks : null;
  }

  /** May this order be counted? It is, tentatively, when this is called; `before` is without it. */
  admit(hold: Hold, before: Exposure): number {
    const { portfolio, market } = hold;
    const { margin } = portfolio;
    if (margin === undefined || market.margin === null) return C.LEVERAGE_NOT_ALLOWED;
    if (margin.liquidations.has(market.quote.name)) return C.PORTFOLIO_IN_LIQUIDATION;
    const markTicks = this.markets.markTicks(market.id);
    if (markTicks === 0) return C.NO_MARK_PRICE;
    const after = margin.exposure(market.id);
    const qtyLots = portfolio.positions.get(market.id)?.qtyLots ?? 0;
    const worst = Math.max(qtyLots + after.buyLots, after.sellLots - qtyLots);
    const was = Math.max(qtyLots + before.buyLots, before.sellLots - qtyLots);
    // What only reduces a position is always let in.
    if (worst <= Math.max(was, Math.abs(qtyLots))) return C.OK;
    if (worst > market.margin.positionLimitLots) return C.POSITION_LIMIT_EXCEEDED;
    const account = this.account(portfolio, market.quote.name);
    const free = account.equityUnits - account.initialUnits;
    return free >= this.openLossUnits(hold, markTicks) ? C.OK : C.INSUFFICIENT_MARGIN;
  }

  /** May the leverage be changed to this? Less leverage needs more margin. */
  admitLeverage(portfolio: Portfolio, market: Market, leverage: number): number {
    const { margin } = portfolio;
    const isWhole = Number.isInteger(leverage) && leverage >= 1;
    if (margin === undefined || market.margin === null || !isWhole) return C.LEVERAGE_NOT_ALLOWED;
    if (leverage > market.margin.maxLeverage) return C.LEVERAGE_NOT_ALLOWED;
    if (margin.liquidations.has(market.quote.name)) return C.PORTFOLIO_IN_LIQUIDATION;
    const now = this.initialUnits(portfolio, market);
    const then = this.initialUnits(portfolio, market, leverage);
    if (then <= now) return C.OK;
    const account = this.account(portfolio, market.quote.name);
    const free = account.equityUnits - account.initialUnits;
    return free >= then - now ? C.OK : C.INSUFFICIENT_MARGIN;
  }

  /** What a fill at the order's worst price would lose at once against the mark price. */
  private openLossUnits({ side, priceTicks, remainingLots, market }: Hold, mark: number): number {
    const worse = side === SIDE_BUY ? priceTicks - mark : mark - priceTicks;
    return Math.max(0, worse) * remainingLots * market.quoteUnitsPerTickLot;
  }

  /** Signed; a position whose market has no mark price is worth what it cost. */
  private valueUnits(market: Market, { qtyLots, costUnits }: Position): number {
    const markTicks = this.markets.markTicks(market.id);
    return markTicks === 0 ? costUnits : qtyLots * markTicks * market.quoteUnitsPerTickLot;
  }

  /** Markets of this asset in which the portfolio has, or may get, a position. */
  private *marginedMarkets(portfolio: Portfolio, asset: string): Generator<Market> {
    const { margin, positions } = portfolio;
    if (margin === undefined) return;
    for (const [marketId, { qtyLots }] of positions) {
      const market = this.markets.marketOf(marketId);
      if (market?.quote.name === asset && (qtyLots !== 0 || hasOrders(margin, marketId))) {
        yield market;
      }
    }
    for (const marketId of margin.exposures.keys()) {
      if (positions.has(marketId)) continue;
      const market = this.markets.marketOf(marketId);
      if (market?.quote.name === asset) yield market;
    }
  }
}

function hasOrders(margin: MarginState, marketId: number): boolean {
  return (margin.exposures.get(marketId)?.orders ?? 0) > 0;
}

function maintenanceUnits({ margin }: Market, notionalUnits: number): number {
  return margin === null ? 0 : feeUnits(notionalUnits, margin.maintenancePpm);
}

/** The notional divided by the leverage, rounded up. */
function share(notionalUnits: number, leverage: number): number {
  const down = Math.floor(notionalUnits / leverage);
  return down * leverage < notionalUnits ? down + 1 : down;
}
