/**
 * Records: what travels through the rings and lies in the journal. Commands are imperatives, events
 * participles. A command's record is echoed into the event ring, so a journal group reads: the
 * command, then the events it caused; the last frame carries `FRAME_FLAG_END`.
 *
 * Every record starts with the frame header (see `rings/frame.ts`) and then:
 *
 * ```
 *  8   f64  seq        sequence of the record in its market, dense, from 1 (0 in a command ring)
 * 16   u32  seconds    venue time: whole seconds since the Unix epoch
 * 20   u32  nanos      and nanoseconds within the second
 * ```
 *
 * Integers of more than 32 bits are stored as IEEE doubles; all are safe integers, so this is exact.
 * Offsets below are bytes from the frame's start. Retired type numbers are never reused.
 */

export const RECORD_SEQ = 8;
export const RECORD_SECONDS = 16;
export const RECORD_NANOS = 20;
export const RECORD_HEADER_BYTES = 24;

// --- Commands: types 1 to 31 --------------------------------------------------------------------
// Common to all commands.
/** f64: given back in the echo, so that who asked can tell its own; dense per session. */
export const COMMAND_REQUEST_ID = 24;
/** i32: who asked. 0 is the gateway on behalf of its clients; others are in-process sessions. */
export const COMMAND_SESSION_ID = 32;
/** i32: the portfolio on whose behalf; 0 for venue operations. */
export const COMMAND_PORTFOLIO_ID = 36;
/** f64: the order concerned; 0 while a session's client order id is not resolved. */
export const COMMAND_ORDER_ID = 40;
export const COMMAND_BODY = 48;

/** Type 1: `PlaceOrder`. */
export const PLACE_ORDER = 1;
/** f64: limit price; for a market order its protective limit. */
export const PLACE_PRICE_TICKS = 48;
/** f64 */
export const PLACE_QTY_LOTS = 56;
/** u8 */
export const PLACE_SIDE = 64;
/** u8 */
export const PLACE_ORDER_TYPE = 65;
/** u8 */
export const PLACE_TIF = 66;
/** u8: ORDER_FLAG_… */
export const PLACE_FLAGS = 67;
/** u8: length of the client order id that follows, 0 to 36. */
export const PLACE_CLIENT_ID_LENGTH = 68;
/** The client order id's ASCII bytes. */
export const PLACE_CLIENT_ID = 72;
/** u8: SELF_TRADE_… */
export const PLACE_SELF_TRADE = 69;
/** u8: 1 when the venue itself closes a position of a portfolio without enough margin */
export const PLACE_LIQUIDATION = 70;
/**
 * With `ORDER_FLAG_EXTENDED` the client order id has 40 bytes, and these follow.
 * f64: trade price at which a stop acts
 */
export const PLACE_TRIGGER_TICKS = 112;
/** f64: distance of a trailing stop, in ticks or basis points by `PLACE_TRAIL_UNIT` */
export const PLACE_TRAIL_OFFSET = 120;
/** f64: what an iceberg shows at a time */
export const PLACE_DISPLAY_LOTS = 128;
/** f64 */
export const PLACE_PEG_OFFSET_TICKS = 136;
/** u32 */
export const PLACE_EXPIRE_SECONDS = 144;
/** u32 */
export const PLACE_EXPIRE_NANOS = 148;
/** f64 */
export const PLACE_OCO_ORDER_ID = 152;
/** f64 */
export const PLACE_PARENT_ORDER_ID = 160;
/** f64 */
export const PLACE_REPLACES_ORDER_ID = 168;
/** u8: TRAIL_… */
export const PLACE_TRAIL_UNIT = 176;
/** u8: PEG_… */
export const PLACE_PEG_KIND = 177;
/** f64: what the order to replace had traded when the replacement was asked for */
export const PLACE_REPLACES_TRADED_LOTS = 184;
export const PLACE_EXTENDED_BYTES = 192;

/** Type 2: `CancelOrder`. */
export const CANCEL_ORDER = 2;
/** u8 */
export const CANCEL_CLIENT_ID_LENGTH = 48;
export const CANCEL_CLIENT_ID = 56;

