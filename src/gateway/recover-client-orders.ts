import { randomInt } from 'node:crypto';
import { scanClientOrders } from '../journal/client-order-scan.ts';
import type { JournalStore } from '../journal/store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ClientOrderIndex } from './client-order-index.ts';
import { usesId } from './client-orders.ts';

/**
 * Builds the index of client order ids anew from the orders table, newest first, as many as it may
 * hold. Only users' portfolios count: in-process sessions name their orders as they like, and reuse
 * the names.
 */
export function recoverClientOrders(
  store: JournalStore,
  ledger: Ledger,
  capacityIds: number,
): ClientOrderIndex {
  const index = new ClientOrderIndex(capacityIds, randomInt(2 ** 31));
  const isUsers = (portfolioId: number): boolean =>
    (ledger.portfolios.get(portfolioId)?.userId ?? 0) > 0;
  scanClientOrders(store, isUsers, (orderId, portfolioId, clientOrderId, status, reason) => {
    if (!usesId(status, reason)) return true;
    return index.addOlder(portfolioId, clientOrderId, orderId);
  });
  return index;
}
