import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import {
  AMEND_REDUCE_BY,
  AMEND_REMAINING,
  AMEND_TOTAL,
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_MARKET,
  type OrderTerms,
  TIF_IOC,
} from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import type { FrameViews } from '../rings/frame.ts';
import { CommandGate, type MarketRoute, type Submission } from './command-gate.ts';
import {
  bookTerms,
  checkSize,
  checkTerms,
  type DayEnd,
  hasOwnPrice,
  requestedTerms,
  type TermsContext,
  utcDayEnd,
} from './order-terms.ts';
import { SessionCommands } from './session-commands.ts';
import type { LinkedRequest, PlaceRequest } from './venue.ts';

/** What the door asks of those who follow the books. */
export interface DoorFacts {
  /** Best opposite price for the side, or the last trade's, or 0. */
  referenceTicks(market: Market, side: number): number;
  /** The newest trade's price, or 0. */
  lastTicks(market: Market): number;
  /** True when the order, open or closed, is the portfolio's. */
  isOrderOf(portfolioId: number, orderId: number): boolean;
}

/** An amendment as a client asks for it: 0 keeps the price, or the quantity. */
export interface Amendment {
  /** AMEND_…: how the quantity is meant. */
  readonly mode: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
}

const LIQUIDATION = {
  orderType: ORDER_TYPE_MARKET,
  tif: TIF_IOC,
  flags: ORDER_FLAG_REDUCE_ONLY,
  priceTicks: 0,
  userId: 0,
  clientOrderId: '',
};

/** An order that is checked and held for. */
interface Prepared {
  readonly orderId: number;
  readonly terms: OrderTerms;
}

/**
 * The one door to the books: steps 2 and 3 of every order's way. Checks the request against the
 * market, holds funds, issues the order id, writes the command. Clients, simulated traders and
 * recorded orders all come through here.
 */
export class OrderDoor {
  private readonly ledger: Ledger;
  private readonly facts: DoorFacts;
  private readonly gate: CommandGate;
  private readonly sessions: SessionCommands;
  private readonly terms: TermsContext;

  constructor(
    markets: MarketRegistry,
    ledger: Ledger,
    routes: ReadonlyMap<number, MarketRoute>,
    facts: DoorFacts,
    clock: Clock,
    lastOrderId: number,
    dayEnd: DayEnd = utcDayEnd,
  ) {
    this.ledger = ledger;
    this.facts = facts;
    this.gate = new CommandGate(routes, clock, lastOrderId);
    this.sessions = new SessionCommands(this.gate, markets, ledger);
    this.terms = {
      get seconds() {
        return clock.seconds;
      },
      get nanos() {
        return clock.nanos;
      },
      referenceTicks: (market, side) => facts.referenceTicks(market, side),
      lastTicks: (market) => facts.lastTicks(market),
      dayEnd,
    };
  }

  /** REUSED: the result is valid until the next call. */
  place(request: PlaceRequest): Submission {
    const prepared = this.prepare(request);
    if (typeof prepared === 'number') return this.gate.denied(prepared);
    return this.send(request, prepared);
  }

  /**
   * Places several orders of one market one after the other, or none of them: links between them are
   * filled in here. @returns a submission for each, or which of them was denied and why
   */
  placeLinked(requests: readonly LinkedRequest[]): Submission[] | { code: number; at: number } {
    const prepared: Prepared[] = [];
    const release = (code: number, at: number): { code: number; at: number } => {
      for (const { orderId } of prepared.reverse()) this.ledger.release(orderId);
      return { code, at };
    };
    for (const [at, { request, ocoOf, childOf }] of requests.entries()) {
      const linked = {
        ...request,
        ...(ocoOf < 0 ? {} : { ocoOrderId: prepared[ocoOf].orderId }),
        ...(childOf < 0 ? {} : { parentOrderId: prepared[childOf].orderId }),
      };
      const result = this.prepare(linked);
      if (typeof result === 'number') return release(result, at);
      prepared.push(result);
    }
    const { producer } = this.gate.route(requests[0].request.market.id);
    const mostBytes = requests.length * R.PLACE_EXTENDED_BYTES;
    if (!producer.canClaim(mostBytes)) return release(C.COMMAND_RING_FULL, 0);
    return requests.map(({ request }, i) => ({ ...this.send(request, prepared[i]) }));
  }

