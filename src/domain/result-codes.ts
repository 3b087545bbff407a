/**
 * Every refusal has a number and a name. Bands say who refused:
 * 1xx admission (gateway), 2xx ledger, 3xx capacity, 4xx the book.
 * A refusal below 400 is `Denied`: the order never reached the book. One of 4xx is `Rejected`.
 */

export const OK = 0;

/** The market does not exist. */
export const UNKNOWN_MARKET = 101;
/** The price is not a positive multiple of the market's tick. */
export const PRICE_OFF_TICK = 102;
/** The quantity is not a positive multiple of the market's lot. */
export const QUANTITY_OFF_LOT = 103;
/** The quantity is below the market's minimum. */
export const QUANTITY_TOO_SMALL = 104;
/** The quantity is above the market's maximum. */
export const QUANTITY_TOO_LARGE = 105;
/** The price is above the market's maximum. */
export const PRICE_TOO_LARGE = 106;
/** A market order needs a reference price to bound it, and nothing has quoted or traded yet. */
export const NO_REFERENCE_PRICE = 107;
/** The order does not exist, is not the caller's, or is no longer open. */
export const UNKNOWN_ORDER = 108;
/** The portfolio used this client order id for an order with other terms. */
export const DUPLICATE_CLIENT_ORDER_ID = 109;
/** The portfolio does not exist or is not the caller's. */
export const UNKNOWN_PORTFOLIO = 110;
/** The venue is shutting down and takes no more orders. */
export const DRAINING = 111;
/** A stop order needs a trigger price on the tick; other orders have none. */
export const TRIGGER_PRICE_INVALID = 112;
/** What an iceberg order shows is a positive multiple of the lot, below its quantity and at least a ten-thousandth of it. */
export const DISPLAY_QUANTITY_INVALID = 113;
/** A good-till-date order needs a time in the future; other orders have none. */
export const EXPIRY_INVALID = 114;
/** A trailing stop needs a positive offset in ticks or basis points. */
export const TRAIL_OFFSET_INVALID = 115;
/** The offset of a pegged order is not negative, against the other side at least one tick. */
export const PEG_OFFSET_INVALID = 116;
/** Order type, time in force and flags that do not go together. */
export const TERMS_INCOMPATIBLE = 117;
/** Price times quantity is above the market’s maximum. */
export const NOTIONAL_ABOVE_MAXIMUM = 118;
/** The order to link with or to replace does not exist or is not the caller’s. */
export const UNKNOWN_LINKED_ORDER = 119;
/** The user has as many portfolios, holdings or alerts as one may have. */
export const TOO_MANY_RECORDS = 120;
/** Money comes in from outside only where nothing but simulated markets trades. */
export const DEPOSITS_CLOSED = 121;
/** The portfolio still has balances, positions, holdings or open orders. */
export const PORTFOLIO_NOT_EMPTY = 122;
/** The venue needs the portfolio: the user's first one, a margin portfolio, a running strategy's. */
export const PORTFOLIO_IN_USE = 123;
/** The alert does not exist or is not the caller's. */
export const UNKNOWN_ALERT = 124;
/** The position comes from orders or transfers: only what was recorded can be removed. */
export const POSITION_NOT_RECORDED = 125;
/** No market or portfolio of the venue knows the asset. */
export const UNKNOWN_ASSET = 126;
/** More than may be paid in at once, or than the venue can hold exactly. */
export const AMOUNT_TOO_LARGE = 127;
/** Trading was paused or stopped by an operator. */
export const TRADING_PAUSED = 132;

/** The market is told of by its own exchange: nobody trades it here. */
export const MARKET_IS_LIVE = 130;
/** The market is switched off: orders in it can only be cancelled. */
export const MARKET_IS_OFF = 131;

/** The portfolio's free balance does not cover the order and its fees. */
export const INSUFFICIENT_BALANCE = 201;
/** Price times quantity leaves the integers the ledger can hold exactly. */
export const NOTIONAL_TOO_LARGE = 202;
/** The portfolio has as many open orders as it may have. */
export const TOO_MANY_OPEN_ORDERS = 203;
/** What the margin portfolio is worth does not cover the initial margin of what the order may open. */
export const INSUFFICIENT_MARGIN = 204;
/** The order could make the margin portfolio's position larger than the market allows. */
export const POSITION_LIMIT_EXCEEDED = 205;
/** Margin portfolios do not trade in this market, or not with this leverage. */
export const LEVERAGE_NOT_ALLOWED = 206;
/** The venue is closing the portfolio's positions. */
export const PORTFOLIO_IN_LIQUIDATION = 207;
/** Positions in this market cannot be valued: it has neither quotes nor trades. */
export const NO_MARK_PRICE = 208;
/** The position does not exist, is not the caller's, or is closed. */
export const UNKNOWN_POSITION = 209;

