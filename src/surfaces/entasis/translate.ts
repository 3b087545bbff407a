import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { UNKNOWN_MARKET } from '../../domain/result-codes.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import { formatScaled } from '../../lib/fixed-point.ts';

/** The market that a symbol and perhaps an exchange mean, or why there is none. */
export function marketOf(
  markets: MarketRegistry,
  symbol: string,
  exchange: string | undefined,
): Market | Refusal {
  const market =
    exchange === undefined ? markets.primary(symbol) : markets.resolve(exchange, symbol);
  if (market !== undefined) return market;
  if (exchange === undefined || markets.exchangeName(exchange) !== undefined) {
    return refusalOfResult(UNKNOWN_MARKET, { symbol });
  }
  return new Refusal('not_found', 'UNKNOWN_EXCHANGE', 'Unknown exchange', {
    details: { parameter: 'exchange', value: exchange },
  });
}

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
