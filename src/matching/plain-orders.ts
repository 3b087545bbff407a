import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import { FRAME_FLAG_END, type FrameViews } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import { BAND_HIGH as HIGH, BAND_LOW as LOW } from './bounds.ts';
import type { EventWriter } from './event-writer.ts';
import { copyFields, TIME as NEWEST_TIME, SEQ as SEQUENCE } from './group-writer.ts';
import * as L from './layout.ts';
import type { LevelPool } from './level-pool.ts';
import type { OrderBook } from './order-book.ts';
import type { OrderIndex } from './order-index.ts';
import type { OrderPool } from './order-pool.ts';
import type { PriceLadder } from './price-ladder.ts';

// Constants of this module cost nothing; an imported binding is loaded and checked on every use.
const PLACE_ORDER = R.PLACE_ORDER;
const CANCEL_ORDER = R.CANCEL_ORDER;
const F_SEQ = R.RECORD_SEQ / 8;
const F_TIME = R.RECORD_SECONDS / 8;
const F_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const I_PORTFOLIO_ID = R.COMMAND_PORTFOLIO_ID / 4;
const F_PLACE_PRICE = R.PLACE_PRICE_TICKS / 8;
const F_PLACE_QTY = R.PLACE_QTY_LOTS / 8;
/** The word of four bytes: side, order type, time in force, flags. */
const I_PLACE_TERMS = R.PLACE_SIDE / 4;
const PLACE_SELF_TRADE = R.PLACE_SELF_TRADE;
/** Type, time in force and flags of an order that no rule but the price band can stop. */
const PLAIN_LIMIT = O.ORDER_TYPE_LIMIT | (O.TIF_GTC << 8);
const CANCEL_BY_REQUEST = O.CANCEL_BY_REQUEST;

const F_EVENT_ORDER = R.EVENT_ORDER_ID / 8;
const ORDER_ACCEPTED = R.ORDER_ACCEPTED;
const ACCEPTED_BYTES = R.ORDER_ACCEPTED_BYTES;
const ORDER_RESTED = R.ORDER_RESTED;
const RESTED_BYTES = R.ORDER_RESTED_BYTES;
const F_RESTED_PRICE = R.RESTED_PRICE_TICKS / 8;
const F_RESTED_QTY = R.RESTED_QTY_LOTS / 8;
const F_RESTED_LEVEL_QTY = R.RESTED_LEVEL_QTY_LOTS / 8;
const I_RESTED_LEVEL_ORDERS = R.RESTED_LEVEL_ORDERS / 4;
const I_RESTED_SIDE = R.RESTED_SIDE / 4;
const ORDER_CANCELLED = R.ORDER_CANCELLED;
const CANCELLED_BYTES = R.ORDER_CANCELLED_BYTES;
const F_CANCELLED_PRICE = R.CANCELLED_PRICE_TICKS / 8;
const F_CANCELLED_QTY = R.CANCELLED_QTY_LOTS / 8;
const F_CANCELLED_LEVEL_QTY = R.CANCELLED_LEVEL_QTY_LOTS / 8;
const I_CANCELLED_LEVEL_ORDERS = R.CANCELLED_LEVEL_ORDERS / 4;
const I_CANCELLED_SIDE = R.CANCELLED_SIDE / 4;
/** The bytes after `CANCELLED_SIDE`: the reason, and that the order was resting. */
const REQUESTED =
  (CANCEL_BY_REQUEST << ((R.CANCELLED_REASON - R.CANCELLED_SIDE) * 8)) |
  (1 << ((R.CANCELLED_WAS_RESTING - R.CANCELLED_SIDE) * 8));

const { F_ID, F_REMAINING, I_LEVEL, I_NEXT, I_PREVIOUS, I_CHAIN } = L.HOT;
const I_PORTFOLIO = L.COLD.I_PORTFOLIO;
const SELF_TRADE_SHIFT = L.TERMS.SELF_TRADE_SHIFT;
const F_LEVEL_QTY = L.LEVEL.F_QTY;
const F_LEVEL_PRICE = L.LEVEL.F_PRICE;
const I_FIRST = L.LEVEL.I_FIRST;
const I_LAST = L.LEVEL.I_LAST;
const I_LEVEL_ORDERS = L.LEVEL.I_ORDERS;
const I_LEVEL_SIDE = L.LEVEL.I_SIDE;
const NONE = L.NONE;
const END = FRAME_FLAG_END << 8;
const SEQ = SEQUENCE;
const TIME = NEWEST_TIME;
const BAND_LOW = LOW;
const BAND_HIGH = HIGH;
const NO_ROOM = 'the event ring has no room for the group of a command';

/**
 * What most commands are: limit orders that come to rest without meeting anybody, and cancellations
 * of such. All that the book, the index and the event writer do for them is written out here once
 * more, in one function each: nothing is passed between functions and read anew, which makes the
 * whole engine a quarter faster. That it is the same is what random streams beside the reference show.
 */