/** Type 3: `AmendOrder`. */
export const AMEND_ORDER = 3;
/** f64: new price; 0 keeps the price. */
export const AMEND_PRICE_TICKS = 48;
/** f64: meaning by `AMEND_MODE`; 0 keeps the quantity. */
export const AMEND_QTY_LOTS = 56;
/** u8: AMEND_TOTAL, AMEND_REMAINING, AMEND_REDUCE_BY */
export const AMEND_MODE = 64;
/** u8 */
export const AMEND_CLIENT_ID_LENGTH = 68;
export const AMEND_CLIENT_ID = 72;

/** Type 4: `SetPhase`. */
export const SET_PHASE = 4;
/** i32: PHASE_… */
export const SET_PHASE_TO = 48;
export const SET_PHASE_BYTES = 56;

/** Type 5: `PrintTrade`: a trade that happened outside the visible book, only reported. */
export const PRINT_TRADE = 5;
/** f64 */
export const PRINT_PRICE_TICKS = 48;
/** f64 */
export const PRINT_QTY_LOTS = 56;
/** u8: side of the aggressor where known, else 255 */
export const PRINT_SIDE = 64;
export const PRINT_TRADE_BYTES = 72;

/** Type 6: `CancelAll` orders of a portfolio in this market; portfolio 0 means everyone's. */
export const CANCEL_ALL = 6;
export const CANCEL_ALL_BYTES = 48;

/**
 * Type 7: `ContinueWork`: the market goes on with work that an earlier command left, or that time
 * has brought due. The market worker gives it to itself; nobody else may.
 */
export const CONTINUE_WORK = 7;
/** i32: CONTINUE_… */
export const CONTINUE_KIND = 48;
export const CONTINUE_WORK_BYTES = 56;

/** Type 8: `AdvanceTime`: nothing but the time it carries: what is due by then happens. */
export const ADVANCE_TIME = 8;
export const ADVANCE_TIME_BYTES = 48;

/** Type 9: `SetReference`: the price that price bands and the auction's last tie refer to. */
export const SET_REFERENCE = 9;
/** f64 */
export const SET_REFERENCE_TICKS = 48;
export const SET_REFERENCE_BYTES = 56;

export const FIRST_EVENT_TYPE = 32;

// --- Events: types 32 to 63 ---------------------------------------------------------------------
// All but PhaseChanged and TradePrinted start with the order they speak of.
/** f64 */
export const EVENT_ORDER_ID = 24;

/** Type 32: `OrderAccepted`: the book took the order in; trades, rest or cancellation follow. */
export const ORDER_ACCEPTED = 32;
export const ORDER_ACCEPTED_BYTES = 32;

/** Type 33: `OrderRejected` by the book. */
export const ORDER_REJECTED = 33;
/** i32: a result code of the 3xx or 4xx band */
export const ORDER_REJECTED_CODE = 32;
export const ORDER_REJECTED_BYTES = 40;

/** Type 34: `OrderRested`: (the remainder of) the order joined the queue at its price. */
export const ORDER_RESTED = 34;
/** f64 */
export const RESTED_PRICE_TICKS = 32;
/** f64: what joined the queue: what remains of the order, of an iceberg what it shows */
export const RESTED_QTY_LOTS = 40;
/** f64: total of the price level after this */
export const RESTED_LEVEL_QTY_LOTS = 48;
/** i32: orders in the price level after this */
export const RESTED_LEVEL_ORDERS = 56;
/** u8 */
export const RESTED_SIDE = 60;
export const ORDER_RESTED_BYTES = 64;

/** Type 35: `TradeExecuted` at the maker's price. */
export const TRADE_EXECUTED = 35;
export const TRADE_MAKER_ORDER_ID = 24;
/** f64 */
export const TRADE_TAKER_ORDER_ID = 32;
/** f64 */
export const TRADE_PRICE_TICKS = 40;
/** f64 */
export const TRADE_QTY_LOTS = 48;
/** f64: what is open after this, hidden quantity included */
export const TRADE_MAKER_REMAINING_LOTS = 56;
/** f64 */
export const TRADE_TAKER_REMAINING_LOTS = 64;
/** f64: total of the maker's price level after this */
export const TRADE_LEVEL_QTY_LOTS = 72;
/** f64: smallest units of the quote asset, negative for a rebate */
export const TRADE_MAKER_FEE_UNITS = 80;
/** f64 */
export const TRADE_TAKER_FEE_UNITS = 88;
/** i32 */
export const TRADE_MAKER_PORTFOLIO_ID = 96;
/** i32 */
export const TRADE_TAKER_PORTFOLIO_ID = 100;
/** i32 */
export const TRADE_LEVEL_ORDERS = 104;
/** u8 */
export const TRADE_TAKER_SIDE = 108;
/** f64: dense per market, from 1 */
export const TRADE_ID = 112;
export const TRADE_EXECUTED_BYTES = 120;

