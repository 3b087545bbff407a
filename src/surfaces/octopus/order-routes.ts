import {
  OrderList,
  OrderParams,
  OrdersQuery,
  PlaceOrderBody,
  WireOrder,
} from '../../../schemas/octopus-orders.ts';
import * as C from '../../domain/result-codes.ts';
import {
  MARKET_CLOSED,
  MARKET_HALTED,
  OK,
  ORDER_NOT_IN_BOOK,
  UNKNOWN_MARKET,
  UNKNOWN_ORDER,
} from '../../domain/result-codes.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, LATER, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import type { OrderReply, OrderView, Venue } from '../../gateway/venue.ts';
import { principalOf } from './auth-routes.ts';
import { cursorOf, readCursor } from './cursors.ts';
import { SURFACE } from './errors.ts';
import { orderIdOf } from './ids.ts';
import { isPending, orderToWire, placedToWire, statusWord } from './order-wire.ts';
import { toPlaceRequest } from './place-order.ts';
import { NOT_OWN, ownPortfolio } from './portfolio-access.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const WRITE = { ...READ, scope: 'write' } as const;
const PAGE_DEFAULT = 100;
const LIST = 'orders';

/** The venue takes nothing at the moment. */
const BUSY = refusalsOfResults(C.COMMAND_RING_FULL, C.JOURNAL_UNAVAILABLE, C.DRAINING);

const ORDER_REFUSALS = [
  ...NOT_OWN,
  ...NO_SUCH_MARKET,
  ...refusalsOfResults(
    C.PRICE_OFF_TICK,
    C.QUANTITY_OFF_LOT,
    C.QUANTITY_TOO_SMALL,
    C.TRIGGER_PRICE_INVALID,
    C.TERMS_INCOMPATIBLE,
    C.INSUFFICIENT_BALANCE,
    MARKET_CLOSED,
    C.TOO_MANY_OPEN_ORDERS,
    C.DUPLICATE_CLIENT_ORDER_ID,
  ),
  ...BUSY,
];

/** Orders of all portfolios of the caller. */
export function orderRoutes(): Route[] {
  return [
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/orders/',
      summary: 'Place an order; the reply is sent once it is durable, and says pending',
      body: PlaceOrderBody,
      response: WireOrder,
      examples: {
        body: { symbol: 'AAPL', side: 'buy', order_type: 'limit', quantity: 10, price: 150 },
      },
      refusals: ORDER_REFUSALS,
      successStatus: 201,
      handler: (context) => {
        const { body, venue, settle } = context;
        const request = toPlaceRequest(body, principalOf(context).userId, venue);
        if (request instanceof Refusal) return spelt(request);
        venue.place(request, (reply) => settle(placeReply(reply, body)));
        return LATER;
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/orders/',
      summary: 'Orders, open and closed, the newest first',
      query: OrdersQuery,
      response: OrderList,
      examples: { query: { symbol: 'AAPL', limit: 2 } },
      refusals: [...NOT_OWN, ...NO_SUCH_MARKET],
      successStatus: 200,
      handler: (context) => list(context.venue, principalOf(context).userId, context.query),
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/orders/{order_id}',
      summary: 'An order as it stands, open or closed',
      params: OrderParams,
      response: WireOrder,
      refusals: refusalsOfResults(UNKNOWN_ORDER),
      successStatus: 200,
      handler: (context) => {
        const { params, venue } = context;
        const orderId = orderIdOf(params.order_id);
        const order = orderId && venue.order(principalOf(context).userId, orderId);
        return order ? orderToWire(order) : refusalOfResult(UNKNOWN_ORDER, params);
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'PUT',
      path: '/api/orders/{order_id}/cancel',
      summary: 'Cancel an open order; answers its final state',
      params: OrderParams,
      response: WireOrder,
      refusals: [...refusalsOfResults(UNKNOWN_ORDER, ORDER_NOT_IN_BOOK), ...BUSY],
      successStatus: 200,
      handler: cancel,
    }),
  ];
}

