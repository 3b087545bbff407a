import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import type { RingProducer } from '../rings/ring.ts';
import type { ExtraPool } from './extra-pool.ts';
import * as G from './group-writer.ts';
import * as L from './layout.ts';
import type { LevelPool } from './level-pool.ts';
import type { FeeSchedule } from './machine-config.ts';
import * as S from './market-state.ts';
import type { OrderPool } from './order-pool.ts';

// Field positions as indexes of 8-byte (F) and 4-byte (I) words; see layout.ts for why they are copied.
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

const F_ID = L.HOT.F_ID;
const F_REMAINING = L.HOT.F_REMAINING;
const I_LEVEL = L.HOT.I_LEVEL;
const F_PRICE = L.COLD.F_PRICE;
const I_PORTFOLIO = L.COLD.I_PORTFOLIO;
const I_TERMS = L.COLD.I_TERMS;
const F_HIDDEN = L.EXTRA.F_HIDDEN;
const I_EXTRA = L.COLD.I_EXTRA;
const EXTRA_F = L.EXTRA_F;
const F_LEVEL_QTY = L.LEVEL.F_QTY;
const F_LEVEL_PRICE = L.LEVEL.F_PRICE;
const I_LEVEL_ORDERS = L.LEVEL.I_ORDERS;
const I_LEVEL_SIDE = L.LEVEL.I_SIDE;

/** The bytes after `AMENDED_SIDE` in its word. */
const AMENDED_KEPT = 1 << ((R.AMENDED_KEPT_PRIORITY - R.AMENDED_SIDE) * 8);
const AMENDED_RESTING = 1 << ((R.AMENDED_WAS_RESTING - R.AMENDED_SIDE) * 8);
const NONE = L.NONE;

const { COMMAND_ORDER_ID } = G;
const { TRADE_ID, TRADE_PRICE } = S;

/**
 * Writes what happens to single orders.
 *
 * Orders and levels are passed by slot and number, and their fields read here: integers pass
 * between functions without being boxed, doubles do not. Bytes that no field covers are written
 * as zero together with the field before them, because a ring's memory holds old frames and equal
 * histories must be equal byte for byte.
 */
export class OrderEventWriter extends G.GroupWriter {
  protected readonly orders: OrderPool;
  protected readonly levels: LevelPool;
  protected readonly trades: Float64Array;
  protected readonly quoteUnitsPerTickLot: number;
  private readonly extras: ExtraPool;
  private readonly makerFeePpm: number;
  private readonly takerFeePpm: number;

  /** @param state whose orders the events speak of; its tape is kept here */
  constructor(producer: RingProducer, marketId: number, fees: FeeSchedule, state: S.MarketState) {
    super(producer, marketId);
    this.orders = state.book.orders;
    this.levels = state.book.levels;
    this.extras = state.extras;
    this.trades = state.tape;
    this.makerFeePpm = fees.makerFeePpm;
    this.takerFeePpm = fees.takerFeePpm;
    this.quoteUnitsPerTickLot = fees.quoteUnitsPerTickLot;
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
    const level = orders.level(slot);
    f64[word + F_ORDER_ID] = orders.hot64[order + F_ID];
    f64[word + F_RESTED_PRICE] = orders.cold64[order + F_PRICE];
    f64[word + F_RESTED_QTY] = orders.hot64[order + F_REMAINING];
    f64[word + F_RESTED_LEVEL_QTY] = levels.f64[(level << 2) + F_LEVEL_QTY];
    i32[(word << 1) + I_RESTED_LEVEL_ORDERS] = levels.i32[(level << 3) + I_LEVEL_ORDERS];
    i32[(word << 1) + I_RESTED_SIDE] = orders.cold32[(slot << 3) + I_TERMS] & 0xff;
  }

