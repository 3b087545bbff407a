import type { MarketRegistry } from '../config/markets.ts';
import type { Candle, CandleInterval, MarketStatistics } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import type { DepthBook } from '../projections/depth.ts';
import type { MarketView } from '../projections/market-view.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import type { RingReader } from '../rings/ring.ts';
import type { Account, PortfolioSummary } from './account.ts';
import { AccountReport } from './account-report.ts';
import type { CandleSeries } from './candle-series.ts';
import { ClientOrders } from './client-orders.ts';
import type { Clockwork, EngineListeners, EngineParts } from './engine-parts.ts';
import { MarginDesk } from './margin/margin-desk.ts';
import { OpenOrders } from './open-orders.ts';
import { OrderDesk } from './order-desk.ts';
import type { DoorFacts, OrderDoor } from './order-door.ts';
import { orderPage } from './order-page.ts';
import { PortfolioDesk } from './portfolios/portfolio-desk.ts';
import type { Valuation } from './portfolios/valuation.ts';
import { Valuer } from './portfolios/valuer.ts';
import { Replies } from './replies.ts';
import type { RequestDoor } from './session-door.ts';
import type { SeatKeeper } from './session-seat.ts';
import { Settlement } from './settlement.ts';
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
} from './venue.ts';

/**
 * Steps 7 to 9 of every order's way: the venue that surfaces see, and the gateway's turn, in which
 * `Settlement` applies what is durable. All of it runs on the gateway's thread.
 */
