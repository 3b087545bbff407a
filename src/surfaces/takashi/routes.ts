import {
  CatalogResponse,
  ExchangesResponse,
  HealthResponse,
  RootResponse,
} from '../../../schemas/takashi.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { type LiveVenues, NO_LIVE_VENUES } from '../../gateway/live-venues.ts';
import { aggregateRoutes, binanceRoutes } from './aggregate-routes.ts';
import { CandleReplies } from './candle-replies.ts';
import { catalogReply, exchangesReply } from './catalog.ts';
import type { CoinMarketCap } from './coinmarketcap.ts';
import { coinMarketCapRoutes } from './coinmarketcap-routes.ts';
import { OPEN } from './errors.ts';
import { LiveReplies } from './live-replies.ts';
import { marketRoutes } from './market-routes.ts';
import { health, root } from './system.ts';

/**
 * @param coinMarketCap what passes its replies through; without a key it refuses
 * @param venues exchanges that are followed live
 */
export function takashiRoutes(
  coinMarketCap: CoinMarketCap,
  venues: LiveVenues = NO_LIVE_VENUES,
): Route[] {
  const replies = new CandleReplies();
  const live = new LiveReplies(venues);
  return [
    ...systemRoutes(),
    ...marketRoutes(replies, live),
    ...aggregateRoutes(replies, live),
    ...binanceRoutes(replies, live),
    ...coinMarketCapRoutes(coinMarketCap),
  ];
}

function systemRoutes(): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/',
      summary: 'Name, version and status of the API',
      response: RootResponse,
      successStatus: 200,
      handler: ({ venue }) => root(venue),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/health',
      summary: 'Health of every exchange feed',
      response: HealthResponse,
      otherStatuses: [503],
      successStatus: 200,
      handler: ({ venue, clock }) => {
        const body = health(venue, clock.nowMs() / 1000);
        return Answer.json(body, { status: body.status === 'unhealthy' ? 503 : 200 });
      },
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/exchanges',
      summary: 'Exchanges and what they can be asked for',
      response: ExchangesResponse,
      successStatus: 200,
      handler: ({ venue }) => exchangesReply(venue.markets),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/ws-catalog',
      summary: 'WebSocket paths, their parameters and messages',
      response: CatalogResponse,
      successStatus: 200,
      handler: ({ venue }) => catalogReply(venue.markets),
    }),
  ];
}
