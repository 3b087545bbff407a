import {
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_MARKET,
  type OrderTerms,
  STATUS_REJECTED,
  TIF_DAY,
  TIF_GTC,
  TIF_IOC,
} from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import type { ClientOrderIndex } from './client-order-index.ts';
import { hasOwnPrice, requestedTerms } from './order-terms.ts';
import type { OrderReply, OrderView, PlaceRequest } from './venue.ts';

export interface ClientOrdersParts {
  readonly index: ClientOrderIndex;
  /** An order by its id, open or closed, as far as it is durable. */
  readonly orderById: (orderId: number) => TrackedOrder | undefined;
  readonly view: (order: TrackedOrder) => OrderView;
}

type Done = (reply: OrderReply) => void;

/** A placement whose outcome is not durable yet, and who else asks for it. */
interface UnderWay {
  readonly request: PlaceRequest;
  readonly waiting: Done[];
}

/**
 * Idempotency of placing orders: a client order id stands for one order of its portfolio for ever.
 *
 * | the id                                  | same terms                     | other terms |
 * |-----------------------------------------|--------------------------------|-------------|
 * | was never used, or only denied          | a new order                    | a new order |
 * | is under way, not durable yet           | waits for the same outcome     | duplicate   |
 * | has an order, open or closed            | the first result, its state now | duplicate  |
 * | has an order the book had no room for ¹ | a new order                    | a new order |
 *
 * Terms are everything an order asks for, but for prices and expiries that the venue works out; those
 * of an amended order are what it was amended to. ¹ Refused with a code of the 3xx
 * band: the client is told to try again, so trying again must be possible.
 */
export class ClientOrders {
  /** Requests answered with the result of an earlier one. */
  repeatsTotal = 0;
  private readonly parts: ClientOrdersParts;
  private readonly underWay = new Map<string, UnderWay>();

  constructor(parts: ClientOrdersParts) {
    this.parts = parts;
  }

  /**
   * Answers a request whose id was used before, at once or together with the first.
   * @returns false when the request is the first with its id and has to be carried out
   */
  repeated(request: PlaceRequest, done: Done): boolean {
    const { portfolioId, clientOrderId } = request;
    const first = this.underWay.get(key(portfolioId, clientOrderId));
    if (first !== undefined) {
      if (!sameTerms(request, requestedTerms(first.request), first.request.market.id))
        refuseDuplicate(done);
      else {
        this.repeatsTotal += 1;
        first.waiting.push(done);
      }
      return true;
    }
    const order = this.find(portfolioId, clientOrderId);
    if (order === undefined) return false;
    if (!sameTerms(request, termsOf(order), order.marketId)) refuseDuplicate(done);
    else {
      this.repeatsTotal += 1;
      const code = order.status === STATUS_REJECTED ? order.reason : C.OK;
      done({ code, order: this.parts.view(order) });
    }
    return true;
  }

  /** True when the id stands for an order of the portfolio, or for one that is under way. */
  isUsed(portfolioId: number, clientOrderId: string): boolean {
    return (
      this.underWay.has(key(portfolioId, clientOrderId)) ||
      this.find(portfolioId, clientOrderId) !== undefined
    );
  }

  /**
   * Notes a request that was submitted. @returns what to call with its outcome, which answers this
   * request and every one that repeated it meanwhile
   */
  begin(request: PlaceRequest, done: Done): Done {
    const { portfolioId, clientOrderId } = request;
    const at = key(portfolioId, clientOrderId);
    const first: UnderWay = { request, waiting: [] };
    this.underWay.set(at, first);
    return (reply) => {
      this.underWay.delete(at);
      if (reply.order !== null && usesId(reply.order.status, reply.order.reason)) {
        this.parts.index.add(portfolioId, clientOrderId, reply.order.orderId);
      }
      done(reply);
      for (const other of first.waiting) other(reply);
    };
  }

  /** The durable order an id stands for. */
  find(portfolioId: number, clientOrderId: string): TrackedOrder | undefined {
    let found: TrackedOrder | undefined;
    this.parts.index.find(portfolioId, clientOrderId, (orderId) => {
      const order = this.parts.orderById(orderId);
      if (order?.portfolioId !== portfolioId) return false;
      if (order.clientOrderId !== clientOrderId) return false;
      found = order;
      return true;
    });
    return found;
  }

  /** Ids remembered. */
  get remembered(): number {
    return this.parts.index.size;
  }
}

/** False for an order that the book had no room for: its id may be used again. */
export function usesId(status: number, reason: number): boolean {
  return status !== STATUS_REJECTED || reason < 300 || reason >= 400;
}

function sameTerms(request: PlaceRequest, first: OrderTerms, firstMarketId: number): boolean {
  const terms = requestedTerms(request);
  const { orderType, flags } = terms;
  return (
    request.market.id === firstMarketId &&
    terms.side === first.side &&
    orderType === first.orderType &&
    bookTif(terms) === bookTif(first) &&
    flags === first.flags &&
    terms.selfTrade === first.selfTrade &&
    // The book itself makes a reduce-only order smaller, and moves the price of one that slides.
    ((flags & ORDER_FLAG_REDUCE_ONLY) !== 0 || terms.qtyLots === first.qtyLots) &&
    // What acts as a market order has no price of its own: the book was given a protective one.
    (!hasOwnPrice(orderType) ||
      (flags & ORDER_FLAG_POST_ONLY_SLIDE) !== 0 ||
      terms.priceTicks === first.priceTicks) &&
    sameExtension(terms, first)
  );
}

function sameExtension(terms: OrderTerms, first: OrderTerms): boolean {
  return (
    terms.triggerTicks === first.triggerTicks &&
    terms.trailOffset === first.trailOffset &&
    terms.trailUnit === first.trailUnit &&
    terms.displayLots === first.displayLots &&
    terms.pegKind === first.pegKind &&
    terms.pegOffsetTicks === first.pegOffsetTicks &&
    // The end of the day was worked out when the order first came.
    (terms.tif === TIF_DAY || terms.expireSeconds === first.expireSeconds) &&
    (terms.tif === TIF_DAY || terms.expireNanos === first.expireNanos) &&
    // An order that named no partner may have been named by one since.
    (terms.ocoOrderId === 0 || terms.ocoOrderId === first.ocoOrderId) &&
    terms.parentOrderId === first.parentOrderId &&
    terms.replacesOrderId === first.replacesOrderId
  );
}

function termsOf(order: TrackedOrder): OrderTerms {
  const { side, orderType, tif, flags, selfTrade, priceTicks, qtyLots, extension } = order;
  const plain = { side, orderType, tif, flags, selfTrade, priceTicks, qtyLots };
  return { ...extension, ...plain, replacesTradedLots: 0 };
}

/** Market orders never rest: what asks for GTC is given to the book as IOC. */
function bookTif({ orderType, tif }: Pick<OrderTerms, 'orderType' | 'tif'>): number {
  return orderType === ORDER_TYPE_MARKET && tif === TIF_GTC ? TIF_IOC : tif;
}

function refuseDuplicate(done: Done): void {
  done({ code: C.DUPLICATE_CLIENT_ORDER_ID, order: null });
}

function key(portfolioId: number, clientOrderId: string): string {
  return `${portfolioId}/${clientOrderId}`;
}
