import type { Static } from 'typebox';
import type { CancelAllQuery } from '../../../schemas/velocimex.ts';
import { UNKNOWN_MARKET, UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { CancelAllRequest, Venue } from '../../gateway/venue.ts';
import { unknownExchange } from './place-order.ts';

/** Whose orders, and where, a query means; or what is wrong with it. */
export function cancelAllScope(
  query: Static<typeof CancelAllQuery>,
  userId: number,
  venue: Venue,
): CancelAllRequest | Refusal {
  const { exchange, symbol, portfolio_id: portfolio } = query;
  const portfolioId = portfolio === undefined ? undefined : Number(portfolio);
  if (portfolioId !== undefined && !venue.ownsPortfolio(userId, portfolioId)) {
    return refusalOfResult(UNKNOWN_PORTFOLIO, query);
  }
  if (exchange === undefined && symbol === undefined) {
    return { userId, portfolioId, market: undefined };
  }
  if (exchange === undefined || symbol === undefined) {
    const missing = exchange === undefined ? 'exchange' : 'symbol';
    return invalidParameter(missing, null, 'a market is named by exchange and symbol together');
  }
  const market = venue.markets.resolve(exchange, symbol);
  if (market !== undefined) return { userId, portfolioId, market };
  const known = venue.markets.exchangeName(exchange) !== undefined;
  return known ? refusalOfResult(UNKNOWN_MARKET, query) : unknownExchange(exchange);
}
