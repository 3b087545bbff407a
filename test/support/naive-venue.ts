import { readClientId } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import {
  AMEND_REMAINING,
  CANCEL_BY_REQUEST,
  CANCEL_IOC_REMAINDER,
  CANCEL_MARKET_REMAINDER,
  ORDER_TYPE_MARKET,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  TIF_GTC,
} from '../../src/domain/orders.ts';
import { MARKET_HALTED, UNKNOWN_ORDER } from '../../src/domain/result-codes.ts';
import { assert } from '../../src/lib/assert.ts';
import { FRAME_FLAG_END, frameMarketId, frameType, frameWord } from '../../src/rings/frame.ts';
import { RING_EMPTY, RING_FULL, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL } from '../../src/rings/roles.ts';
import type { RecoveredMarket } from '../../src/simulation/worker-data.ts';
import { NaiveBook, type NaiveOrder } from './naive-book.ts';

const FOREIGN_PORTFOLIO = 900;

interface NaiveMarket {
  readonly book: NaiveBook;
  seq: number;
  trades: number;
  lastTradeTicks: number;
  halted: boolean;
}

/**
 * Gateway, matching and journal of the smallest kind, on real rings: takes the commands of one
 * session, resolves client order ids, matches, and publishes every group as durable at once.
 */
export class NaiveVenue {
  readonly requestRing: Ring;
  readonly eventRing: Ring;
  /** Commands taken so far, by type. */
  readonly commands = new Map<number, number>();
  /** Refused cancels and amends so far. */
  refused = 0;
  private readonly requests: RingReader;
  private readonly events: RingProducer;
  private readonly journal: RingReader;
  private gateway: RingReader | undefined;
  private readonly markets = new Map<number, NaiveMarket>();
  private readonly openIds = new Map<string, number>();
  private nextOrderId = 1;
  private nextRequestId = 0;
  /** Offset of the newest frame of the group being written. */
  private lastFrame = 0;

  constructor(readers: number, requestBytes = 1 << 20, eventBytes = 1 << 22) {
    this.requestRing = Ring.create(requestBytes, 1);
    this.eventRing = Ring.create(eventBytes, readers);
    this.requests = new RingReader(this.requestRing, 0);
    this.events = new RingProducer(this.eventRing);
    this.journal = new RingReader(this.eventRing, READER_JOURNAL);
  }

  market(id: number): NaiveMarket {
    let market = this.markets.get(id);
    if (market === undefined) {
      market = { book: new NaiveBook(), seq: 0, trades: 0, lastTradeTicks: 0, halted: false };
      this.markets.set(id, market);
    }
    return market;
  }

  /** Commands taken so far, of all types. */
  get commandCount(): number {
    let count = 0;
    for (const ofType of this.commands.values()) count += ofType;
    return count;
  }

  /** Lets the gateway's reader pass everything, for runs in which nobody watches. */
  skipGatewayReader(): void {
    this.gateway ??= new RingReader(this.eventRing, READER_GATEWAY, READER_JOURNAL);
    this.gateway.skipToEnd();
  }

  /** Puts recovered orders back into the books; others' share of the levels is left out. */
  restore(recovered: readonly RecoveredMarket[]): void {
    for (const { marketId, seq, lastPriceTicks, orders } of recovered) {
      const market = this.market(marketId);
      market.seq = seq;
      market.lastTradeTicks = lastPriceTicks;
      for (const order of orders) {
        market.book.rest({ ...order });
        this.openIds.set(`${order.portfolioId}/${order.clientOrderId}`, order.orderId);
        this.nextOrderId = Math.max(this.nextOrderId, order.orderId + 1);
      }
    }
  }

  /** Halts a market or lets it go on. */
  halt(marketId: number, halted: boolean): void {
    const market = this.market(marketId);
    const at = this.event(market, marketId, R.PHASE_CHANGED, R.PHASE_CHANGED_BYTES);
    this.eventRing.i32[(at + R.PHASE_FROM) >>> 2] = market.halted ? PHASE_HALTED : PHASE_CONTINUOUS;
    this.eventRing.i32[(at + R.PHASE_TO) >>> 2] = halted ? PHASE_HALTED : PHASE_CONTINUOUS;
    market.halted = halted;
    this.finishGroup();
  }

