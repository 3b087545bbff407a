import * as R from '../codec/records.ts';
import * as O from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import { assert } from '../lib/assert.ts';
import type { FrameViews } from '../rings/frame.ts';
import type { RingProducer } from '../rings/ring.ts';
import { type BookImage, fillBook, readBook } from './book-image.ts';
import { EventWriter } from './event-writer.ts';
import { worstGroupBytes } from './group-writer.ts';
import * as L from './layout.ts';
import { OrderBook } from './order-book.ts';
import { amendedRemaining, RESTS, remainderFate } from './order-rules.ts';
import type { PriceLadder } from './price-ladder.ts';
import { imageHash } from './state-hash.ts';

export interface MachineConfig {
  readonly marketId: number;
  /** Parts per million of the notional; negative for a rebate. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** Smallest units of the quote asset in one tick times one lot. */
  readonly quoteUnitsPerTickLot: number;
  /** Orders that may rest at once. */
  readonly maxOrders: number;
  /** Distinct prices, both sides together. */
  readonly maxLevels: number;
  /** Fills (or cancellations of a mass cancel) one command may cause. */
  readonly maxFillsPerCommand: number;
}

// Constants of this module cost nothing; an imported binding is loaded and checked on every use, so
// what every order needs is copied here.
const PLACE_ORDER = R.PLACE_ORDER;
const CANCEL_ORDER = R.CANCEL_ORDER;
const F_ORDER_ID = R.COMMAND_ORDER_ID / 8;
const I_PORTFOLIO_ID = R.COMMAND_PORTFOLIO_ID / 4;
const F_PLACE_PRICE = R.PLACE_PRICE_TICKS / 8;
const F_PLACE_QTY = R.PLACE_QTY_LOTS / 8;
/** The word of four bytes: side, order type, time in force, flags. */
const I_PLACE_TERMS = R.PLACE_SIDE / 4;
const { ORDER_TYPE_LIMIT, TIF_GTC, TIF_FOK, PHASE_CONTINUOUS, CANCEL_BY_REQUEST } = O;
/** Type, time in force and flags of an order that no rule can stop. */
const PLAIN_LIMIT = ORDER_TYPE_LIMIT | (TIF_GTC << 8);
const NONE = L.NONE;

/**
 * One market: commands in, events out. Deterministic: it reads no clock and no chance, so the same
 * commands give the same events byte for byte.
 */
export class SymbolMachine {
  readonly config: MachineConfig;
  private readonly book: OrderBook;
  private readonly events: EventWriter;
  private readonly maxFills: number;
  private phase: number = PHASE_CONTINUOUS;

  constructor(config: MachineConfig, producer: RingProducer) {
    this.config = config;
    this.maxFills = config.maxFillsPerCommand;
    this.book = new OrderBook(config.maxOrders, config.maxLevels);
    const { orders, levels } = this.book;
    this.events = new EventWriter(producer, config.marketId, config, orders, levels);
  }

  /** Sequence of the newest record written; 0 before the first. */
  get seq(): number {
    return this.events.seq;
  }

  /** Orders that rest. */
  get openOrders(): number {
    return this.book.index.size;
  }

  /** Best bid, or 0. */
  bestBidTicks(): number {
    return this.book.bids.bestPrice();
  }

  /** Best ask, or 0. */
  bestAskTicks(): number {
    return this.book.asks.bestPrice();
  }

  /** Most bytes of frames one command can cause: what must be free before `apply`. */
  get worstGroupBytes(): number {
    return worstGroupBytes(this.maxFills);
  }

  /**
   * Carries out one command and writes its group: the echo, then its events. Publishes nothing.
   * The producer must have room for the worst group.
   * @param at byte offset of a command record (types 1 to 6) in `views`
   */
  apply(views: FrameViews, at: number): void {
    const type = views.i32[(at >>> 2) + 1] & 0xff;
    if (type === PLACE_ORDER) {
      if (this.restAtOnce(views, at)) return;
    } else if (type === CANCEL_ORDER) {
      if (this.cancelAtOnce(views, at)) return;
    }
    this.applyByRules(type, views, at);
  }

