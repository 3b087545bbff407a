import { LIMITS } from '../config/limits.ts';

/** What a market charges, and what one tick times one lot is worth. */
export interface FeeSchedule {
  /** Parts per million of the notional; negative for a rebate. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** What both sides of an auction's trade pay. */
  readonly auctionFeePpm: number;
  /** Smallest units of the quote asset in one tick times one lot. */
  readonly quoteUnitsPerTickLot: number;
}

/** The terms of a market that matching depends on, named as in `Market`. */
export interface MarketTerms extends FeeSchedule {
  /** How far from the reference price a limit order may lie, in basis points; 0: anywhere. */
  readonly priceBandBps: number;
  /** How far from the reference price trades may go before the market halts; 0: anywhere. */
  readonly volatilityHaltBps: number;
  /** Age at which the reference price gives way to the newest trade's. */
  readonly referenceWindowSeconds: number;
}

/** How much one market may hold, and do in one group. */
export interface MachineLimits {
  /** Orders that may rest at once. */
  readonly maxOrders: number;
  /** Orders that may wait outside the book at once. */
  readonly maxWaiting: number;
  /** Distinct prices of resting orders, both sides together. */
  readonly maxLevels: number;
  /** Work one group may contain: fills, cancellations and what follows from them. */
  readonly maxFillsPerCommand: number;
}

export interface MachineConfig extends MarketTerms, MachineLimits {
  readonly marketId: number;
}

/** The terms of a market without an auction fee and without bounds on its prices. */
export const UNBOUNDED_TERMS = {
  auctionFeePpm: 0,
  priceBandBps: 0,
  volatilityHaltBps: 0,
  referenceWindowSeconds: 300,
} as const;

/** The system's own maxima. */
export const MACHINE_LIMITS: MachineLimits = {
  maxOrders: LIMITS.ordersPerMarket,
  maxWaiting: LIMITS.waitingOrdersPerMarket,
  maxLevels: LIMITS.levelsPerMarket,
  maxFillsPerCommand: LIMITS.fillsPerCommand,
};

/** How a market's machine is set up: its own terms, and the system's limits or smaller ones. */
export function machineConfig(
  market: MarketTerms & { readonly id: number },
  limits: MachineLimits = MACHINE_LIMITS,
): MachineConfig {
  return {
    marketId: market.id,
    makerFeePpm: market.makerFeePpm,
    takerFeePpm: market.takerFeePpm,
    auctionFeePpm: market.auctionFeePpm,
    quoteUnitsPerTickLot: market.quoteUnitsPerTickLot,
    priceBandBps: market.priceBandBps,
    volatilityHaltBps: market.volatilityHaltBps,
    referenceWindowSeconds: market.referenceWindowSeconds,
    ...limits,
  };
}