  /** A limit order of another client, whose command carries session 0. */
  placeForeign(marketId: number, side: number, priceTicks: number, qtyLots: number): void {
    const market = this.market(marketId);
    const order: NaiveOrder = {
      orderId: this.nextOrderId,
      portfolioId: FOREIGN_PORTFOLIO,
      clientOrderId: `foreign-${this.nextOrderId}`,
      side,
      priceTicks,
      remainingLots: qtyLots,
    };
    this.nextOrderId += 1;
    const at = this.event(market, marketId, R.PLACE_ORDER, R.PLACE_CLIENT_ID);
    const { f64, i32, u8 } = this.eventRing;
    u8.fill(0, at + R.RECORD_HEADER_BYTES, at + R.PLACE_CLIENT_ID);
    i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2] = FOREIGN_PORTFOLIO;
    f64[(at + R.COMMAND_ORDER_ID) >>> 3] = order.orderId;
    u8[at + R.PLACE_SIDE] = side;
    this.execute(market, marketId, order);
    if (order.remainingLots > 0) this.rest(market, marketId, order);
    this.finishGroup();
  }

  /** Takes every command that waits. @returns how many there were */
  pump(): number {
    let taken = 0;
    for (;;) {
      const at = this.requests.next();
      if (at === RING_EMPTY) break;
      this.take(at);
      taken += 1;
    }
    this.requests.release();
    this.events.publish();
    this.journal.skipToEnd();
    return taken;
  }

  private take(at: number): void {
    const { i32, f64, u8 } = this.requestRing;
    const word = i32[(at + 4) >>> 2];
    const type = frameType(word);
    const marketId = frameMarketId(word);
    const market = this.market(marketId);
    this.commands.set(type, (this.commands.get(type) ?? 0) + 1);
    const requestId = f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
    assert(requestId === this.nextRequestId, 'request ids of a session are dense');
    this.nextRequestId += 1;
    const portfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
    const idAt =
      type === R.PLACE_ORDER
        ? [R.PLACE_CLIENT_ID_LENGTH, R.PLACE_CLIENT_ID]
        : type === R.AMEND_ORDER
          ? [R.AMEND_CLIENT_ID_LENGTH, R.AMEND_CLIENT_ID]
          : [R.CANCEL_CLIENT_ID_LENGTH, R.CANCEL_CLIENT_ID];
    const clientOrderId = readClientId(u8, at + idAt[0], at + idAt[1]);
    const key = `${portfolioId}/${clientOrderId}`;
    if (type === R.PLACE_ORDER) {
      assert(!this.openIds.has(key), 'client order ids are unique among open orders');
      this.openIds.set(key, this.nextOrderId);
      this.place(market, marketId, at, clientOrderId);
      this.nextOrderId += 1;
    } else {
      const order = market.book.orders.get(this.openIds.get(key) ?? 0);
      this.echo(market, marketId, at, order?.orderId ?? 0);
      if (order === undefined) this.refuse(market, marketId);
      else if (type === R.CANCEL_ORDER) this.cancel(market, marketId, order, CANCEL_BY_REQUEST);
      else this.amend(market, marketId, order, at);
    }
    this.finishGroup();
  }

  private finishGroup(): void {
    this.eventRing.i32[(this.lastFrame + 4) >>> 2] |= FRAME_FLAG_END << 8;
    this.events.endGroup();
  }

  private place(market: NaiveMarket, marketId: number, at: number, clientOrderId: string): void {
    const { i32, f64, u8 } = this.requestRing;
    const order: NaiveOrder = {
      orderId: this.nextOrderId,
      portfolioId: i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2],
      clientOrderId,
      side: u8[at + R.PLACE_SIDE],
      priceTicks: f64[(at + R.PLACE_PRICE_TICKS) >>> 3],
      remainingLots: f64[(at + R.PLACE_QTY_LOTS) >>> 3],
    };
    const { priceTicks, remainingLots } = order;
    assert(Number.isSafeInteger(priceTicks) && priceTicks > 0, 'a price is whole ticks');
    assert(Number.isSafeInteger(remainingLots) && remainingLots > 0, 'a quantity is whole lots');
    this.echo(market, marketId, at, order.orderId);
    if (market.halted) {
      const refused = this.event(market, marketId, R.ORDER_REJECTED, R.ORDER_REJECTED_BYTES);
      this.eventRing.f64[(refused + R.EVENT_ORDER_ID) >>> 3] = order.orderId;
      this.eventRing.i32[(refused + R.ORDER_REJECTED_CODE) >>> 2] = MARKET_HALTED;
      this.forget(order);
      return;
    }
    const accepted = this.event(market, marketId, R.ORDER_ACCEPTED, R.ORDER_ACCEPTED_BYTES);
    this.eventRing.f64[(accepted + R.EVENT_ORDER_ID) >>> 3] = order.orderId;
    const isMarket = u8[at + R.PLACE_ORDER_TYPE] === ORDER_TYPE_MARKET;
    const rests = u8[at + R.PLACE_TIF] === TIF_GTC && !isMarket;
    this.execute(market, marketId, order);
    if (order.remainingLots === 0) this.forget(order);
    else if (rests) this.rest(market, marketId, order);
    else {
      const reason = isMarket ? CANCEL_MARKET_REMAINDER : CANCEL_IOC_REMAINDER;
      this.cancelled(market, marketId, order, reason, false);
    }
  }

  private execute(market: NaiveMarket, marketId: number, taker: NaiveOrder): void {
    for (const fill of market.book.match(taker)) {
      const at = this.event(market, marketId, R.TRADE_EXECUTED, R.TRADE_EXECUTED_BYTES);
      const { f64, i32, u8 } = this.eventRing;
      market.trades += 1;
      market.lastTradeTicks = fill.priceTicks;
      f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3] = fill.maker.orderId;
      f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3] = taker.orderId;
      f64[(at + R.TRADE_PRICE_TICKS) >>> 3] = fill.priceTicks;
      f64[(at + R.TRADE_QTY_LOTS) >>> 3] = fill.qtyLots;
      f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] = fill.maker.remainingLots;
      f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3] = fill.takerRemainingLots;
      f64[(at + R.TRADE_LEVEL_QTY_LOTS) >>> 3] = fill.levelLots;
      i32[(at + R.TRADE_LEVEL_ORDERS) >>> 2] = fill.levelOrders;
      i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2] = fill.maker.portfolioId;
      i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2] = taker.portfolioId;
      u8[at + R.TRADE_TAKER_SIDE] = taker.side;
      f64[(at + R.TRADE_ID) >>> 3] = market.trades;
      if (fill.maker.remainingLots === 0) this.forget(fill.maker);
    }
  }

  private rest(market: NaiveMarket, marketId: number, order: NaiveOrder): void {
    market.book.rest(order);
    const at = this.event(market, marketId, R.ORDER_RESTED, R.ORDER_RESTED_BYTES);
    const { f64, i32, u8 } = this.eventRing;
    const [levelLots, levelOrders] = market.book.levelTotals(order.side, order.priceTicks);
    f64[(at + R.EVENT_ORDER_ID) >>> 3] = order.orderId;
    f64[(at + R.RESTED_PRICE_TICKS) >>> 3] = order.priceTicks;
    f64[(at + R.RESTED_QTY_LOTS) >>> 3] = order.remainingLots;
    f64[(at + R.RESTED_LEVEL_QTY_LOTS) >>> 3] = levelLots;
    i32[(at + R.RESTED_LEVEL_ORDERS) >>> 2] = levelOrders;
    u8[at + R.RESTED_SIDE] = order.side;
  }

  private cancel(market: NaiveMarket, marketId: number, order: NaiveOrder, reason: number): void {
    market.book.remove(order);
    this.cancelled(market, marketId, order, reason, true);
  }

  private cancelled(
    market: NaiveMarket,
    marketId: number,
    order: NaiveOrder,
    reason: number,
    wasResting: boolean,
  ): void {
    const at = this.event(market, marketId, R.ORDER_CANCELLED, R.ORDER_CANCELLED_BYTES);
    const { f64, i32, u8 } = this.eventRing;
    const [levelLots, levelOrders] = market.book.levelTotals(order.side, order.priceTicks);
    f64[(at + R.EVENT_ORDER_ID) >>> 3] = order.orderId;
    f64[(at + R.CANCELLED_PRICE_TICKS) >>> 3] = order.priceTicks;
    f64[(at + R.CANCELLED_QTY_LOTS) >>> 3] = order.remainingLots;
    f64[(at + R.CANCELLED_LEVEL_QTY_LOTS) >>> 3] = levelLots;
    i32[(at + R.CANCELLED_LEVEL_ORDERS) >>> 2] = levelOrders;
    u8[at + R.CANCELLED_SIDE] = order.side;
    u8[at + R.CANCELLED_REASON] = reason;
    u8[at + R.CANCELLED_WAS_RESTING] = wasResting ? 1 : 0;
    this.forget(order);
  }

  /** Every amendment loses its place in the queue here; the engine is kinder. */
  private amend(market: NaiveMarket, marketId: number, order: NaiveOrder, at: number): void {
    const request = this.requestRing;
    assert(request.u8[at + R.AMEND_MODE] === AMEND_REMAINING, 'only AMEND_REMAINING is known here');
    const [oldPrice, oldLots] = [order.priceTicks, order.remainingLots];
    market.book.remove(order);
    order.priceTicks = request.f64[(at + R.AMEND_PRICE_TICKS) >>> 3] || oldPrice;
    order.remainingLots = request.f64[(at + R.AMEND_QTY_LOTS) >>> 3] || oldLots;
    const amended = this.event(market, marketId, R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES);
    const { f64, i32, u8 } = this.eventRing;
    const [levelLots, levelOrders] = market.book.levelTotals(order.side, oldPrice);
    f64[(amended + R.EVENT_ORDER_ID) >>> 3] = order.orderId;
    f64[(amended + R.AMENDED_OLD_PRICE_TICKS) >>> 3] = oldPrice;
    f64[(amended + R.AMENDED_NEW_PRICE_TICKS) >>> 3] = order.priceTicks;
    f64[(amended + R.AMENDED_OLD_REMAINING_LOTS) >>> 3] = oldLots;
    f64[(amended + R.AMENDED_NEW_REMAINING_LOTS) >>> 3] = order.remainingLots;
    f64[(amended + R.AMENDED_LEVEL_QTY_LOTS) >>> 3] = levelLots;
    i32[(amended + R.AMENDED_LEVEL_ORDERS) >>> 2] = levelOrders;
    u8[amended + R.AMENDED_SIDE] = order.side;
    u8[amended + R.AMENDED_KEPT_PRIORITY] = 0;
    u8[amended + R.AMENDED_WAS_RESTING] = 1;
    this.execute(market, marketId, order);
    if (order.remainingLots > 0) this.rest(market, marketId, order);
    else this.forget(order);
  }

  private refuse(market: NaiveMarket, marketId: number): void {
    this.refused += 1;
    const at = this.event(market, marketId, R.COMMAND_REJECTED, R.COMMAND_REJECTED_BYTES);
    this.eventRing.f64[(at + R.EVENT_ORDER_ID) >>> 3] = 0;
    this.eventRing.i32[(at + R.COMMAND_REJECTED_CODE) >>> 2] = UNKNOWN_ORDER;
  }

  private forget(order: NaiveOrder): void {
    this.openIds.delete(`${order.portfolioId}/${order.clientOrderId}`);
  }

  private echo(market: NaiveMarket, marketId: number, from: number, orderId: number): void {
    const { i32, u8 } = this.requestRing;
    const lengthBytes = i32[from >>> 2];
    const type = frameType(i32[(from + 4) >>> 2]);
    const at = this.event(market, marketId, type, lengthBytes);
    const { seq } = market;
    this.eventRing.u8.set(u8.subarray(from + 8, from + lengthBytes), at + 8);
    this.eventRing.f64[(at + R.RECORD_SEQ) >>> 3] = seq;
    this.eventRing.f64[(at + R.COMMAND_ORDER_ID) >>> 3] = orderId;
  }

  private event(market: NaiveMarket, marketId: number, type: number, lengthBytes: number): number {
    const at = this.events.claim(lengthBytes, frameWord(type, 0, marketId));
    assert(at !== RING_FULL, 'the event ring is large enough for one pump');
    market.seq += 1;
    this.eventRing.f64[(at + R.RECORD_SEQ) >>> 3] = market.seq;
    this.lastFrame = at;
    return at;
  }
}
