import * as R from '../codec/records.ts';
import { ORDER_TYPE_LIMIT, TIF_GTC, TIF_IOC } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import * as L from './layout.ts';

const { F_ID, F_REMAINING, I_LEVEL, I_NEXT } = L.HOT;
const { F_TOTAL, F_PRICE, I_PORTFOLIO, I_TERMS, I_EXTRA } = L.COLD;
const { TYPE_SHIFT, TIF_SHIFT, TIF_MASK, FLAGS_SHIFT, FLAGS_MASK } = L.TERMS;
const { SELF_TRADE_SHIFT, SELF_TRADE_MASK } = L.TERMS;
/** Type, time in force, flags and self-trade mode of plain orders, without the side. */
const PLAIN = ORDER_TYPE_LIMIT | (TIF_GTC << (TIF_SHIFT - TYPE_SHIFT));
const PLAIN_IOC = ORDER_TYPE_LIMIT | (TIF_IOC << (TIF_SHIFT - TYPE_SHIFT));
/** Of the command's word: what goes into the order's, beside the self-trade mode. */
const TERMS_MASK = (FLAGS_MASK << FLAGS_SHIFT) | ((1 << SELF_TRADE_SHIFT) - 1);
const NONE = L.NONE;
const F_COMMAND_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const I_COMMAND_PORTFOLIO = R.COMMAND_PORTFOLIO_ID / 4;
const F_PLACE_PRICE = R.PLACE_PRICE_TICKS / 8;
const F_PLACE_QTY = R.PLACE_QTY_LOTS / 8;
/** The word of four bytes: side, order type, time in force, flags. */
const I_PLACE_TERMS = R.PLACE_SIDE / 4;
const PLACE_SELF_TRADE = R.PLACE_SELF_TRADE;

const FIRST_CAPACITY = 4096;

/**
 * The orders' records. Freed slots are used again, the newest first, so that the records in use
 * stay together. Memory grows by doubling, as a market needs it.
 */
export class OrderPool {
  /** See layout.ts. REUSED: all four are replaced when the pool grows; read them anew after `take`. */
  hot64: Float64Array;
  hot32: Int32Array;
  cold64: Float64Array;
  cold32: Int32Array;
  /** Slots there are records for. */
  capacity: number;
  private readonly maxSlots: number;
  /** Slots from here on were never used. */
  untouched = 0;
  /** Head of the list of freed slots, linked through `I_NEXT`. */
  firstFree: number = NONE;

  /** @param maxSlots most orders the pool ever holds */
  constructor(maxSlots: number) {
    assert(maxSlots > 0 && maxSlots <= 1 << 24, 'order pool size is out of range');
    this.maxSlots = maxSlots;
    this.capacity = Math.min(FIRST_CAPACITY, maxSlots);
    const hot = new ArrayBuffer(this.capacity * L.ORDER_BYTES);
    const cold = new ArrayBuffer(this.capacity * L.ORDER_BYTES);
    this.hot64 = new Float64Array(hot);
    this.hot32 = new Int32Array(hot);
    this.cold64 = new Float64Array(cold);
    this.cold32 = new Int32Array(cold);
  }

  /** A slot whose fields hold old values. */
  take(): number {
    const slot = this.firstFree;
    if (slot !== NONE) {
      this.firstFree = this.hot32[(slot << 3) + I_NEXT];
      return slot;
    }
    if (this.untouched === this.capacity) this.grow();
    this.untouched = (this.untouched + 1) | 0;
    return this.untouched - 1;
  }

  free(slot: number): void {
    this.hot32[(slot << 3) + I_NEXT] = this.firstFree;
    this.firstFree = slot;
  }

  /** Copies an order's terms from its `PlaceOrder` record; it rests in no level yet. */
  read(slot: number, views: FrameViews, at: number): void {
    const word = slot << 2;
    const from = at >>> 3;
    const qtyLots = views.f64[from + F_PLACE_QTY];
    this.hot64[word + F_ID] = views.f64[from + F_COMMAND_ORDER_ID];
    this.hot64[word + F_REMAINING] = qtyLots;
    this.cold64[word + F_TOTAL] = qtyLots;
    this.cold64[word + F_PRICE] = views.f64[from + F_PLACE_PRICE];
    this.cold32[(word << 1) + I_PORTFOLIO] = views.i32[(from << 1) + I_COMMAND_PORTFOLIO];
    this.cold32[(word << 1) + I_TERMS] =
      (views.i32[(from << 1) + I_PLACE_TERMS] & TERMS_MASK) |
      (views.u8[at + PLACE_SELF_TRADE] << SELF_TRADE_SHIFT);
    this.cold32[(word << 1) + I_EXTRA] = NONE;
  }

