import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import * as C from '../domain/result-codes.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import type { OrderTracker, TrackedOrder } from '../projections/order-tracker.ts';
import type { ClientOrders } from './client-orders.ts';
import { LinkedPlacement } from './linked-placement.ts';
import { MassCancel } from './mass-cancel.ts';
import type { OrderDoor } from './order-door.ts';
import { OrderOutcomes } from './order-outcomes.ts';
import type { Replies } from './replies.ts';
import type {
  AmendRequest,
  CancelAllReply,
  CancelAllRequest,
  LinkedRequest,
  OrderReply,
  OrderView,
  PlaceRequest,
} from './venue.ts';

type Done = (reply: OrderReply) => void;

export interface OrderDeskParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly orders: OrderTracker;
  readonly clientOrders: ClientOrders;
  readonly replies: Replies;
  /** Why nothing is taken now, or `OK`. */
  readonly refusal: () => number;
  /** The same for what makes the journal grow for long: new orders. */
  readonly placeRefusal: () => number;
  /** Why a user may not trade in a market, or `OK`; taking orders back is always allowed. */
  readonly tradingRefusal: (userId: number, marketId: number) => number;
  readonly order: (userId: number, orderId: number) => OrderView | undefined;
}

/** What users ask of their orders: looks whose they are, gives commands to the door, waits. */
export class OrderDesk {
  readonly outcomes = new OrderOutcomes();
  private readonly parts: OrderDeskParts;
  private readonly massCancel: MassCancel;
  private door: OrderDoor | undefined;

  constructor(parts: OrderDeskParts) {
    this.parts = parts;
    this.massCancel = new MassCancel({
      markets: parts.markets,
      hasBook: (marketId) => this.openDoor().hasBook(marketId),
      cancelAll: (market, portfolioId, done) =>
        parts.replies.await(this.openDoor().cancelAll(market, portfolioId), ({ code }, cancelled) =>
          done(code, cancelled),
        ),
    });
  }

  open(door: OrderDoor): void {
    this.door = door;
  }

  place(request: PlaceRequest, answer: Done): void {
    const { clientOrders } = this.parts;
    const done = this.outcomes.placed.counting(answer);
    // A repeat of what is durable is answered whatever state the venue is in.
    const hasId = this.isNamed(request);
    if (hasId && clientOrders.repeated(request, done)) return;
    const { userId, market } = request;
    const refusal = this.parts.placeRefusal() || this.parts.tradingRefusal(userId, market.id);
    if (refusal !== C.OK) return done({ code: refusal, order: null });
    this.submit(request, hasId, done);
  }

  /** For operators who close positions while nobody trades. */
  placeWhilePaused(request: PlaceRequest, done: Done): void {
    const refusal = this.parts.placeRefusal();
    if (refusal !== C.OK) return done({ code: refusal, order: null });
    this.submit(request, this.isNamed(request), done);
  }

  private submit(request: PlaceRequest, hasId: boolean, done: Done): void {
    const { clientOrders, replies } = this.parts;
    const submission = this.openDoor().place(request);
    const isNoted = hasId && submission.code === C.OK;
    replies.await(submission, isNoted ? clientOrders.begin(request, done) : done);
  }

  placeLinked(requests: readonly LinkedRequest[], answer: (replies: OrderReply[]) => void): void {
    const { clientOrders, replies, placeRefusal, order } = this.parts;
    const done = (outcomes: OrderReply[]): void => {
      for (const { code } of outcomes) this.outcomes.placed.add(code);
      answer(outcomes);
    };
    const deny = (code: number, at: number): void =>
      done(requests.map((_, i) => ({ code: i === at ? code : C.OK, order: null })));
    const [{ request: first }] = requests;
    const code = placeRefusal() || this.parts.tradingRefusal(first.userId, first.market.id);
    if (code !== C.OK) return deny(code, 0);
    const names = new Set<string>();
    for (const [at, { request }] of requests.entries()) {
      if (!this.isNamed(request)) continue;
      const { portfolioId, clientOrderId } = request;
      const isUsed = names.has(clientOrderId) || clientOrders.isUsed(portfolioId, clientOrderId);
      if (isUsed) return deny(C.DUPLICATE_CLIENT_ORDER_ID, at);
      names.add(clientOrderId);
    }
    const submissions = this.openDoor().placeLinked(requests);
    if (!Array.isArray(submissions)) return deny(submissions.code, submissions.at);
    const submit = (request: PlaceRequest, finished: Done) => {
      const submission = { ...this.openDoor().place(request) };
      const isNoted = this.isNamed(request) && submission.code === C.OK;
      replies.await(submission, isNoted ? clientOrders.begin(request, finished) : finished);
      return submission;
    };
    const { userId } = first;
    const parts = { place: submit, order: (orderId: number) => order(userId, orderId) };
    const placement = new LinkedPlacement(parts, requests, submissions, done);
    for (const [at, { request }] of requests.entries()) {
      const finished = (reply: OrderReply): void => placement.answered(at, reply);
      const isNoted = this.isNamed(request);
      replies.await(submissions[at], isNoted ? clientOrders.begin(request, finished) : finished);
    }
  }