function cancel(context: RequestContext<{ order_id: string }>) {
  const { params, venue, settle } = context;
  const { userId } = principalOf(context);
  const orderId = orderIdOf(params.order_id);
  if (orderId === undefined) return refusalOfResult(UNKNOWN_ORDER, params);
  venue.cancel(userId, orderId, ({ code, order: told }) => {
    const order = told ?? venue.order(userId, orderId) ?? null;
    if (code === OK && order !== null) return settle(orderToWire(order));
    if (order === null || (code !== UNKNOWN_ORDER && code !== ORDER_NOT_IN_BOOK)) {
      return settle(refusalOfResult(code, params));
    }
    const closed = refusalOfResult(ORDER_NOT_IN_BOOK, params);
    const details = { ...closed.details, status: statusWord(order) };
    settle(new Refusal(closed.kind, closed.code, closed.message, { details }));
  });
  return LATER;
}

/** An order that got an id answers with it, also when the book rejected it, but for a closed market. */
function placeReply({ code, order }: OrderReply, body: PlaceOrderBody): object {
  const refusal = code === OK ? undefined : refusalOfResult(code, body);
  const isClosed = code === MARKET_HALTED || code === MARKET_CLOSED;
  const isBookOutcome = refusal?.kind === 'conflict' && !isClosed;
  if (order !== null && (refusal === undefined || isBookOutcome)) return placedToWire(order);
  if (refusal === undefined) throw new Error('an accepted order came without its state');
  return spelt(refusal);
}

/** What is `type` elsewhere is `order_type` here. */
function spelt(refusal: Refusal): Refusal {
  const { kind, code, message, details, retryAfterSeconds } = refusal;
  if (details.parameter !== 'type') return refusal;
  const own = { ...details, parameter: 'order_type' };
  return new Refusal(kind, code, message, { details: own, retryAfterSeconds });
}

function list(venue: Venue, userId: number, query: OrdersQuery): object {
  const beforeOrderId = readCursor(LIST, query.cursor);
  if (beforeOrderId instanceof Refusal) return beforeOrderId;
  const wanted = filterOf(venue, query);
  if (wanted instanceof Refusal) return wanted;
  const { portfolio_id: given } = query;
  const info = given === undefined ? undefined : ownPortfolio(venue, userId, given);
  if (info instanceof Refusal) return info;
  const { orders, nextBeforeOrderId } = venue.ordersOf({
    userId,
    portfolioId: info?.portfolioId,
    beforeOrderId,
    limit: query.limit ?? PAGE_DEFAULT,
    wanted,
  });
  return {
    orders: orders.map(orderToWire),
    next_cursor: nextBeforeOrderId === undefined ? null : cursorOf(LIST, nextBeforeOrderId),
  };
}

/** `status=pending` finds what a client was told is pending and to which nothing happened since. */
function filterOf(
  { markets }: Venue,
  { status, symbol, exchange, side, order_type: type }: OrdersQuery,
): ((order: OrderView) => boolean) | Refusal {
  const name = exchange === undefined ? undefined : markets.exchangeName(exchange);
  const exchanges = exchange === undefined ? markets.exchanges : name === undefined ? [] : [name];
  const named =
    symbol === undefined ? undefined : exchanges.map((each) => markets.resolve(each, symbol));
  const isUnknown = named?.every((market) => market === undefined) ?? exchanges.length === 0;
  if (isUnknown) return refusalOfResult(UNKNOWN_MARKET, { symbol: symbol ?? exchange });
  const known = new Set(named);
  return (order) => {
    const { market } = order;
    if (named === undefined ? !exchanges.includes(market.exchange) : !known.has(market)) {
      return false;
    }
    const wire = side === undefined && type === undefined ? undefined : orderToWire(order);
    if (wire !== undefined && side !== undefined && wire.side !== side) return false;
    if (wire !== undefined && type !== undefined && wire.order_type !== type) return false;
    if (status === undefined) return true;
    return status === 'pending' ? isPending(order) : statusWord(order) === status;
  };
}
