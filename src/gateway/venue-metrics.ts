import type { Metrics } from '../metrics/metrics.ts';
import type { Venue } from './venue.ts';

/** Registers what can be read off the venue at any time. */
export function registerVenueMetrics(metrics: Metrics, venue: Venue): void {
  metrics.gauge('openbell_accepting', '1 while orders are accepted', () => [
    { value: venue.status().accepting ? 1 : 0 },
  ]);
  metrics.gauge('openbell_part_healthy', '1 while the part does its work', () => {
    const { journal, matching, disk } = venue.status();
    return Object.entries({ journal, matching, disk }).map(([part, { healthy }]) => ({
      labels: { part },
      value: healthy ? 1 : 0,
    }));
  });
  metrics.gauge('openbell_open_orders', 'Orders resting in all books', () => [
    { value: venue.status().openOrders },
  ]);
  metrics.gauge('openbell_websocket_connections', 'Open WebSocket connections', () => [
    { value: venue.status().webSocketConnections },
  ]);
  metrics.counter('openbell_trades_total', 'Executions since the data directory was made', () =>
    venue.markets.all.map((market) => ({
      labels: { exchange: market.exchange, symbol: market.symbol },
      value: venue.ticker(market).tradesTotal,
    })),
  );
  metrics.gauge('openbell_durability_info', 'Durability mode in force', () => [
    { labels: { mode: venue.status().durability }, value: 1 },
  ]);
}
