import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import { CANCEL_BY_REQUEST } from '../domain/orders.ts';
import { FRAME_FLAG_END, type FrameViews } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import * as G from './group-writer.ts';
import * as L from './layout.ts';
import type { LevelPool } from './level-pool.ts';
import type { OrderPool } from './order-pool.ts';

// Field positions as indexes of 8-byte (F) and 4-byte (I) words; see layout.ts for why they are copied.
const F_SEQ = R.RECORD_SEQ / 8;
const F_TIME = R.RECORD_SECONDS / 8;
const F_ORDER_ID = R.EVENT_ORDER_ID / 8;

const ORDER_ACCEPTED = R.ORDER_ACCEPTED;
const ACCEPTED_BYTES = R.ORDER_ACCEPTED_BYTES;

const REJECTED_BYTES = R.ORDER_REJECTED_BYTES;
const I_REJECTED_CODE = R.ORDER_REJECTED_CODE / 4;

const ORDER_RESTED = R.ORDER_RESTED;
const RESTED_BYTES = R.ORDER_RESTED_BYTES;
const F_RESTED_PRICE = R.RESTED_PRICE_TICKS / 8;
const F_RESTED_QTY = R.RESTED_QTY_LOTS / 8;
const F_RESTED_LEVEL_QTY = R.RESTED_LEVEL_QTY_LOTS / 8;
const I_RESTED_LEVEL_ORDERS = R.RESTED_LEVEL_ORDERS / 4;
const I_RESTED_SIDE = R.RESTED_SIDE / 4;

const TRADE_EXECUTED = R.TRADE_EXECUTED;
const TRADE_BYTES = R.TRADE_EXECUTED_BYTES;
const F_TRADE_MAKER = R.TRADE_MAKER_ORDER_ID / 8;
const F_TRADE_TAKER = R.TRADE_TAKER_ORDER_ID / 8;
const F_TRADE_PRICE = R.TRADE_PRICE_TICKS / 8;
const F_TRADE_QTY = R.TRADE_QTY_LOTS / 8;
const F_TRADE_MAKER_REMAINING = R.TRADE_MAKER_REMAINING_LOTS / 8;
const F_TRADE_TAKER_REMAINING = R.TRADE_TAKER_REMAINING_LOTS / 8;
const F_TRADE_LEVEL_QTY = R.TRADE_LEVEL_QTY_LOTS / 8;
const F_TRADE_MAKER_FEE = R.TRADE_MAKER_FEE_UNITS / 8;
const F_TRADE_TAKER_FEE = R.TRADE_TAKER_FEE_UNITS / 8;
const I_TRADE_MAKER_PORTFOLIO = R.TRADE_MAKER_PORTFOLIO_ID / 4;
const I_TRADE_TAKER_PORTFOLIO = R.TRADE_TAKER_PORTFOLIO_ID / 4;
const I_TRADE_LEVEL_ORDERS = R.TRADE_LEVEL_ORDERS / 4;
const I_TRADE_TAKER_SIDE = R.TRADE_TAKER_SIDE / 4;
const F_TRADE_ID = R.TRADE_ID / 8;

const ORDER_CANCELLED = R.ORDER_CANCELLED;
const CANCELLED_BYTES = R.ORDER_CANCELLED_BYTES;
const F_CANCELLED_PRICE = R.CANCELLED_PRICE_TICKS / 8;
const F_CANCELLED_QTY = R.CANCELLED_QTY_LOTS / 8;
const F_CANCELLED_LEVEL_QTY = R.CANCELLED_LEVEL_QTY_LOTS / 8;
const I_CANCELLED_LEVEL_ORDERS = R.CANCELLED_LEVEL_ORDERS / 4;
const I_CANCELLED_SIDE = R.CANCELLED_SIDE / 4;
/** `CANCELLED_WAS_RESTING` = 1 within the word that `CANCELLED_SIDE` begins. */
const WAS_RESTING = 1 << ((R.CANCELLED_WAS_RESTING - R.CANCELLED_SIDE) * 8);
const REQUESTED = (CANCEL_BY_REQUEST << 8) | WAS_RESTING;

const F_ID = L.HOT.F_ID;
const F_REMAINING = L.HOT.F_REMAINING;
const I_LEVEL = L.HOT.I_LEVEL;
const F_PRICE = L.COLD.F_PRICE;
const I_PORTFOLIO = L.COLD.I_PORTFOLIO;
const I_SIDE = L.COLD.I_SIDE;
const F_LEVEL_QTY = L.LEVEL.F_QTY;
const F_LEVEL_PRICE = L.LEVEL.F_PRICE;
const I_LEVEL_ORDERS = L.LEVEL.I_ORDERS;
const I_LEVEL_SIDE = L.LEVEL.I_SIDE;

