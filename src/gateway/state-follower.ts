import * as R from '../codec/records.ts';
import type { BarCalendar } from '../domain/candles.ts';
import { isMarginEvent } from '../domain/margin-events.ts';
import type { Market } from '../domain/markets.ts';
import { isNewsEvent } from '../domain/news-events.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import { holdTermsOf } from '../ledger/holds.ts';
import { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import { BookFollower } from '../matching/book-follower.ts';
import { MarketViews } from '../projections/market-view.ts';
import { isClosedStatus, OrderTracker } from '../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { NewsArchive } from '../sentiment/news-archive.ts';
import { Accounts } from './accounts.ts';
import { applyMarketRecord, type GatewayState, learnSource } from './apply.ts';
import { applyMarginEvent } from './margin/apply-margin.ts';
import { Deployments } from './strategies/deployments.ts';
import { readVenueEvent, recordMs } from './venue-log.ts';
import { WebhookState } from './webhooks/webhook-state.ts';

/** Records between two clean-ups of what a live gateway would publish. */
const SETTLE_EVERY = 4096;

/**
 * The gateway's state and the books, kept from the journal's frames without matching: what recovery
 * ends with, and what a snapshot holds. The code that applies live events is used, so all end in
 * the same state. Holds are left out until `restoreHolds`: they follow from the open orders.
 */
export class StateFollower implements GatewayState {
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly orders: OrderTracker;
  readonly views: MarketViews;
  readonly deployments: Deployments;
  readonly webhooks = new WebhookState();
  readonly news = new NewsArchive();
  /** One per market that has events. */
  readonly books = new Map<number, BookFollower>();
  /** Newest request id of an in-process session that became durable, by session id. */
  readonly lastRequestIds = new Map<number, number>();
  /** Greatest order id that was placed; 0 when there is none. */
  lastOrderId = 0;
  /** Venue time of the newest record. */
  seconds = 0;
  nanos = 0;
  private readonly markets: ReadonlyMap<number, Market>;
  private readonly onVenueEvent: (event: VenueEvent) => void;
  private records = 0;

  /**
   * @param onVenueEvent sees every fact of the venue, for rooms that keep their own state of them
   * @param calendarOf for the bars of a market; who reads no bars needs none
   */
  constructor(
    markets: readonly Market[],
    onVenueEvent: (event: VenueEvent) => void,
    calendarOf?: (market: Market) => BarCalendar,
  ) {
    this.markets = new Map(markets.map((market) => [market.id, market]));
    this.onVenueEvent = onVenueEvent;
    this.ledger = new Ledger(markets);
    this.accounts = new Accounts(this.ledger);
    this.orders = new OrderTracker(
      new Map(markets.map((market) => [market.id, market.quoteUnitsPerTickLot])),
    );
    this.views = new MarketViews(markets, calendarOf);
    this.deployments = new Deployments(markets);
  }

  /** Applies the next record of the journal. */
  apply(frame: FrameViews, at: number): void {
    const { i32 } = frame;
    const word = i32[(at + 4) >>> 2];
    const marketId = frameMarketId(word);
    this.seconds = i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0;
    this.nanos = i32[(at + R.RECORD_NANOS) >>> 2] >>> 0;
    if (marketId === 0) {
      this.learn(readVenueEvent(frame, at), recordMs(frame, at));
      return;
    }
    const type = frameType(word);
    if (type < R.FIRST_EVENT_TYPE) this.noteCommand(type, frame, at);
    applyMarketRecord(this, frame, at);
    let book = this.books.get(marketId);
    if (book === undefined) {
      book = new BookFollower(marketId);
      this.books.set(marketId, book);
    }
    book.apply(frame, at);
    this.records += 1;
    if (this.records % SETTLE_EVERY === 0) this.settle();
  }

  /** Applies a fact of the venue. @param atMs when it was written */
  learn(event: VenueEvent, atMs = 0): void {
    this.accounts.apply(event, atMs);
    if (isMarginEvent(event)) applyMarginEvent(this, event, true);
    this.deployments.learn(event);
    this.webhooks.learn(event);
    learnSource(this.views, event);
    if (isNewsEvent(event)) this.news.learn(event);
    this.onVenueEvent(event);
  }

  /** Nobody listens yet: what would be published or answered is forgotten. */
  settle(): void {
    this.orders.takeChanged();
    this.views.settle();
    this.views.clearChanges();
  }

  /** Holds are no events of their own; once, at the end of a recovery. */
  restoreHolds(): void {
    this.settle();
    for (const order of this.orders.all()) {
      assert(!isClosedStatus(order.status), 'closed orders were taken out');
      const market = this.markets.get(order.marketId);
      assert(market !== undefined, `order ${order.orderId} is in a market that exists`);
      const remainingLots = order.qtyLots - order.filledLots;
      const { orderId, portfolioId, side, priceTicks, clientOrderId } = order;
      const terms = holdTermsOf(order);
      this.ledger.restoreHold(orderId, portfolioId, market, side, priceTicks, remainingLots, terms);
      if (clientOrderId === '') continue;
      this.ledger.get(portfolioId).openByClientId.set(clientOrderId, orderId);
    }
  }

  private noteCommand(type: number, frame: FrameViews, at: number): void {
    const orderId = frame.f64[(at + R.COMMAND_ORDER_ID) >>> 3];
    if (type === R.PLACE_ORDER && orderId > this.lastOrderId) this.lastOrderId = orderId;
    const sessionId = frame.i32[(at + R.COMMAND_SESSION_ID) >>> 2];
    if (sessionId === 0) return;
    this.lastRequestIds.set(sessionId, frame.f64[(at + R.COMMAND_REQUEST_ID) >>> 3]);
  }
}
