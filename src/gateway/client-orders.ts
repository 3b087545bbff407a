import { ORDER_TYPE_MARKET, STATUS_REJECTED, TIF_GTC, TIF_IOC } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { TrackedOrder } from '../projections/order-tracker.ts';
import type { ClientOrderIndex } from './client-order-index.ts';
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
 * Terms are market, side, type, time in force, flags, quantity and, except for a market order,
 * price; those of an amended order are what it was amended to. ¹ Refused with a code of the 3xx
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
      if (!sameTerms(request, first.request, first.request.market.id)) refuseDuplicate(done);
      else {
        this.repeatsTotal += 1;
        first.waiting.push(done);
      }
      return true;
    }
    const order = this.find(portfolioId, clientOrderId);
    if (order === undefined) return false;
    if (!sameTerms(request, order, order.marketId)) refuseDuplicate(done);
    else {
      this.repeatsTotal += 1;
      const code = order.status === STATUS_REJECTED ? order.reason : C.OK;
      done({ code, order: this.parts.view(order) });
    }
    return true;
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

type Terms = Pick<PlaceRequest, 'side' | 'orderType' | 'tif' | 'flags' | 'priceTicks' | 'qtyLots'>;

function sameTerms(request: PlaceRequest, first: Terms, firstMarketId: number): boolean {
  return (
    request.market.id === firstMarketId &&
    request.side === first.side &&
    request.orderType === first.orderType &&
    bookTif(request) === bookTif(first) &&
    request.flags === first.flags &&
    request.qtyLots === first.qtyLots &&
    // A market order has no price of its own: the book was given a protective one.
    (request.orderType === ORDER_TYPE_MARKET || request.priceTicks === first.priceTicks)
  );
}

/** Market orders never rest: what asks for GTC is given to the book as IOC. */
function bookTif({ orderType, tif }: Pick<Terms, 'orderType' | 'tif'>): number {
  return orderType === ORDER_TYPE_MARKET && tif === TIF_GTC ? TIF_IOC : tif;
}

function refuseDuplicate(done: Done): void {
  done({ code: C.DUPLICATE_CLIENT_ORDER_ID, order: null });
}

function key(portfolioId: number, clientOrderId: string): string {
  return `${portfolioId}/${clientOrderId}`;
}