/** Type 36: `OrderCancelled`: what was left of the order is gone. */
export const ORDER_CANCELLED = 36;
/** f64 */
export const CANCELLED_PRICE_TICKS = 32;
/** f64: what was still open */
export const CANCELLED_QTY_LOTS = 40;
/** f64: total of its price level after this; meaningless when it never rested */
export const CANCELLED_LEVEL_QTY_LOTS = 48;
/** i32 */
export const CANCELLED_LEVEL_ORDERS = 56;
/** u8 */
export const CANCELLED_SIDE = 60;
/** u8: CANCEL_… */
export const CANCELLED_REASON = 61;
/** u8: 1 when the order was in the book, so that the level changed */
export const CANCELLED_WAS_RESTING = 62;
export const ORDER_CANCELLED_BYTES = 64;

/**
 * Type 37: `OrderAmended`. With `KEPT_PRIORITY` the order stays where it was in its queue with a
 * smaller quantity. Without, it has left its old level; trades, rest or cancellation follow.
 */
export const ORDER_AMENDED = 37;
/** f64 */
export const AMENDED_OLD_PRICE_TICKS = 32;
/** f64 */
export const AMENDED_NEW_PRICE_TICKS = 40;
/** f64 */
export const AMENDED_OLD_REMAINING_LOTS = 48;
/** f64 */
export const AMENDED_NEW_REMAINING_LOTS = 56;
/** f64: total of the old price level after this */
export const AMENDED_LEVEL_QTY_LOTS = 64;
/** i32 */
export const AMENDED_LEVEL_ORDERS = 72;
/** u8 */
export const AMENDED_SIDE = 76;
/** u8 */
export const AMENDED_KEPT_PRIORITY = 77;
/** u8: 1 when the order was in the book, so that the level may have changed */
export const AMENDED_WAS_RESTING = 78;
export const ORDER_AMENDED_BYTES = 80;

/** Type 38: `CommandRejected`: a cancel, amend, print or mass cancel that the book refused. */
export const COMMAND_REJECTED = 38;
/** i32 */
export const COMMAND_REJECTED_CODE = 32;
export const COMMAND_REJECTED_BYTES = 40;

/** Type 39: `PhaseChanged`. */
export const PHASE_CHANGED = 39;
/** i32 */
export const PHASE_FROM = 24;
/** i32 */
export const PHASE_TO = 28;
export const PHASE_CHANGED_BYTES = 32;

/** Type 40: `TradePrinted`: an outside trade was reported; no order and no balance changes. */
export const TRADE_PRINTED = 40;
/** f64 */
export const PRINTED_PRICE_TICKS = 24;
/** f64 */
export const PRINTED_QTY_LOTS = 32;
/** u8: side of the aggressor, 255 where unknown */
export const PRINTED_SIDE = 40;
/** f64: dense per market, shared with `TRADE_ID` */
export const PRINTED_ID = 48;
export const TRADE_PRINTED_BYTES = 56;

/** Type 41: `AllCancelled`: a mass cancel is done; the cancellations came before. */
export const ALL_CANCELLED = 41;
/** i32 */
export const ALL_CANCELLED_COUNT = 32;
export const ALL_CANCELLED_BYTES = 40;

/** Type 42: `OrderHeld`: the order was accepted and waits outside the book. */
export const ORDER_HELD = 42;
/** f64: the trade price that will trigger it; 0 when it waits for something else */
export const HELD_TRIGGER_TICKS = 32;
/** i32: HELD_… */
export const HELD_WHY = 40;
export const ORDER_HELD_BYTES = 48;

