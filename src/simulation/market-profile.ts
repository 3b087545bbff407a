import type { Market } from '../domain/markets.ts';
import { REVEAL_SECONDS, SECONDS_PER_YEAR } from './fundamental.ts';

/** A typical order is worth this much in the quote asset where there are no round lots. */
const MEDIAN_NOTIONAL = 2_500;
const EQUITY_ROUND_LOTS = 100;
/** Resting orders a market settles around, over both sides. */
const TARGET_ORDERS = 240;
/** How a base asset's liquidity falls from its first market to the next ones. */
const VENUE_LIQUIDITY = [1, 0.75, 0.55, 0.4] as const;

/** What of a market does not change while it is simulated. */
export interface MarketProfile {
  readonly market: Market;
  /** Quote asset per tick, a plain number: for the traders' reckoning, never for an order. */
  readonly tickValue: number;
  /** Base asset per lot, likewise. */
  readonly lotValue: number;
  /** Standard deviation of the price in ticks over one mean interval between two revelations. */
  readonly moveTicks: number;
  readonly medianLots: number;
  readonly roundLots: number;
  readonly targetOrders: number;
  /** Share of all commands that this market should get, before it is scaled to a sum of 1. */
  readonly weight: number;
}

/** True when the market can be simulated. */
export function isSimulated(market: Market): boolean {
  const { startPrice, annualVolatility } = market.reference;
  return market.source === 'simulated' && startPrice !== null && annualVolatility !== null;
}

/** @param venueRank 0 for the first market of its base asset, 1 for the next, … */
export function marketProfile(market: Market, venueRank: number): MarketProfile {
  const tickValue = market.tickUnits / 10 ** market.priceDecimals;
  const lotValue = market.lotUnits / 10 ** market.qtyDecimals;
  const price = Number(market.reference.startPrice);
  const sigma = market.reference.annualVolatility! / Math.sqrt(SECONDS_PER_YEAR);
  const moveTicks = (price * sigma * Math.sqrt(REVEAL_SECONDS)) / tickValue;
  const roundLots = market.assetClass === 'equity' ? EQUITY_ROUND_LOTS : 0;
  const liquidity = VENUE_LIQUIDITY[Math.min(venueRank, VENUE_LIQUIDITY.length - 1)];
  return {
    market,
    tickValue,
    lotValue,
    moveTicks,
    medianLots: roundLots > 0 ? roundLots : Math.max(1, MEDIAN_NOTIONAL / (price * lotValue)),
    roundLots,
    targetOrders: TARGET_ORDERS,
    // A price that crosses many ticks in a second needs more orders to be followed.
    weight: liquidity * (1 + moveTicks) ** 0.35,
  };
}

/** Trades that a command leads to in the mean, and their mean size over the median order's. */
const TRADES_A_COMMAND = 0.65;
const SIZE_OVER_MEDIAN = { shares: 1.7, coins: 3.6 } as const;

/** How much the simulation trades in a market, as measured over many minutes of it. */
export interface TradingRate {
  readonly tradesPerMinute: number;
  readonly lotsPerTrade: number;
}

/** @param ordersPerSecond commands per second over all markets in the mean */
export function historyRates(
  markets: readonly Market[],
  ordersPerSecond: number,
): Map<Market, TradingRate> {
  const profiles = markets.map((market) => marketProfile(market, venueRank(markets, market)));
  const total = profiles.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(
    profiles.map(({ market, weight, medianLots, roundLots }) => {
      const perSecond = (ordersPerSecond * weight * TRADES_A_COMMAND) / total;
      const over = roundLots > 0 ? SIZE_OVER_MEDIAN.shares : SIZE_OVER_MEDIAN.coins;
      return [market, { tradesPerMinute: perSecond * 60, lotsPerTrade: medianLots * over }];
    }),
  );
}

/** 0 for the first market of its base asset, 1 for the next, … */
export function venueRank(markets: readonly Market[], market: Market): number {
  return markets.filter((one) => one.base.name === market.base.name).indexOf(market);
}
