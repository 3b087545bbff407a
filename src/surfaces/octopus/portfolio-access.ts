import { UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import type { PortfolioInfo } from '../../gateway/portfolios/portfolio-book.ts';
import type { Valuation } from '../../gateway/portfolios/valuation.ts';
import type { Venue } from '../../gateway/venue.ts';
import { assert } from '../../lib/assert.ts';
import { portfolioIdOf } from './ids.ts';

/** The caller's open portfolio that an id names. */
export function ownPortfolio(venue: Venue, userId: number, id: string): PortfolioInfo | Refusal {
  const portfolioId = portfolioIdOf(id);
  const info = portfolioId === undefined ? undefined : venue.portfolioDesk.info(portfolioId);
  if (info === undefined || info.userId !== userId || info.isClosed) {
    return refusalOfResult(UNKNOWN_PORTFOLIO, { portfolio_id: id });
  }
  return info;
}

/** What a portfolio that there is is worth. */
export function valuationOf(venue: Venue, { portfolioId }: PortfolioInfo): Valuation {
  const valuation = venue.valuation(portfolioId);
  assert(valuation !== undefined, 'a portfolio with a name has a value');
  return valuation;
}

/** What `ownPortfolio` refuses, for the documents. */
export const NOT_OWN = refusalsOfResults(UNKNOWN_PORTFOLIO);
