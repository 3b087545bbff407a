import type { OrderHistory } from './order-history.ts';
import type { PortfolioBook } from './portfolios/portfolio-book.ts';
import type { OrderPage, OrdersOf, OrderView } from './venue.ts';

/** Orders one page looks at: where few are wanted, a page may be short of its limit. */
const LOOKED_AT = 5_000;

/**
 * A page of a user's orders. It goes on by order id, so orders placed meanwhile neither shift it nor
 * show up twice.
 */
export function orderPage(
  history: OrderHistory,
  book: PortfolioBook,
  { userId, portfolioId, beforeOrderId, limit, wanted }: OrdersOf,
  orderOf: (orderId: number) => OrderView | undefined,
): OrderPage {
  const orders: OrderView[] = [];
  const portfolios = portfolioId === undefined ? book.idsOf(userId) : [portfolioId];
  let looked = 0;
  let last = 0;
  for (const orderId of history.before(portfolios, beforeOrderId)) {
    // Another one is there: the page does not end the list.
    if (orders.length === limit || looked === LOOKED_AT) return { orders, nextBeforeOrderId: last };
    looked += 1;
    last = orderId;
    const order = orderOf(orderId);
    if (order !== undefined && wanted(order)) orders.push(order);
  }
  return { orders, nextBeforeOrderId: undefined };
}