  /** The market's whole state; a new object. */
  image(): BookImage {
    const { events } = this;
    return {
      marketId: this.config.marketId,
      seq: events.seq,
      phase: this.phase,
      lastTradeId: events.lastTradeId,
      lastTradePriceTicks: events.lastTradePriceTicks,
      orders: readBook(this.book),
    };
  }

  /** Takes over a state; only a new machine may. Goes on exactly as the machine it was taken from. */
  restore(image: BookImage): void {
    assert(this.seq === 0, 'only a new machine is restored');
    assert(image.marketId === this.config.marketId, 'the image is of another market');
    fillBook(this.book, image);
    this.phase = image.phase;
    this.events.restore(image.seq, image.lastTradeId, image.lastTradePriceTicks);
  }

  /** SHA-256 of the state, hexadecimal: equal for equal states however they came about. */
  stateHash(): string {
    return imageHash(this.image());
  }

  /**
   * What most new orders are: limit orders that nothing stops and that trade with nobody. Does just
   * what `place` would do, without asking every rule. @returns false when the order is another kind
   */
  private restAtOnce(views: FrameViews, at: number): boolean {
    const { book } = this;
    const word = at >>> 3;
    const terms = views.i32[(word << 1) + I_PLACE_TERMS];
    const priceTicks = views.f64[word + F_PLACE_PRICE];
    if (terms >>> 8 !== PLAIN_LIMIT || this.phase !== PHASE_CONTINUOUS) return false;
    if (!(priceTicks > 0 && views.f64[word + F_PLACE_QTY] > 0)) return false;
    if (book.ladders[1 - (terms & 0xff)].crosses(priceTicks) || book.isFull()) return false;
    if (book.index.has(views.f64[word + F_ORDER_ID])) return false;
    const slot = book.orders.take();
    book.orders.read(slot, views, at);
    book.rest(slot);
    this.events.restedGroup(views, at, slot);
    return true;
  }

  /** What most cancellations are: of an order that rests. @returns false when there is none such */
  private cancelAtOnce(views: FrameViews, at: number): boolean {
    const { book } = this;
    const slot = this.findOwn(views, at);
    if (slot === NONE) return false;
    book.unlink(slot);
    this.events.cancelledGroup(views, at, slot);
    book.release(slot);
    return true;
  }

  private applyByRules(type: number, views: FrameViews, at: number): void {
    const { events } = this;
    events.echo(views, at);
    switch (type) {
      case PLACE_ORDER:
        this.place(views, at);
        break;
      case CANCEL_ORDER:
        events.commandRejected(C.ORDER_NOT_IN_BOOK);
        break;
      case R.AMEND_ORDER:
        this.amend(views, at);
        break;
      case R.SET_PHASE:
        this.setPhase(views.i32[(at + R.SET_PHASE_TO) >>> 2]);
        break;
      case R.PRINT_TRADE:
        events.tradePrinted(
          views.f64[(at + R.PRINT_PRICE_TICKS) >>> 3],
          views.f64[(at + R.PRINT_QTY_LOTS) >>> 3],
          views.u8[at + R.PRINT_SIDE],
        );
        break;
      case R.CANCEL_ALL:
        this.cancelAll(views.i32[(at >>> 2) + I_PORTFOLIO_ID]);
        break;
      default:
        assert(false, 'a market was sent a record that is no command');
    }
    events.endGroup();
  }

