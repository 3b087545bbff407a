import * as O from '../domain/orders.ts';

/** Instead of a CANCEL_… reason: what does not trade at once may rest. */
export const RESTS = 0;

/** What becomes of what does not trade at once: `RESTS`, or the reason it is cancelled for. */
export function remainderFate(orderType: number, tif: number): number {
  const actsAsMarket =
    orderType === O.ORDER_TYPE_MARKET ||
    orderType === O.ORDER_TYPE_STOP ||
    orderType === O.ORDER_TYPE_TRAILING_STOP;
  if (actsAsMarket) return O.CANCEL_MARKET_REMAINDER;
  return tif === O.TIF_IOC || tif === O.TIF_FOK ? O.CANCEL_IOC_REMAINDER : RESTS;
}

/** What shall be open after an amendment; not positive when it leaves nothing. 0 keeps the quantity. */
export function amendedRemaining(
  mode: number,
  remaining: number,
  filled: number,
  qtyLots: number,
): number {
  if (qtyLots === 0) return remaining;
  if (mode === O.AMEND_TOTAL) return qtyLots - filled;
  return mode === O.AMEND_REDUCE_BY ? remaining - qtyLots : qtyLots;
}
