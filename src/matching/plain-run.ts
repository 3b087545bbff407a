import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import * as O from '../domain/orders.ts';
import { FRAME_FLAG_END, type FrameViews } from '../rings/frame.ts';
import * as B from './bounds.ts';
import type { EventWriter } from './event-writer.ts';
import { copyFields, TIME as NEWEST_TIME, SEQ as SEQUENCE } from './group-writer.ts';
import * as L from './layout.ts';
import type { MachineConfig } from './machine-config.ts';
import * as S from './market-state.ts';
import { bucketOf as bucketOfId } from './order-index.ts';
import { RESTS as MAY_REST } from './order-rules.ts';
import { LADDER_TICKS } from './price-ladder.ts';
import * as T from './tick-bitmap.ts';

// Constants of this module cost nothing; an imported binding is loaded and checked on every use.
const F_SEQ = R.RECORD_SEQ / 8;
const F_TIME = R.RECORD_SECONDS / 8;
const I_SECONDS = R.RECORD_SECONDS / 4;
const F_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const I_PORTFOLIO_ID = R.COMMAND_PORTFOLIO_ID / 4;
const F_BODY = R.COMMAND_BODY / 8;
const PLACE_ORDER = R.PLACE_ORDER;
const F_PLACE_PRICE = R.PLACE_PRICE_TICKS / 8;
const F_PLACE_QTY = R.PLACE_QTY_LOTS / 8;
/** The word of four bytes: side, order type, time in force, flags. */
const I_PLACE_TERMS = R.PLACE_SIDE / 4;
/** And the one with the self-trade mode. */
const I_PLACE_SELF_TRADE = R.PLACE_SELF_TRADE >>> 2;
const PLACE_SELF_TRADE_SHIFT = (R.PLACE_SELF_TRADE & 3) * 8;
/** Type, time in force and flags of the orders that are dealt with here. */
const GTC = O.ORDER_TYPE_LIMIT | (O.TIF_GTC << 8);
const IOC = O.ORDER_TYPE_LIMIT | (O.TIF_IOC << 8);
const CANCEL_ORDER = R.CANCEL_ORDER;
/** Market and type in the second word of a command's frame; its flags are its sender's. */
const COMMAND_MASK = 0xffff00ff | 0;

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
const TRADE_EXECUTED = R.TRADE_EXECUTED;
const TRADE_BYTES = R.TRADE_EXECUTED_BYTES;
const F_MAKER = R.TRADE_MAKER_ORDER_ID / 8;
const F_TAKER = R.TRADE_TAKER_ORDER_ID / 8;
const F_TRADED_PRICE = R.TRADE_PRICE_TICKS / 8;
const F_TRADED_QTY = R.TRADE_QTY_LOTS / 8;
const F_MAKER_LEFT = R.TRADE_MAKER_REMAINING_LOTS / 8;
const F_TAKER_LEFT = R.TRADE_TAKER_REMAINING_LOTS / 8;
const F_LEVEL_LEFT = R.TRADE_LEVEL_QTY_LOTS / 8;
const F_MAKER_FEE = R.TRADE_MAKER_FEE_UNITS / 8;
const F_TAKER_FEE = R.TRADE_TAKER_FEE_UNITS / 8;
const F_TRADE_ID = R.TRADE_ID / 8;
const I_MAKER_PORTFOLIO = R.TRADE_MAKER_PORTFOLIO_ID / 4;
const I_TAKER_PORTFOLIO = R.TRADE_TAKER_PORTFOLIO_ID / 4;
const I_LEVEL_LEFT = R.TRADE_LEVEL_ORDERS / 4;
const I_TAKER_SIDE = R.TRADE_TAKER_SIDE / 4;
const ORDER_CANCELLED = R.ORDER_CANCELLED;
const CANCELLED_BYTES = R.ORDER_CANCELLED_BYTES;
const F_CANCELLED_PRICE = R.CANCELLED_PRICE_TICKS / 8;
const F_CANCELLED_QTY = R.CANCELLED_QTY_LOTS / 8;
const F_CANCELLED_LEVEL_QTY = R.CANCELLED_LEVEL_QTY_LOTS / 8;
const I_CANCELLED_LEVEL_ORDERS = R.CANCELLED_LEVEL_ORDERS / 4;
const I_CANCELLED_SIDE = R.CANCELLED_SIDE / 4;
const REASON_SHIFT = (R.CANCELLED_REASON - R.CANCELLED_SIDE) * 8;
/** The bytes after `CANCELLED_SIDE`: the reason, and that the order was resting. */
const REQUESTED =
  (O.CANCEL_BY_REQUEST << REASON_SHIFT) | (1 << ((R.CANCELLED_WAS_RESTING - R.CANCELLED_SIDE) * 8));