  private place(views: FrameViews, at: number): void {
    const { book, events } = this;
    const word = at >>> 3;
    assert(views.f64[word + F_PLACE_PRICE] > 0, 'an order without a price');
    assert(views.f64[word + F_PLACE_QTY] > 0, 'an order without a quantity');
    if (book.index.has(views.f64[word + F_ORDER_ID])) {
      events.rejected(C.DUPLICATE_ORDER_ID);
      return;
    }
    if (this.phase !== PHASE_CONTINUOUS) {
      events.rejected(C.MARKET_HALTED);
      return;
    }
    const slot = book.orders.take();
    book.orders.read(slot, views, at);
    const tif = views.u8[at + R.PLACE_TIF];
    const remainder = remainderFate(views.u8[at + R.PLACE_ORDER_TYPE], tif);
    const refusal = this.refusal(slot, tif, views.u8[at + R.PLACE_FLAGS], remainder);
    if (refusal === C.OK) {
      events.accepted(slot);
      this.execute(slot, remainder);
    } else {
      events.rejected(refusal);
      book.orders.free(slot);
    }
  }

  /** Why the book does not take an arriving order, or `OK`. */
  private refusal(slot: number, tif: number, flags: number, remainder: number): number {
    const { book } = this;
    const takes = book.crosses(slot);
    if (takes && (flags & O.ORDER_FLAG_POST_ONLY) !== 0) return C.POST_ONLY_WOULD_TAKE;
    if (tif === TIF_FOK && !this.tradesWhole(slot)) return C.FOK_NOT_FILLABLE;
    if (!takes && remainder === O.CANCEL_MARKET_REMAINDER) return C.NO_LIQUIDITY;
    if (remainder === RESTS && !book.hasRoom(slot) && !this.tradesWhole(slot)) {
      return C.ORDER_POOL_FULL;
    }
    return C.OK;
  }

  private tradesWhole(slot: number): boolean {
    const { orders } = this.book;
    const against = 1 - orders.side(slot);
    return this.book.canFill(against, orders.price(slot), orders.remaining(slot), this.maxFills);
  }

  /** Trades an arriving order, then lets what is left rest or cancels it. */
  private execute(slot: number, remainder: number): void {
    const { book, events } = this;
    const against = book.ladders[1 - book.orders.side(slot)];
    let fate = remainder;
    if (against.crosses(book.orders.price(slot))) {
      this.match(slot, against);
      if (book.orders.remaining(slot) === 0) {
        book.orders.free(slot);
        return;
      }
      // Only the fill limit leaves a price behind that would still trade.
      if (against.crosses(book.orders.price(slot))) fate = O.CANCEL_FILL_LIMIT;
    }
    if (fate === RESTS) {
      book.rest(slot);
      events.rested(slot);
    } else {
      events.cancelledArriving(slot, fate);
      book.orders.free(slot);
    }
  }

  /** Fills the order at the other side's prices, best first and oldest first, within its limit. */
  private match(taker: number, against: PriceLadder): void {
    const { book, events } = this;
    const { orders, levels } = book;
    const limitTicks = orders.price(taker);
    let open = orders.remaining(taker);
    for (let fills = 0; fills < this.maxFills && against.crosses(limitTicks); fills += 1) {
      const maker = levels.first(against.bestLevel());
      const offered = orders.remaining(maker);
      if (open < offered) {
        orders.setRemaining(taker, 0);
        book.reduce(maker, offered - open);
        events.trade(maker, taker, open);
        return;
      }
      open -= offered;
      orders.setRemaining(taker, open);
      book.unlink(maker);
      orders.setRemaining(maker, 0);
      events.trade(maker, taker, offered);
      book.release(maker);
      if (open === 0) return;
    }
  }

  /** The resting order a command speaks of; `NONE` also when it is of another portfolio. */
  private findOwn(views: FrameViews, at: number): number {
    const slot = this.book.index.find(views.f64[(at >>> 3) + F_ORDER_ID]);
    if (slot === NONE) return NONE;
    const portfolioId = views.i32[(at >>> 2) + I_PORTFOLIO_ID];
    return portfolioId === 0 || portfolioId === this.book.orders.portfolio(slot) ? slot : NONE;
  }

