import type { JournalStore } from './store.ts';

/** Sees one order that has a client order id. @returns false to see no more of them */
export type ClientOrderVisitor = (
  orderId: number,
  portfolioId: number,
  clientOrderId: string,
  status: number,
  reason: number,
) => boolean;

// Offsets of the order image, which is drawn in `order-image.ts`.
const PORTFOLIO_ID = 56;
const REASON = 60;
const STATUS = 70;
const LENGTH = 71;
const CLIENT_ID = 72;

/**
 * Goes through the orders table from the newest order to the oldest, reading only the few fields that
 * are needed.
 * @param wanted tells by portfolio id whose orders matter; for others nothing is decoded
 * @param seen shown every order that matters; returns false to see no more
 * @param visit shown those of them that have a client order id
 */
export function scanClientOrders(
  store: JournalStore,
  wanted: (portfolioId: number) => boolean,
  seen: (orderId: number, portfolioId: number) => boolean,
  visit: ClientOrderVisitor,
): void {
  let [sees, visits] = [true, true];
  store.root.resetReadTxn();
  const range = store.orders.getRange({ start: Number.MAX_SAFE_INTEGER, end: 0, reverse: true });
  for (const { key, value } of range) {
    const length = value[LENGTH];
    const portfolioId = int32(value, PORTFOLIO_ID);
    if (!wanted(portfolioId)) continue;
    if (sees) sees = seen(key, portfolioId);
    if (!sees && !visits) return;
    if (length === 0 || !visits) continue;
    let text = '';
    for (let i = 0; i < length; i += 1) text += String.fromCharCode(value[CLIENT_ID + i]);
    visits = visit(key, portfolioId, text, value[STATUS], int32(value, REASON));
  }
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
