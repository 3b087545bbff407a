import { type CommandEnvelope, type CommandWriter, readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import { ORDER_TYPE_MARKET, SIDE_BUY, TIF_GTC, TIF_IOC } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import type { Doorbell } from '../rings/doorbell.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { RING_FULL, type RingProducer } from '../rings/ring.ts';
import type { PlaceRequest } from './venue.ts';

/** The command ring that leads to a market, and the bell of the worker behind it. */
export interface MarketRoute {
  readonly producer: RingProducer;
  readonly writer: CommandWriter;
  readonly bell: Doorbell;
}

/** A market's prices as the door needs them for market orders. */
export interface ReferencePrices {
  /** Best opposite price for the side, or the last trade's, or 0. */
  referenceTicks(market: Market, side: number): number;
}

/** `requestId` of a command that waits for its reply, or the code of its denial. */
export interface Submission {
  code: number;
  requestId: number;
  orderId: number;
}

/**
 * The one door to the books: steps 2 and 3 of every order's way. Checks the request against the
 * market, holds funds, issues the order id, writes the command. Clients, simulated traders and
 * recorded orders all come through here.
 */
export class OrderDoor {
  private readonly markets: MarketRegistry;
  private readonly ledger: Ledger;
  private readonly routes: ReadonlyMap<number, MarketRoute>;
  private readonly prices: ReferencePrices;
  private readonly clock: Clock;
  private readonly dirty = new Set<MarketRoute>();
  private nextOrderId: number;
  private nextRequestId = 1;
  /** REUSED: the envelope of the command being written. */
  private readonly envelope: CommandEnvelope = {
    marketId: 0,
    requestId: 0,
    sessionId: 0,
    portfolioId: 0,
    orderId: 0,
    seconds: 0,
    nanos: 0,
    clientOrderId: '',
  };
  /** REUSED: valid until the next call. */
  private readonly submission: Submission = { code: 0, requestId: 0, orderId: 0 };

  constructor(
    markets: MarketRegistry,
    ledger: Ledger,
    routes: ReadonlyMap<number, MarketRoute>,
    prices: ReferencePrices,
    clock: Clock,
    lastOrderId: number,
  ) {
    this.markets = markets;
    this.ledger = ledger;
    this.routes = routes;
    this.prices = prices;
    this.clock = clock;
    this.nextOrderId = lastOrderId + 1;
  }

  /** REUSED: the result is valid until the next call. */
  place(request: PlaceRequest): Submission {
    const { market, side, orderType, qtyLots, clientOrderId } = request;
    const isMarket = orderType === ORDER_TYPE_MARKET;
    const priceTicks = isMarket ? this.protectivePrice(market, side) : request.priceTicks;
    const refusal = checkTerms(market, priceTicks, qtyLots, isMarket);
    if (refusal !== C.OK) return this.denied(refusal);
    const portfolio = this.ledger.portfolios.get(request.portfolioId);
    if (portfolio === undefined || portfolio.userId !== request.userId) {
      return this.denied(C.UNKNOWN_PORTFOLIO);
    }
    const orderId = this.nextOrderId;
    const held = this.ledger.hold(orderId, portfolio, market, side, priceTicks, qtyLots);
    if (held !== C.OK) return this.denied(held);
    const route = this.route(market.id);
    const tif = isMarket && request.tif === TIF_GTC ? TIF_IOC : request.tif;
    const envelope = this.address(market.id, portfolio.id, orderId, clientOrderId);
    const written = route.writer.place(
      envelope,
      side,
      orderType,
      tif,
      request.flags,
      priceTicks,
      qtyLots,
    );
    if (!written) {
      this.ledger.release(orderId);
      return this.denied(C.COMMAND_RING_FULL);
    }
    this.nextOrderId += 1;
    return this.submitted(route, envelope);
  }

  /** REUSED: the result is valid until the next call. */
  cancel(market: Market, portfolioId: number, orderId: number): Submission {
    const route = this.route(market.id);
    const envelope = this.address(market.id, portfolioId, orderId, '');
    if (!route.writer.cancel(envelope)) return this.denied(C.COMMAND_RING_FULL);
    return this.submitted(route, envelope);
  }

  /**
   * Passes on a command record that an in-process session wrote: issues or resolves the order id
   * and stamps the venue time unless the session brought its own (a recording does).
   * @returns false when the market's command ring is full and nothing was done
   */
  forward(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    const word = i32[(at + 4) >>> 2];
    const route = this.route(frameMarketId(word));
    const lengthBytes = i32[at >>> 2];
    const to = route.producer.claim(lengthBytes, word);
    if (to === RING_FULL) return false;
    const ring = route.producer.ring;
    ring.u8.set(u8.subarray(at + 8, at + lengthBytes), to + 8);
    if (i32[(at + R.RECORD_SECONDS) >>> 2] === 0 && i32[(at + R.RECORD_NANOS) >>> 2] === 0) {
      this.clock.tick();
      ring.i32[(to + R.RECORD_SECONDS) >>> 2] = this.clock.seconds;
      ring.i32[(to + R.RECORD_NANOS) >>> 2] = this.clock.nanos;
    }
    const orderIdField = (to + R.COMMAND_ORDER_ID) >>> 3;
    const portfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
    switch (frameType(word)) {
      case R.PLACE_ORDER:
        ring.f64[orderIdField] = this.admitSessionOrder(views, at, portfolioId);
        break;
      case R.CANCEL_ORDER:
        if (f64[(at + R.COMMAND_ORDER_ID) >>> 3] === 0) {
          const clientId = readClientId(
            u8,
            at + R.CANCEL_CLIENT_ID_LENGTH,
            at + R.CANCEL_CLIENT_ID,
          );
          ring.f64[orderIdField] = this.openOrderId(portfolioId, clientId);
        }
        break;
      case R.AMEND_ORDER:
        if (f64[(at + R.COMMAND_ORDER_ID) >>> 3] === 0) {
          const clientId = readClientId(u8, at + R.AMEND_CLIENT_ID_LENGTH, at + R.AMEND_CLIENT_ID);
          ring.f64[orderIdField] = this.openOrderId(portfolioId, clientId);
        }
        break;
      default:
    }
    route.producer.endGroup();
    this.dirty.add(route);
    return true;
  }

  /** Publishes what was written since the last call and wakes the workers concerned. */
  flush(): void {
    if (this.dirty.size === 0) return;
    for (const route of this.dirty) {
      route.producer.publish();
      route.bell.ring();
    }
    this.dirty.clear();
  }

  get hasUnflushed(): boolean {
    return this.dirty.size > 0;
  }

  private admitSessionOrder(views: FrameViews, at: number, portfolioId: number): number {
    const { f64, i32, u8 } = views;
    const market = this.markets.get(frameMarketId(i32[(at + 4) >>> 2]));
    const portfolio = this.ledger.get(portfolioId);
    assert(market !== undefined, 'a session names a market that exists');
    assert(portfolio.kind === 'external', 'a session trades for an external portfolio');
    const orderId = this.nextOrderId;
    this.nextOrderId += 1;
    const held = this.ledger.hold(
      orderId,
      portfolio,
      market,
      u8[at + R.PLACE_SIDE],
      f64[(at + R.PLACE_PRICE_TICKS) >>> 3],
      f64[(at + R.PLACE_QTY_LOTS) >>> 3],
    );
    assert(held === C.OK, `a session's order is within the ledger's range: ${C.resultName(held)}`);
    const clientId = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
    if (clientId !== '') portfolio.openByClientId.set(clientId, orderId);
    return orderId;
  }

  /** 0 when there is none, which the book answers with `ORDER_NOT_IN_BOOK`. */
  private openOrderId(portfolioId: number, clientId: string): number {
    return this.ledger.get(portfolioId).openByClientId.get(clientId) ?? 0;
  }

  private protectivePrice(market: Market, side: number): number {
    const reference = this.prices.referenceTicks(market, side);
    if (reference === 0) return 0;
    const bps = market.marketCollarBps;
    if (side !== SIDE_BUY) return Math.max(1, Math.floor((reference * (10_000 - bps)) / 10_000));
    return Math.min(market.maxPriceTicks, Math.ceil((reference * (10_000 + bps)) / 10_000));
  }

  private address(
    marketId: number,
    portfolioId: number,
    orderId: number,
    clientOrderId: string,
  ): CommandEnvelope {
    const { envelope, clock } = this;
    clock.tick();
    envelope.marketId = marketId;
    envelope.requestId = this.nextRequestId;
    envelope.portfolioId = portfolioId;
    envelope.orderId = orderId;
    envelope.seconds = clock.seconds;
    envelope.nanos = clock.nanos;
    envelope.clientOrderId = clientOrderId;
    return envelope;
  }

  private route(marketId: number): MarketRoute {
    const route = this.routes.get(marketId);
    assert(route !== undefined, `market ${marketId} has a worker`);
    return route;
  }

  private submitted(route: MarketRoute, envelope: CommandEnvelope): Submission {
    this.dirty.add(route);
    this.nextRequestId += 1;
    this.submission.code = C.OK;
    this.submission.requestId = envelope.requestId;
    this.submission.orderId = envelope.orderId;
    return this.submission;
  }

  private denied(code: number): Submission {
    this.submission.code = code;
    this.submission.requestId = 0;
    this.submission.orderId = 0;
    return this.submission;
  }
}

function checkTerms(
  market: Market,
  priceTicks: number,
  qtyLots: number,
  isMarket: boolean,
): number {
  if (priceTicks === 0 && isMarket) return C.NO_REFERENCE_PRICE;
  if (!Number.isSafeInteger(priceTicks) || priceTicks <= 0) return C.PRICE_OFF_TICK;
  if (priceTicks > market.maxPriceTicks) return C.PRICE_TOO_LARGE;
  if (!Number.isSafeInteger(qtyLots) || qtyLots <= 0) return C.QUANTITY_OFF_LOT;
  if (qtyLots < market.minQtyLots) return C.QUANTITY_TOO_SMALL;
  if (qtyLots > market.maxQtyLots) return C.QUANTITY_TOO_LARGE;
  return C.OK;
}
