import type { MarketRegistry } from '../config/markets.ts';
import type { Candle, CandleInterval, MarketStatistics } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { resultName } from '../domain/result-codes.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { DepthBook } from '../projections/depth.ts';
import type { Account, PortfolioSummary } from './account.ts';
import type { CandleSeries } from './candle-series.ts';
import type { MarginVenue } from './margin/margin-venue.ts';
import type {
  AmendRequest,
  CancelAllAfterReply,
  CancelAllAfterRequest,
  CancelAllReply,
  CancelAllRequest,
  LinkedRequest,
  OrderReply,
  OrderView,
  PlaceRequest,
  Ticker,
  Venue,
  VenueStatus,
} from './venue.ts';

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

/** The venue with its orders and cancels counted by result code; otherwise the same. */
export class MeteredVenue implements Venue {
  private readonly inner: Venue;
  private readonly placed = new Map<number, number>();
  private readonly cancelled = new Map<number, number>();
  private readonly amended = new Map<number, number>();

  constructor(inner: Venue, metrics: Metrics) {
    this.inner = inner;
    metrics.counter('openbell_orders_total', 'Orders of clients by result code', () =>
      byResult(this.placed),
    );
    metrics.counter('openbell_cancels_total', 'Cancels of clients by result code', () =>
      byResult(this.cancelled),
    );
    metrics.counter('openbell_amendments_total', 'Amendments of clients by result code', () =>
      byResult(this.amended),
    );
  }

  get markets(): MarketRegistry {
    return this.inner.markets;
  }

  get margin(): MarginVenue {
    return this.inner.margin;
  }

  account(portfolioId: number): Account | undefined {
    return this.inner.account(portfolioId);
  }

  portfolios(userId: number): readonly PortfolioSummary[] {
    return this.inner.portfolios(userId);
  }

  place(request: PlaceRequest, done: (reply: OrderReply) => void): void {
    this.inner.place(request, (reply) => {
      count(this.placed, reply.code);
      done(reply);
    });
  }

  cancel(userId: number, orderId: number, done: (reply: OrderReply) => void): void {
    this.inner.cancel(userId, orderId, (reply) => {
      count(this.cancelled, reply.code);
      done(reply);
    });
  }

  placeLinked(requests: readonly LinkedRequest[], done: (replies: OrderReply[]) => void): void {
    this.inner.placeLinked(requests, (replies) => {
      for (const { code } of replies) count(this.placed, code);
      done(replies);
    });
  }

  amend(request: AmendRequest, done: (reply: OrderReply) => void): void {
    this.inner.amend(request, (reply) => {
      count(this.amended, reply.code);
      done(reply);
    });
  }

  cancelAll(request: CancelAllRequest, done: (reply: CancelAllReply) => void): void {
    this.inner.cancelAll(request, done);
  }

  cancelAllAfter(request: CancelAllAfterRequest, done: (reply: CancelAllAfterReply) => void): void {
    this.inner.cancelAllAfter(request, done);
  }

  isOpen(orderId: number): boolean {
    return this.inner.isOpen(orderId);
  }

  setPhase(market: Market, phase: number, done: (code: number) => void): void {
    this.inner.setPhase(market, phase, done);
  }

  setReference(market: Market, priceTicks: number, done: (code: number) => void): void {
    this.inner.setReference(market, priceTicks, done);
  }

  order(userId: number, orderId: number): OrderView | undefined {
    return this.inner.order(userId, orderId);
  }

  orderByClientId(
    userId: number,
    portfolioId: number,
    clientOrderId: string,
  ): OrderView | undefined {
    return this.inner.orderByClientId(userId, portfolioId, clientOrderId);
  }

  openOrders(userId: number): readonly OrderView[] {
    return this.inner.openOrders(userId);
  }

  defaultPortfolioId(userId: number): number | undefined {
    return this.inner.defaultPortfolioId(userId);
  }

  ownsPortfolio(userId: number, portfolioId: number): boolean {
    return this.inner.ownsPortfolio(userId, portfolioId);
  }

  depth(market: Market): DepthBook {
    return this.inner.depth(market);
  }

  ticker(market: Market): Ticker {
    return this.inner.ticker(market);
  }

  candles(
    market: Market,
    interval: CandleInterval,
    fromSeconds: number,
    toSeconds: number,
    limit: number,
  ): readonly Candle[] {
    return this.inner.candles(market, interval, fromSeconds, toSeconds, limit);
  }

  candleSeries(market: Market, interval: CandleInterval): CandleSeries {
    return this.inner.candleSeries(market, interval);
  }

  statistics(market: Market): MarketStatistics {
    return this.inner.statistics(market);
  }

  status(): VenueStatus {
    return this.inner.status();
  }
}

function count(counts: Map<number, number>, code: number): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

function byResult(counts: ReadonlyMap<number, number>) {
  return [...counts].map(([code, value]) => ({ labels: { result: resultName(code) }, value }));
}
