/**
 * Facts from outside: types 48 to 55, of a market whose exchange is another: nothing was matched here
 * and no order is ours. Each is a group of its own. Their time is the exchange's, but never ahead of
 * ours. How records begin stands in records.ts.
 */
export const FIRST_OUTSIDE_TYPE = 48;
export const LAST_OUTSIDE_TYPE = 55;

/** Type 48: `OutsideTrade`. */
export const OUTSIDE_TRADE = 48;
/** f64 */
export const OUTSIDE_TRADE_PRICE_TICKS = 24;
/** f64 */
export const OUTSIDE_TRADE_QTY_LOTS = 32;
/** u8: the aggressor's */
export const OUTSIDE_TRADE_SIDE = 40;
/**
 * u8: 1 when it enters the market's bars. A minute that was not seen from its beginning is told by an
 * `OutsideBar` instead.
 */
export const OUTSIDE_TRADE_COUNTED = 41;
/** f64: dense per market, shared with `TRADE_ID` */
export const OUTSIDE_TRADE_ID = 48;
/** f64: fills with the same number were taken by one aggressor at once, as far as the exchange shows */
export const OUTSIDE_TRADE_AGGRESSOR = 56;
export const OUTSIDE_TRADE_BYTES = 64;

/** Type 49: `OutsideBook`: levels that changed, or the whole book. */
export const OUTSIDE_BOOK = 49;
/** f64: the exchange's number of this state; 0 where it has none */
export const OUTSIDE_BOOK_SEQUENCE = 24;
/** i32: 1 when these levels are all there are */
export const OUTSIDE_BOOK_RESET = 32;
/** i32: levels of the bids; those of the asks follow them */
export const OUTSIDE_BOOK_BIDS = 36;
/** i32 */
export const OUTSIDE_BOOK_ASKS = 40;
/** Of each level: f64 ticks, f64 lots; 0 lots: it is gone. */
export const OUTSIDE_BOOK_LEVELS = 48;
export const OUTSIDE_LEVEL_BYTES = 16;

/** Type 50: `OutsideStale`: the book cannot be trusted until the next reset. */
export const OUTSIDE_STALE = 50;
/** i32: STALE_… of `domain/outside.ts` */
export const OUTSIDE_STALE_REASON = 24;
export const OUTSIDE_STALE_BYTES = 32;

/** Type 51: `OutsideMark`. What the exchange did not tell is 0 and leaves what was known. */
export const OUTSIDE_MARK = 51;
/** f64 */
export const OUTSIDE_MARK_TICKS = 24;
/** f64 */
export const OUTSIDE_INDEX_TICKS = 32;
/** f64: parts per billion, what the funding interval would end with now */
export const OUTSIDE_RATE_PPB = 40;
/** f64: end of the interval under way */
export const OUTSIDE_NEXT_FUNDING_SECONDS = 48;
/** i32: 1 when the rate is known */
export const OUTSIDE_HAS_RATE = 56;
export const OUTSIDE_MARK_BYTES = 64;

/** Type 52: `OutsideInterest`: contracts open. */
export const OUTSIDE_INTEREST = 52;
/** f64 */
export const OUTSIDE_INTEREST_LOTS = 24;
export const OUTSIDE_INTEREST_BYTES = 32;

/** Type 53: `OutsideLiquidation`. */
export const OUTSIDE_LIQUIDATION = 53;
/** f64 */
export const OUTSIDE_LIQUIDATION_PRICE_TICKS = 24;
/** f64 */
export const OUTSIDE_LIQUIDATION_QTY_LOTS = 32;
/** u8: of the order that closes the position */
export const OUTSIDE_LIQUIDATION_SIDE = 40;
export const OUTSIDE_LIQUIDATION_BYTES = 48;

/** Type 54: `OutsideDay`: the exchange's own figures of the last 24 hours; 0: it does not tell. */
export const OUTSIDE_DAY = 54;
/** f64 */
export const OUTSIDE_DAY_OPEN_TICKS = 24;
/** f64 */
export const OUTSIDE_DAY_HIGH_TICKS = 32;
/** f64 */
export const OUTSIDE_DAY_LOW_TICKS = 40;
/** f64 */
export const OUTSIDE_DAY_LOTS = 48;
/** f64: sum of price × quantity, ticks × lots */
export const OUTSIDE_DAY_TICK_LOTS = 56;
/** f64 */
export const OUTSIDE_DAY_TRADES = 64;
export const OUTSIDE_DAY_BYTES = 72;

/** Type 55: `OutsideBar`: a minute's bar as the exchange tells it; see `features/bar-rows.ts`. */
export const OUTSIDE_BAR = 55;
/** Eight f64: a row of bars. */
export const OUTSIDE_BAR_ROW = 24;
export const OUTSIDE_BAR_BYTES = 88;

/** True for a fact from outside. */
export function isOutside(type: number): boolean {
  return type >= FIRST_OUTSIDE_TYPE && type <= LAST_OUTSIDE_TYPE;
}
