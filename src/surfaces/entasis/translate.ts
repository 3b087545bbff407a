import type { Market } from '../../domain/markets.ts';
import { formatScaled } from '../../lib/fixed-point.ts';

/** A price in ticks with all decimals of its market: `"65432.10"`. */
export function priceText(market: Market, ticks: number): string {
  return formatScaled(ticks * market.tickUnits, market.priceDecimals, market.priceDecimals);
}

/** A quantity in lots with all decimals of its market: `"1.500"`. */
export function quantityText(market: Market, lots: number): string {
  return formatScaled(lots * market.lotUnits, market.qtyDecimals, market.qtyDecimals);
}

/** Whole seconds, as this surface writes times over REST: `2024-03-21T09:30:00Z`. */
export function secondsText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
