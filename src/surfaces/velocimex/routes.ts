import {
  BalanceResponse,
  CancelAllQuery,
  CancelAllResponse,
  MarketsStatusResponse,
  ORDER_BOOK_DEPTH_DEFAULT,
  OrderBookParams,
  OrderBookQuery,
  OrderBookResponse,
  OrderParams,
  OrderResponse,
  OrdersQuery,
  OrdersResponse,
  PlaceOrderBody,
  PortfolioQuery,
  PositionsQuery,
  PositionsResponse,
} from '../../../schemas/velocimex.ts';
import {
  MARKET_CLOSED,
  MARKET_HALTED,
  OK,
  ORDER_NOT_IN_BOOK,
  UNKNOWN_MARKET,
  UNKNOWN_ORDER,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { Answer, defineRoute, LATER, type Route } from '../../gateway/http/route.ts';
import type { OrderReply, Venue } from '../../gateway/venue.ts';
import type { Principal } from '../../identity/principal.ts';
import {
  accountHead,
  accountOf,
  balancesToWire,
  portfolioToWire,
  positionsToWire,
} from './account.ts';
import { cancelAllScope } from './cancel-all.ts';
import {
  BUSY,
  NO_SUCH_MARKET,
  ORDER_DESCRIPTION,
  ORDER_EXAMPLE,
  ORDER_REFUSALS,
} from './described.ts';
import { SURFACE } from './errors.ts';
import { marketsStatus } from './markets-status.ts';
import { OrderBookEncoder } from './order-book.ts';
import { openOrders, strayFilter } from './order-list.ts';
import { toPlaceRequest, unknownExchange } from './place-order.ts';
import { orderToWire } from './translate.ts';

const READ = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'read' } as const;
const TRADE = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'write' } as const;

export function velocimexRoutes(): Route[] {
  return [...marketRoutes(), ...orderRoutes(), ...cancelRoutes(), ...accountRoutes()];
}

function marketRoutes(): Route[] {
  const books = new OrderBookEncoder();
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/markets/status',
      summary: 'Status of every exchange and its markets',
      response: MarketsStatusResponse,
      successStatus: 200,
      handler: ({ venue }) => ok({ markets: marketsStatus(venue) }),
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/markets/{exchange}/orderbook/{symbol+}',
      summary: 'Order book by price level, best first',
      params: OrderBookParams,
      query: OrderBookQuery,
      response: OrderBookResponse,
      examples: { params: { exchange: 'binance', symbol: 'BTC/USDT' }, query: { depth: 2 } },
      refusals: NO_SUCH_MARKET,
      successStatus: 200,
      handler: ({ params, query, venue }) => {
        const market = venue.markets.resolve(params.exchange, params.symbol);
        if (market !== undefined) {
          const depth = query.depth ?? ORDER_BOOK_DEPTH_DEFAULT;
          return Answer.encoded(books.encode(venue, market, depth));
        }
        if (venue.markets.exchangeName(params.exchange) === undefined) {
          return unknownExchange(params.exchange);
        }
        return refusalOfResult(UNKNOWN_MARKET, params);
      },
    }),
  ];
}

