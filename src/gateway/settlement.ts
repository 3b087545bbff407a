import * as R from '../codec/records.ts';
import { isMarginEvent } from '../domain/margin-events.ts';
import { isNewsEvent } from '../domain/news-events.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import { FRAME_FLAG_END, type FrameViews, frameFlags, frameType } from '../rings/frame.ts';
import { RING_EMPTY, type RingReader } from '../rings/ring.ts';
import type { AccountReport } from './account-report.ts';
import { applyMarketRecord, forgetClientId, learnSource } from './apply.ts';
import type { Clockwork, EngineListeners, EngineParts } from './engine-parts.ts';
import { applyMarginEvent } from './margin/apply-margin.ts';
import type { OpenOrders } from './open-orders.ts';
import type { Replies } from './replies.ts';
import { tellFills } from './user-fills.ts';
import type { OrderView } from './venue.ts';
import { readVenueEvent, recordMs } from './venue-log.ts';

export interface SettlementParts extends EngineParts {
  readonly replies: Replies;
  readonly accountReport: AccountReport;
  readonly openOrders: OpenOrders;
  readonly view: (order: TrackedOrder) => OrderView;
}

/**
 * Reads what is durable, record by record: the ledger settles it, the projections follow it, whoever
 * waits is answered, and listeners are told.
 */
export class Settlement {
  /** Records applied since the start. */
  records = 0;
  private readonly parts: SettlementParts;
  private listeners: EngineListeners | undefined;
  private clockwork: Clockwork | undefined;

  constructor(parts: SettlementParts) {
    this.parts = parts;
  }

  /** Has whoever listens told from here on. */
  open(listeners: EngineListeners, clockwork: Clockwork | undefined): void {
    this.listeners = listeners;
    this.clockwork = clockwork;
  }

  /** Applies all that the ring has; true if that was anything. */
  drain(reader: RingReader): boolean {
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

  /** Tells of accounts that changed, and that everything drained can be published. */
  publish(isNews: boolean): void {
    this.parts.accountReport.tell(this.listeners);
    if (isNews) this.listeners?.onDrained();
  }

  private applyRecord(views: FrameViews, at: number): void {
    const { parts } = this;
    const word = views.i32[(at + 4) >>> 2];
    this.records += 1;
    if (frameType(word) === R.VENUE_EVENT) {
      const event = readVenueEvent(views, at);
      parts.accounts.apply(event, recordMs(views, at));
      if (isMarginEvent(event)) applyMarginEvent(parts, event, false);
      parts.accountReport.noteFact(event);
      parts.deployments.learn(event);
      parts.webhooks.learn(event);
      learnSource(parts.views, event);
      if (isNewsEvent(event)) parts.news.learn(event);
      this.listeners?.onVenueEvent(event);
      parts.venueLog.becameDurable(views.f64[(at + R.RECORD_SEQ) >>> 3]);
      return;
    }
    applyMarketRecord(parts, views, at);
    if (R.isOutside(frameType(word))) return;
    tellFills(parts, views, at, this.listeners);
    parts.replies.note(views, at);
    if ((frameFlags(word) & FRAME_FLAG_END) !== 0) this.finishGroup();
  }

  private finishGroup(): void {
    const { orders, ledger, replies, view } = this.parts;
    const { current } = replies;
    if (current.type === R.AMEND_ORDER && current.sessionId === 0) {
      ledger.amendmentAnswered(current.orderId, current.requestId);
    }
    const done = replies.take();
    let replied: OrderView | null = null;
    if (done !== undefined) {
      // A cancel that came too late speaks of an order that is no longer in memory.
      const order = orders.get(current.orderId) ?? this.parts.readClosedOrder(current.orderId);
      if (order !== undefined) replied = view(order);
      done({ code: current.code, order: replied }, current.cancelled);
    }
    for (const order of orders.takeChanged()) {
      const portfolio = ledger.get(order.portfolioId);
      if (portfolio.userId > 0) {
        const changed = order.orderId === replied?.orderId ? replied : view(order);
        this.listeners?.onUserOrder(portfolio.userId, changed);
        this.parts.keepClosedOrder(order);
        this.parts.openOrders.note(order);
        this.parts.orderHistory.note(portfolio.id, order.orderId);
        this.parts.accountReport.touch(portfolio);
      }
      this.clockwork?.alarms.note(order);
      forgetClientId(portfolio, order);
    }
  }
}
