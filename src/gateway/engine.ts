import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import type { DepthBook } from '../projections/depth.ts';
import type { MarketView, MarketViews } from '../projections/market-view.ts';
import type { OrderTracker, TrackedOrder } from '../projections/order-tracker.ts';
import { FRAME_FLAG_END, type FrameViews, frameFlags, frameType } from '../rings/frame.ts';
import { RING_EMPTY, type RingReader } from '../rings/ring.ts';
import type { Accounts } from './accounts.ts';
import { applyMarketRecord, forgetClientId } from './apply.ts';
import type { ClientOrderIndex } from './client-order-index.ts';
import { ClientOrders } from './client-orders.ts';
import type { OrderDoor, ReferencePrices, Submission } from './order-door.ts';
import type { SessionDoor } from './session-door.ts';
import type { OrderReply, OrderView, PlaceRequest, Ticker, Venue, VenueStatus } from './venue.ts';
import { readVenueEvent, type VenueLog } from './venue-log.ts';

/** What the engine tells others while it drains; everything told is durable. */
export interface EngineListeners {
  /** A fact of the venue became durable and was applied to the accounts. */
  onVenueEvent(event: VenueEvent): void;
  /** An order of a user (not of a simulated trader or a recording) changed. */
  onUserOrder(userId: number, order: OrderView): void;
  /** Everything drained in this turn has been applied and answered: publish it. */
  onDrained(): void;
}

export interface EngineParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly orders: OrderTracker;
  readonly views: MarketViews;
  readonly venueLog: VenueLog;
  /** Client order ids of users' portfolios, with what the journal knows of them. */
  readonly clientOrderIndex: ClientOrderIndex;
  /** Event rings of all market workers, and the venue's own, behind the journal's cursor. */
  readonly eventReaders: readonly RingReader[];
  /** Reads an order that is no longer in memory. */
  readonly readClosedOrder: (orderId: number) => TrackedOrder | undefined;
  /** Keeps a closed order of a user for `readClosedOrder`, until the table has it. */
  readonly keepClosedOrder: (order: TrackedOrder) => void;
  readonly status: () => VenueStatus;
  /** False once the journal or a market worker failed: nothing new can be acknowledged. */
  readonly healthy: () => boolean;
  /** True while little disk space is left: what makes the journal grow has to wait. */
  readonly spaceLow: () => boolean;
}

/**
 * Steps 7 to 9 of every order's way: reads what is durable, settles it, keeps the projections and
 * answers whoever waits. All of it runs on the gateway's thread, one turn at a time.
 */