export class PlainOrders {
  private readonly book: OrderBook;
  private readonly orders: OrderPool;
  private readonly levels: LevelPool;
  private readonly index: OrderIndex;
  private readonly bids: PriceLadder;
  private readonly asks: PriceLadder;
  private readonly limits: Float64Array;
  private readonly producer: RingProducer;
  private readonly f64: Float64Array;
  private readonly i32: Int32Array;
  private readonly counters: Float64Array;
  private readonly marketWord: number;

  /** @param limits the price band among other bounds, see bounds.ts */
  constructor(book: OrderBook, events: EventWriter, limits: Float64Array) {
    this.book = book;
    this.orders = book.orders;
    this.levels = book.levels;
    this.index = book.index;
    this.bids = book.bids;
    this.asks = book.asks;
    this.limits = limits;
    this.producer = events.producer;
    this.f64 = events.f64;
    this.i32 = events.i32;
    this.counters = events.counters;
    this.marketWord = events.marketWord;
  }

  /** Carries out a `PlaceOrder` in phase continuous. @returns false when it is not for here */
  rest(views: FrameViews, at: number): boolean {
    const { f64: from64, i32: from32 } = views;
    const { orders, levels } = this;
    const word = at >>> 3;
    const terms = from32[(word << 1) + I_PLACE_TERMS];
    const priceTicks = from64[word + F_PLACE_PRICE];
    const qtyLots = from64[word + F_PLACE_QTY];
    const orderId = from64[word + F_ORDER_ID];
    if (terms >>> 8 !== PLAIN_LIMIT || !(priceTicks > 0 && qtyLots > 0)) return false;
    if (priceTicks < this.limits[BAND_LOW] || priceTicks > this.limits[BAND_HIGH]) return false;
    const side = terms & 0xff;
    const against = side === 0 ? this.asks : this.bids;
    if (against.bestKey >= priceTicks * against.sign) return false;
    if (this.book.isFull() || this.index.has(orderId)) return false;
    const slot = orders.take();
    const portfolioId = from32[(word << 1) + I_PORTFOLIO_ID];
    const selfTrade = views.u8[at + PLACE_SELF_TRADE] << SELF_TRADE_SHIFT;
    orders.write(slot, orderId, portfolioId, terms | selfTrade, priceTicks, qtyLots, qtyLots);
    const level = (side === 0 ? this.bids : this.asks).obtain(slot);
    const { hot32 } = orders;
    const { f64: levels64, i32: levels32 } = levels;
    const last = levels32[(level << 3) + I_LAST];
    hot32[(slot << 3) + I_LEVEL] = level;
    hot32[(slot << 3) + I_PREVIOUS] = last;
    hot32[(slot << 3) + I_NEXT] = NONE;
    if (last === NONE) levels32[(level << 3) + I_FIRST] = slot;
    else hot32[(last << 3) + I_NEXT] = slot;
    levels32[(level << 3) + I_LAST] = slot;
    const levelOrders = (levels32[(level << 3) + I_LEVEL_ORDERS] + 1) | 0;
    levels32[(level << 3) + I_LEVEL_ORDERS] = levelOrders;
    const levelLots = levels64[(level << 2) + F_LEVEL_QTY] + qtyLots;
    levels64[(level << 2) + F_LEVEL_QTY] = levelLots;
    this.index.add(slot);
    const { f64, i32, marketWord, counters, producer } = this;
    const lengthBytes = from32[word << 1];
    const start = producer.reserve(lengthBytes + ACCEPTED_BYTES + RESTED_BYTES);
    assert(start >= 0, NO_ROOM);
    const echo = start >>> 3;
    const seq = counters[SEQ] + 3;
    const time = from64[word + F_TIME];
    counters[SEQ] = seq;
    counters[TIME] = time;
    i32[echo << 1] = lengthBytes;
    i32[(echo << 1) + 1] = marketWord | PLACE_ORDER;
    f64[echo + F_SEQ] = seq - 2;
    f64[echo + 6] = priceTicks;
    f64[echo + 7] = qtyLots;
    f64[echo + 8] = from64[word + 8];
    copyFields(from64, word, f64, echo, lengthBytes >>> 3, 9);
    producer.advance(lengthBytes + ACCEPTED_BYTES + RESTED_BYTES);
    producer.endGroup();
    const accepted = echo + (lengthBytes >>> 3);
    const rested = accepted + ACCEPTED_BYTES / 8;
    i32[accepted << 1] = ACCEPTED_BYTES;
    i32[(accepted << 1) + 1] = marketWord | ORDER_ACCEPTED;
    f64[accepted + F_SEQ] = seq - 1;
    f64[accepted + F_TIME] = time;
    f64[accepted + F_EVENT_ORDER] = orderId;
    i32[rested << 1] = RESTED_BYTES;
    i32[(rested << 1) + 1] = marketWord | ORDER_RESTED | END;
    f64[rested + F_SEQ] = seq;
    f64[rested + F_TIME] = time;
    f64[rested + F_EVENT_ORDER] = orderId;
    f64[rested + F_RESTED_PRICE] = priceTicks;
    f64[rested + F_RESTED_QTY] = qtyLots;
    f64[rested + F_RESTED_LEVEL_QTY] = levelLots;
    i32[(rested << 1) + I_RESTED_LEVEL_ORDERS] = levelOrders;
    i32[(rested << 1) + I_RESTED_SIDE] = side;
    return true;
  }
  /** Carries out a `CancelOrder`. @returns false when it is not for here */
  cancel(views: FrameViews, at: number): boolean {
    const { f64: from64, i32: from32 } = views;
    const { orders, levels, index } = this;
    const { hot64, hot32 } = orders;
    const word = at >>> 3;
    const orderId = from64[word + F_ORDER_ID];
    const bucket = index.bucket(orderId);
    let slot = index.heads[bucket];
    let before = NONE;
    while (slot !== NONE && hot64[(slot << 2) + F_ID] !== orderId) {
      before = slot;
      slot = hot32[(slot << 3) + I_CHAIN];
    }
    if (slot === NONE) return false;
    const four = slot << 3;
    const level = hot32[four + I_LEVEL];
    if (level < 0) return false;
    const portfolioId = from32[(word << 1) + I_PORTFOLIO_ID];
    if (portfolioId !== 0 && portfolioId !== orders.cold32[four + I_PORTFOLIO]) return false;
    const next = hot32[four + I_NEXT];
    const previous = hot32[four + I_PREVIOUS];
    const open = hot64[(slot << 2) + F_REMAINING];
    if (before === NONE) index.heads[bucket] = hot32[four + I_CHAIN];
    else hot32[(before << 3) + I_CHAIN] = hot32[four + I_CHAIN];
    index.count = (index.count - 1) | 0;
    const { f64: levels64, i32: levels32 } = levels;
    if (previous === NONE) levels32[(level << 3) + I_FIRST] = next;
    else hot32[(previous << 3) + I_NEXT] = next;
    if (next === NONE) levels32[(level << 3) + I_LAST] = previous;
    else hot32[(next << 3) + I_PREVIOUS] = previous;
    const left = (levels32[(level << 3) + I_LEVEL_ORDERS] - 1) | 0;
    levels32[(level << 3) + I_LEVEL_ORDERS] = left;
    // An empty level reads 0 even where the sum had left the safe integers and was rounded.
    const levelLots = left === 0 ? 0 : levels64[(level << 2) + F_LEVEL_QTY] - open;
    levels64[(level << 2) + F_LEVEL_QTY] = levelLots;
    const priceTicks = levels64[(level << 2) + F_LEVEL_PRICE];
    const side = levels32[(level << 3) + I_LEVEL_SIDE];
    if (left === 0) (side === 0 ? this.bids : this.asks).remove(level);
    orders.free(slot);

    const { f64, i32, marketWord, counters, producer } = this;
    const lengthBytes = from32[word << 1];
    const start = producer.reserve(lengthBytes + CANCELLED_BYTES);
    assert(start >= 0, NO_ROOM);
    const echo = start >>> 3;
    const seq = counters[SEQ] + 2;
    const time = from64[word + F_TIME];
    counters[SEQ] = seq;
    counters[TIME] = time;
    i32[echo << 1] = lengthBytes;
    i32[(echo << 1) + 1] = marketWord | CANCEL_ORDER;
    f64[echo + F_SEQ] = seq - 1;
    f64[echo + 6] = from64[word + 6];
    copyFields(from64, word, f64, echo, lengthBytes >>> 3, 7);
    producer.advance(lengthBytes + CANCELLED_BYTES);
    producer.endGroup();
    const cancelled = echo + (lengthBytes >>> 3);
    i32[cancelled << 1] = CANCELLED_BYTES;
    i32[(cancelled << 1) + 1] = marketWord | ORDER_CANCELLED | END;
    f64[cancelled + F_SEQ] = seq;
    f64[cancelled + F_TIME] = time;
    f64[cancelled + F_EVENT_ORDER] = orderId;
    f64[cancelled + F_CANCELLED_PRICE] = priceTicks;
    f64[cancelled + F_CANCELLED_QTY] = open;
    f64[cancelled + F_CANCELLED_LEVEL_QTY] = levelLots;
    i32[(cancelled << 1) + I_CANCELLED_LEVEL_ORDERS] = left;
    i32[(cancelled << 1) + I_CANCELLED_SIDE] = side | REQUESTED;
    return true;
  }
}
