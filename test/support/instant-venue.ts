import { join } from 'node:path';
import { loadMarkets, type MarketRegistry } from '../../src/config/markets.ts';
import type { Candle, CandleInterval, MarketStatistics } from '../../src/domain/candles.ts';
import type { Market } from '../../src/domain/markets.ts';
import {
  CANCEL_BY_REQUEST,
  STATUS_CANCELLED,
  STATUS_OPEN,
  STATUS_REJECTED,
} from '../../src/domain/orders.ts';
import { OK, UNKNOWN_ORDER } from '../../src/domain/result-codes.ts';
import type { Account, PortfolioSummary } from '../../src/gateway/account.ts';
import { CandleDesk, NO_BARS } from '../../src/gateway/candle-desk.ts';
import type { CandleSeries } from '../../src/gateway/candle-series.ts';
import type { Valuation } from '../../src/gateway/portfolios/valuation.ts';
import type {
  AmendRequest,
  CancelAllAfterReply,
  CancelAllAfterRequest,
  CancelAllReply,
  CancelAllRequest,
  LinkedRequest,
  OrderPage,
  OrderReply,
  OrdersOf,
  OrderView,
  PlaceRequest,
  Ticker,
  Venue,
  VenueStatus,
} from '../../src/gateway/venue.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { DepthBook } from '../../src/projections/depth.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { NO_EXTENSION, type OrderExtension } from '../../src/projections/order-extension.ts';
import { InstantMargin } from './instant-margin.ts';
import { instantPortfolios } from './instant-portfolios.ts';
import { repositoryRoot } from './repository.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A venue without an engine: orders rest and never trade. A test says what comes back next by
 * `nextCode`, and holds replies back by `holding`.
 */