  /** Both orders' remaining quantities and the maker's level are already those after the fill. */
  trade(maker: number, taker: number, qtyLots: number): void {
    const word = this.begin(TRADE_EXECUTED, TRADE_BYTES);
    const { f64, i32, trades } = this;
    const { hot64, hot32, cold32 } = this.orders;
    const { f64: levels64, i32: levels32 } = this.levels;
    const stored = hot32[(maker << 3) + I_LEVEL];
    const level = stored ^ (stored >> 31);
    const priceTicks = levels64[(level << 2) + F_LEVEL_PRICE];
    const notionalUnits = priceTicks * qtyLots * this.quoteUnitsPerTickLot;
    const tradeId = trades[TRADE_ID] + 1;
    trades[TRADE_ID] = tradeId;
    trades[TRADE_PRICE] = priceTicks;
    f64[word + F_TRADE_MAKER] = hot64[(maker << 2) + F_ID];
    f64[word + F_TRADE_TAKER] = hot64[(taker << 2) + F_ID];
    f64[word + F_TRADE_PRICE] = priceTicks;
    f64[word + F_TRADE_QTY] = qtyLots;
    f64[word + F_TRADE_MAKER_REMAINING] =
      stored < 0 ? this.openLots(maker) : hot64[(maker << 2) + F_REMAINING];
    f64[word + F_TRADE_TAKER_REMAINING] = hot64[(taker << 2) + F_REMAINING];
    f64[word + F_TRADE_LEVEL_QTY] = levels64[(level << 2) + F_LEVEL_QTY];
    f64[word + F_TRADE_MAKER_FEE] = feeUnits(notionalUnits, this.makerFeePpm);
    f64[word + F_TRADE_TAKER_FEE] = feeUnits(notionalUnits, this.takerFeePpm);
    i32[(word << 1) + I_TRADE_MAKER_PORTFOLIO] = cold32[(maker << 3) + I_PORTFOLIO];
    i32[(word << 1) + I_TRADE_TAKER_PORTFOLIO] = cold32[(taker << 3) + I_PORTFOLIO];
    i32[(word << 1) + I_TRADE_LEVEL_ORDERS] = levels32[(level << 3) + I_LEVEL_ORDERS];
    i32[(word << 1) + I_TRADE_TAKER_SIDE] = cold32[(taker << 3) + I_TERMS] & 0xff;
    f64[word + F_TRADE_ID] = tradeId;
  }

  /** A resting order, already taken out of its level's totals, is cancelled. */
  cancelledResting(slot: number, reason: number): void {
    const word = this.begin(ORDER_CANCELLED, CANCELLED_BYTES);
    const { f64, i32, orders } = this;
    const { f64: levels64, i32: levels32 } = this.levels;
    const level = orders.level(slot);
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

  /** A resting order kept its place, or was already taken out of its level's totals. */
  amended(slot: number, oldPriceTicks: number, oldOpenLots: number, keptPriority: boolean): void {
    const word = this.amendment(slot, oldPriceTicks, oldOpenLots);
    const { f64, i32, orders, levels } = this;
    const level = orders.level(slot);
    f64[word + R.AMENDED_LEVEL_QTY_LOTS / 8] = levels.qty(level);
    i32[(word << 1) + R.AMENDED_LEVEL_ORDERS / 4] = levels.orders(level);
    i32[(word << 1) + R.AMENDED_SIDE / 4] =
      orders.side(slot) | AMENDED_RESTING | (keptPriority ? AMENDED_KEPT : 0);
  }

  /** An order that is not in the book, because it waits or has only just arrived. */
  amendedOutside(slot: number, oldPriceTicks: number, oldOpenLots: number): void {
    const word = this.amendment(slot, oldPriceTicks, oldOpenLots);
    const { f64, i32 } = this;
    f64[word + R.AMENDED_LEVEL_QTY_LOTS / 8] = 0;
    i32[(word << 1) + R.AMENDED_LEVEL_ORDERS / 4] = 0;
    i32[(word << 1) + R.AMENDED_SIDE / 4] = this.orders.side(slot) | AMENDED_KEPT;
  }

  private amendment(slot: number, oldPriceTicks: number, oldOpenLots: number): number {
    const { f64, orders } = this;
    const word = this.begin(R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES);
    f64[word + F_ORDER_ID] = orders.id(slot);
    f64[word + R.AMENDED_OLD_PRICE_TICKS / 8] = oldPriceTicks;
    f64[word + R.AMENDED_NEW_PRICE_TICKS / 8] = orders.price(slot);
    f64[word + R.AMENDED_OLD_REMAINING_LOTS / 8] = oldOpenLots;
    f64[word + R.AMENDED_NEW_REMAINING_LOTS / 8] = this.openLots(slot);
    return word;
  }

  /** All that is open of an order, hidden quantity included. */
  protected openLots(slot: number): number {
    const { hot64, cold32 } = this.orders;
    const shown = hot64[(slot << 2) + F_REMAINING];
    const extra = cold32[(slot << 3) + I_EXTRA];
    return extra === NONE ? shown : shown + this.extras.f64[extra * EXTRA_F + F_HIDDEN];
  }

  private refuse(type: number, code: number): void {
    const word = this.begin(type, REJECTED_BYTES);
    this.f64[word + F_ORDER_ID] = this.counters[COMMAND_ORDER_ID];
    this.i32[(word << 1) + I_REJECTED_CODE] = code;
    this.i32[(word << 1) + I_REJECTED_CODE + 1] = 0;
  }
}