/** The market's command ring is full: try again shortly. */
export const COMMAND_RING_FULL = 301;
/** The journal has stopped; nothing can be acknowledged. */
export const JOURNAL_UNAVAILABLE = 302;
/** The book holds as many orders as its pool may. */
export const ORDER_POOL_FULL = 303;
/** Little space is left on the disk: cancels pass, orders do not. */
export const DISK_SPACE_LOW = 304;
/** As many jobs (analyses, forecasts, tests of strategies) wait as may wait. */
export const TOO_MANY_JOBS = 305;
/** Whoever asked for the job has gone, or the venue stops. */
export const JOB_CANCELLED = 306;

/** The market is halted. */
export const MARKET_HALTED = 401;
/** A fill-or-kill order could not trade whole. */
export const FOK_NOT_FILLABLE = 402;
/** A post-only order would have traded. */
export const POST_ONLY_WOULD_TAKE = 403;
/** The order to cancel or amend is not in the book. */
export const ORDER_NOT_IN_BOOK = 404;
/** The amendment leaves nothing open, or changes nothing the book knows. */
export const AMEND_INVALID = 405;
/** An order with this id is already in the book. */
export const DUPLICATE_ORDER_ID = 406;
/** Nothing on the other side: a market order cannot trade at all. */
export const NO_LIQUIDITY = 407;
/** The market is closed. */
export const MARKET_CLOSED = 408;
/** An order that must trade at once cannot wait for an auction. */
export const NOT_BEFORE_AUCTION = 409;
/** An all-or-none order would have traded in part. */
export const ALL_OR_NONE_NOT_FILLABLE = 410;
/** There is no position that the reduce-only order would bring nearer to zero. */
export const REDUCE_ONLY_WOULD_INCREASE = 411;
/** The price is further from the reference price than the market allows. */
export const PRICE_OUTSIDE_BAND = 412;
/** The order to link with is no longer open. */
export const LINKED_ORDER_GONE = 413;
/** The order to replace is no longer open. */
export const REPLACED_ORDER_GONE = 414;
/** A trailing stop follows trades, and nothing has traded yet. */
export const NO_TRIGGER_REFERENCE = 415;
/** The time the order was good for is over. */
export const EXPIRED_ON_ARRIVAL = 416;
/** The other order has a partner already, is a child itself, or has as many children as it may. */
export const LINK_NOT_ALLOWED = 417;

