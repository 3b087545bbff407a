import { type Market, marketName } from '../../domain/markets.ts';
import {
  OK,
  ORDER_NOT_IN_BOOK,
  UNKNOWN_ORDER,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import type { OrderView, Venue } from '../../gateway/venue.ts';
import type { Principal, Scope } from '../../identity/principal.ts';
import { isoMillis } from '../../lib/clock.ts';
import { isClosedStatus } from '../../projections/order-tracker.ts';
import { Fields, ofResult } from './fields.ts';
import { loneAnswer } from './order-answer.ts';
import type { Replies } from './order-entry.ts';
import {
  parseAmendment,
  parseEnabled,
  parsePhase,
  parseReference,
  parseReplacement,
  parseScope,
  parseSwitchSeconds,
} from './order-requests.ts';
import { statusName } from './order-wire.ts';
import { type Envelope, type RequestId, resolveMarket, StreamRequestError } from './requests.ts';
import { SocketOrders } from './socket-orders.ts';

/** What the connection lends to the operations on its orders. */
export interface ConnectionParts {
  readonly venue: Venue;
  readonly replies: Replies;
  /** Who is logged in; throws where nobody is, or not with this scope. */
  readonly principal: (id: RequestId, scope: Scope) => Principal;
  /** Counts a request as under way until the function it gives is called; throws at the bound. */
  readonly begin: (id: RequestId) => () => void;
}

type Handler = (request: Envelope) => void;

/** What a client does to orders that are there, and to all of them at once. */
export class OrderChanges {
  /** Orders placed over this connection. */
  readonly placed: SocketOrders;
  private readonly parts: ConnectionParts;
  private readonly handlers: Readonly<Record<string, Handler>> = {
    'order.amend': (request) => this.amend(request),
    'order.replace': (request) => this.replace(request),
    'order.cancel_all': (request) => this.cancelAll(request),
    'order.cancel_all_after': (request) => this.cancelAllAfter(request),
    'session.cancel_on_disconnect': (request) => this.cancelOnDisconnect(request),
    'admin.set_phase': (request) => this.setPhase(request),
    'admin.set_reference': (request) => this.setReference(request),
  };

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.placed = new SocketOrders(parts.venue);
  }

  takes(op: string): boolean {
    return Object.hasOwn(this.handlers, op);
  }

  handle(request: Envelope): void {
    this.handlers[request.op](request);
  }

  private amend(request: Envelope): void {
    const { venue, replies } = this.parts;
    const { id } = request;
    const { userId } = this.parts.principal(id, 'write');
    const order = this.openOrder(request, userId);
    const amendment = parseAmendment(request, order.market);
    const end = this.parts.begin(id);
    venue.amend({ userId, orderId: order.orderId, ...amendment }, (reply) => {
      end();
      if (reply.code === OK && reply.order !== null) this.answerOrder(id, reply.order);
      else replies.refuse(this.refusal(request, reply.code, reply.order));
    });
  }

  private replace(request: Envelope): void {
    const { venue, replies } = this.parts;
    const { id, body } = request;
    const { userId } = this.parts.principal(id, 'write');
    const old = this.openOrder(request, userId);
    const terms = parseReplacement(request, old);
    const end = this.parts.begin(id);
    venue.place({ ...terms, userId, portfolioId: old.portfolioId }, ({ code, order }) => {
      end();
      if (order === null) return replies.refuse(ofResult(id, code, body));
      this.placed.add(userId, order);
      this.answerOrder(id, order);
    });
  }

  private cancelAll(request: Envelope): void {
    const { venue, replies } = this.parts;
    const { id, body } = request;
    const { userId } = this.parts.principal(id, 'write');
    const scope = this.scope(request, userId);
    const end = this.parts.begin(id);
    venue.cancelAll({ userId, ...scope }, ({ code, cancelled }) => {
      end();
      if (code === OK) replies.cancelledAll(id, cancelled);
      else replies.refuse(ofResult(id, code, body));
    });
  }

  private cancelAllAfter(request: Envelope): void {
    const { venue, replies } = this.parts;
    const { id, body } = request;
    const { userId } = this.parts.principal(id, 'write');
    const { market, portfolioId: named } = this.scope(request, userId);
    const portfolioId = named ?? venue.defaultPortfolioId(userId);
    if (portfolioId === undefined) throw ofResult(id, UNKNOWN_PORTFOLIO, body);
    const seconds = parseSwitchSeconds(request);
    const end = this.parts.begin(id);
    venue.cancelAllAfter({ userId, portfolioId, market, seconds }, ({ code, firesAtMs }) => {
      end();
      if (code !== OK) return replies.refuse(ofResult(id, code, body));
      const wholeSeconds = Math.floor(firesAtMs / 1000);
      const nanos = (firesAtMs - wholeSeconds * 1000) * 1_000_000;
      replies.answer({
        type: 'cancel_all_after',
        id,
        portfolio_id: String(portfolioId),
        market: market === undefined ? null : marketName(market),
        fires_at: firesAtMs === 0 ? null : isoMillis(wholeSeconds, nanos),
      });
    });
  }

  private cancelOnDisconnect(request: Envelope): void {
    const { id } = request;
    this.parts.principal(id, 'write');
    this.placed.cancelOnClose = parseEnabled(request);
    const { cancelOnClose: enabled } = this.placed;
    this.parts.replies.answer({ type: 'cancel_on_disconnect', id, enabled });
  }

  private setPhase(request: Envelope): void {
    const { id } = request;
    this.parts.principal(id, 'admin');
    const market = this.market(request);
    this.parts.venue.setPhase(market, parsePhase(request), this.answerMarket(request, market));
  }

  private setReference(request: Envelope): void {
    this.parts.principal(request.id, 'admin');
    const market = this.market(request);
    const priceTicks = parseReference(request, market);
    this.parts.venue.setReference(market, priceTicks, this.answerMarket(request, market));
  }

  private answerMarket({ op, id, body }: Envelope, market: Market): (code: number) => void {
    const { replies } = this.parts;
    const end = this.parts.begin(id);
    return (code) => {
      end();
      if (code !== OK) return replies.refuse(ofResult(id, code, body));
      replies.answer({ type: 'done', id, op, market: marketName(market) });
    };
  }

  private market({ id, body }: Envelope): Market {
    return resolveMarket(id, body.market, this.parts.venue.markets);
  }

  private scope(request: Envelope, userId: number) {
    const { venue } = this.parts;
    const scope = parseScope(request, venue.markets);
    if (scope.portfolioId !== undefined && !venue.ownsPortfolio(userId, scope.portfolioId)) {
      throw ofResult(request.id, UNKNOWN_PORTFOLIO, request.body);
    }
    return scope;
  }

  /** The order that `order_id` names; throws when it is not there or not open any more. */
  private openOrder(request: Envelope, userId: number): OrderView {
    const { id, body } = request;
    const order = this.parts.venue.order(userId, new Fields(id, body).orderId());
    if (order === undefined) throw ofResult(id, UNKNOWN_ORDER, body);
    if (isClosedStatus(order.status)) throw this.refusal(request, ORDER_NOT_IN_BOOK, order);
    return order;
  }

  private refusal({ id, body }: Envelope, code: number, order: OrderView | null) {
    const refusal = ofResult(id, code, body);
    if (code !== ORDER_NOT_IN_BOOK || order === null) return refusal;
    const details = { ...refusal.details, status: statusName(order) };
    return new StreamRequestError(id, refusal.code, refusal.message, details);
  }

  private answerOrder(id: RequestId, order: OrderView): void {
    this.parts.replies.order(id, loneAnswer(order));
  }
}