const IOC_REMAINDER = O.CANCEL_IOC_REMAINDER;
const END = FRAME_FLAG_END << 8;

const { F_ID, F_REMAINING, I_LEVEL, I_NEXT, I_PREVIOUS, I_CHAIN } = L.HOT;
const { F_TOTAL, F_PRICE, I_PORTFOLIO, I_TERMS, I_EXTRA } = L.COLD;
const { SELF_TRADE_SHIFT } = L.TERMS;
const F_LEVEL_QTY = L.LEVEL.F_QTY;
const F_LEVEL_PRICE = L.LEVEL.F_PRICE;
const { I_FIRST, I_LAST, I_ORDERS, I_SIDE } = L.LEVEL;
const NONE = L.NONE;
const WINDOW = LADDER_TICKS;
const BITMAP_WORDS = T.BITMAP_WORDS;
const MIDDLE = T.BITMAP_MIDDLE;
const UPPER = T.BITMAP_UPPER;
const ROOT = T.BITMAP_ROOT;
const { BAND_LOW, BAND_HIGH, HALT_LOW, HALT_HIGH } = B;
const { TRADE_ID, TRADE_PRICE } = S;
const SEQ = SEQUENCE;
const TIME = NEWEST_TIME;
const RESTS = MAY_REST;
const NO_KEY = Number.NEGATIVE_INFINITY;
const bucketOf = bucketOfId;
const feeOf = feeUnits;

/** Most bytes of a group without its echo and its trades. */
const EVENT_BYTES = ACCEPTED_BYTES + Math.max(RESTED_BYTES, CANCELLED_BYTES);
/** Room that is asked for at least; what there is more is used as well. */
const ROOM_BYTES = 1024;
/** A run begins no group when it has written so much. */
export const RUN_BYTES = 1 << 16;

/** How a run ends: with whole groups, … */
export const GROUPS_WHOLE = 0;
/** … or with one whose order has not got to its end: `order`, `fate` and `workDone` say more; */
export const ORDER_OPEN = 1;
/** … or with one that lacks what every group with trades ends with. */
export const GROUP_OPEN = 2;

/**
 * The short way of what most commands are: limit orders, good till cancelled or immediate, that meet
 * plain orders or nobody, and cancellations of such. All that the book, the index, the ladders and the
 * event writer do for them is written out here once more, in one function for a row of commands, which
 * is why this file and `run` are as long as they are: what is in a local variable stays in a register
 * or on the stack from one command to the next, whereas every call that is not inlined makes the
 * engine read each array's address and length anew. The whole costs two thirds of what it did with a
 * function for each kind of command, and calls of three small helpers inside the loop cost a tenth.
 *
 * Four things keep it simple:
 * - It holds no rule of its own. Whatever is not plain it leaves to the rules, before anything has
 *   changed: each `break` under "Is it for here?" does.
 * - It grows no memory and moves no window; where that would be needed it leaves, too.
 * - An order that meets something else in the middle is handed over to the rules as it is by then.
 * - After the loop everything that was in locals is written back, in one place.
 *
 * That both ways write the same, random streams show: one by one beside the naive reference, and in
 * rows beside one by one.
 */
export class PlainRun {
  /** Byte offset behind the last command that was carried out. */
  end = 0;
  /** GROUPS_WHOLE, ORDER_OPEN or GROUP_OPEN. */
  outcome: number = GROUPS_WHOLE;
  /** The order that was handed over: its slot; what becomes of what does not trade. */
  order: number = NONE;
  fate = RESTS;
  /** Events of its trading. */
  workDone = 0;
  private readonly state: S.MarketState;
  private readonly events: EventWriter;
  private readonly bounds: B.PriceBounds;
  private readonly config: MachineConfig;