export class Engine implements Venue, DoorFacts, SeatKeeper {
  readonly markets: MarketRegistry;
  readonly clientOrders: ClientOrders;
  readonly margin: MarginDesk;
  readonly portfolioDesk: PortfolioDesk;
  readonly valuer: Valuer;
  private readonly parts: EngineParts;
  private readonly replies: Replies;
  /** What users ask of their orders, and the venue of anybody's. */
  readonly desk: OrderDesk;
  private readonly openOrdersByPortfolio: OpenOrders;
  private readonly accountReport: AccountReport;
  private readonly settlement: Settlement;
  private door: OrderDoor | undefined;
  private sessions: readonly RequestDoor[] = [];
  private acceptingOrders = true;
  private clockwork: Clockwork | undefined;
  private readonly parked = new Set<RingReader>();

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.markets = parts.markets;
    this.clientOrders = new ClientOrders({
      index: parts.clientOrderIndex,
      orderById: (orderId) => parts.orders.get(orderId) ?? parts.readClosedOrder(orderId),
      view: (order) => this.view(order),
    });
    this.margin = new MarginDesk({
      ...parts,
      record: (event) => parts.venueLog.record(event),
      place: (request, done) => this.place(request, done),
      account: (portfolioId) => this.account(portfolioId),
      refusal: () => this.refusal(),
    });
    const { book } = parts.accounts;
    this.accountReport = new AccountReport({ ...parts, rules: this.margin.rules, book });
    this.valuer = new Valuer({
      ...parts,
      book,
      statistics: (market) => this.statistics(market),
      nowSeconds: (market) => parts.candles.series(market, '1d').nowSeconds(),
    });
    this.portfolioDesk = new PortfolioDesk({
      ...parts,
      cashAssets: this.valuer.cashAssets,
      record: (event) => parts.venueLog.record(event),
      cancelAll: (request, done) => this.cancelAll(request, done),
      refusal: () => this.refusal(),
      isDeployed: (id) => parts.deployments.running().some((one) => one.portfolioId === id),
    });
    this.replies = new Replies(() => this.openDoor().flush());
    this.openOrdersByPortfolio = new OpenOrders(parts.ledger, parts.orders.all());
    this.settlement = new Settlement({
      ...parts,
      replies: this.replies,
      accountReport: this.accountReport,
      openOrders: this.openOrdersByPortfolio,
      view: (order) => this.view(order),
    });
    this.desk = new OrderDesk({
      markets: parts.markets,
      ledger: parts.ledger,
      orders: parts.orders,
      clientOrders: this.clientOrders,
      replies: this.replies,
      refusal: () => this.refusal(),
      placeRefusal: () => this.refusal() || (parts.spaceLow() ? C.DISK_SPACE_LOW : C.OK),
      tradingRefusal: parts.tradingRefusal,
      order: (userId, orderId) => this.order(userId, orderId),
    });
  }

  /** Opens the engine: from here on it takes orders through the door. */
  open(
    door: OrderDoor,
    sessions: readonly RequestDoor[],
    listeners: EngineListeners,
    clockwork?: Clockwork,
  ): void {
    this.door = door;
    this.desk.open(door);
    this.clockwork = clockwork;
    this.sessions = sessions;
    this.settlement.open(listeners, clockwork);
  }

  // --- Venue --------------------------------------------------------------------------------

  place(request: PlaceRequest, done: (reply: OrderReply) => void): void {
    this.desk.place(request, done);
  }

  placeLinked(requests: readonly LinkedRequest[], done: (replies: OrderReply[]) => void): void {
    this.desk.placeLinked(requests, done);
  }

  cancel(userId: number, orderId: number, done: (reply: OrderReply) => void): void {
    this.desk.cancel(userId, orderId, done);
  }

  amend(request: AmendRequest, done: (reply: OrderReply) => void): void {
    this.desk.amend(request, done);
  }

  cancelAll(request: CancelAllRequest, done: (reply: CancelAllReply) => void): void {
    this.desk.cancelAll(request, done);
  }

  cancelAllAfter(request: CancelAllAfterRequest, done: (reply: CancelAllAfterReply) => void): void {
    const { userId, portfolioId, market, seconds } = request;
    const owned = this.ownsPortfolio(userId, portfolioId);
    const refusal = owned ? this.refusal() : C.UNKNOWN_PORTFOLIO;
    if (refusal !== C.OK) return done({ code: refusal, firesAtMs: 0 });
    assert(this.clockwork !== undefined, 'the engine was opened with its switches');
    this.clockwork.switches.set(portfolioId, market?.id ?? 0, seconds, done);
  }

  setPhase(market: Market, phase: number, done: (code: number) => void): void {
    const refusal = this.refusal();
    if (refusal !== C.OK) return done(refusal);
    // The word first: a crash in between leaves a market that is put right at the next start.
    this.parts.venueLog.record({ kind: 'PhaseOrdered', marketId: market.id, phase }).then(
      () => this.desk.setPhase(market, phase, done),
      () => done(C.JOURNAL_UNAVAILABLE),
    );
  }

  /** Puts a market into the phase that its calendar says; nobody waits for it. */
  followCalendar(market: Market, phase: number): void {
    this.desk.setPhase(market, phase, () => undefined);
  }

  /** Phase of a market as of its newest durable event. */
  phaseOf(market: Market): number {
    return this.ticker(market).phase;
  }

  setReference(market: Market, priceTicks: number, done: (code: number) => void): void {
    this.desk.setReference(market, priceTicks, done);
  }

  /** Gives a market the time; a result code. */
  advanceTime(market: Market): number {
    return this.desk.advanceTime(market);
  }

  isOpen(orderId: number): boolean {
    return this.parts.orders.get(orderId) !== undefined;
  }

  isOrderOf(portfolioId: number, orderId: number): boolean {
    const order = this.parts.orders.get(orderId) ?? this.parts.readClosedOrder(orderId);
    return order?.portfolioId === portfolioId;
  }

  order(userId: number, orderId: number): OrderView | undefined {
    const found = this.parts.orders.get(orderId) ?? this.parts.readClosedOrder(orderId);
    if (found === undefined || !this.ownsPortfolio(userId, found.portfolioId)) return undefined;
    return this.view(found);
  }

  orderByClientId(
    userId: number,
    portfolioId: number,
    clientOrderId: string,
  ): OrderView | undefined {
    if (!this.ownsPortfolio(userId, portfolioId)) return undefined;
    const order = this.clientOrders.find(portfolioId, clientOrderId);
    return order && this.view(order);
  }

  openOrders(userId: number): OrderView[] {
    return Array.from(this.openOrdersByPortfolio.of(userId), (order) => this.view(order));
  }

  ordersOf(query: OrdersOf): OrderPage {
    const { orderHistory, accounts } = this.parts;
    return orderPage(orderHistory, accounts.book, query, (id) => this.order(query.userId, id));
  }

  valuation(portfolioId: number): Valuation | undefined {
    return this.valuer.value(portfolioId);
  }

  defaultPortfolioId(userId: number): number | undefined {
    return this.parts.accounts.defaultPortfolioId(userId);
  }

  ownsPortfolio(userId: number, portfolioId: number): boolean {
    return this.parts.ledger.portfolios.get(portfolioId)?.userId === userId;
  }

  account(portfolioId: number): Account | undefined {
    return this.accountReport.account(portfolioId);
  }

  portfolios(userId: number): readonly PortfolioSummary[] {
    return this.accountReport.portfolios(userId);
  }

  depth(market: Market): DepthBook {
    return this.marketView(market.id).depth;
  }

  ticker(market: Market): Ticker {
    return this.marketView(market.id).ticker;
  }

  candles(
    market: Market,
    interval: CandleInterval,
    fromSeconds: number,
    toSeconds: number,
    limit: number,
  ): readonly Candle[] {
    return this.parts.candles.candles(market, interval, { fromSeconds, toSeconds, limit });
  }

  candleSeries(market: Market, interval: CandleInterval): CandleSeries {
    return this.parts.candles.series(market, interval);
  }

  statistics(market: Market): MarketStatistics {
    return this.parts.candles.statistics(market);
  }

  status(): VenueStatus {
    return this.parts.status();
  }

  /** Stops taking orders; what is under way is finished and answered. */
  stopAccepting(): void {
    this.acceptingOrders = false;
  }

  /**
   * Answers everyone who waits for something durable when nothing will become durable any more. What
   * became of their commands is not known before a restart, and the code says so.
   */
  abandonPending(): void {
    this.replies.abandon(C.JOURNAL_UNAVAILABLE);
  }

  get accepting(): boolean {
    return this.acceptingOrders;
  }

  get requestsPending(): number {
    return this.replies.size;
  }

  /** Records applied since the start. */
  get recordsApplied(): number {
    return this.settlement.records;
  }

  /** Requests taken in from in-process sessions since the start. */
  get sessionRequests(): number {
    return this.sessions.reduce((sum, session) => sum + session.requestsTotal, 0);
  }

  referenceTicks(market: Market, side: number): number {
    const { depth, ticker } = this.marketView(market.id);
    const best = side === SIDE_BUY ? depth.bestAskTicks() : depth.bestBidTicks();
    return best === 0 ? ticker.lastPriceTicks : best;
  }

  lastTicks(market: Market): number {
    return this.marketView(market.id).ticker.lastPriceTicks;
  }

  /** Moves a session's cursors along with the gateway's own, so that they hold nobody up. */
  park(readers: readonly RingReader[]): void {
    for (const reader of readers) this.parked.add(reader);
  }

  /** From here on whoever sits there reads by itself, from where the gateway's state stands. */
  unpark(readers: readonly RingReader[]): void {
    for (const reader of readers) {
      reader.skipToEnd();
      this.parked.delete(reader);
    }
  }

  /** Gives what changed without an event to those who listen. */
  publish(): void {
    this.settlement.publish(true);
  }

  // --- The gateway's turn -------------------------------------------------------------------

  hasWork(): boolean {
    for (const reader of this.parts.eventReaders) if (reader.hasNext()) return true;
    if (!this.sessionsWait()) {
      for (const session of this.sessions) if (session.hasWork()) return true;
    }
    return this.door?.hasUnflushed === true;
  }

  /** One turn: takes in sessions' requests, then applies all that is durable. True if it worked. */
  turn(): boolean {
    let worked = false;
    if (!this.sessionsWait()) {
      for (const session of this.sessions) if (session.pump(this.openDoor())) worked = true;
    }
    this.door?.flush();
    for (const reader of this.parts.eventReaders) {
      if (this.settlement.drain(reader)) worked = true;
    }
    for (const reader of this.parked) reader.skipToEnd();
    this.settlement.publish(worked);
    return worked;
  }

  /** Sessions are not refused: their rings fill, and they go on when it is over. */
  private sessionsWait(): boolean {
    return !this.parts.healthy() || this.parts.spaceLow();
  }

  /** Why nothing is taken now, or `OK`. */
  refusal(): number {
    if (!this.acceptingOrders) return C.DRAINING;
    return this.parts.healthy() ? C.OK : C.JOURNAL_UNAVAILABLE;
  }

  private view(order: TrackedOrder): OrderView {
    return { ...order, market: this.marketOf(order.marketId) };
  }

  private marketOf(marketId: number): Market {
    const market = this.markets.get(marketId);
    assert(market !== undefined, `market ${marketId} exists`);
    return market;
  }

  private marketView(marketId: number): MarketView {
    const view = this.parts.views.get(marketId);
    assert(view !== undefined, `market ${marketId} has a view`);
    return view;
  }

  private openDoor(): OrderDoor {
    assert(this.door !== undefined, 'the engine is open');
    return this.door;
  }
}