function orderRoutes(): Route[] {
  return [
    defineRoute({
      ...TRADE,
      method: 'POST',
      path: '/v1/trading/orders',
      summary: 'Place an order; the reply is sent once its outcome is durable',
      body: PlaceOrderBody,
      response: OrderResponse,
      description: ORDER_DESCRIPTION,
      examples: { body: ORDER_EXAMPLE },
      refusals: [...NO_SUCH_MARKET, ...ORDER_REFUSALS],
      successStatus: 201,
      handler: ({ body, principal, venue, settle }) => {
        const request = toPlaceRequest(body, (principal as Principal).userId, venue);
        if (request instanceof Refusal) return request;
        venue.place(request, (reply) => settle(placeReply(reply, body)));
        return LATER;
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/trading/orders/{order_id}',
      summary: 'State of an order, open or closed',
      params: OrderParams,
      response: OrderResponse,
      refusals: refusalsOfResults(UNKNOWN_ORDER),
      successStatus: 200,
      handler: ({ params, principal, venue }) => {
        const order = venue.order((principal as Principal).userId, Number(params.order_id));
        return order === undefined
          ? refusalOfResult(UNKNOWN_ORDER, params)
          : ok(orderToWire(order));
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/trading/orders',
      summary: 'Open orders, or the one with a client order id, open or closed (an extension)',
      query: OrdersQuery,
      response: OrdersResponse,
      examples: { query: { exchange: 'binance', limit: 10 } },
      refusals: [...NO_SUCH_MARKET, ...refusalsOfResults(UNKNOWN_PORTFOLIO, UNKNOWN_ORDER)],
      successStatus: 200,
      handler: ({ query, principal, venue }) => {
        const { userId } = principal as Principal;
        if (query.client_order_id !== undefined) return orderByClientId(venue, userId, query);
        const found = openOrders(venue, userId, query);
        return found instanceof Refusal ? found : ok(found);
      },
    }),
  ];
}

function cancelRoutes(): Route[] {
  return [
    defineRoute({
      ...TRADE,
      method: 'DELETE',
      path: '/v1/trading/orders/{order_id}',
      summary: 'Cancel an open order; answers its final state',
      params: OrderParams,
      response: OrderResponse,
      refusals: [...refusalsOfResults(UNKNOWN_ORDER, ORDER_NOT_IN_BOOK), ...BUSY],
      successStatus: 200,
      handler: ({ params, principal, venue, settle }) => {
        const { userId } = principal as Principal;
        const orderId = Number(params.order_id);
        venue.cancel(userId, orderId, (reply) => {
          // The venue knows only open orders; a closed one of the caller's is told apart here.
          const order = reply.order ?? venue.order(userId, orderId) ?? null;
          settle(cancelReply({ code: reply.code, order }, params));
        });
        return LATER;
      },
    }),
    defineRoute({
      ...TRADE,
      method: 'DELETE',
      path: '/v1/trading/orders',
      summary: 'Cancel all open orders, or those of a portfolio or a market (an extension)',
      query: CancelAllQuery,
      response: CancelAllResponse,
      examples: { query: { exchange: 'binance', symbol: 'BTC/USDT' } },
      refusals: [...NO_SUCH_MARKET, ...refusalsOfResults(UNKNOWN_PORTFOLIO), ...BUSY],
      successStatus: 200,
      handler: ({ query, principal, venue, settle }) => {
        const scope = cancelAllScope(query, (principal as Principal).userId, venue);
        if (scope instanceof Refusal) return scope;
        venue.cancelAll(scope, ({ code, cancelled }) =>
          settle(code === OK ? ok({ cancelled }) : refusalOfResult(code, query)),
        );
        return LATER;
      },
    }),
  ];
}

function accountRoutes(): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/account/balance',
      summary: 'Balances of a portfolio by asset',
      query: PortfolioQuery,
      response: BalanceResponse,
      refusals: refusalsOfResults(UNKNOWN_PORTFOLIO),
      successStatus: 200,
      handler: ({ query, principal, venue, clock }) => {
        const { userId } = principal as Principal;
        const account = accountOf(venue, userId, query);
        if (account instanceof Refusal) return account;
        const portfolios = venue.portfolios(userId).map(portfolioToWire);
        return ok({
          ...accountHead(account, clock),
          balances: balancesToWire(account),
          portfolios,
        });
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/account/positions',
      summary: 'Positions of a portfolio by market, with their profit',
      query: PositionsQuery,
      response: PositionsResponse,
      refusals: refusalsOfResults(UNKNOWN_PORTFOLIO),
      successStatus: 200,
      handler: ({ query, principal, venue, clock }) => {
        const account = accountOf(venue, (principal as Principal).userId, query);
        if (account instanceof Refusal) return account;
        const positions = positionsToWire(account, query.include_flat === true);
        return ok({ ...accountHead(account, clock), positions });
      },
    }),
  ];
}

/** The envelope of every success. */
function ok(data: object) {
  return { status: 'ok', data };
}

/**
 * An order that got an id answers with its state, also when the book rejected it (fill-or-kill that
 * cannot fill, post-only that would trade, nothing to trade against): the client finds it again by
 * its id. An order that a closed market rejected is an error, as documented.
 */
function placeReply({ code, order }: OrderReply, body: PlaceOrderBody): object {
  const refusal = code === OK ? undefined : refusalOfResult(code, body);
  const isClosed = code === MARKET_HALTED || code === MARKET_CLOSED;
  const isBookOutcome = refusal?.kind === 'conflict' && !isClosed;
  if (order !== null && (refusal === undefined || isBookOutcome)) return ok(orderToWire(order));
  if (refusal === undefined) throw new Error('an accepted order came without its state');
  return refusal;
}

function orderByClientId(
  venue: Venue,
  userId: number,
  { client_order_id: clientOrderId = '', ...query }: OrdersQuery,
): object {
  const stray = strayFilter(query);
  if (stray !== undefined) return stray;
  const given = query.portfolio_id;
  const portfolioId = given === undefined ? venue.defaultPortfolioId(userId) : Number(given);
  const order = portfolioId && venue.orderByClientId(userId, portfolioId, clientOrderId);
  return order ? ok(orderToWire(order)) : unknownClientOrderId(clientOrderId);
}

function unknownClientOrderId(clientOrderId: string): Refusal {
  const { kind, code, message } = refusalOfResult(UNKNOWN_ORDER, {});
  return new Refusal(kind, code, message, {
    details: { parameter: 'client_order_id', value: clientOrderId, reason: code },
  });
}

function cancelReply({ code, order }: OrderReply, params: { order_id: string }): object {
  if (code === OK && order !== null) return ok(orderToWire(order));
  if (order === null || (code !== UNKNOWN_ORDER && code !== ORDER_NOT_IN_BOOK)) {
    return refusalOfResult(code, params);
  }
  const closed = refusalOfResult(ORDER_NOT_IN_BOOK, params);
  return new Refusal(closed.kind, closed.code, closed.message, {
    details: { ...closed.details, status: orderToWire(order).status },
  });
}
