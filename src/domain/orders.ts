/** The order vocabulary. Numbers travel in records and in the journal: retired ones are never reused. */

export const SIDE_BUY = 0;
export const SIDE_SELL = 1;
export type Side = typeof SIDE_BUY | typeof SIDE_SELL;
/** In the place of an aggressor's side: nobody knows it, or there is none. */
export const SIDE_UNKNOWN = 255;

export const ORDER_TYPE_LIMIT = 0;
/** Takes what is there at any price up to the protective limit it carries; never rests. */
export const ORDER_TYPE_MARKET = 1;
/** Waits until a trade reaches its trigger price, then acts as a market order. */
export const ORDER_TYPE_STOP = 2;
/** Waits until a trade reaches its trigger price, then acts as a limit order. */
export const ORDER_TYPE_STOP_LIMIT = 3;
/** A stop order whose trigger follows the trades at a distance and never moves away from them. */
export const ORDER_TYPE_TRAILING_STOP = 4;
/** A limit order whose price follows the best price, at most (a sale: at least) its limit. */
export const ORDER_TYPE_PEGGED = 5;

/** Good till cancelled: what does not trade at once rests. */
export const TIF_GTC = 0;
/** Immediate or cancel: what does not trade at once is cancelled. */
export const TIF_IOC = 1;
/** Fill or kill: trades whole at once, or nothing of it does. */
export const TIF_FOK = 2;
/** Good till a date: leaves the market at the time it carries. */
export const TIF_GTD = 3;
/** Good for the trading day: leaves the market at the day's end, or when the market closes. */
export const TIF_DAY = 4;

/** Order flag: reject the order rather than let it take liquidity. */
export const ORDER_FLAG_POST_ONLY = 1;
/** Order flag: move the price just out of the other side's reach rather than take liquidity. */
export const ORDER_FLAG_POST_ONLY_SLIDE = 2;
/** Order flag: trade only as far as that brings the portfolio's position nearer to zero. */
export const ORDER_FLAG_REDUCE_ONLY = 4;
/** Order flag: what trades on entry is all of it; an order that meets nobody may rest. */
export const ORDER_FLAG_ALL_OR_NONE = 8;
/** In a record only: the extension of `PlaceOrder` is there. No part of an order's terms. */
export const ORDER_FLAG_EXTENDED = 128;

/** What happens when an order would trade with one of the same portfolio. The taker's wish counts. */
export const SELF_TRADE_ALLOWED = 0;
export const SELF_TRADE_EXPIRE_TAKER = 1;
export const SELF_TRADE_EXPIRE_MAKER = 2;
export const SELF_TRADE_EXPIRE_BOTH = 3;
/** Both lose the smaller of their open quantities, without a trade. */
export const SELF_TRADE_DECREMENT = 4;

export const TRAIL_TICKS = 0;
export const TRAIL_BPS = 1;

/** Follows the best price of its own side. */
export const PEG_PRIMARY = 0;
/** Follows the best price of the other side, at least one tick away. */
export const PEG_OPPOSITE = 1;

/** How an amendment's quantity is meant. */
export const AMEND_TOTAL = 0;
/** Quantity is what shall remain open. */
export const AMEND_REMAINING = 1;
/** Quantity is taken off what is open; an order reduced to nothing is cancelled. */
export const AMEND_REDUCE_BY = 2;

export const PHASE_CONTINUOUS = 0;
/** Orders may only be cancelled or made smaller. */
export const PHASE_HALTED = 1;
/** Orders rest and do not trade: the book may be crossed, an auction will resolve it. */
export const PHASE_PRE_OPEN = 2;
/** As halted; orders for the day are gone. */
export const PHASE_CLOSED = 3;
/** The book is being uncrossed at one price. */
export const PHASE_AUCTION = 4;

/** Why an order waits outside the book. */
export const HELD_STOP = 1;
/** Until its parent has traded whole. */
export const HELD_CHILD = 2;
/** A pegged order, until there is a price to follow. */
export const HELD_UNPRICED = 3;

/** Where an open order is: in the book, waiting for what a HELD_… number says, or ready to act. */
export const PLACE_RESTING = 0;
export const PLACE_READY = 4;

/** What a `ContinueWork` carries on with; every group of events is bounded, so work may be left. */
export const CONTINUE_AUCTION = 1;
export const CONTINUE_DAY_END = 2;
export const CONTINUE_REDUCE_ONLY = 3;
/** An order whose trigger or parent has come through acts now. */
export const CONTINUE_READY = 4;
export const CONTINUE_PEG = 5;
export const CONTINUE_EXPIRE = 6;

