import {
  HistoricalQuery,
  HistoricalResponse,
  QuoteQuery,
  QuoteResponse,
  SearchQuery,
  SearchResponse,
  SymbolParams,
  TrendingQuery,
  TrendingResponse,
} from '../../../schemas/octopus-market.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { SURFACE } from './errors.ts';
import { HistoricalReplies, type HistoryInterval, type HistoryPeriod } from './historical.ts';
import { MarketSearch } from './market-search.ts';
import { quoteToWire, trendingToWire } from './quotes.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const LISTED_DEFAULT = 10;

/** Quotes, bars, and what markets there are. */
export function marketRoutes(): Route[] {
  const historical = new HistoricalReplies();
  let search: MarketSearch | undefined;
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/market/quote/{symbol}',
      summary: 'Price of the newest trade, and the day so far by the market’s calendar',
      params: SymbolParams,
      query: QuoteQuery,
      response: QuoteResponse,
      examples: { params: { symbol: 'AAPL' } },
      refusals: NO_SUCH_MARKET,
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        return market instanceof Refusal ? market : quoteToWire(venue, market);
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/market/historical/{symbol}',
      summary: 'Bars of a period, oldest first; the last one may still be under way',
      params: SymbolParams,
      query: HistoricalQuery,
      response: HistoricalResponse,
      examples: { params: { symbol: 'AAPL' }, query: { period: '5d', interval: '1d' } },
      refusals: NO_SUCH_MARKET,
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        if (market instanceof Refusal) return market;
        const period = (query.period ?? '1y') as HistoryPeriod;
        const interval = (query.interval ?? '1d') as HistoryInterval;
        const reply = historical.write(venue, market, period, interval);
        return reply instanceof Refusal ? reply : Answer.encoded(reply);
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/market/search',
      summary: 'Markets by words of their symbols and names, the best first',
      query: SearchQuery,
      response: SearchResponse,
      examples: { query: { q: 'apple' } },
      successStatus: 200,
      handler: ({ query, venue }) => {
        search ??= new MarketSearch(venue.markets);
        return search.find(query.q, query.limit ?? LISTED_DEFAULT);
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/market/trending',
      summary: 'Markets by value traded and by change of price in the last 24 hours',
      query: TrendingQuery,
      response: TrendingResponse,
      examples: { query: { limit: 2 } },
      successStatus: 200,
      handler: ({ query, venue }) => trendingToWire(venue, query.limit ?? LISTED_DEFAULT),
    }),
  ];
}