export class InstantVenue implements Venue {
  readonly markets: MarketRegistry = loadMarkets(join(repositoryRoot, 'config/markets.json'));
  readonly margin = new InstantMargin();
  readonly portfolioDesk = instantPortfolios(this.markets);
  readonly placed: PlaceRequest[] = [];
  readonly amended: AmendRequest[] = [];
  readonly switched: CancelAllAfterRequest[] = [];
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
    exchanges: [],
  };
  private readonly books = new Map<Market, DepthBook>();
  private readonly tickers = new Map<Market, Ticker>();
  /** Nothing trades: a test puts trades into the views. */
  readonly views = new MarketViews(this.markets.all);
  private readonly candleDesk = new CandleDesk({
    views: this.views,
    store: NO_BARS,
    clock: new SystemClock(),
  });
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
      selfTrade: request.selfTrade ?? 0,
      extension: { ...NO_EXTENSION, ...extensionOf(request) },
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

  /** Each as if it came alone; no link is kept. */
  placeLinked(requests: readonly LinkedRequest[], done: (replies: OrderReply[]) => void): void {
    const replies: OrderReply[] = [];
    for (const { request } of requests) {
      this.place(request, (reply) => {
        replies.push(reply);
        if (replies.length === requests.length) done(replies);
      });
    }
  }

  amend(request: AmendRequest, done: (reply: OrderReply) => void): void {
    const { userId, orderId, priceTicks, qtyLots } = request;
    this.amended.push(request);
    const order = this.orders.get(orderId);
    let reply: OrderReply = { code: UNKNOWN_ORDER, order: null };
    if (this.nextCode !== OK) reply = { code: this.nextCode, order: order ?? null };
    else if (order?.userId === userId && order.status === STATUS_OPEN) {
      if (priceTicks !== 0) order.priceTicks = priceTicks;
      if (qtyLots !== 0) order.qtyLots = qtyLots;
      reply = { code: OK, order };
    }
    this.reply(done, reply);
  }

  cancelAll(request: CancelAllRequest, done: (reply: CancelAllReply) => void): void {
    let cancelled = 0;
    for (const order of this.orders.values()) {
      const { portfolioId, market } = request;
      if (order.userId !== request.userId || order.status !== STATUS_OPEN) continue;
      if (portfolioId !== undefined && order.portfolioId !== portfolioId) continue;
      if (market !== undefined && order.market !== market) continue;
      order.status = STATUS_CANCELLED;
      cancelled += 1;
    }
    done({ code: this.nextCode, cancelled });
  }

  cancelAllAfter(request: CancelAllAfterRequest, done: (reply: CancelAllAfterReply) => void): void {
    this.switched.push(request);
    const firesAtMs = request.seconds === 0 ? 0 : 1_713_191_400_000 + request.seconds * 1000;
    done({ code: this.nextCode, firesAtMs });
  }

  isOpen(orderId: number): boolean {
    return this.orders.get(orderId)?.status === STATUS_OPEN;
  }

  setPhase(market: Market, phase: number, done: (code: number) => void): void {
    this.ticker(market).phase = phase;
    done(this.nextCode);
  }

  setReference(market: Market, priceTicks: number, done: (code: number) => void): void {
    this.ticker(market).referenceTicks = priceTicks;
    done(this.nextCode);
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

  ordersOf({ userId, portfolioId, beforeOrderId, limit, wanted }: OrdersOf): OrderPage {
    const orders = [...this.orders.values()]
      .filter((order) => order.userId === userId && order.orderId < beforeOrderId)
      .filter((order) => portfolioId === undefined || order.portfolioId === portfolioId)
      .filter(wanted)
      .sort((a, b) => b.orderId - a.orderId);
    const page = orders.slice(0, limit);
    const more = orders.length > page.length;
    return { orders: page, nextBeforeOrderId: more ? page.at(-1)?.orderId : undefined };
  }

  valuation(portfolioId: number): Valuation | undefined {
    const userId = Math.floor(portfolioId / 10);
    const { quote: currency } = this.market('NASDAQ', 'AAPL');
    const money = { cashUnits: 0, freeCashUnits: 0, positionsUnits: 0, totalUnits: 0 };
    const whose = { portfolioId, userId, kind: 'cash', title: 'default' } as const;
    return { ...whose, ...money, currency, positions: [], dayChangeUnits: 0 };
  }

  openOrders(userId: number): OrderView[] {
    return [...this.orders.values()].filter(
      (order) => order.userId === userId && order.status === STATUS_OPEN,
    );
  }

  defaultPortfolioId(userId: number): number | undefined {
    return userId * 10;
  }

  account(portfolioId: number): Account | undefined {
    return {
      portfolioId,
      userId: Math.floor(portfolioId / 10),
      kind: 'cash',
      name: 'default',
      balances: [],
      positions: [],
      collateral: [],
      sequence: 0,
    };
  }

  portfolios(userId: number): PortfolioSummary[] {
    return [{ portfolioId: userId * 10, kind: 'cash', name: 'default' }];
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
      auctionPriceTicks: 0,
      auctionVolumeLots: 0,
      referenceTicks: 0,
      seq: 0,
    }));
  }

  candles(
    market: Market,
    interval: CandleInterval,
    fromSeconds: number,
    toSeconds: number,
    limit: number,
  ): readonly Candle[] {
    return this.candleDesk.candles(market, interval, { fromSeconds, toSeconds, limit });
  }

  candleSeries(market: Market, interval: CandleInterval): CandleSeries {
    return this.candleDesk.series(market, interval);
  }

  statistics(market: Market): MarketStatistics {
    return this.candleDesk.statistics(market);
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

/** The terms of the request that an order's extension keeps. */
function extensionOf(request: PlaceRequest): Partial<OrderExtension> {
  const names = Object.keys(NO_EXTENSION) as (keyof OrderExtension)[];
  const given = names.filter((name) => name in request);
  return Object.fromEntries(given.map((name) => [name, request[name as keyof PlaceRequest]]));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
