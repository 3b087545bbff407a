import {
  ORDERS_LISTED_DEFAULT,
  type OrdersQuery,
  type WireOrder,
} from '../../../schemas/velocimex.ts';
import { UNKNOWN_MARKET, UNKNOWN_PORTFOLIO } from '../../domain/result-codes.ts';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { OrderView, Venue } from '../../gateway/venue.ts';
import { unknownExchange } from './place-order.ts';
import { orderToWire } from './translate.ts';

/** Filters that go with a list and not with one order's client id. */
const LIST_ONLY = ['exchange', 'symbol', 'side', 'status', 'limit'] as const;

/** The filter that makes no sense beside `client_order_id`, if there is one. */
export function strayFilter(query: OrdersQuery): Refusal | undefined {
  const stray = LIST_ONLY.find((name) => query[name] !== undefined);
  if (stray === undefined) return undefined;
  return invalidParameter(stray, query[stray], `client_order_id goes without ${stray}`);
}

/** The caller's open orders that a query means, newest first; or what is wrong with it. */
export function openOrders(
  venue: Venue,
  userId: number,
  query: OrdersQuery,
): { orders: WireOrder[] } | Refusal {
  const { portfolio_id: portfolio, exchange, symbol, side, status } = query;
  const portfolioId = portfolio === undefined ? undefined : Number(portfolio);
  if (portfolioId !== undefined && !venue.ownsPortfolio(userId, portfolioId)) {
    return refusalOfResult(UNKNOWN_PORTFOLIO, query);
  }
  const { markets } = venue;
  if (exchange !== undefined && markets.exchangeName(exchange) === undefined) {
    return unknownExchange(exchange);
  }
  const exchanges = exchange === undefined ? markets.exchanges : [exchange];
  const wanted =
    symbol === undefined ? undefined : exchanges.map((name) => markets.resolve(name, symbol));
  if (wanted?.every((market) => market === undefined)) {
    return refusalOfResult(UNKNOWN_MARKET, query);
  }
  const exchangeName = exchange === undefined ? undefined : markets.exchangeName(exchange);
  const isWanted = ({ market, portfolioId: owner }: OrderView): boolean =>
    (portfolioId === undefined || owner === portfolioId) &&
    (exchangeName === undefined || market.exchange === exchangeName) &&
    (wanted === undefined || wanted.includes(market));
  const orders = venue
    .openOrders(userId)
    .filter(isWanted)
    .sort((a, b) => b.orderId - a.orderId)
    .map(orderToWire)
    .filter((order) => side === undefined || order.side === side)
    .filter((order) => status === undefined || order.status === status);
  return { orders: orders.slice(0, query.limit ?? ORDERS_LISTED_DEFAULT) };
}