  constructor(
    state: S.MarketState,
    events: EventWriter,
    bounds: B.PriceBounds,
    config: MachineConfig,
  ) {
    this.state = state;
    this.events = events;
    this.bounds = bounds;
    this.config = config;
  }

  /**
   * Carries out commands that lie in a row, up to the first that is not for here. Only in phase
   * continuous, and while no order is pegged. The producer must have room for the worst group; for
   * more than one command, for `RUN_BYTES` as well.
   * @param from byte offset of the first; @param end behind the last; @param most how many at most
   * @returns how many were carried out, the last perhaps not to its end: see `outcome`
   */
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: docs/decisions/011-plain-commands-in-rows.md
  run(views: FrameViews, from: number, end: number, most: number): number {
    this.end = from;
    this.outcome = GROUPS_WHOLE;
    if (most === 0) return 0;
    const { state, events, bounds, config } = this;
    const { book, tape } = state;
    const { orders, levels, index, memory } = book;
    const { hot64, hot32, cold64, cold32, capacity } = orders;
    const { f64: levels64, i32: levels32, capacity: levelCapacity } = levels;
    const { heads, blockShift } = index;
    const mostIndexed = Math.min(book.mostIndexed, heads.length >>> 1);
    const { window, words, best, keys } = memory;
    const { f64: from64, i32: from32 } = views;
    const { f64, i32, counters, producer, marketWord } = events;
    const positions = state.positions.lots;
    const nextExpiry = state.expiries.nextSeconds;
    const tradesAlone = state.waitingCount === 0 && !bounds.bounded;
    const mayTrade = state.reduceOnly.count === 0;
    const bandLow = bounds.limits[BAND_LOW];
    const bandHigh = bounds.limits[BAND_HIGH];
    const haltLow = bounds.limits[HALT_LOW];
    const haltHigh = bounds.limits[HALT_HIGH];
    const { makerFeePpm, takerFeePpm, quoteUnitsPerTickLot, maxFillsPerCommand } = config;
    const start = producer.reserve(ROOM_BYTES);
    if (start < 0) return 0;
    const roomEnd = producer.reservedEnd;
    const runEnd = Math.min(roomEnd, start + RUN_BYTES);
    let { firstFree: freeOrder, untouched: untouchedOrder } = orders;
    let { firstFree: freeLevel, untouched: untouchedLevel, used: usedLevels } = levels;
    let { count } = index;
    let newestId = index.newest[0];
    let seq = counters[SEQ];
    let done = 0;
    let at = from;
    let last = from;
    /** Byte offset in the event ring behind the last whole group. */
    let next = start;
    // Of a group that is handed over: byte offsets of its newest frame and behind it, its order's id.
    let newestFrame = 0;
    let openEnd = 0;
    let openOrderId = 0;
    let outcome = GROUPS_WHOLE;
    /** The side whose window has run empty: its ladder has to look further behind. */
    let drySide = NONE;

    while (done < most && at < end) {
      const word = at >>> 3;
      const lengthBytes = from32[word << 1];
      const command = from32[(word << 1) + 1] & COMMAND_MASK;
      const places = command === (marketWord | PLACE_ORDER);
      // Padding may be shorter than a record: nothing behind its header is looked at.
      if (!places && command !== (marketWord | CANCEL_ORDER)) break;
      if (next + lengthBytes + EVENT_BYTES > runEnd) break;
      if (from32[(word << 1) + I_SECONDS] >>> 0 >= nextExpiry) break;
      const time = from64[word + F_TIME];
      const orderId = from64[word + F_ORDER_ID];
      const portfolioId = from32[(word << 1) + I_PORTFOLIO_ID];
      const bucket = bucketOf(orderId, blockShift);
      const echo = next >>> 3;
      const lengthWords = lengthBytes >>> 3;

      if (places) {
        // --- Is it for here?
        const terms = from32[(word << 1) + I_PLACE_TERMS];
        const selfTrade =
          (from32[(word << 1) + I_PLACE_SELF_TRADE] >>> PLACE_SELF_TRADE_SHIFT) & 0xff;
        const priceTicks = from64[word + F_PLACE_PRICE];
        const qtyLots = from64[word + F_PLACE_QTY];
        const kind = terms >>> 8;
        if (kind !== GTC && kind !== IOC) break;
        if (!(priceTicks > 0 && qtyLots > 0)) break;
        if (priceTicks < bandLow || priceTicks > bandHigh) break;
        if (orderId <= newestId) {
          let known = heads[bucket];
          while (known !== NONE && hot64[(known << 2) | F_ID] !== orderId) {
            known = hot32[(known << 3) | I_CHAIN];
          }
          if (known !== NONE) break;
        }
        if (freeOrder === NONE && untouchedOrder === capacity) break;
        const side = terms & 1;
        const against = side ^ 1;
        const sign = 1 - (side << 1);
        const key = priceTicks * sign;
        const distance = key - keys[(side << 1) | 1];
        const tick = distance | 0;
        const place = (side * WINDOW + tick) | 0;
        let level = NONE;
        if (kind === GTC) {
          if (!(distance >= 0 && distance < WINDOW)) break;
          if (count >= mostIndexed) break;
          level = ~window[place];
          if (level === NONE && freeLevel === NONE && untouchedLevel === levelCapacity) break;
        }
        const crosses = keys[against << 1] >= -key;
        if (crosses) {
          if (!mayTrade || selfTrade !== 0 || portfolioId >>> 0 >= positions.length) break;
          const bestTicks = -sign * keys[against << 1];
          if (bestTicks < haltLow || bestTicks > haltHigh) break;
        }

        // --- Echo, accepted.
        i32[echo << 1] = lengthBytes;
        i32[(echo << 1) + 1] = marketWord | PLACE_ORDER;
        f64[echo + F_SEQ] = seq + 1;
        f64[echo + F_PLACE_PRICE] = priceTicks;
        f64[echo + F_PLACE_QTY] = qtyLots;
        f64[echo + 8] = from64[word + 8];
        copyFields(from64, word, f64, echo, lengthWords, 9);
        const accepted = echo + lengthWords;
        i32[accepted << 1] = ACCEPTED_BYTES;
        i32[(accepted << 1) + 1] = marketWord | ORDER_ACCEPTED;
        f64[accepted + F_SEQ] = seq + 2;
        f64[accepted + F_TIME] = time;
        f64[accepted + F_EVENT_ORDER] = orderId;
        seq += 2;
        let event = accepted + ACCEPTED_BYTES / 8;
        let frame = accepted;
        let open = qtyLots;

        // --- Trades.
        if (crosses) {
          const workEnd = seq + maxFillsPerCommand;
          const reachTicks =
            side === 0 ? Math.min(priceTicks, haltHigh) : Math.max(priceTicks, haltLow);
          const reachKey = -sign * reachTicks;
          const acceptedSeq = seq;
          let tradeId = tape[TRADE_ID];
          let tradePrice = tape[TRADE_PRICE];
          let stopped = false;
          while (open > 0 && !stopped && keys[against << 1] >= reachKey) {
            const from = best[against];
            const fromTicks = levels64[(from << 2) | F_LEVEL_PRICE];
            let levelLots = levels64[(from << 2) | F_LEVEL_QTY];
            let levelOrders = levels32[(from << 3) | I_ORDERS];
            let maker = levels32[(from << 3) | I_FIRST];
            do {
              const makerPortfolio = cold32[(maker << 3) | I_PORTFOLIO];
              if (
                hot32[(maker << 3) | I_LEVEL] < 0 ||
                seq >= workEnd ||
                (event << 3) + (TRADE_BYTES + EVENT_BYTES) > roomEnd ||
                makerPortfolio >>> 0 >= positions.length
              ) {
                stopped = true;
                break;
              }
              const makerId = hot64[(maker << 2) | F_ID];
              const offered = hot64[(maker << 2) | F_REMAINING];
              const traded = Math.min(offered, open);
              const makerLeft = offered - traded;
              let following = maker;
              open -= traded;
              levelLots -= traded;
              if (makerLeft === 0) {
                const chain = hot32[(maker << 3) | I_CHAIN];
                const makerBucket = bucketOf(makerId, blockShift);
                let before = heads[makerBucket];
                if (before === maker) {
                  heads[makerBucket] = chain;
                } else {
                  while (hot32[(before << 3) | I_CHAIN] !== maker) {
                    before = hot32[(before << 3) | I_CHAIN];
                  }
                  hot32[(before << 3) | I_CHAIN] = chain;
                }
                count = (count - 1) | 0;
                levelOrders = (levelOrders - 1) | 0;
                // An empty level reads 0 even where the sum had left the safe integers and was rounded.
                if (levelOrders === 0) levelLots = 0;
                following = hot32[(maker << 3) | I_NEXT];
                hot32[(maker << 3) | I_NEXT] = freeOrder;
                freeOrder = maker;
              } else {
                hot64[(maker << 2) | F_REMAINING] = makerLeft;
              }
              maker = following;
              seq += 1;
              tradeId += 1;
              positions[makerPortfolio] += side === 0 ? -traded : traded;
              const notionalUnits = fromTicks * traded * quoteUnitsPerTickLot;
              i32[event << 1] = TRADE_BYTES;
              i32[(event << 1) + 1] = marketWord | TRADE_EXECUTED;
              f64[event + F_SEQ] = seq;
              f64[event + F_TIME] = time;
              f64[event + F_MAKER] = makerId;
              f64[event + F_TAKER] = orderId;
              f64[event + F_TRADED_PRICE] = fromTicks;
              f64[event + F_TRADED_QTY] = traded;
              f64[event + F_MAKER_LEFT] = makerLeft;
              f64[event + F_TAKER_LEFT] = open;
              f64[event + F_LEVEL_LEFT] = levelLots;
              f64[event + F_MAKER_FEE] = feeOf(notionalUnits, makerFeePpm);
              f64[event + F_TAKER_FEE] = feeOf(notionalUnits, takerFeePpm);
              i32[(event << 1) + I_MAKER_PORTFOLIO] = makerPortfolio;
              i32[(event << 1) + I_TAKER_PORTFOLIO] = portfolioId;
              i32[(event << 1) + I_LEVEL_LEFT] = levelOrders;
              i32[(event << 1) + I_TAKER_SIDE] = side;
              f64[event + F_TRADE_ID] = tradeId;
              tradePrice = fromTicks;
              frame = event;
              event = (event + TRADE_BYTES / 8) | 0;
            } while (open > 0 && levelOrders > 0);
            levels64[(from << 2) | F_LEVEL_QTY] = levelLots;
            levels32[(from << 3) | I_ORDERS] = levelOrders;
            if (levelOrders > 0) {
              levels32[(from << 3) | I_FIRST] = maker;
              hot32[(maker << 3) | I_PREVIOUS] = NONE;
              continue;
            }
            levels32[(from << 3) | I_FIRST] = freeLevel;
            freeLevel = from;
            usedLevels = (usedLevels - 1) | 0;
            const firstKey = keys[(against << 1) | 1];
            const emptied = (keys[against << 1] - firstKey) | 0;
            const set = against * BITMAP_WORDS;
            window[(against * WINDOW + emptied) | 0] = 0;
            let low = emptied >>> 5;
            let bits = words[set + low] & ~(1 << (emptied & 31));
            words[set + low] = bits;
            if (bits === 0) {
              const middle = emptied >>> 10;
              const upper = emptied >>> 15;
              const middleBits = words[set + MIDDLE + middle] & ~(1 << (low & 31));
              words[set + MIDDLE + middle] = middleBits;
              if (middleBits === 0) {
                const upperBits = words[set + UPPER + upper] & ~(1 << (middle & 31));
                words[set + UPPER + upper] = upperBits;
                if (upperBits === 0) words[set + ROOT] &= ~(1 << upper);
              }
              const root = words[set + ROOT];
              if (root === 0) {
                best[against] = NONE;
                keys[against << 1] = NO_KEY;
                drySide = against;
                continue;
              }
              const highUpper = 31 - Math.clz32(root);
              const highMiddle = (highUpper << 5) + 31 - Math.clz32(words[set + UPPER + highUpper]);
              low = (highMiddle << 5) + 31 - Math.clz32(words[set + MIDDLE + highMiddle]);
              bits = words[set + low];
            }
            const highest = (low << 5) + 31 - Math.clz32(bits);
            best[against] = ~window[(against * WINDOW + highest) | 0];
            keys[against << 1] = firstKey + highest;
          }
          tape[TRADE_ID] = tradeId;
          tape[TRADE_PRICE] = tradePrice;
          if (open < qtyLots) {
            positions[portfolioId] += side === 0 ? qtyLots - open : open - qtyLots;
            if (!tradesAlone) outcome = GROUP_OPEN;
          }
          if (open > 0 && (stopped || drySide !== NONE || keys[against << 1] >= -key)) {
            outcome = ORDER_OPEN;
            this.workDone = seq - acceptedSeq;
          }
        }

        // --- What is left of it rests, or is cancelled, or goes on by the rules.
        if (outcome === ORDER_OPEN || (open > 0 && kind === GTC)) {
          let slot = freeOrder;
          if (slot !== NONE) {
            freeOrder = hot32[(slot << 3) | I_NEXT];
          } else {
            slot = untouchedOrder;
            untouchedOrder = (untouchedOrder + 1) | 0;
          }
          hot64[(slot << 2) | F_ID] = orderId;
          hot64[(slot << 2) | F_REMAINING] = open;
          cold64[(slot << 2) | F_TOTAL] = qtyLots;
          cold64[(slot << 2) | F_PRICE] = priceTicks;
          cold32[(slot << 3) | I_PORTFOLIO] = portfolioId;
          cold32[(slot << 3) | I_TERMS] = terms | (selfTrade << SELF_TRADE_SHIFT);
          cold32[(slot << 3) | I_EXTRA] = NONE;
          if (outcome === ORDER_OPEN) {
            this.order = slot;
            this.fate = kind === IOC ? IOC_REMAINDER : RESTS;
          } else {
            if (level === NONE) {
              level = freeLevel;
              if (level !== NONE) {
                freeLevel = levels32[(level << 3) | I_FIRST];
              } else {
                level = untouchedLevel;
                untouchedLevel = (untouchedLevel + 1) | 0;
              }
              usedLevels = (usedLevels + 1) | 0;
              levels64[(level << 2) | F_LEVEL_QTY] = 0;
              levels64[(level << 2) | F_LEVEL_PRICE] = priceTicks;
              levels32[(level << 3) | I_FIRST] = NONE;
              levels32[(level << 3) | I_LAST] = NONE;
              levels32[(level << 3) | I_ORDERS] = 0;
              levels32[(level << 3) | I_SIDE] = side;
              window[place] = ~level;
              const set = side * BITMAP_WORDS;
              const bits = words[set + (tick >>> 5)];
              words[set + (tick >>> 5)] = bits | (1 << (tick & 31));
              if (bits === 0) {
                words[set + MIDDLE + (tick >>> 10)] |= 1 << ((tick >>> 5) & 31);
                words[set + UPPER + (tick >>> 15)] |= 1 << ((tick >>> 10) & 31);
                words[set + ROOT] |= 1 << (tick >>> 15);
              }
              if (key > keys[side << 1]) {
                keys[side << 1] = key;
                best[side] = level;
              }
            }
            const before = levels32[(level << 3) | I_LAST];
            hot32[(slot << 3) | I_LEVEL] = level;
            hot32[(slot << 3) | I_NEXT] = NONE;
            hot32[(slot << 3) | I_PREVIOUS] = before;
            hot32[(slot << 3) | I_CHAIN] = heads[bucket];
            heads[bucket] = slot;
            if (orderId > newestId) newestId = orderId;
            count = (count + 1) | 0;
            if (before === NONE) levels32[(level << 3) | I_FIRST] = slot;
            else hot32[(before << 3) | I_NEXT] = slot;
            levels32[(level << 3) | I_LAST] = slot;
            const levelOrders = (levels32[(level << 3) | I_ORDERS] + 1) | 0;
            levels32[(level << 3) | I_ORDERS] = levelOrders;
            const levelLots = levels64[(level << 2) | F_LEVEL_QTY] + open;
            levels64[(level << 2) | F_LEVEL_QTY] = levelLots;
            seq += 1;
            i32[event << 1] = RESTED_BYTES;
            i32[(event << 1) + 1] = marketWord | ORDER_RESTED;
            f64[event + F_SEQ] = seq;
            f64[event + F_TIME] = time;
            f64[event + F_EVENT_ORDER] = orderId;
            f64[event + F_RESTED_PRICE] = priceTicks;
            f64[event + F_RESTED_QTY] = open;
            f64[event + F_RESTED_LEVEL_QTY] = levelLots;
            i32[(event << 1) + I_RESTED_LEVEL_ORDERS] = levelOrders;
            i32[(event << 1) + I_RESTED_SIDE] = side;
            frame = event;
            event = (event + RESTED_BYTES / 8) | 0;
          }
        } else if (open > 0) {
          seq += 1;
          i32[event << 1] = CANCELLED_BYTES;
          i32[(event << 1) + 1] = marketWord | ORDER_CANCELLED;
          f64[event + F_SEQ] = seq;
          f64[event + F_TIME] = time;
          f64[event + F_EVENT_ORDER] = orderId;
          f64[event + F_CANCELLED_PRICE] = priceTicks;
          f64[event + F_CANCELLED_QTY] = open;
          f64[event + F_CANCELLED_LEVEL_QTY] = 0;
          i32[(event << 1) + I_CANCELLED_LEVEL_ORDERS] = 0;
          i32[(event << 1) + I_CANCELLED_SIDE] = side | (IOC_REMAINDER << REASON_SHIFT);
          frame = event;
          event = (event + CANCELLED_BYTES / 8) | 0;
        }
        last = at;
        at = (at + lengthBytes) | 0;
        done = (done + 1) | 0;
        if (outcome !== GROUPS_WHOLE) {
          newestFrame = frame << 3;
          openEnd = event << 3;
          openOrderId = orderId;
          if (open < qtyLots) state.traded = true;
          break;
        }
        i32[(frame << 1) + 1] |= END;
        next = event << 3;
        if (drySide !== NONE) break;
      } else {
        // --- Is it for here?
        let slot = heads[bucket];
        let before = NONE;
        while (slot !== NONE && hot64[(slot << 2) | F_ID] !== orderId) {
          before = slot;
          slot = hot32[(slot << 3) | I_CHAIN];
        }
        if (slot === NONE) break;
        const level = hot32[(slot << 3) | I_LEVEL];
        if (level < 0) break;
        if (portfolioId !== 0 && portfolioId !== cold32[(slot << 3) | I_PORTFOLIO]) break;
        const side = levels32[(level << 3) | I_SIDE];
        const priceTicks = levels64[(level << 2) | F_LEVEL_PRICE];
        const levelOrders = (levels32[(level << 3) | I_ORDERS] - 1) | 0;
        const open = hot64[(slot << 2) | F_REMAINING];
        let levelLots = 0;
        if (levelOrders === 0) {
          const firstKey = keys[(side << 1) | 1];
          const distance = priceTicks * (1 - (side << 1)) - firstKey;
          if (!(distance >= 0 && distance < WINDOW)) break;
          levels32[(level << 3) | I_FIRST] = freeLevel;
          freeLevel = level;
          usedLevels = (usedLevels - 1) | 0;
          const tick = distance | 0;
          const set = side * BITMAP_WORDS;
          window[(side * WINDOW + tick) | 0] = 0;
          let low = tick >>> 5;
          const bits = words[set + low] & ~(1 << (tick & 31));
          words[set + low] = bits;
          if (bits === 0) {
            const middle = tick >>> 10;
            const upper = tick >>> 15;
            const middleBits = words[set + MIDDLE + middle] & ~(1 << (low & 31));
            words[set + MIDDLE + middle] = middleBits;
            if (middleBits === 0) {
              const upperBits = words[set + UPPER + upper] & ~(1 << (middle & 31));
              words[set + UPPER + upper] = upperBits;
              if (upperBits === 0) words[set + ROOT] &= ~(1 << upper);
            }
          }
          if (level === best[side]) {
            const root = words[set + ROOT];
            if (root === 0) {
              best[side] = NONE;
              keys[side << 1] = NO_KEY;
              drySide = side;
            } else {
              const upper = 31 - Math.clz32(root);
              const middle = (upper << 5) + 31 - Math.clz32(words[set + UPPER + upper]);
              low = (middle << 5) + 31 - Math.clz32(words[set + MIDDLE + middle]);
              const highest = (low << 5) + 31 - Math.clz32(words[set + low]);
              best[side] = ~window[(side * WINDOW + highest) | 0];
              keys[side << 1] = firstKey + highest;
            }
          }
        } else {
          const following = hot32[(slot << 3) | I_NEXT];
          const previous = hot32[(slot << 3) | I_PREVIOUS];
          if (previous === NONE) levels32[(level << 3) | I_FIRST] = following;
          else hot32[(previous << 3) | I_NEXT] = following;
          if (following === NONE) levels32[(level << 3) | I_LAST] = previous;
          else hot32[(following << 3) | I_PREVIOUS] = previous;
          levelLots = levels64[(level << 2) | F_LEVEL_QTY] - open;
          levels64[(level << 2) | F_LEVEL_QTY] = levelLots;
          levels32[(level << 3) | I_ORDERS] = levelOrders;
        }
        const chain = hot32[(slot << 3) | I_CHAIN];
        if (before === NONE) heads[bucket] = chain;
        else hot32[(before << 3) | I_CHAIN] = chain;
        count = (count - 1) | 0;
        hot32[(slot << 3) | I_NEXT] = freeOrder;
        freeOrder = slot;

        // --- Echo, cancelled.
        i32[echo << 1] = lengthBytes;
        i32[(echo << 1) + 1] = marketWord | CANCEL_ORDER;
        f64[echo + F_SEQ] = seq + 1;
        f64[echo + F_BODY] = from64[word + F_BODY];
        copyFields(from64, word, f64, echo, lengthWords, F_BODY + 1);
        const cancelled = echo + lengthWords;
        i32[cancelled << 1] = CANCELLED_BYTES;
        i32[(cancelled << 1) + 1] = marketWord | ORDER_CANCELLED | END;
        f64[cancelled + F_SEQ] = seq + 2;
        f64[cancelled + F_TIME] = time;
        f64[cancelled + F_EVENT_ORDER] = orderId;
        f64[cancelled + F_CANCELLED_PRICE] = priceTicks;
        f64[cancelled + F_CANCELLED_QTY] = open;
        f64[cancelled + F_CANCELLED_LEVEL_QTY] = levelLots;
        i32[(cancelled << 1) + I_CANCELLED_LEVEL_ORDERS] = levelOrders;
        i32[(cancelled << 1) + I_CANCELLED_SIDE] = side | REQUESTED;
        seq += 2;
        last = at;
        at = (at + lengthBytes) | 0;
        done = (done + 1) | 0;
        next = (next + lengthBytes + CANCELLED_BYTES) | 0;
        if (drySide !== NONE) break;
      }
    }

    if (done === 0) return 0;
    this.end = at;
    this.outcome = outcome;
    orders.firstFree = freeOrder;
    orders.untouched = untouchedOrder;
    levels.firstFree = freeLevel;
    levels.untouched = untouchedLevel;
    levels.used = usedLevels;
    index.count = count;
    index.newest[0] = newestId;
    counters[SEQ] = seq;
    counters[TIME] = from64[(last >>> 3) + F_TIME];
    producer.advance(next - start);
    producer.endGroup();
    if (outcome !== GROUPS_WHOLE) events.takeOver(next, newestFrame, openEnd, openOrderId);
    if (drySide !== NONE) book.ladders[drySide].refill();
    return done;
  }
}