  /**
   * The venue's own order to close a position of a margin portfolio: a reduce-only market order,
   * marked as a liquidation. REUSED: the result is valid until the next call.
   */
  liquidate(market: Market, portfolioId: number, side: number, qtyLots: number): Submission {
    const { gate, ledger } = this;
    const absent = notTradedHere(market);
    if (absent !== C.OK) return gate.denied(absent);
    const asked = requestedTerms({ ...LIQUIDATION, market, portfolioId, side, qtyLots });
    const terms = bookTerms(market, asked, this.terms);
    const refusal = checkTerms(market, asked, terms, this.terms);
    if (refusal !== C.OK) return gate.denied(refusal);
    const { priceTicks } = terms;
    const orderId = gate.issueOrderId();
    ledger.restoreHold(orderId, portfolioId, market, side, priceTicks, qtyLots, terms);
    const route = gate.route(market.id);
    const envelope = gate.address(market.id, portfolioId, orderId, `liquidation-${orderId}`);
    const written = route.writer.liquidate(envelope, side, priceTicks, qtyLots);
    if (!written) ledger.release(orderId);
    return gate.submit(route, written);
  }

  /** REUSED: the result is valid until the next call. */
  cancel(market: Market, portfolioId: number, orderId: number): Submission {
    const { gate } = this;
    const route = gate.route(market.id);
    const envelope = gate.address(market.id, portfolioId, orderId, '');
    return gate.submit(route, route.writer.cancel(envelope));
  }

  /**
   * Amends an open order. What it may cost more is held before it is sent. A quantity that shall
   * remain counts from what had traded by now: if more trades on the way, less remains, so that an
   * amendment never asks for more than was checked. REUSED: the result is valid until the next call.
   */
  amend(market: Market, order: TrackedOrder, { mode, priceTicks, qtyLots }: Amendment): Submission {
    const { gate, ledger } = this;
    if (!Number.isSafeInteger(qtyLots) || qtyLots < 0) return gate.denied(C.QUANTITY_OFF_LOT);
    if (priceTicks !== 0 && !hasOwnPrice(order.orderType)) return gate.denied(C.TERMS_INCOMPATIBLE);
    const byTotal = mode !== AMEND_REDUCE_BY && qtyLots !== 0;
    const traded = mode === AMEND_REMAINING ? order.filledLots : 0;
    const totalLots = byTotal ? traded + qtyLots : order.qtyLots;
    const newPriceTicks = priceTicks === 0 ? order.priceTicks : priceTicks;
    const refusal = checkSize(market, newPriceTicks, totalLots);
    if (refusal !== C.OK) return gate.denied(refusal);
    const { orderId, filledLots } = order;
    const requestId = gate.upcomingRequestId;
    const lots = byTotal ? { remainingLots: totalLots - filledLots } : { fewerLots: qtyLots };
    const held = ledger.holdAmendment(orderId, requestId, newPriceTicks, lots);
    if (held !== C.OK) return gate.denied(held);
    const route = gate.route(market.id);
    const envelope = gate.address(market.id, order.portfolioId, orderId, '');
    const sentMode = byTotal ? AMEND_TOTAL : mode;
    const sentLots = byTotal ? totalLots : qtyLots;
    const written = route.writer.amend(envelope, sentMode, priceTicks, sentLots);
    if (!written) ledger.amendmentAnswered(orderId, requestId);
    return gate.submit(route, written);
  }

  /** False for a market whose facts come from its own exchange. */
  hasBook(marketId: number): boolean {
    return this.gate.hasRoute(marketId);
  }

  /** Cancels a portfolio's orders in a market, as many as one command may. REUSED. */
  cancelAll(market: Market, portfolioId: number): Submission {
    const { gate } = this;
    if (!gate.hasRoute(market.id)) return gate.denied(C.MARKET_IS_LIVE);
    const route = gate.route(market.id);
    return gate.submit(route, route.writer.cancelAll(gate.address(market.id, portfolioId, 0, '')));
  }

  /** Tells a market what time it is, so that what is due by now leaves. REUSED. */
  advanceTime(market: Market): Submission {
    const { gate } = this;
    if (!gate.hasRoute(market.id)) return gate.denied(C.MARKET_IS_LIVE);
    const route = gate.route(market.id);
    return gate.submit(route, route.writer.advanceTime(gate.address(market.id, 0, 0, '')));
  }

