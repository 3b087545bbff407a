import type { HealthResponse, RootResponse } from '../../../schemas/takashi.ts';
import type { Venue } from '../../gateway/venue.ts';
import { coveredExchanges } from './exchanges.ts';

/** A market whose newest durable event is older has no living feed. */
const FRESH_SECONDS = 60;

export function root(venue: Venue): RootResponse {
  const { version, accepting } = venue.status();
  return {
    name: 'TAKASHI Multi-Exchange Market Data API',
    version,
    status: accepting ? 'operational' : 'unavailable',
    docs: '/docs',
    exchanges: coveredExchanges(venue.markets),
  };
}

/**
 * Healthy while every exchange's feed is fresh, degraded while one is not, unhealthy when the
 * venue itself takes no orders.
 */
export function health(venue: Venue, nowSeconds: number): HealthResponse {
  const status = venue.status();
  const exchanges: Record<string, boolean> = {};
  for (const exchange of coveredExchanges(venue.markets)) {
    const own = status.exchanges.find((one) => one.exchange === exchange);
    exchanges[exchange] =
      own?.source === 'live'
        ? own.isFresh
        : venue.markets.all.some(
            (market) =>
              market.exchange === exchange &&
              nowSeconds - venue.ticker(market).updatedSeconds <= FRESH_SECONDS,
          );
  }
  const serving = status.accepting && status.journal.healthy && status.matching.healthy;
  const allFresh = Object.values(exchanges).every(Boolean);
  return {
    status: serving ? (allFresh ? 'healthy' : 'degraded') : 'unhealthy',
    exchanges,
    sources: Object.fromEntries(
      status.exchanges.map(({ exchange, source, lastDataMs, staleMarkets }) => [
        exchange,
        { source, last_data_ms: lastDataMs, stale_books: [...staleMarkets] },
      ]),
    ),
    durability: status.durability,
    rate_limits: status.rateLimits,
  };
}