const END = FRAME_FLAG_END << 8;

const { SEQ, COMMAND_ORDER_ID } = G;
/** Indexes of `trades`: number of the newest trade or print, price of the newest trade. */
const TRADE_ID = 0;
const TRADE_PRICE = 1;

/** What a market charges, and what one tick times one lot is worth. */
export interface FeeSchedule {
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly quoteUnitsPerTickLot: number;
}

/**
 * Writes the events of one market.
 *
 * Orders and levels are passed by slot and number, and their fields read here: integers pass
 * between functions without being boxed, doubles do not. Bytes that no field covers are written
 * as zero together with the field before them, because a ring's memory holds old frames and equal
 * histories must be equal byte for byte.
 */
export class EventWriter extends G.GroupWriter {
  private readonly orders: OrderPool;
  private readonly levels: LevelPool;
  private readonly makerFeePpm: number;
  private readonly takerFeePpm: number;
  private readonly quoteUnitsPerTickLot: number;
  private readonly trades = new Float64Array(2);

  constructor(
    producer: RingProducer,
    marketId: number,
    fees: FeeSchedule,
    orders: OrderPool,
    levels: LevelPool,
  ) {
    super(producer, marketId);
    this.orders = orders;
    this.levels = levels;
    this.makerFeePpm = fees.makerFeePpm;
    this.takerFeePpm = fees.takerFeePpm;
    this.quoteUnitsPerTickLot = fees.quoteUnitsPerTickLot;
  }

  /** Number of the newest trade or print; 0 before the first. */
  get lastTradeId(): number {
    return this.trades[TRADE_ID];
  }

  /** Price of the newest trade in this book (a print is none); 0 before the first. */
  get lastTradePriceTicks(): number {
    return this.trades[TRADE_PRICE];
  }

  /** Continues where another writer of this market was. */
  restore(seq: number, lastTradeId: number, lastTradePriceTicks: number): void {
    this.counters[SEQ] = seq;
    this.trades[TRADE_ID] = lastTradeId;
    this.trades[TRADE_PRICE] = lastTradePriceTicks;
  }

  /** The whole group of an order that has come to rest: echo, `OrderAccepted`, `OrderRested`. */
  restedGroup(views: FrameViews, at: number, slot: number): void {
    const accepted = this.wholeGroup(views, at, 2, ACCEPTED_BYTES + RESTED_BYTES);
    const rested = accepted + ACCEPTED_BYTES / 8;
    const { f64, i32, marketWord } = this;
    const { hot64, hot32, cold64, cold32 } = this.orders;
    const { f64: levels64, i32: levels32 } = this.levels;
    const level = hot32[(slot << 3) + I_LEVEL];
    const orderId = hot64[(slot << 2) + F_ID];
    const seq = this.counters[SEQ];
    const time = views.f64[(at >>> 3) + F_TIME];
    i32[accepted << 1] = ACCEPTED_BYTES;
    i32[(accepted << 1) + 1] = marketWord | ORDER_ACCEPTED;
    f64[accepted + F_SEQ] = seq - 1;
    f64[accepted + F_TIME] = time;
    f64[accepted + F_ORDER_ID] = orderId;
    i32[rested << 1] = RESTED_BYTES;
    i32[(rested << 1) + 1] = marketWord | ORDER_RESTED | END;
    f64[rested + F_SEQ] = seq;
    f64[rested + F_TIME] = time;
    f64[rested + F_ORDER_ID] = orderId;
    f64[rested + F_RESTED_PRICE] = cold64[(slot << 2) + F_PRICE];
    f64[rested + F_RESTED_QTY] = hot64[(slot << 2) + F_REMAINING];
    f64[rested + F_RESTED_LEVEL_QTY] = levels64[(level << 2) + F_LEVEL_QTY];
    i32[(rested << 1) + I_RESTED_LEVEL_ORDERS] = levels32[(level << 3) + I_LEVEL_ORDERS];
    i32[(rested << 1) + I_RESTED_SIDE] = cold32[(slot << 3) + I_SIDE];
  }