  /** Sets an order's terms one by one; `terms` is the word of layout.ts. */
  write(
    slot: number,
    orderId: number,
    portfolioId: number,
    terms: number,
    priceTicks: number,
    remainingLots: number,
    totalLots: number,
  ): void {
    const word = slot << 2;
    this.hot64[word + F_ID] = orderId;
    this.hot64[word + F_REMAINING] = remainingLots;
    this.cold64[word + F_TOTAL] = totalLots;
    this.cold64[word + F_PRICE] = priceTicks;
    this.cold32[(word << 1) + I_PORTFOLIO] = portfolioId;
    this.cold32[(word << 1) + I_TERMS] = terms;
    this.cold32[(word << 1) + I_EXTRA] = NONE;
  }

  id(slot: number): number {
    return this.hot64[(slot << 2) + F_ID];
  }

  remaining(slot: number): number {
    return this.hot64[(slot << 2) + F_REMAINING];
  }

  setRemaining(slot: number, lots: number): void {
    this.hot64[(slot << 2) + F_REMAINING] = lots;
  }

  level(slot: number): number {
    const level = this.hot32[(slot << 3) + I_LEVEL];
    return level ^ (level >> 31);
  }

  next(slot: number): number {
    return this.hot32[(slot << 3) + I_NEXT];
  }

  total(slot: number): number {
    return this.cold64[(slot << 2) + F_TOTAL];
  }

  setTotal(slot: number, lots: number): void {
    this.cold64[(slot << 2) + F_TOTAL] = lots;
  }

  price(slot: number): number {
    return this.cold64[(slot << 2) + F_PRICE];
  }

  setPrice(slot: number, ticks: number): void {
    this.cold64[(slot << 2) + F_PRICE] = ticks;
  }

  portfolio(slot: number): number {
    return this.cold32[(slot << 3) + I_PORTFOLIO];
  }

  side(slot: number): number {
    return this.cold32[(slot << 3) + I_TERMS] & 0xff;
  }

  /** True for limit orders, good till cancelled or immediate, that have no other terms at all. */
  isPlain(slot: number): boolean {
    const at = slot << 3;
    const terms = this.cold32[at + I_TERMS] >>> TYPE_SHIFT;
    return (terms === PLAIN || terms === PLAIN_IOC) && this.cold32[at + I_EXTRA] === NONE;
  }

  orderType(slot: number): number {
    return (this.cold32[(slot << 3) + I_TERMS] >>> TYPE_SHIFT) & 0xff;
  }

  tif(slot: number): number {
    return (this.cold32[(slot << 3) + I_TERMS] >>> TIF_SHIFT) & TIF_MASK;
  }

  /** ORDER_FLAG_… */
  flags(slot: number): number {
    return (this.cold32[(slot << 3) + I_TERMS] >>> FLAGS_SHIFT) & FLAGS_MASK;
  }

  selfTrade(slot: number): number {
    return (this.cold32[(slot << 3) + I_TERMS] >>> SELF_TRADE_SHIFT) & SELF_TRADE_MASK;
  }

  /** Number of the extra record, or `NONE`. */
  extra(slot: number): number {
    return this.cold32[(slot << 3) + I_EXTRA];
  }

  setExtra(slot: number, extra: number): void {
    this.cold32[(slot << 3) + I_EXTRA] = extra;
  }

  private grow(): void {
    assert(this.capacity < this.maxSlots, 'order pool is used beyond its size');
    this.capacity = Math.min(this.capacity * 2, this.maxSlots);
    const hot = new ArrayBuffer(this.capacity * L.ORDER_BYTES);
    const cold = new ArrayBuffer(this.capacity * L.ORDER_BYTES);
    const { hot32, cold32 } = this;
    this.hot64 = new Float64Array(hot);
    this.hot32 = new Int32Array(hot);
    this.cold64 = new Float64Array(cold);
    this.cold32 = new Int32Array(cold);
    this.hot32.set(hot32);
    this.cold32.set(cold32);
  }
}
