import { Type } from 'typebox';
import { CategoriesQuery, CategoryQuery } from '../../../schemas/takashi.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import type { CoinMarketCap } from './coinmarketcap.ts';
import { OPEN } from './errors.ts';

const START = 1;
const LIMIT = 100;

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
      response: Type.Object({}, { additionalProperties: true }),
      successStatus: 200,
      handler: ({ query }) => ask('categories', query),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/coinmarketcap/category',
      summary: 'One category with its coins, as CoinMarketCap tells it',
      query: CategoryQuery,
      response: Type.Object({}, { additionalProperties: true }),
      successStatus: 200,
      handler: ({ query }) => ask('category', query),
    }),
  ];
}
