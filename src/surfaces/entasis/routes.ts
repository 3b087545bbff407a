import {
  ExchangeQuery,
  PredictionQuery,
  PredictionResponse,
  RiskResponse,
  SymbolParams,
} from '../../../schemas/entasis.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { analysisUnavailable } from './analysis.ts';
import { BASES, SURFACE } from './errors.ts';
import { MarketReplies } from './market-replies.ts';
import { marketRoutes } from './market-routes.ts';
import { portfolioRoutes } from './portfolio-routes.ts';

const READ = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'read' } as const;

/** Every endpoint twice: as the specification has its path, and as the usage examples have it. */
export function entasisRoutes(): Route[] {
  const replies = new MarketReplies();
  return BASES.flatMap((base) => [
    ...marketRoutes(base, replies),
    ...portfolioRoutes(base),
    ...analysisRoutes(base),
  ]);
}

function analysisRoutes(base: string): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: `${base}/analysis/prediction/{symbol}`,
      summary: 'Price prediction; AI_001 while no model is loaded',
      params: SymbolParams,
      query: PredictionQuery,
      response: PredictionResponse,
      examples: { params: { symbol: 'BTC-USDT' } },
      refusals: [...NO_SUCH_MARKET, analysisUnavailable('prediction', { symbol: 'BTC-USDT' })],
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        return market instanceof Refusal ? market : analysisUnavailable('prediction', market);
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: `${base}/analysis/risk/{symbol}`,
      summary:
        'Value at risk, expected shortfall and volatility; AI_001 while there is no analysis',
      params: SymbolParams,
      query: ExchangeQuery,
      response: RiskResponse,
      examples: { params: { symbol: 'BTC-USDT' } },
      refusals: [...NO_SUCH_MARKET, analysisUnavailable('risk', { symbol: 'BTC-USDT' })],
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        return market instanceof Refusal ? market : analysisUnavailable('risk', market);
      },
    }),
  ];
}