export class Engine implements Venue, ReferencePrices {
  readonly markets: MarketRegistry;
  readonly clientOrders: ClientOrders;
  private readonly parts: EngineParts;
  private readonly pending = new Map<number, (reply: OrderReply) => void>();
  private records = 0;
  private door: OrderDoor | undefined;
  private sessions: readonly SessionDoor[] = [];
  private listeners: EngineListeners | undefined;
  private acceptingOrders = true;
  private flushScheduled = false;
  private parked: readonly RingReader[] = [];

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.markets = parts.markets;
    this.clientOrders = new ClientOrders({
      index: parts.clientOrderIndex,
      orderById: (orderId) => parts.orders.get(orderId) ?? parts.readClosedOrder(orderId),
      view: (order) => this.view(order),
    });
  }

  /** Opens the engine: from here on it takes orders through the door. */
  open(door: OrderDoor, sessions: readonly SessionDoor[], listeners: EngineListeners): void {
    this.door = door;
    this.sessions = sessions;
    this.listeners = listeners;
  }

  // --- Venue --------------------------------------------------------------------------------

  place(request: PlaceRequest, done: (reply: OrderReply) => void): void {
    // A repeat of what is durable is answered whatever state the venue is in.
    const hasId =
      request.clientOrderId !== '' && this.ownsPortfolio(request.userId, request.portfolioId);
    if (hasId && this.clientOrders.repeated(request, done)) return;
    const refusal = this.refusal() || (this.parts.spaceLow() ? C.DISK_SPACE_LOW : C.OK);
    if (refusal !== C.OK) return this.deny(refusal, done);
    const submission = this.openDoor().place(request);
    const isNoted = hasId && submission.code === C.OK;
    this.await(submission, isNoted ? this.clientOrders.begin(request, done) : done);
  }

  cancel(userId: number, orderId: number, done: (reply: OrderReply) => void): void {
    const refusal = this.refusal();
    if (refusal !== C.OK) return this.deny(refusal, done);
    const open = this.parts.orders.get(orderId);
    if (open === undefined || !this.ownsPortfolio(userId, open.portfolioId)) {
      const closed = this.order(userId, orderId);
      if (closed === undefined) return this.deny(C.UNKNOWN_ORDER, done);
      done({ code: C.ORDER_NOT_IN_BOOK, order: closed });
      return;
    }
    const market = this.marketOf(open.marketId);
    this.await(this.openDoor().cancel(market, open.portfolioId, orderId), done);
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

  defaultPortfolioId(userId: number): number | undefined {
    return this.parts.accounts.defaultPortfolioId(userId);
  }

  ownsPortfolio(userId: number, portfolioId: number): boolean {
    return this.parts.ledger.portfolios.get(portfolioId)?.userId === userId;
  }

  depth(market: Market): DepthBook {
    return this.marketView(market.id).depth;
  }

  ticker(market: Market): Ticker {
    return this.marketView(market.id).ticker;
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
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const done of waiting) done({ code: C.JOURNAL_UNAVAILABLE, order: null });
  }

  get accepting(): boolean {
    return this.acceptingOrders;
  }

  get requestsPending(): number {
    return this.pending.size;
  }

  /** Records applied since the start. */
  get recordsApplied(): number {
    return this.records;
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

  /** Takes over the cursors of a session that has ended, so that they no longer hold anyone up. */
  park(readers: readonly RingReader[]): void {
    this.parked = readers;
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
    for (const reader of this.parts.eventReaders) if (this.drain(reader)) worked = true;
    for (const reader of this.parked) reader.skipToEnd();
    if (worked) this.listeners?.onDrained();
    return worked;
  }

  private drain(reader: RingReader): boolean {
    let worked = false;
    for (;;) {
      const at = reader.next();
      if (at === RING_EMPTY) break;
      this.applyRecord(reader.ring, at);
      worked = true;
    }
    if (worked) reader.release();
    return worked;
  }

  private applyRecord(views: FrameViews, at: number): void {
    const word = views.i32[(at + 4) >>> 2];
    this.records += 1;
    if (frameType(word) === R.VENUE_EVENT) {
      const event = readVenueEvent(views, at);
      this.parts.accounts.apply(event);
      this.listeners?.onVenueEvent(event);
      this.parts.venueLog.becameDurable(views.f64[(at + R.RECORD_SEQ) >>> 3]);
      return;
    }
    applyMarketRecord(this.parts, views, at);
    this.noteOutcome(views, at, frameType(word));
    if ((frameFlags(word) & FRAME_FLAG_END) !== 0) this.finishGroup();
  }

  // --- Replies ------------------------------------------------------------------------------

  /** The command whose group is being read; one group at a time, since groups are whole. */
  private readonly current = { requestId: 0, sessionId: 0, orderId: 0, code: C.OK };

  private noteOutcome(views: FrameViews, at: number, type: number): void {
    const { f64, i32 } = views;
    const { current } = this;
    if (type < R.FIRST_EVENT_TYPE) {
      current.requestId = f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
      current.sessionId = i32[(at + R.COMMAND_SESSION_ID) >>> 2];
      current.orderId = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
      current.code = C.OK;
    } else if (type === R.ORDER_REJECTED) {
      current.code = i32[(at + R.ORDER_REJECTED_CODE) >>> 2];
    } else if (type === R.COMMAND_REJECTED) {
      current.code = i32[(at + R.COMMAND_REJECTED_CODE) >>> 2];
    }
  }

  private finishGroup(): void {
    const { orders, ledger } = this.parts;
    const { current } = this;
    const done = current.sessionId === 0 ? this.pending.get(current.requestId) : undefined;
    let replied: OrderView | null = null;
    if (done !== undefined) {
      this.pending.delete(current.requestId);
      // A cancel that came too late speaks of an order that is no longer in memory.
      const order = orders.get(current.orderId) ?? this.parts.readClosedOrder(current.orderId);
      if (order !== undefined) replied = this.view(order);
      done({ code: current.code, order: replied });
    }
    for (const order of orders.takeChanged()) {
      const portfolio = ledger.get(order.portfolioId);
      if (portfolio.userId > 0) {
        const view = order.orderId === replied?.orderId ? replied : this.view(order);
        this.listeners?.onUserOrder(portfolio.userId, view);
        this.parts.keepClosedOrder(order);
      }
      forgetClientId(portfolio, order);
    }
  }

  private await(submission: Submission, done: (reply: OrderReply) => void): void {
    if (submission.code !== C.OK) return this.deny(submission.code, done);
    this.pending.set(submission.requestId, done);
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    // All requests of one turn of the event loop go to the workers with one publish.
    setImmediate(() => {
      this.flushScheduled = false;
      this.openDoor().flush();
    });
  }

  private deny(code: number, done: (reply: OrderReply) => void): void {
    done({ code, order: null });
  }

  /** Sessions are not refused: their rings fill, and they go on when it is over. */
  private sessionsWait(): boolean {
    return !this.parts.healthy() || this.parts.spaceLow();
  }

  private refusal(): number {
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
