import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import { UNKNOWN_MARKET } from '../domain/result-codes.ts';
import { Refusal } from './http/refusal.ts';
import { refusalOfResult } from './http/result-refusal.ts';

/**
 * The market that a symbol and perhaps an exchange mean, or why there is none. Without an exchange
 * it is the symbol's primary market.
 */
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
  return unknownExchange(exchange);
}

function unknownExchange(exchange: string): Refusal {
  return new Refusal('not_found', 'UNKNOWN_EXCHANGE', 'Unknown exchange', {
    details: { parameter: 'exchange', value: exchange },
  });
}

/** What `marketOf` refuses, for the documents. */
export const NO_SUCH_MARKET = [
  refusalOfResult(UNKNOWN_MARKET, { symbol: 'DOGE' }),
  unknownExchange('nasd'),
];
