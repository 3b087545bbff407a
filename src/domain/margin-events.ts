/**
 * Entries of margin portfolios and perpetual markets. They lie among the venue's facts in the journal
 * and are not kept beyond the next snapshots, which hold what they lead to.
 */
export type MarginEvent =
  | LeverageSet
  | CollateralMoved
  | FundingSettled
  | FundingSkipped
  | MarketsSampled
  | LiquidationStarted
  | LiquidationEnded;

/** Leverage of a margin portfolio's positions and orders in a market. */
export interface LeverageSet {
  readonly kind: 'LeverageSet';
  readonly portfolioId: number;
  readonly marketId: number;
  readonly leverage: number;
}

/** Collateral of a simulated trader came in from outside, or (negative) went out. */
export interface CollateralMoved {
  readonly kind: 'CollateralMoved';
  readonly portfolioId: number;
  readonly asset: string;
  /** Smallest units of the asset. */
  readonly units: number;
}

/** Who gets (positive) or pays how much, and for which position: the insurance fund is the other side. */
export type FundingPayment = readonly [portfolioId: number, qtyLots: number, units: number];

/**
 * Funding of one interval. A settlement of many positions is several such events with the same terms;
 * what one side pays the other side gets, less what rounding leaves to the insurance fund.
 */
export interface FundingSettled {
  readonly kind: 'FundingSettled';
  readonly marketId: number;
  readonly asset: string;
  /** Smallest units of the asset in a tick × lot. */
  readonly quoteUnitsPerTickLot: number;
  readonly fundPortfolioId: number;
  /** End of the interval, seconds since the Unix epoch. */
  readonly intervalEndSeconds: number;
  readonly nextSeconds: number;
  /** Parts per billion of the notional at the mark price; positive: longs pay. */
  readonly ratePpb: number;
  readonly markTicks: number;
  /** What one side would pay and the other get at this rate: both are scaled to the smaller. */
  readonly payUnits: number;
  readonly receiveUnits: number;
  readonly payments: readonly FundingPayment[];
  /** True for the last event of the settlement. */
  readonly last: boolean;
}

/** Intervals that went by while nothing was running: nobody pays for them. */
export interface FundingSkipped {
  readonly kind: 'FundingSkipped';
  readonly marketId: number;
  /** Ends of the first and of the last of them. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly nextSeconds: number;
}

/** Perpetual markets as they stand every five minutes. */
export interface MarketsSampled {
  readonly kind: 'MarketsSampled';
  readonly seconds: number;
  readonly samples: readonly MarketSample[];
}

export interface MarketSample {
  readonly marketId: number;
  readonly markTicks: number;
  readonly indexTicks: number;
  readonly openInterestLots: number;
  /** Of the funding interval under way. */
  readonly premiumSumPpb: number;
  readonly premiumSamples: number;
  readonly nextFundingSeconds: number;
}

/** A position as it was valued when its portfolio's liquidation began. */
export interface LiquidatedPosition {
  readonly marketId: number;
  readonly qtyLots: number;
  readonly markTicks: number;
  readonly quoteUnitsPerTickLot: number;
  readonly maintenancePpm: number;
}

/** Equity in an asset of settlement fell below the maintenance margin: the venue takes over. */
export interface LiquidationStarted {
  readonly kind: 'LiquidationStarted';
  readonly portfolioId: number;
  readonly asset: string;
  /** What the portfolio has of the asset; with the positions' values that is its equity. */
  readonly balanceUnits: number;
  readonly equityUnits: number;
  readonly maintenanceUnits: number;
  readonly positions: readonly LiquidatedPosition[];
  /** Rate of the fee on what will be closed. */
  readonly feePpm: number;
}

/** Its positions are closed, or it has its initial margin again. */
export interface LiquidationEnded {
  readonly kind: 'LiquidationEnded';
  readonly portfolioId: number;
  readonly asset: string;
  readonly fundPortfolioId: number;
  /** Paid to the insurance fund. */
  readonly feeUnits: number;
  /** What was missing, paid by the insurance fund. */
  readonly insuredUnits: number;
  /** The part of it that the fund did not have: its debt, and the venue's recorded loss. */
  readonly uncoveredUnits: number;
}

const KINDS: ReadonlySet<string> = new Set<MarginEvent['kind']>([
  'LeverageSet',
  'CollateralMoved',
  'FundingSettled',
  'FundingSkipped',
  'MarketsSampled',
  'LiquidationStarted',
  'LiquidationEnded',
]);

/** True for an entry, which is no fact that is kept for ever. */
export function isMarginEvent(event: { readonly kind: string }): event is MarginEvent {
  return KINDS.has(event.kind);
}