  /** The whole group of a cancellation on request: echo, `OrderCancelled`. The order is unlinked. */
  cancelledGroup(views: FrameViews, at: number, slot: number): void {
    const cancelled = this.wholeGroup(views, at, 1, CANCELLED_BYTES);
    const { f64, i32 } = this;
    const { hot64, hot32 } = this.orders;
    const { f64: levels64, i32: levels32 } = this.levels;
    const level = hot32[(slot << 3) + I_LEVEL];
    i32[cancelled << 1] = CANCELLED_BYTES;
    i32[(cancelled << 1) + 1] = this.marketWord | ORDER_CANCELLED | END;
    f64[cancelled + F_SEQ] = this.counters[SEQ];
    f64[cancelled + F_TIME] = views.f64[(at >>> 3) + F_TIME];
    f64[cancelled + F_ORDER_ID] = hot64[(slot << 2) + F_ID];
    f64[cancelled + F_CANCELLED_PRICE] = levels64[(level << 2) + F_LEVEL_PRICE];
    f64[cancelled + F_CANCELLED_QTY] = hot64[(slot << 2) + F_REMAINING];
    f64[cancelled + F_CANCELLED_LEVEL_QTY] = levels64[(level << 2) + F_LEVEL_QTY];
    i32[(cancelled << 1) + I_CANCELLED_LEVEL_ORDERS] = levels32[(level << 3) + I_LEVEL_ORDERS];
    i32[(cancelled << 1) + I_CANCELLED_SIDE] = levels32[(level << 3) + I_LEVEL_SIDE] | REQUESTED;
  }

  accepted(slot: number): void {
    const word = this.begin(ORDER_ACCEPTED, ACCEPTED_BYTES);
    this.f64[word + F_ORDER_ID] = this.orders.hot64[(slot << 2) + F_ID];
  }

  /** The command's order did not get into the book. */
  rejected(code: number): void {
    this.refuse(R.ORDER_REJECTED, code);
  }

  /** The command did not find, or may not change, what it speaks of. */
  commandRejected(code: number): void {
    this.refuse(R.COMMAND_REJECTED, code);
  }

  /** The order is in its level now. */
  rested(slot: number): void {
    const word = this.begin(ORDER_RESTED, RESTED_BYTES);
    const { f64, i32, orders, levels } = this;
    const order = slot << 2;
    const level = orders.hot32[(slot << 3) + I_LEVEL];
    f64[word + F_ORDER_ID] = orders.hot64[order + F_ID];
    f64[word + F_RESTED_PRICE] = orders.cold64[order + F_PRICE];
    f64[word + F_RESTED_QTY] = orders.hot64[order + F_REMAINING];
    f64[word + F_RESTED_LEVEL_QTY] = levels.f64[(level << 2) + F_LEVEL_QTY];
    i32[(word << 1) + I_RESTED_LEVEL_ORDERS] = levels.i32[(level << 3) + I_LEVEL_ORDERS];
    i32[(word << 1) + I_RESTED_SIDE] = orders.cold32[(slot << 3) + I_SIDE];
  }

  /** Both orders' remaining quantities and the maker's level are already those after the fill. */
  trade(maker: number, taker: number, qtyLots: number): void {
    const word = this.begin(TRADE_EXECUTED, TRADE_BYTES);
    const { f64, i32, trades } = this;
    const { hot64, hot32, cold32 } = this.orders;
    const { f64: levels64, i32: levels32 } = this.levels;
    const level = hot32[(maker << 3) + I_LEVEL];
    const priceTicks = levels64[(level << 2) + F_LEVEL_PRICE];
    const notionalUnits = priceTicks * qtyLots * this.quoteUnitsPerTickLot;
    const tradeId = trades[TRADE_ID] + 1;
    trades[TRADE_ID] = tradeId;
    trades[TRADE_PRICE] = priceTicks;
    f64[word + F_TRADE_MAKER] = hot64[(maker << 2) + F_ID];
    f64[word + F_TRADE_TAKER] = hot64[(taker << 2) + F_ID];
    f64[word + F_TRADE_PRICE] = priceTicks;
    f64[word + F_TRADE_QTY] = qtyLots;
    f64[word + F_TRADE_MAKER_REMAINING] = hot64[(maker << 2) + F_REMAINING];
    f64[word + F_TRADE_TAKER_REMAINING] = hot64[(taker << 2) + F_REMAINING];
    f64[word + F_TRADE_LEVEL_QTY] = levels64[(level << 2) + F_LEVEL_QTY];
    f64[word + F_TRADE_MAKER_FEE] = feeUnits(notionalUnits, this.makerFeePpm);
    f64[word + F_TRADE_TAKER_FEE] = feeUnits(notionalUnits, this.takerFeePpm);
    i32[(word << 1) + I_TRADE_MAKER_PORTFOLIO] = cold32[(maker << 3) + I_PORTFOLIO];
    i32[(word << 1) + I_TRADE_TAKER_PORTFOLIO] = cold32[(taker << 3) + I_PORTFOLIO];
    i32[(word << 1) + I_TRADE_LEVEL_ORDERS] = levels32[(level << 3) + I_LEVEL_ORDERS];
    i32[(word << 1) + I_TRADE_TAKER_SIDE] = cold32[(taker << 3) + I_SIDE];
    f64[word + F_TRADE_ID] = tradeId;
  }