  /** The venue's own order to close a position; no refusal but the market's stops it. */
  liquidate(
    market: Market,
    portfolioId: number,
    side: number,
    qtyLots: number,
    done: (code: number) => void,
  ): void {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return done(refusal);
    const submission = this.openDoor().liquidate(market, portfolioId, side, qtyLots);
    this.parts.replies.await(submission, ({ code }) => done(code));
  }

  /** Cancels all orders of one portfolio, whoever's it is; done when that is durable. */
  cancelPortfolio(market: Market, portfolioId: number, done: () => void): void {
    if (this.parts.refusal() !== C.OK) return done();
    this.massCancel.run([portfolioId], market, done);
  }

  /** The same of several portfolios, in some markets: one command for each of both. */
  cancelPortfolios(
    portfolioIds: readonly number[],
    markets: readonly Market[],
    done: (reply: CancelAllReply) => void,
  ): void {
    const code = this.parts.refusal();
    if (code !== C.OK) return done({ code, cancelled: 0 });
    this.massCancel.runIn(portfolioIds, markets, done);
  }

  cancel(userId: number, orderId: number, answer: Done): void {
    const done = this.outcomes.cancelled.counting(answer);
    const open = this.openOrder(userId, orderId, done);
    if (open === undefined) return;
    const market = this.marketOf(open);
    this.parts.replies.await(this.openDoor().cancel(market, open.portfolioId, orderId), done);
  }

  amend(request: AmendRequest, answer: Done): void {
    const done = this.outcomes.amended.counting(answer);
    const open = this.openOrder(request.userId, request.orderId, done);
    if (open === undefined) return;
    const code = this.parts.tradingRefusal(request.userId, open.marketId);
    if (code !== C.OK) {
      done({ code, order: this.parts.order(request.userId, request.orderId) ?? null });
      return;
    }
    this.parts.replies.await(this.openDoor().amend(this.marketOf(open), open, request), done);
  }

  cancelAll(request: CancelAllRequest, done: (reply: CancelAllReply) => void): void {
    const { userId, portfolioId, market } = request;
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return done({ code: refusal, cancelled: 0 });
    const portfolios = [...this.parts.ledger.portfolios.values()].filter(
      (one) => one.userId === userId && (portfolioId === undefined || one.id === portfolioId),
    );
    if (portfolios.length === 0) return done({ code: C.UNKNOWN_PORTFOLIO, cancelled: 0 });
    // What is on its way to the book counts as open.
    const ids = portfolios.filter(({ openOrders }) => openOrders > 0).map(({ id }) => id);
    this.massCancel.run(ids, market, done);
  }

  setPhase(market: Market, phase: number, done: (code: number) => void): void {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return done(refusal);
    this.parts.replies.await(this.openDoor().setPhase(market, phase), ({ code }) => done(code));
  }

  setReference(market: Market, priceTicks: number, done: (code: number) => void): void {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return done(refusal);
    const submission = this.openDoor().setReference(market, priceTicks);
    this.parts.replies.await(submission, ({ code }) => done(code));
  }

  /** Tells a market the time; nobody waits for the outcome. */
  advanceTime(market: Market): number {
    const submission = this.openDoor().advanceTime(market);
    const { code } = submission;
    if (code === C.OK) this.parts.replies.await(submission, () => undefined);
    return code;
  }

  /** The user's order if it is open; else `done` is told why not. */
  private openOrder(userId: number, orderId: number, done: Done): TrackedOrder | undefined {
    const { orders, ledger, refusal } = this.parts;
    const code = refusal();
    if (code !== C.OK) {
      done({ code, order: null });
      return undefined;
    }
    const open = orders.get(orderId);
    if (open !== undefined && ledger.portfolios.get(open.portfolioId)?.userId === userId) {
      return open;
    }
    const closed = this.parts.order(userId, orderId) ?? null;
    done({ code: closed === null ? C.UNKNOWN_ORDER : C.ORDER_NOT_IN_BOOK, order: closed });
    return undefined;
  }

  private isNamed({ clientOrderId, userId, portfolioId }: PlaceRequest): boolean {
    if (clientOrderId === '') return false;
    return this.parts.ledger.portfolios.get(portfolioId)?.userId === userId;
  }

  private marketOf({ marketId }: TrackedOrder): Market {
    const market = this.parts.markets.get(marketId);
    assert(market !== undefined, `market ${marketId} exists`);
    return market;
  }

  private openDoor(): OrderDoor {
    assert(this.door !== undefined, 'the engine is open');
    return this.door;
  }
}
