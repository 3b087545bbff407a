import type { Market } from '../../domain/markets.ts';
import type { MakerDesk, MarketStanding } from '../../gateway/maker/maker-desk.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { HttpMetrics } from '../../metrics/http-metrics.ts';
import type { Metrics, Sample } from '../../metrics/metrics.ts';
import { currentSpreads } from './maker-figures.ts';
import { halfMoney, money, symbolOf } from './wire.ts';

/** The markets this surface speaks of, as it spells them: `SEI/USDC`. */
export function seiMarkets(
  venue: Pick<Venue, 'markets'>,
): readonly { market: Market; symbol: string }[] {
  return venue.markets.all
    .filter(({ exchange }) => exchange === 'sei')
    .map((market) => ({ market, symbol: symbolOf(market) }));
}

/**
 * The documented Prometheus series. Those of the model have no samples while there is none, those of
 * our own quotes none while nothing is quoted; their names are listed all the same.
 */
export function registerFlashmmSeries(
  metrics: Metrics,
  http: HttpMetrics,
  venue: Venue,
  maker?: MakerDesk,
): void {
  const markets = seiMarkets(venue);
  const standings = standingsOf(maker);
  metrics.counter('flashmm_predictions_total', 'Total number of ML predictions made', () =>
    markets.map(({ symbol }) => ({ labels: { symbol }, value: 0 })),
  );
  metrics.gauge('flashmm_prediction_accuracy', 'Accuracy of ML predictions', () => []);
  metrics.gauge(
    'flashmm_spread_improvement_bps',
    'Current spread improvement in basis points',
    () => standings().flatMap(improvement),
  );
  metrics.counter('flashmm_trading_volume_usdc_total', 'Total trading volume in USDC', () =>
    markets.map(({ market, symbol }) => {
      const quotes = maker?.deployment()?.quotes?.markets.get(market.id);
      return { labels: { symbol }, value: money(market, quotes?.volumeUnits ?? 0) };
    }),
  );
  http.alsoObserve(
    metrics.histogram('flashmm_latency_seconds', 'Request latency in seconds', [0.1, 0.2, 0.5]),
  );
  if (maker !== undefined) registerMakerSeries(metrics, maker, standings);
}

/** How the maker stands, looked at once for all series of a scrape. */
function standingsOf(maker: MakerDesk | undefined): () => readonly MarketStanding[] {
  let looked: readonly MarketStanding[] | undefined;
  return () => {
    if (looked === undefined) {
      looked = maker?.standings() ?? [];
      setImmediate(() => {
        looked = undefined;
      });
    }
    return looked;
  };
}

function improvement(standing: MarketStanding): Sample[] {
  const { marketBps, oursBps } = currentSpreads(standing);
  if (Number.isNaN(marketBps - oursBps)) return [];
  return [{ labels: { symbol: symbolOf(standing.market) }, value: marketBps - oursBps }];
}

/** How the market maker stands, by market; and what its operators have ordered. */
function registerMakerSeries(
  metrics: Metrics,
  maker: MakerDesk,
  standings: () => readonly MarketStanding[],
): void {
  const each = (read: (standing: MarketStanding) => number) => () =>
    standings().flatMap((standing) => {
      const value = read(standing);
      return Number.isNaN(value) ? [] : [{ labels: { symbol: symbolOf(standing.market) }, value }];
    });
  const gauges: [string, string, (standing: MarketStanding) => number][] = [
    ['quoting', '1 while there are quotes on both sides', isQuoting],
    ['spread_bps', 'Between our own best bid and ask', (one) => currentSpreads(one).oursBps],
    [
      'market_spread_bps',
      'Of the market without our quotes',
      (one) => currentSpreads(one).marketBps,
    ],
    [
      'position_usdc',
      'Position at the newest trade',
      (one) => money(one.market, one.positionUnits),
    ],
    ['position_limit_usdc', 'Greatest position', (one) => money(one.market, one.limitUnits)],
    ['pnl_usdc', 'Profit since the deployment', (one) => money(one.market, one.totalUnits)],
    [
      'spread_capture_usdc',
      'Profit by the spread',
      (one) => halfMoney(one.market, one.spreadHalfUnits),
    ],
    [
      'inventory_pnl_usdc',
      'Profit by prices',
      (one) => halfMoney(one.market, one.inventoryHalfUnits),
    ],
    ['fees_usdc', 'Fees paid less rebates', (one) => money(one.market, one.feeUnits)],
    ['active_orders', 'Orders in the book', ({ activeOrders }) => activeOrders],
  ];
  for (const [name, help, read] of gauges)
    metrics.gauge(`openbell_maker_${name}`, help, each(read));
  metrics.gauge('openbell_maker_quoting_ratio', 'Time with quotes on both sides, last day', () =>
    standings().flatMap(({ market, day: { bothMs, observedMs } }) => {
      const labels = { symbol: symbolOf(market) };
      return observedMs === 0 ? [] : [{ labels, value: bothMs / observedMs }];
    }),
  );
  const { operations, webhooks } = maker;
  metrics.gauge('openbell_trading_paused', '1 while trading in the market is paused', () =>
    maker.markets.map((market) => ({
      labels: { symbol: symbolOf(market) },
      value: operations.controls.paused.has(market.id) ? 1 : 0,
    })),
  );
  metrics.gauge('openbell_emergency_stop', '1 while an emergency stop is in force', () => [
    { value: operations.controls.stop === undefined ? 0 : 1 },
  ]);
  metrics.gauge('openbell_webhook_deliveries_pending', 'Events not delivered yet', () => [
    { value: webhooks.pending },
  ]);
  metrics.counter('openbell_webhook_events_dropped_total', 'Events of too full receivers', () => [
    { value: webhooks.dropped },
  ]);
}

function isQuoting({ touches: { ourBid, ourAsk } }: MarketStanding): number {
  return ourBid > 0 && ourAsk > 0 ? 1 : 0;
}