  /** REUSED: the result is valid until the next call. */
  setPhase(market: Market, phase: number): Submission {
    const { gate } = this;
    if (!gate.hasRoute(market.id)) return gate.denied(C.MARKET_IS_LIVE);
    const route = gate.route(market.id);
    return gate.submit(route, route.writer.setPhase(gate.address(market.id, 0, 0, ''), phase));
  }

  /** 0 takes the reference price away. REUSED: the result is valid until the next call. */
  setReference(market: Market, ticks: number): Submission {
    const { gate } = this;
    if (!gate.hasRoute(market.id)) return gate.denied(C.MARKET_IS_LIVE);
    if (!Number.isSafeInteger(ticks) || ticks < 0) return gate.denied(C.PRICE_OFF_TICK);
    if (ticks > market.maxPriceTicks) return gate.denied(C.PRICE_TOO_LARGE);
    const route = gate.route(market.id);
    return gate.submit(route, route.writer.setReference(gate.address(market.id, 0, 0, ''), ticks));
  }

  /** Passes on a command record of an in-process session; see `SessionCommands.forward`. */
  forward(views: FrameViews, at: number): boolean {
    return this.sessions.forward(views, at);
  }

  flush(): void {
    this.gate.flush();
  }

  get hasUnflushed(): boolean {
    return this.gate.hasUnflushed;
  }

  /** Checks an order and holds what it may cost; the code of the denial, or what goes to the book. */
  private prepare(request: PlaceRequest): number | Prepared {
    const { market, collarBps } = request;
    const absent = notTradedHere(market);
    if (absent !== C.OK) return absent;
    this.gate.clock.tick();
    const asked = requestedTerms(request);
    const collared = collarBps === undefined ? market : { ...market, marketCollarBps: collarBps };
    const terms = bookTerms(collared, asked, this.terms);
    const refusal = checkTerms(market, asked, terms, this.terms);
    if (refusal !== C.OK) return refusal;
    const portfolio = this.ledger.portfolios.get(request.portfolioId);
    if (portfolio === undefined || portfolio.userId !== request.userId) return C.UNKNOWN_PORTFOLIO;
    if (portfolio.locked) return C.UNKNOWN_PORTFOLIO;
    const links = this.checkLinks(portfolio.id, terms);
    if (links !== C.OK) return links;
    const orderId = this.gate.issueOrderId();
    const { side, priceTicks, qtyLots } = terms;
    const held = this.ledger.hold(orderId, portfolio, market, side, priceTicks, qtyLots, terms);
    return held === C.OK ? { orderId, terms } : held;
  }

  private send(request: PlaceRequest, { orderId, terms }: Prepared): Submission {
    const { gate } = this;
    const { market, portfolioId, clientOrderId } = request;
    const route = gate.route(market.id);
    const envelope = gate.address(market.id, portfolioId, orderId, clientOrderId);
    const written = route.writer.placeTerms(envelope, terms);
    if (!written) this.ledger.release(orderId);
    return gate.submit(route, written);
  }

  /** Orders to link with or to replace are the portfolio's own; whether they are open the book says. */
  private checkLinks(portfolioId: number, terms: OrderTerms): number {
    const { ocoOrderId, parentOrderId, replacesOrderId } = terms;
    if (ocoOrderId + parentOrderId + replacesOrderId === 0) return C.OK;
    for (const id of [ocoOrderId, parentOrderId, replacesOrderId]) {
      if (id === 0) continue;
      const held = this.ledger.heldOrder(id);
      const isOwn =
        held === undefined
          ? this.facts.isOrderOf(portfolioId, id)
          : held.portfolio.id === portfolioId;
      if (!isOwn) return C.UNKNOWN_LINKED_ORDER;
      if (held?.decrements === true && id !== replacesOrderId) return C.TERMS_INCOMPATIBLE;
    }
    return C.OK;
  }
}

/** Why nobody may place an order in this market here, or `OK`. */
function notTradedHere({ source }: Market): number {
  if (source === 'live') return C.MARKET_IS_LIVE;
  return source === 'off' ? C.MARKET_IS_OFF : C.OK;
}