  private amend(views: FrameViews, at: number): void {
    const { book, events } = this;
    const { orders } = book;
    const slot = this.findOwn(views, at);
    if (slot === NONE) {
      events.commandRejected(C.ORDER_NOT_IN_BOOK);
      return;
    }
    const oldPriceTicks = orders.price(slot);
    const oldRemaining = orders.remaining(slot);
    const priceTicks = views.f64[(at + R.AMEND_PRICE_TICKS) >>> 3] || oldPriceTicks;
    const qtyLots = views.f64[(at + R.AMEND_QTY_LOTS) >>> 3];
    const mode = views.u8[at + R.AMEND_MODE];
    const filled = orders.total(slot) - oldRemaining;
    const remaining = amendedRemaining(mode, oldRemaining, filled, qtyLots);
    if (remaining <= 0 && mode === O.AMEND_REDUCE_BY) {
      book.unlink(slot);
      events.cancelledResting(slot, CANCEL_BY_REQUEST);
      book.release(slot);
    } else if (remaining <= 0 || (priceTicks === oldPriceTicks && remaining === oldRemaining)) {
      events.commandRejected(C.AMEND_INVALID);
    } else if (priceTicks === oldPriceTicks && remaining < oldRemaining) {
      book.reduce(slot, remaining);
      orders.setTotal(slot, filled + remaining);
      events.amended(slot, oldPriceTicks, oldRemaining, true);
    } else {
      this.requeue(slot, priceTicks, remaining);
    }
  }

  /** An amendment that costs the order its place: it leaves its level and arrives anew. */
  private requeue(slot: number, priceTicks: number, remainingLots: number): void {
    const { book, events } = this;
    const { orders } = book;
    if (this.phase !== PHASE_CONTINUOUS) {
      events.commandRejected(C.MARKET_HALTED);
      return;
    }
    const against = 1 - orders.side(slot);
    if (
      !book.hasRoomToMove(slot, priceTicks) &&
      !book.canFill(against, priceTicks, remainingLots, this.maxFills)
    ) {
      events.commandRejected(C.ORDER_POOL_FULL);
      return;
    }
    const oldPriceTicks = orders.price(slot);
    const oldRemaining = orders.remaining(slot);
    book.unlink(slot);
    orders.setPrice(slot, priceTicks);
    orders.setTotal(slot, orders.total(slot) - oldRemaining + remainingLots);
    orders.setRemaining(slot, remainingLots);
    events.amended(slot, oldPriceTicks, oldRemaining, false);
    book.detach(slot);
    this.execute(slot, RESTS);
  }

  private setPhase(phase: number): void {
    assert(phase in O.PHASE_NAMES, 'a market was sent a phase that does not exist');
    this.events.phaseChanged(this.phase, phase);
    this.phase = phase;
  }

  /** Cancels in book order: bids best first, in a level by time; then asks. */
  private cancelAll(portfolioId: number): void {
    const bids = this.cancelSide(this.book.bids, portfolioId, this.maxFills);
    const asks = this.cancelSide(this.book.asks, portfolioId, this.maxFills - bids);
    this.events.allCancelled(bids + asks);
  }

  private cancelSide(ladder: PriceLadder, portfolioId: number, most: number): number {
    const { book, events } = this;
    let count = 0;
    let level = ladder.bestLevel();
    while (level !== NONE) {
      // Both are looked up ahead: cancelling frees the order and, with its last one, the level.
      const levelAfter = ladder.nextWorse(level);
      let slot = book.levels.first(level);
      while (slot !== NONE) {
        if (count === most) return count;
        const after = book.orders.next(slot);
        if (portfolioId === 0 || book.orders.portfolio(slot) === portfolioId) {
          book.unlink(slot);
          events.cancelledResting(slot, O.CANCEL_MASS);
          book.release(slot);
          count += 1;
        }
        slot = after;
      }
      level = levelAfter;
    }
    return count;
  }
}