  /** A resting order, already taken out of its level's totals, is cancelled. */
  cancelledResting(slot: number, reason: number): void {
    const word = this.begin(ORDER_CANCELLED, CANCELLED_BYTES);
    const { f64, i32, orders } = this;
    const { f64: levels64, i32: levels32 } = this.levels;
    const level = orders.hot32[(slot << 3) + I_LEVEL];
    const side = levels32[(level << 3) + I_LEVEL_SIDE];
    f64[word + F_ORDER_ID] = orders.hot64[(slot << 2) + F_ID];
    f64[word + F_CANCELLED_PRICE] = levels64[(level << 2) + F_LEVEL_PRICE];
    f64[word + F_CANCELLED_QTY] = orders.hot64[(slot << 2) + F_REMAINING];
    f64[word + F_CANCELLED_LEVEL_QTY] = levels64[(level << 2) + F_LEVEL_QTY];
    i32[(word << 1) + I_CANCELLED_LEVEL_ORDERS] = levels32[(level << 3) + I_LEVEL_ORDERS];
    i32[(word << 1) + I_CANCELLED_SIDE] = side | (reason << 8) | WAS_RESTING;
  }

  /** What is left of an arriving order is cancelled before it ever rests. */
  cancelledArriving(slot: number, reason: number): void {
    const word = this.begin(ORDER_CANCELLED, CANCELLED_BYTES);
    const { f64, i32, orders } = this;
    f64[word + F_ORDER_ID] = orders.id(slot);
    f64[word + F_CANCELLED_PRICE] = orders.price(slot);
    f64[word + F_CANCELLED_QTY] = orders.remaining(slot);
    f64[word + F_CANCELLED_LEVEL_QTY] = 0;
    i32[(word << 1) + I_CANCELLED_LEVEL_ORDERS] = 0;
    i32[(word << 1) + I_CANCELLED_SIDE] = orders.side(slot) | (reason << 8);
  }

  /** The order kept its place, or was already taken out of its level's totals. */
  amended(
    slot: number,
    oldPriceTicks: number,
    oldRemainingLots: number,
    keptPriority: boolean,
  ): void {
    const { f64, i32, orders, levels } = this;
    const level = orders.level(slot);
    const word = this.begin(R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES);
    f64[word + F_ORDER_ID] = orders.id(slot);
    f64[word + R.AMENDED_OLD_PRICE_TICKS / 8] = oldPriceTicks;
    f64[word + R.AMENDED_NEW_PRICE_TICKS / 8] = orders.price(slot);
    f64[word + R.AMENDED_OLD_REMAINING_LOTS / 8] = oldRemainingLots;
    f64[word + R.AMENDED_NEW_REMAINING_LOTS / 8] = orders.remaining(slot);
    f64[word + R.AMENDED_LEVEL_QTY_LOTS / 8] = levels.qty(level);
    i32[(word << 1) + R.AMENDED_LEVEL_ORDERS / 4] = levels.orders(level);
    i32[(word << 1) + R.AMENDED_SIDE / 4] = orders.side(slot) | (keptPriority ? 1 << 8 : 0);
  }

  phaseChanged(from: number, to: number): void {
    const word = this.begin(R.PHASE_CHANGED, R.PHASE_CHANGED_BYTES);
    this.i32[(word << 1) + R.PHASE_FROM / 4] = from;
    this.i32[(word << 1) + R.PHASE_TO / 4] = to;
  }

  /** `side` is the aggressor's, 255 where unknown. */
  tradePrinted(priceTicks: number, qtyLots: number, side: number): void {
    const { f64, trades } = this;
    trades[TRADE_ID] += 1;
    const word = this.begin(R.TRADE_PRINTED, R.TRADE_PRINTED_BYTES);
    f64[word + R.PRINTED_PRICE_TICKS / 8] = priceTicks;
    f64[word + R.PRINTED_QTY_LOTS / 8] = qtyLots;
    this.i32[(word << 1) + R.PRINTED_SIDE / 4] = side;
    this.i32[(word << 1) + R.PRINTED_SIDE / 4 + 1] = 0;
    f64[word + R.PRINTED_ID / 8] = trades[TRADE_ID];
  }

  allCancelled(count: number): void {
    const word = this.begin(R.ALL_CANCELLED, R.ALL_CANCELLED_BYTES);
    this.f64[word + F_ORDER_ID] = 0;
    this.i32[(word << 1) + R.ALL_CANCELLED_COUNT / 4] = count;
    this.i32[(word << 1) + R.ALL_CANCELLED_COUNT / 4 + 1] = 0;
  }

  private refuse(type: number, code: number): void {
    const word = this.begin(type, REJECTED_BYTES);
    this.f64[word + F_ORDER_ID] = this.counters[COMMAND_ORDER_ID];
    this.i32[(word << 1) + I_REJECTED_CODE] = code;
    this.i32[(word << 1) + I_REJECTED_CODE + 1] = 0;
  }
}