export const RESULT_NAMES: ReadonlyMap<number, string> = new Map([
  [OK, 'OK'],
  [UNKNOWN_MARKET, 'UNKNOWN_MARKET'],
  [PRICE_OFF_TICK, 'PRICE_OFF_TICK'],
  [QUANTITY_OFF_LOT, 'QUANTITY_OFF_LOT'],
  [QUANTITY_TOO_SMALL, 'QUANTITY_TOO_SMALL'],
  [QUANTITY_TOO_LARGE, 'QUANTITY_TOO_LARGE'],
  [PRICE_TOO_LARGE, 'PRICE_TOO_LARGE'],
  [NO_REFERENCE_PRICE, 'NO_REFERENCE_PRICE'],
  [UNKNOWN_ORDER, 'UNKNOWN_ORDER'],
  [DUPLICATE_CLIENT_ORDER_ID, 'DUPLICATE_CLIENT_ORDER_ID'],
  [UNKNOWN_PORTFOLIO, 'UNKNOWN_PORTFOLIO'],
  [DRAINING, 'DRAINING'],
  [TRIGGER_PRICE_INVALID, 'TRIGGER_PRICE_INVALID'],
  [DISPLAY_QUANTITY_INVALID, 'DISPLAY_QUANTITY_INVALID'],
  [EXPIRY_INVALID, 'EXPIRY_INVALID'],
  [TRAIL_OFFSET_INVALID, 'TRAIL_OFFSET_INVALID'],
  [PEG_OFFSET_INVALID, 'PEG_OFFSET_INVALID'],
  [TERMS_INCOMPATIBLE, 'TERMS_INCOMPATIBLE'],
  [NOTIONAL_ABOVE_MAXIMUM, 'NOTIONAL_ABOVE_MAXIMUM'],
  [UNKNOWN_LINKED_ORDER, 'UNKNOWN_LINKED_ORDER'],
  [MARKET_IS_LIVE, 'MARKET_IS_LIVE'],
  [MARKET_IS_OFF, 'MARKET_IS_OFF'],
  [TOO_MANY_RECORDS, 'TOO_MANY_RECORDS'],
  [DEPOSITS_CLOSED, 'DEPOSITS_CLOSED'],
  [PORTFOLIO_NOT_EMPTY, 'PORTFOLIO_NOT_EMPTY'],
  [PORTFOLIO_IN_USE, 'PORTFOLIO_IN_USE'],
  [UNKNOWN_ALERT, 'UNKNOWN_ALERT'],
  [POSITION_NOT_RECORDED, 'POSITION_NOT_RECORDED'],
  [UNKNOWN_ASSET, 'UNKNOWN_ASSET'],
  [AMOUNT_TOO_LARGE, 'AMOUNT_TOO_LARGE'],
  [TRADING_PAUSED, 'TRADING_PAUSED'],
  [INSUFFICIENT_BALANCE, 'INSUFFICIENT_BALANCE'],
  [NOTIONAL_TOO_LARGE, 'NOTIONAL_TOO_LARGE'],
  [TOO_MANY_OPEN_ORDERS, 'TOO_MANY_OPEN_ORDERS'],
  [INSUFFICIENT_MARGIN, 'INSUFFICIENT_MARGIN'],
  [POSITION_LIMIT_EXCEEDED, 'POSITION_LIMIT_EXCEEDED'],
  [LEVERAGE_NOT_ALLOWED, 'LEVERAGE_NOT_ALLOWED'],
  [PORTFOLIO_IN_LIQUIDATION, 'PORTFOLIO_IN_LIQUIDATION'],
  [NO_MARK_PRICE, 'NO_MARK_PRICE'],
  [UNKNOWN_POSITION, 'UNKNOWN_POSITION'],
  [COMMAND_RING_FULL, 'COMMAND_RING_FULL'],
  [JOURNAL_UNAVAILABLE, 'JOURNAL_UNAVAILABLE'],
  [ORDER_POOL_FULL, 'ORDER_POOL_FULL'],
  [DISK_SPACE_LOW, 'DISK_SPACE_LOW'],
  [TOO_MANY_JOBS, 'TOO_MANY_JOBS'],
  [JOB_CANCELLED, 'JOB_CANCELLED'],
  [MARKET_HALTED, 'MARKET_HALTED'],
  [FOK_NOT_FILLABLE, 'FOK_NOT_FILLABLE'],
  [POST_ONLY_WOULD_TAKE, 'POST_ONLY_WOULD_TAKE'],
  [ORDER_NOT_IN_BOOK, 'ORDER_NOT_IN_BOOK'],
  [AMEND_INVALID, 'AMEND_INVALID'],
  [DUPLICATE_ORDER_ID, 'DUPLICATE_ORDER_ID'],
  [NO_LIQUIDITY, 'NO_LIQUIDITY'],
  [MARKET_CLOSED, 'MARKET_CLOSED'],
  [NOT_BEFORE_AUCTION, 'NOT_BEFORE_AUCTION'],
  [ALL_OR_NONE_NOT_FILLABLE, 'ALL_OR_NONE_NOT_FILLABLE'],
  [REDUCE_ONLY_WOULD_INCREASE, 'REDUCE_ONLY_WOULD_INCREASE'],
  [PRICE_OUTSIDE_BAND, 'PRICE_OUTSIDE_BAND'],
  [LINKED_ORDER_GONE, 'LINKED_ORDER_GONE'],
  [REPLACED_ORDER_GONE, 'REPLACED_ORDER_GONE'],
  [NO_TRIGGER_REFERENCE, 'NO_TRIGGER_REFERENCE'],
  [EXPIRED_ON_ARRIVAL, 'EXPIRED_ON_ARRIVAL'],
  [LINK_NOT_ALLOWED, 'LINK_NOT_ALLOWED'],
]);

/** The code's name, or `CODE_<n>` for a number nobody defined (which a test rules out). */
export function resultName(code: number): string {
  return RESULT_NAMES.get(code) ?? `CODE_${code}`;
}
