import { randomInt } from 'node:crypto';
import { LIMITS } from '../config/limits.ts';
import { scanClientOrders } from '../journal/client-order-scan.ts';
import type { JournalStore } from '../journal/store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ClientOrderIndex } from './client-order-index.ts';
import { usesId } from './client-orders.ts';
import { OrderHistory } from './order-history.ts';

/**
 * Builds the index of client order ids, and what portfolios have had of orders, anew from the orders
 * table, newest first, as many as they may hold. Only users' portfolios count: in-process sessions name their orders as they like, and reuse
 * the names.
 */
export function recoverClientOrders(
  store: JournalStore,
  ledger: Ledger,
  capacityIds: number,
): { clientOrderIndex: ClientOrderIndex; orderHistory: OrderHistory } {
  const seen: number[] = [];
  const orderHistory = new OrderHistory();
  const index = new ClientOrderIndex(capacityIds, randomInt(2 ** 31));
  const isUsers = (portfolioId: number): boolean =>
    (ledger.portfolios.get(portfolioId)?.userId ?? 0) > 0;
  const note = (orderId: number, portfolioId: number): boolean => {
    seen.push(portfolioId, orderId);
    return seen.length < 2 * LIMITS.listedOrders;
  };
  scanClientOrders(store, isUsers, note, (orderId, portfolioId, clientOrderId, status, reason) => {
    if (!usesId(status, reason)) return true;
    return index.addOlder(portfolioId, clientOrderId, orderId);
  });
  // Oldest first: at the end of a list an id is added at once.
  for (let i = seen.length - 2; i >= 0; i -= 2) orderHistory.note(seen[i], seen[i + 1]);
  return { clientOrderIndex: index, orderHistory };
}
