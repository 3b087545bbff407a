import { LIMITS } from '../../config/limits.ts';
import {
  OK,
  ORDER_NOT_IN_BOOK,
  UNKNOWN_ORDER,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import { rateLimited } from '../../gateway/http/admission.ts';
import type { RateLimiter } from '../../gateway/http/rate-limiter.ts';
import type { LoginFailures } from '../../gateway/streams/login-failures.ts';
import type { SocketAuthenticator } from '../../gateway/streams/socket-credentials.ts';
import type { OrderReply, OrderView, Venue } from '../../gateway/venue.ts';
import {
  AuthFailure,
  type Credentials,
  hasScope,
  type Principal,
  type Scope,
} from '../../identity/principal.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import { ofRefusal, ofResult, parseId } from './fields.ts';
import { loneAnswer, type OrderAnswer, setAnswer } from './order-answer.ts';
import { OrderChanges } from './order-changes.ts';
import { parseLogin, parseOrderName } from './order-requests.ts';
import { statusName } from './order-wire.ts';
import { type PlacedLeg, parsePlace } from './place-request.ts';
import { type Envelope, type RequestId, StreamRequestError } from './requests.ts';

/** What order entry needs of the rest of the server. */
export interface OrderEntryServices {
  readonly venue: Venue;
  readonly authenticate: SocketAuthenticator;
  readonly clock: Clock;
  /** Shared with orders over REST; `undefined` while limits are off. */
  readonly orderLimiter: RateLimiter | undefined;
  readonly loginFailures: LoginFailures;
}

/** The connection's way back to its client; after it has closed calls do nothing. */
export interface Replies {
  order(id: RequestId, answer: OrderAnswer): void;
  cancelledAll(id: RequestId, cancelled: number): void;
  /** What only JSON requests ask for. */
  answer(message: object): void;
  refuse(error: StreamRequestError): void;
}

/** Who holds the connection, as far as the network tells. */
export interface OrderClient {
  /** For keys that are bound to some addresses. */
  readonly address: string;
  /** What limits per client count under. */
  readonly clientKey: string;
}

const OPS: readonly string[] = [
  'login',
  'session.logon',
  'order.place',
  'order.cancel',
  'order.status',
];

/**
 * One connection's orders. Any number of requests may be under way; each is answered when its
 * outcome is durable, with the id it came with, in the order in which outcomes become durable.
 */
export class OrderEntry {
  private readonly services: OrderEntryServices;
  private readonly replies: Replies;
  private readonly changes: OrderChanges;
  private readonly client: OrderClient;
  private readonly onLogin: (principal: Principal) => void;
  /** `undefined` before the first good login. */
  private credentials: Credentials | undefined;
  /** Requests submitted whose outcome is not durable yet. */
  private underWay = 0;

  /** @param onLogin told of every good login, after the client was */
  constructor(
    services: OrderEntryServices,
    replies: Replies,
    client: OrderClient,
    onLogin: (principal: Principal) => void,
  ) {
    this.services = services;
    this.onLogin = onLogin;
    this.client = client;
    this.replies = replies;
    this.changes = new OrderChanges({
      venue: services.venue,
      replies,
      principal: (id, scope) => this.principal(id, scope),
      begin: (id) => this.begin(id, 1),
    });
  }

  /** The connection has ended. */
  closed(): void {
    this.changes.placed.close();
  }

  takes(op: string): boolean {
    return OPS.includes(op) || this.changes.takes(op);
  }

  /** Handles a request of one of the operations it takes. Throws `StreamRequestError`. */
  handle(request: Envelope): void {
    switch (request.op) {
      case 'login':
      case 'session.logon':
        this.login(request.id, parseLogin(request.id, request.body, this.client.address));
        return;
      case 'order.place':
        this.place(request);
        return;
      case 'order.cancel':
        this.cancel(request);
        return;
      case 'order.status':
        this.status(request);
        return;
      default:
        this.changes.handle(request);
    }
  }

  /** Logs in or, on a connection that is logged in, changes to another credential. */
  login(id: RequestId, credentials: Credentials): void {
    const { clock, venue, loginFailures } = this.services;
    const nowMs = clock.nowMs();
    const waitSeconds = loginFailures.waitSeconds(this.client.clientKey, nowMs);
    if (waitSeconds > 0) {
      const details = { retry_after_seconds: waitSeconds };
      const message = 'too many failed logins';
      throw new StreamRequestError(id, 'RATE_LIMIT_EXCEEDED', message, details);
    }
    const principal = this.services.authenticate(credentials);
    if (principal instanceof AuthFailure) {
      loginFailures.failed(this.client.clientKey, nowMs);
      throw unauthorized(id, principal);
    }
    this.credentials = credentials;
    const portfolioId = venue.defaultPortfolioId(principal.userId);
    this.replies.answer({
      type: 'logged_in',
      id,
      user: principal.username,
      scopes: principal.scopes,
      portfolio_id: portfolioId === undefined ? null : String(portfolioId),
    });
    this.onLogin(principal);
  }

  /** True when its orders leave with the connection. */
  get cancelsOnDisconnect(): boolean {
    return this.changes.placed.cancelOnClose;
  }

  private place(request: Envelope): void {
    const { id, body } = request;
    const { venue } = this.services;
    const { userId } = this.principal(id, 'write');
    const legs = parsePlace(request, venue.markets);
    const [{ terms }] = legs;
    const portfolioId = terms.portfolioId ?? venue.defaultPortfolioId(userId);
    if (portfolioId === undefined || !venue.ownsPortfolio(userId, portfolioId)) {
      throw ofResult(id, UNKNOWN_PORTFOLIO, body);
    }
    const end = this.begin(id, legs.length);
    if (legs.length > 1) return this.placeLinked(request, legs, userId, portfolioId, end);
    venue.place({ ...terms, userId, portfolioId }, ({ code, order }) => {
      end();
      // An order that got an id is answered with its state, also when the book rejected it.
      if (order === null) return this.replies.refuse(ofResult(id, code, body));
      this.changes.placed.add(userId, order);
      this.answerOrder(id, order);
    });
  }

  private placeLinked(
    { id, body }: Envelope,
    legs: readonly PlacedLeg[],
    userId: number,
    portfolioId: number,
    end: () => void,
  ): void {
    const requests = legs.map(({ terms, ocoOf, childOf }) => ({
      request: { ...terms, userId, portfolioId },
      ocoOf,
      childOf,
    }));
    this.services.venue.placeLinked(requests, (replies) => {
      end();
      const [first] = replies;
      const denied = replies.find(({ code }) => code !== OK)?.code ?? OK;
      if (first.order === null) return this.replies.refuse(ofResult(id, denied, body));
      for (const { order } of replies) if (order !== null) this.changes.placed.add(userId, order);
      this.replies.order(id, setAnswer(legs, replies));
    });
  }

  private cancel({ id, body }: Envelope): void {
    const { venue } = this.services;
    const { userId } = this.principal(id, 'write');
    const orderId = parseId(id, 'order_id', body.order_id);
    const end = this.begin(id, 1);
    venue.cancel(userId, orderId, (reply) => {
      end();
      this.answerCancel(id, body, userId, orderId, reply);
    });
  }

  /** Counts orders as under way until the function it returns is called. */
  private begin(id: RequestId, orders: number): () => void {
    if (this.underWay + orders > LIMITS.streamOrdersUnderWay) {
      const message = `one connection has at most ${LIMITS.streamOrdersUnderWay} requests under way`;
      throw new StreamRequestError(id, 'TOO_MANY_REQUESTS', message);
    }
    this.underWay += orders;
    return () => {
      this.underWay -= orders;
    };
  }

  private answerCancel(
    id: RequestId,
    body: Envelope['body'],
    userId: number,
    orderId: number,
    { code, order }: OrderReply,
  ): void {
    if (code === OK) {
      assert(order !== null, 'a cancelled order has a state');
      this.answerOrder(id, order);
      return;
    }
    const refusal = ofResult(id, code, body);
    const closed = order ?? this.services.venue.order(userId, orderId);
    if (code !== ORDER_NOT_IN_BOOK || closed === undefined) return this.replies.refuse(refusal);
    const details = { ...refusal.details, status: statusName(closed) };
    this.replies.refuse(new StreamRequestError(id, refusal.code, refusal.message, details));
  }

  private status(request: Envelope): void {
    const { id, body } = request;
    const { venue } = this.services;
    const { userId } = this.principal(id, 'read');
    const name = parseOrderName(request);
    if ('orderId' in name) {
      const order = venue.order(userId, name.orderId);
      if (order === undefined) throw ofResult(id, UNKNOWN_ORDER, body);
      return this.answerOrder(id, order);
    }
    const portfolioId = name.portfolioId ?? venue.defaultPortfolioId(userId);
    const order =
      portfolioId === undefined
        ? undefined
        : venue.orderByClientId(userId, portfolioId, name.clientOrderId);
    if (order !== undefined) return this.answerOrder(id, order);
    const { code, message } = ofResult(id, UNKNOWN_ORDER, body);
    const details = { parameter: 'client_order_id', value: name.clientOrderId, reason: code };
    throw new StreamRequestError(id, code, message, details);
  }

  /** Who is logged in, checked anew: tokens expire, and are voided as keys are revoked. */
  principal(id: RequestId, scope: Scope): Principal {
    if (this.credentials === undefined) {
      throw new StreamRequestError(id, 'UNAUTHORIZED', 'log in first', {
        reason: 'MISSING_CREDENTIALS',
      });
    }
    const principal = this.services.authenticate(this.credentials);
    if (principal instanceof AuthFailure) throw unauthorized(id, principal);
    this.count(id, principal);
    if (hasScope(principal.scopes, scope)) return principal;
    const details = { required_scope: scope, scopes: principal.scopes };
    const message = `this operation needs scope ${scope}`;
    throw new StreamRequestError(id, 'INSUFFICIENT_SCOPE', message, details);
  }

  /** One request against the limit that the same request over REST would count against. */
  private count(id: RequestId, { credential }: Principal): void {
    const { orderLimiter, clock } = this.services;
    const verdict = orderLimiter?.take(credential, clock.nowMs());
    if (verdict === undefined || verdict.allowed) return;
    throw ofRefusal(id, rateLimited(verdict));
  }

  private answerOrder(id: RequestId, order: OrderView): void {
    this.replies.order(id, loneAnswer(order));
  }
}

function unauthorized(id: RequestId, { code, message }: AuthFailure): StreamRequestError {
  return new StreamRequestError(id, 'UNAUTHORIZED', message, { reason: code });
}
