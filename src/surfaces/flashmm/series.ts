import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import type { HttpMetrics } from '../../metrics/http-metrics.ts';
import type { Metrics } from '../../metrics/metrics.ts';

/** The markets this surface speaks of, as it spells them: `SEI/USDC`. */
export function seiMarkets(
  venue: Pick<Venue, 'markets'>,
): readonly { market: Market; symbol: string }[] {
  return venue.markets.all
    .filter(({ exchange }) => exchange === 'sei')
    .map((market) => ({ market, symbol: market.symbol.replaceAll('-', '/') }));
}

/**
 * The documented Prometheus series. Those of the model and of our own quotes have no samples while
 * there is no model and no quote; their names are listed all the same.
 */
export function registerFlashmmSeries(metrics: Metrics, http: HttpMetrics, venue: Venue): void {
  const markets = seiMarkets(venue);
  metrics.counter('flashmm_predictions_total', 'Total number of ML predictions made', () =>
    markets.map(({ symbol }) => ({ labels: { symbol }, value: 0 })),
  );
  metrics.gauge('flashmm_prediction_accuracy', 'Accuracy of ML predictions', () => []);
  metrics.gauge(
    'flashmm_spread_improvement_bps',
    'Current spread improvement in basis points',
    () => [],
  );
  metrics.counter('flashmm_trading_volume_usdc_total', 'Total trading volume in USDC', () =>
    markets.map(({ market, symbol }) => ({
      labels: { symbol },
      value: scaledToNumber(venue.ticker(market).tradedNotionalUnitsTotal, market.quote.decimals),
    })),
  );
  http.alsoObserve(
    metrics.histogram('flashmm_latency_seconds', 'Request latency in seconds', [0.1, 0.2, 0.5]),
  );
}
