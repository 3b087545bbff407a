/**
 * How orders and levels lie in memory: records of fixed size in typed arrays, addressed by number.
 *
 * An order is two records of 32 bytes with the same number. What a cancellation touches is in the
 * hot one, so that twice as many orders fit the processor's cache; the rest is in the cold one.
 *
 * ```
 *  hot    0 id  8 remainingLots  16 level  20 next  24 previous  28 chain
 *  cold   0 totalLots  8 priceTicks  16 portfolioId  20 side  24 unused
 *  level  0 qtyLots  8 priceTicks  16 first  20 last  24 orders  28 side
 * ```
 *
 * Fields are indexes of 8-byte (F) and 4-byte (I) words within the record. Users take what they need
 * into constants of their own module, which cost nothing, while an imported binding is loaded
 * and checked on every use.
 */
export const ORDER_BYTES = 32;
export const LEVEL_BYTES = 32;

export const HOT = {
  F_ID: 0,
  F_REMAINING: 1,
  /** Number of the level the order rests in. */
  I_LEVEL: 4,
  /** The order behind this one in its level. */
  I_NEXT: 5,
  /** The order before this one in its level. */
  I_PREVIOUS: 6,
  /** The next order in the same bucket of the order index. */
  I_CHAIN: 7,
} as const;

export const COLD = {
  F_TOTAL: 0,
  /** Limit price. */
  F_PRICE: 1,
  I_PORTFOLIO: 4,
  I_SIDE: 5,
} as const;

export const LEVEL = {
  /** Sum of the open quantities: exact while it is a safe integer. */
  F_QTY: 0,
  F_PRICE: 1,
  /** The order that has waited longest. */
  I_FIRST: 4,
  I_LAST: 5,
  /** How many orders wait at this price. */
  I_ORDERS: 6,
  I_SIDE: 7,
} as const;

/** No order, no level: the end of every list. */
export const NONE = -1;
