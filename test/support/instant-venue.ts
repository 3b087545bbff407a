import { join } from 'node:path';
import { loadMarkets, type MarketRegistry } from '../../src/config/markets.ts';
import type { Market } from '../../src/domain/markets.ts';
import {
  CANCEL_BY_REQUEST,
  STATUS_CANCELLED,
  STATUS_OPEN,
  STATUS_REJECTED,
} from '../../src/domain/orders.ts';
import { OK, UNKNOWN_ORDER } from '../../src/domain/result-codes.ts';
import type {
  OrderReply,
  OrderView,
  PlaceRequest,
  Ticker,
  Venue,
  VenueStatus,
} from '../../src/gateway/venue.ts';
import { DepthBook } from '../../src/projections/depth.ts';
import { repositoryRoot } from './repository.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A venue without an engine: orders rest and never trade. A test says what comes back next by
 * `nextCode`, and holds replies back by `holding`.
 */
export class InstantVenue implements Venue {
  readonly markets: MarketRegistry = loadMarkets(join(repositoryRoot, 'config/markets.json'));
  readonly placed: PlaceRequest[] = [];
  readonly orders = new Map<number, Mutable<OrderView> & { userId: number }>();
  readonly waiting: (() => void)[] = [];
  /** Result of the next orders and cancels; below 400 without an order, from 400 on rejected. */
  nextCode = OK;
  /** Changes the order of the next replies. */
  adjust: Partial<Mutable<OrderView>> = {};
  holding = false;
  facts: Mutable<VenueStatus> = {
    version: '0.1.0',
    environment: 'test',
    durability: 'commit',
    rateLimits: 'on',
    startedAtMs: 0,
    accepting: true,
    journal: { healthy: true, detail: '' },
    matching: { healthy: true, detail: '' },
    disk: { healthy: true, detail: '' },
    epoch: 1,
    openOrders: 0,
    webSocketConnections: 3,
  };
  private readonly books = new Map<Market, DepthBook>();
  private readonly tickers = new Map<Market, Ticker>();
  private lastOrderId = 0;

  place(request: PlaceRequest, done: (reply: OrderReply) => void): void {
    this.placed.push(request);
    const code = this.nextCode;
    if (code !== OK && code < 400) {
      this.reply(done, { code, order: null });
      return;
    }
    this.lastOrderId += 1;
    const order = {
      orderId: this.lastOrderId,
      ...request,
      filledLots: 0,
      filledNotionalUnits: 0,
      feeUnits: 0,
      status: code === OK ? STATUS_OPEN : STATUS_REJECTED,
      reason: code,
      createdSeconds: 1_713_191_400,
      createdNanos: 123_456_000,
      updatedSeconds: 1_713_191_400,
      updatedNanos: 123_456_000,
      ...this.adjust,
    };
    this.orders.set(order.orderId, order);
    this.reply(done, { code, order });
  }

  cancel(userId: number, orderId: number, done: (reply: OrderReply) => void): void {
    const order = this.orders.get(orderId);
    let reply: OrderReply = { code: UNKNOWN_ORDER, order: null };
    if (this.nextCode !== OK) reply = { code: this.nextCode, order: null };
    else if (order?.userId === userId && order.status === STATUS_OPEN) {
      order.status = STATUS_CANCELLED;
      order.reason = CANCEL_BY_REQUEST;
      reply = { code: OK, order };
    }
    this.reply(done, reply);
  }

  order(userId: number, orderId: number): OrderView | undefined {
    const order = this.orders.get(orderId);
    return order?.userId === userId ? order : undefined;
  }

  orderByClientId(
    userId: number,
    portfolioId: number,
    clientOrderId: string,
  ): OrderView | undefined {
    return [...this.orders.values()].find(
      (order) =>
        order.userId === userId &&
        order.portfolioId === portfolioId &&
        order.clientOrderId === clientOrderId,
    );
  }

  defaultPortfolioId(userId: number): number | undefined {
    return userId * 10;
  }

  ownsPortfolio(userId: number, portfolioId: number): boolean {
    return Math.floor(portfolioId / 10) === userId;
  }

  depth(market: Market): DepthBook {
    return entry(this.books, market, () => new DepthBook());
  }

  ticker(market: Market): Ticker {
    return entry(this.tickers, market, () => ({
      lastPriceTicks: 0,
      lastQtyLots: 0,
      updatedSeconds: 0,
      updatedNanos: 0,
      tradesTotal: 0,
      tradedLotsTotal: 0,
      tradedNotionalUnitsTotal: 0,
      phase: 0,
      seq: 0,
    }));
  }

  status(): VenueStatus {
    return this.facts;
  }

  market(exchange: string, symbol: string): Market {
    return this.markets.resolve(exchange, symbol) as Market;
  }

  private reply(done: (reply: OrderReply) => void, reply: OrderReply): void {
    if (this.holding) this.waiting.push(() => done(reply));
    else done(reply);
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
