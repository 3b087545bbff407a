/** The order vocabulary. Numbers travel in records and in the journal: retired ones are never reused. */

export const SIDE_BUY = 0;
export const SIDE_SELL = 1;
export type Side = typeof SIDE_BUY | typeof SIDE_SELL;

export const ORDER_TYPE_LIMIT = 0;
/** Takes what is there at any price up to the protective limit it carries; never rests. */
export const ORDER_TYPE_MARKET = 1;

/** Good till cancelled: what does not trade at once rests. */
export const TIF_GTC = 0;
/** Immediate or cancel: what does not trade at once is cancelled. */
export const TIF_IOC = 1;
/** Fill or kill: trades whole at once, or nothing of it does. */
export const TIF_FOK = 2;

/** Order flag: reject the order rather than let it take liquidity. */
export const ORDER_FLAG_POST_ONLY = 1;

/** How an amendment's quantity is meant. */
export const AMEND_TOTAL = 0;
/** Quantity is what shall remain open. */
export const AMEND_REMAINING = 1;
/** Quantity is taken off what is open; an order reduced to nothing is cancelled. */
export const AMEND_REDUCE_BY = 2;

export const PHASE_CONTINUOUS = 0;
export const PHASE_HALTED = 1;

/** Why an order, or what was left of it, left the market without trading. */
export const CANCEL_BY_REQUEST = 1;
export const CANCEL_IOC_REMAINDER = 2;
export const CANCEL_MARKET_REMAINDER = 3;
/** One command may cause only so many fills (a bound of the event ring); the rest is cancelled. */
export const CANCEL_FILL_LIMIT = 4;
export const CANCEL_MASS = 5;

export const SIDE_NAMES = ['buy', 'sell'] as const;
export const ORDER_TYPE_NAMES = ['limit', 'market'] as const;
export const TIF_NAMES = ['gtc', 'ioc', 'fok'] as const;
export const PHASE_NAMES = ['continuous', 'halted'] as const;
export const CANCEL_REASON_NAMES = [
  'none',
  'requested',
  'ioc_remainder',
  'market_remainder',
  'fill_limit',
  'mass_cancel',
] as const;

/** Life of an order as every projection sees it. */
export const STATUS_PENDING = 0;
export const STATUS_OPEN = 1;
export const STATUS_PARTIALLY_FILLED = 2;
export const STATUS_FILLED = 3;
export const STATUS_CANCELLED = 4;
export const STATUS_REJECTED = 5;
export const STATUS_EXPIRED = 6;
export const STATUS_NAMES = [
  'pending',
  'open',
  'partially_filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type OrderStatusName = (typeof STATUS_NAMES)[number];
