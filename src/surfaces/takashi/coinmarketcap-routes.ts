import { CategoriesQuery, CategoryQuery, CoinMarketCapReply } from '../../../schemas/takashi.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import type { CoinMarketCap } from './coinmarketcap.ts';
import { OPEN } from './errors.ts';

const START = 1;
const LIMIT = 100;

const REFUSALS = [
  new Refusal('not_found', 'NOT_FOUND', 'CoinMarketCap knows nothing of that'),
  new Refusal('unavailable', 'EXCHANGE_UNAVAILABLE', 'CoinMarketCap does not serve'),
];

/** CoinMarketCap's own replies. */
export function coinMarketCapRoutes(coinMarketCap: CoinMarketCap): Route[] {
  const ask = async (
    what: 'categories' | 'category',
    query: { readonly id?: string; readonly start?: number; readonly limit?: number },
  ) => {
    const reply = await coinMarketCap.get(what, { start: START, limit: LIMIT, ...query });
    return reply instanceof Refusal ? reply : Answer.encoded(reply);
  };
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/coinmarketcap/categories',
      summary: 'Categories, as CoinMarketCap tells them',
      query: CategoriesQuery,
      response: CoinMarketCapReply,
      examples: { query: { limit: 10 } },
      refusals: REFUSALS,
      successStatus: 200,
      handler: ({ query }) => ask('categories', query),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/coinmarketcap/category',
      summary: 'One category with its coins, as CoinMarketCap tells it',
      query: CategoryQuery,
      response: CoinMarketCapReply,
      examples: { query: { id: '605e2ce9d41eae1066535f7c' } },
      refusals: REFUSALS,
      successStatus: 200,
      handler: ({ query }) => ask('category', query),
    }),
  ];
}
