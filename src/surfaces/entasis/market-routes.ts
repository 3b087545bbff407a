import {
  ExchangeQuery,
  HistoryQuery,
  HistoryResponse,
  PriceResponse,
  SymbolParams,
} from '../../../schemas/entasis.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { SURFACE } from './errors.ts';
import { historyRange } from './history.ts';
import type { MarketReplies } from './market-replies.ts';

const READ = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'read' } as const;

export function marketRoutes(base: string, replies: MarketReplies): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: `${base}/market/price/{symbol}`,
      summary: 'Price of the newest trade, and the volume of the last 24 hours',
      params: SymbolParams,
      query: ExchangeQuery,
      response: PriceResponse,
      examples: { params: { symbol: 'BTC-USDT' } },
      refusals: NO_SUCH_MARKET,
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        return market instanceof Refusal ? market : Answer.encoded(replies.price(venue, market));
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: `${base}/market/history/{symbol}`,
      summary: 'Bars, oldest first; the last one may still be under way',
      params: SymbolParams,
      query: HistoryQuery,
      response: HistoryResponse,
      examples: { params: { symbol: 'BTC-USDT' }, query: { interval: '1m', limit: 2 } },
      refusals: NO_SUCH_MARKET,
      successStatus: 200,
      handler: ({ params, query, venue, clock }) => {
        const market = marketOf(venue.markets, params.symbol, query.exchange);
        if (market instanceof Refusal) return market;
        const range = historyRange(query, clock.nowMs() / 1000);
        if (range instanceof Refusal) return range;
        const interval = query.interval ?? '1h';
        const reply = replies.history(venue, market, interval, range, query.start);
        return reply instanceof Refusal ? reply : Answer.encoded(reply);
      },
    }),
  ];
}
