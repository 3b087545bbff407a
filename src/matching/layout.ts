/**
 * How orders and levels lie in memory: records of fixed size in typed arrays, addressed by number.
 *
 * An order is two records of 32 bytes with the same number. What a cancellation touches is in the
 * hot one, so that twice as many orders fit the processor's cache; the rest is in the cold one. An
 * order with terms that plain ones do not have (it waits, shows only a part, expires, has links …)
 * has an *extra* record as well, and its level is stored inverted (`~level`, negative): so a look at
 * what a cancellation or a fill reads anyhow tells that there is more to the order.
 *
 * ```
 *  hot    0 id  8 remainingLots  16 level  20 next  24 previous  28 chain
 *  cold   0 totalLots  8 priceTicks  16 portfolioId  20 terms  24 extra  28 unused
 *  extra  see EXTRA
 *  level  0 qtyLots  8 priceTicks  16 first  20 last  24 orders  28 side
 * ```
 *
 * Fields are indexes of 8-byte (F) and 4-byte (I) words within the record. Users take what they need
 * into constants of their own module, which cost nothing, while an imported binding is loaded
 * and checked on every use.
 */
export const ORDER_BYTES = 32;
export const LEVEL_BYTES = 32;
export const EXTRA_BYTES = 144;

export const HOT = {
  F_ID: 0,
  /** What is open; of a resting iceberg what it shows, the rest is `EXTRA.F_HIDDEN`. */
  F_REMAINING: 1,
  /** Number of the level the order rests in, inverted when it has an extra record. */
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
  /** Side, type, time in force, flags, self-trade mode: see TERMS. */
  I_TERMS: 5,
  /** Number of the extra record, or `NONE`. */
  I_EXTRA: 6,
} as const;

/** The word of terms: bits 0 to 7 are the side, 8 to 15 the type, and from these on … */
export const TERMS = {
  TYPE_SHIFT: 8,
  TIF_SHIFT: 16,
  TIF_MASK: 15,
  SELF_TRADE_SHIFT: 20,
  SELF_TRADE_MASK: 15,
  FLAGS_SHIFT: 24,
  /** All that `PlaceOrder` has but `ORDER_FLAG_EXTENDED`. */
  FLAGS_MASK: 127,
} as const;

/** Terms and whereabouts of an order that is more than a plain one. Orders are named by slot. */
export const EXTRA = {
  /** Trade price at which a stop acts; of a trailing stop where it stands now. */
  F_TRIGGER: 0,
  F_TRAIL_OFFSET: 1,
  /** What an iceberg shows at a time; 0: all. */
  F_DISPLAY: 2,
  /** What is open of a resting iceberg beyond what it shows. */
  F_HIDDEN: 3,
  F_PEG_OFFSET: 4,
  /** Limit of a pegged order, whose price is another. */
  F_LIMIT: 5,
  I_EXPIRE_SECONDS: 12,
  I_EXPIRE_NANOS: 13,
  /** Where it is in the heap of expiries, or `NONE`. */
  I_HEAP: 14,
  /** TRAIL_… and, from bit 8 on, PEG_… */
  I_UNITS: 15,
  /** PLACE_…, HELD_… or `ARRIVING` */
  I_PLACE: 16,
  I_HELD_FOR: 17,
  I_PARTNER: 18,
  I_PARENT: 19,
  I_FIRST_CHILD: 20,
  I_CHILDREN: 21,
  I_NEXT_CHILD: 22,
  /** Set once the order is in the lists below that it belongs to. */
  I_LISTED: 23,
  I_WAIT_NEXT: 24,
  I_WAIT_PREVIOUS: 25,
  I_DAY_NEXT: 26,
  I_DAY_PREVIOUS: 27,
  /** Trailing stops while they wait; pegged orders. */
  I_FOLLOW_NEXT: 28,
  I_FOLLOW_PREVIOUS: 29,
  /** Reduce-only orders of one portfolio. */
  I_REDUCE_NEXT: 30,
  I_REDUCE_PREVIOUS: 31,
} as const;

/** Words of 8 and of 4 bytes in an extra record. */
export const EXTRA_F = EXTRA_BYTES / 8;
export const EXTRA_I = EXTRA_BYTES / 4;

/** The place of an order that is neither in the book nor waiting: it is being dealt with. */
export const ARRIVING = -1;

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
