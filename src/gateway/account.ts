import type { Asset, Market } from '../domain/markets.ts';
import type { PortfolioKind } from '../domain/venue-events.ts';

/** What a portfolio has, as of the newest durable event. A copy: it does not change any more. */
export interface Account {
  readonly portfolioId: number;
  readonly userId: number;
  readonly kind: PortfolioKind;
  readonly name: string;
  /**
   * By asset, in the order in which they came in. In a margin portfolio only assets of settlement
   * stand here, see `AccountBalance`: what was bought or sold short is a position.
   */
  readonly balances: readonly AccountBalance[];
  /** Markets in which the portfolio ever traded, by market id; flat ones have `qtyLots` 0. */
  readonly positions: readonly AccountPosition[];
  /** By asset of settlement; empty unless the portfolio is a margin portfolio. */
  readonly collateral: readonly AccountCollateral[];
  /** Changes of this portfolio since the process started. */
  readonly sequence: number;
}

/** Smallest units of the asset; total = held + free, but `free` is 0 rather than negative. */
export interface AccountBalance {
  readonly asset: Asset;
  /** In a margin portfolio: the wallet, which is what it would have if it closed at what it paid. */
  readonly totalUnits: number;
  /** Set aside for open orders; in a margin portfolio the initial margin of positions and orders. */
  readonly heldUnits: number;
  readonly freeUnits: number;
}

/** Money is in the smallest units of the market's quote asset. */
export interface AccountPosition {
  /** Stable while the position is open, `pos_<portfolio>_<market>_<n>`; `null` when it is flat. */
  readonly positionId: string | null;
  readonly market: Market;
  /** Signed: bought less sold. */
  readonly qtyLots: number;
  /** What the open quantity cost, signed like it; fees not included. Average cost is this by lots. */
  readonly costUnits: number;
  /** Profit taken by reducing the position; neither fees nor funding included. */
  readonly realisedUnits: number;
  /** Fees paid less rebates. */
  readonly feeUnits: number;
  /** Funding received less funding paid. */
  readonly fundingUnits: number;
  /**
   * What it is valued at: in margin portfolios the mark price, in others the newest trade's, each
   * else the other one; 0 when there is neither.
   */
  readonly priceTicks: number;
  /** Value at that price less cost; 0 when there is no price. */
  readonly unrealisedUnits: number;
  /** 1 in portfolios that are no margin portfolios. */
  readonly leverage: number;
  /** Both 0 in portfolios that are no margin portfolios. */
  readonly initialMarginUnits: number;
  readonly maintenanceMarginUnits: number;
  /**
   * The mark price from which on the portfolio is liquidated if no other price moves; `null` where
   * there is none: a flat position, one that no price of its own can endanger, no margin portfolio.
   */
  readonly liquidationTicks: number | null;
}

/** A margin portfolio's standing in one asset of settlement, smallest units. */
export interface AccountCollateral {
  readonly asset: Asset;
  /** Deposits, profit taken, fees and funding. */
  readonly walletUnits: number;
  readonly unrealisedUnits: number;
  /** Wallet and unrealised profit. */
  readonly equityUnits: number;
  /** Of positions and of what open orders may add to them. */
  readonly initialMarginUnits: number;
  readonly maintenanceMarginUnits: number;
  /** What further orders may use; never negative. */
  readonly freeUnits: number;
  /** The venue is closing its positions; orders are refused meanwhile. */
  readonly inLiquidation: boolean;
}

export interface PortfolioSummary {
  readonly portfolioId: number;
  readonly kind: PortfolioKind;
  readonly name: string;
}