/** Why an order, or what was left of it, left the market without trading. */
export const CANCEL_BY_REQUEST = 1;
export const CANCEL_IOC_REMAINDER = 2;
export const CANCEL_MARKET_REMAINDER = 3;
/** One command may cause only so many fills (a bound of the event ring); the rest is cancelled. */
export const CANCEL_FILL_LIMIT = 4;
export const CANCEL_MASS = 5;
/** Its time had come: good-till-date or good-for-the-day. */
export const CANCEL_EXPIRED = 6;
/** It would have traded with the same portfolio. */
export const CANCEL_SELF_TRADE = 7;
/** The other order of its one-cancels-other pair traded, was triggered or left. */
export const CANCEL_OCO = 8;
/** Its parent left without trading whole. */
export const CANCEL_PARENT_GONE = 9;
/** There is no position left that it could reduce. */
export const CANCEL_REDUCE_ONLY = 10;
/** Another order took its place. */
export const CANCEL_REPLACED = 11;
/** Its price would have left the bounds at which the market halts. */
export const CANCEL_VOLATILITY_HALT = 12;
/** When its turn came the book would not take it: what rejects an arriving order. */
export const CANCEL_ON_ACTIVATION = 13;

export const SIDE_NAMES = ['buy', 'sell'] as const;
export const ORDER_TYPE_NAMES = [
  'limit',
  'market',
  'stop',
  'stop_limit',
  'trailing_stop',
  'pegged',
] as const;
export const TIF_NAMES = ['gtc', 'ioc', 'fok', 'gtd', 'day'] as const;
export const PHASE_NAMES = ['continuous', 'halted', 'pre_open', 'closed', 'auction'] as const;
export const SELF_TRADE_NAMES = [
  'none',
  'expire_taker',
  'expire_maker',
  'expire_both',
  'decrement',
] as const;
export const PEG_NAMES = ['primary', 'opposite'] as const;
export const TRAIL_UNIT_NAMES = ['price', 'bps'] as const;
/** What an order waits for, by HELD_… */
export const WAITING_NAMES = ['nothing', 'trigger', 'parent', 'price'] as const;
export const CANCEL_REASON_NAMES = [
  'none',
  'requested',
  'ioc_remainder',
  'market_remainder',
  'fill_limit',
  'mass_cancel',
  'expired',
  'self_trade',
  'oco',
  'parent_gone',
  'reduce_only',
  'replaced',
  'volatility_halt',
  'refused_on_activation',
] as const;

/** What an order asks for, in integers. 0 stands for "none" wherever 0 has no other meaning. */
export interface OrderTerms {
  readonly side: number;
  /** ORDER_TYPE_… */
  readonly orderType: number;
  /** TIF_… */
  readonly tif: number;
  /** ORDER_FLAG_…, without `ORDER_FLAG_EXTENDED` */
  readonly flags: number;
  /** SELF_TRADE_… */
  readonly selfTrade: number;
  /** Limit price; the protective limit of what acts as a market order; the limit of a pegged one. */
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Trade price at which a stop or stop-limit order acts. */
  readonly triggerTicks: number;
  /** Distance of a trailing stop, in the unit of `trailUnit`. */
  readonly trailOffset: number;
  /** TRAIL_… */
  readonly trailUnit: number;
  /** What an iceberg order shows at a time. */
  readonly displayLots: number;
  /** PEG_… */
  readonly pegKind: number;
  /** How far behind the price it follows a pegged order stays, not negative. */
  readonly pegOffsetTicks: number;
  /** When a good-till-date or day order leaves: seconds since the Unix epoch, and nanoseconds. */
  readonly expireSeconds: number;
  readonly expireNanos: number;
  /** The other order of its one-cancels-other pair. */
  readonly ocoOrderId: number;
  /** The order that must trade whole before this one acts. */
  readonly parentOrderId: number;
  /** The order whose place this one takes. */
  readonly replacesOrderId: number;
  /** What that order had traded when this was asked for: if more has, this one is not wanted. */
  readonly replacesTradedLots: number;
}

/** The terms of an order that has none but the plain ones. */
export const PLAIN_TERMS = {
  selfTrade: SELF_TRADE_ALLOWED,
  triggerTicks: 0,
  trailOffset: 0,
  trailUnit: TRAIL_TICKS,
  displayLots: 0,
  pegKind: PEG_PRIMARY,
  pegOffsetTicks: 0,
  expireSeconds: 0,
  expireNanos: 0,
  ocoOrderId: 0,
  parentOrderId: 0,
  replacesOrderId: 0,
  replacesTradedLots: 0,
} as const;

/** True when a `PlaceOrder` record needs its extension to say these terms. */
export function needsExtension(terms: OrderTerms): boolean {
  return (
    terms.orderType > ORDER_TYPE_MARKET ||
    terms.tif > TIF_FOK ||
    terms.displayLots !== 0 ||
    terms.ocoOrderId !== 0 ||
    terms.parentOrderId !== 0 ||
    terms.replacesOrderId !== 0
  );
}

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