/** Type 43: `OrderTriggered`: the order acts now; trades, rest or cancellation follow. */
export const ORDER_TRIGGERED = 43;
/** f64: the newest trade's price; 0 for a child whose parent has traded */
export const TRIGGERED_PRICE_TICKS = 32;
/** i32: HELD_… it was held for */
export const TRIGGERED_WHY = 40;
export const ORDER_TRIGGERED_BYTES = 48;

/** Type 44: `SelfTradePrevented`: says why; what it does to the orders follows as their own events. */
export const SELF_TRADE_PREVENTED = 44;
export const PREVENTED_MAKER_ORDER_ID = 24;
/** f64 */
export const PREVENTED_TAKER_ORDER_ID = 32;
/** f64: the maker's */
export const PREVENTED_PRICE_TICKS = 40;
/** f64: what would have traded at most */
export const PREVENTED_QTY_LOTS = 48;
/** i32: SELF_TRADE_… */
export const PREVENTED_MODE = 56;
export const SELF_TRADE_PREVENTED_BYTES = 64;

/** Type 45: `AuctionPriced`: the book is uncrossed at this price. */
export const AUCTION_PRICED = 45;
/** f64 */
export const AUCTION_PRICE_TICKS = 24;
/** f64: what can trade at this price */
export const AUCTION_VOLUME_LOTS = 32;
/** f64: what is left over at this price, positive for purchases, negative for sales */
export const AUCTION_SURPLUS_LOTS = 40;
export const AUCTION_PRICED_BYTES = 48;

/** Type 46: `AuctionTradeExecuted`: two resting orders traded at the auction's price. */
export const AUCTION_TRADE = 46;
export const AUCTION_BID_ORDER_ID = 24;
/** f64 */
export const AUCTION_ASK_ORDER_ID = 32;
/** f64 */
export const AUCTION_TRADE_PRICE_TICKS = 40;
/** f64 */
export const AUCTION_TRADE_QTY_LOTS = 48;
/** f64: what is open of the bid after this, hidden quantity included */
export const AUCTION_BID_REMAINING_LOTS = 56;
/** f64 */
export const AUCTION_ASK_REMAINING_LOTS = 64;
/** f64: price of the bid's level, and its total after this */
export const AUCTION_BID_LEVEL_TICKS = 72;
/** f64 */
export const AUCTION_BID_LEVEL_QTY_LOTS = 80;
/** f64 */
export const AUCTION_ASK_LEVEL_TICKS = 88;
/** f64 */
export const AUCTION_ASK_LEVEL_QTY_LOTS = 96;
/** f64: smallest units of the quote asset, negative for a rebate */
export const AUCTION_BID_FEE_UNITS = 104;
/** f64 */
export const AUCTION_ASK_FEE_UNITS = 112;
/** f64: dense per market, shared with `TRADE_ID` */
export const AUCTION_TRADE_ID = 120;
/** i32 */
export const AUCTION_BID_PORTFOLIO_ID = 128;
/** i32 */
export const AUCTION_ASK_PORTFOLIO_ID = 132;
/** i32 */
export const AUCTION_BID_LEVEL_ORDERS = 136;
/** i32 */
export const AUCTION_ASK_LEVEL_ORDERS = 140;
export const AUCTION_TRADE_BYTES = 144;

/** Type 47: `ReferenceSet`. */
export const REFERENCE_SET = 47;
/** f64 */
export const REFERENCE_TICKS = 24;
export const REFERENCE_SET_BYTES = 32;

// Types 48 to 55 are facts from outside: see outside-records.ts.
export * from './outside-records.ts';

// --- Venue records: type 64 ---------------------------------------------------------------------
/** Type 64: a fact of the venue itself (market id 0): its kind and a JSON body. */
export const VENUE_EVENT = 64;
/** i32: bytes of JSON that follow */
export const VENUE_JSON_LENGTH = 24;
/**
 * i32: 0 for a fact that is kept for ever, 1 for an entry that a snapshot makes superfluous: it
 * changes balances, positions or samples, which snapshots hold.
 */
export const VENUE_ENTRY = 28;
export const VENUE_JSON = 32;
