import * as R from '../../src/codec/records.ts';
import {
  CANCEL_BY_REQUEST,
  ORDER_FLAG_EXTENDED,
  ORDER_TYPE_LIMIT,
  type OrderTerms,
  SIDE_BUY,
  TIF_GTC,
} from '../../src/domain/orders.ts';
import { FRAME_FLAG_END, frameWord } from '../../src/rings/frame.ts';
import { RING_FULL, type Ring, RingProducer } from '../../src/rings/ring.ts';

export interface PlaceFields {
  orderId: number;
  portfolioId?: number;
  sessionId?: number;
  side?: number;
  orderType?: number;
  tif?: number;
  flags?: number;
  priceTicks?: number;
  qtyLots?: number;
  clientOrderId?: string;
  /** Terms that only an extended record can say. */
  extra?: Partial<OrderTerms>;
}

export interface TradeFields {
  makerOrderId: number;
  takerOrderId: number;
  priceTicks: number;
  qtyLots: number;
  makerRemainingLots: number;
  takerRemainingLots: number;
  makerFeeUnits?: number;
  takerFeeUnits?: number;
  takerSide?: number;
  makerPortfolioId?: number;
  takerPortfolioId?: number;
}

export interface AmendFields {
  oldPriceTicks: number;
  newPriceTicks: number;
  oldRemainingLots: number;
  newRemainingLots: number;
  keptPriority?: boolean;
  /** Default true. */
  wasResting?: boolean;
}

export interface AuctionTradeFields {
  bidOrderId: number;
  askOrderId: number;
  priceTicks: number;
  qtyLots: number;
  bidRemainingLots: number;
  askRemainingLots: number;
  bidFeeUnits?: number;
  askFeeUnits?: number;
}

/**
 * Writes what a market worker would: the echo of a command, then events, straight into a ring. Each
 * call is one frame; `end()` closes the group. Level totals are left zero: neither the journal nor
 * the order tracker reads them.
 */
export class FrameWriter {
  producer: RingProducer;
  readonly marketId: number;
  /** Sequence of the last frame written. */
  seq: number;
  seconds = 1_700_000_000;
  nanos = 0;
  tradeId = 0;
  private ring: Ring;
  private last = RING_FULL;
  private requestId = 0;

  constructor(ring: Ring, marketId: number, seq = 0, producer = new RingProducer(ring)) {
    this.ring = ring;
    this.producer = producer;
    this.marketId = marketId;
    this.seq = seq;
  }

  /** Goes on in another ring. */
  moveTo(producer: RingProducer): void {
    this.ring = producer.ring;
    this.producer = producer;
  }

  /** Marks the last frame as its group's end; visible with the producer's next `publish()`. */
  end(): void {
    const at = this.last;
    const word = this.ring.i32[(at + 4) >>> 2];
    this.ring.i32[(at + 4) >>> 2] = word | (FRAME_FLAG_END << 8);
    this.producer.endGroup();
  }

  /** `end()` and `publish()`. */
  endAndPublish(): void {
    this.end();
    this.producer.publish();
  }

  place(fields: PlaceFields): void {
    const text = fields.clientOrderId ?? '';
    const { extra } = fields;
    const bytes = extra === undefined ? R.PLACE_CLIENT_ID + text.length : R.PLACE_EXTENDED_BYTES;
    const at = this.command(R.PLACE_ORDER, bytes, fields.orderId, fields);
    const { f64, u8 } = this.ring;
    f64[(at + R.PLACE_PRICE_TICKS) >>> 3] = fields.priceTicks ?? 100;
    f64[(at + R.PLACE_QTY_LOTS) >>> 3] = fields.qtyLots ?? 10;
    u8[at + R.PLACE_SIDE] = fields.side ?? SIDE_BUY;
    u8[at + R.PLACE_ORDER_TYPE] = fields.orderType ?? ORDER_TYPE_LIMIT;
    u8[at + R.PLACE_TIF] = fields.tif ?? TIF_GTC;
    u8[at + R.PLACE_FLAGS] = fields.flags ?? 0;
    if (extra !== undefined) this.extend(at, extra);
    u8[at + R.PLACE_CLIENT_ID_LENGTH] = text.length;
    for (let i = 0; i < text.length; i += 1) u8[at + R.PLACE_CLIENT_ID + i] = text.charCodeAt(i);
  }

  private extend(at: number, extra: Partial<OrderTerms>): void {
    const { f64, i32, u8 } = this.ring;
    u8[at + R.PLACE_FLAGS] |= ORDER_FLAG_EXTENDED;
    u8[at + R.PLACE_SELF_TRADE] = extra.selfTrade ?? 0;
    f64[(at + R.PLACE_TRIGGER_TICKS) >>> 3] = extra.triggerTicks ?? 0;
    f64[(at + R.PLACE_TRAIL_OFFSET) >>> 3] = extra.trailOffset ?? 0;
    f64[(at + R.PLACE_DISPLAY_LOTS) >>> 3] = extra.displayLots ?? 0;
    f64[(at + R.PLACE_PEG_OFFSET_TICKS) >>> 3] = extra.pegOffsetTicks ?? 0;
    i32[(at + R.PLACE_EXPIRE_SECONDS) >>> 2] = extra.expireSeconds ?? 0;
    i32[(at + R.PLACE_EXPIRE_NANOS) >>> 2] = extra.expireNanos ?? 0;
    f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3] = extra.ocoOrderId ?? 0;
    f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3] = extra.parentOrderId ?? 0;
    f64[(at + R.PLACE_REPLACES_ORDER_ID) >>> 3] = extra.replacesOrderId ?? 0;
    u8[at + R.PLACE_TRAIL_UNIT] = extra.trailUnit ?? 0;
    u8[at + R.PLACE_PEG_KIND] = extra.pegKind ?? 0;
  }

  held(orderId: number, why: number, triggerTicks = 0): void {
    const at = this.event(R.ORDER_HELD, R.ORDER_HELD_BYTES, orderId);
    this.ring.f64[(at + R.HELD_TRIGGER_TICKS) >>> 3] = triggerTicks;
    this.ring.i32[(at + R.HELD_WHY) >>> 2] = why;
  }

  triggered(orderId: number, why: number, priceTicks = 0): void {
    const at = this.event(R.ORDER_TRIGGERED, R.ORDER_TRIGGERED_BYTES, orderId);
    this.ring.f64[(at + R.TRIGGERED_PRICE_TICKS) >>> 3] = priceTicks;
    this.ring.i32[(at + R.TRIGGERED_WHY) >>> 2] = why;
  }

  auctionTrade(fields: AuctionTradeFields): void {
    const at = this.event(R.AUCTION_TRADE, R.AUCTION_TRADE_BYTES, fields.bidOrderId);
    const { f64 } = this.ring;
    this.tradeId += 1;
    f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3] = fields.askOrderId;
    f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3] = fields.priceTicks;
    f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3] = fields.qtyLots;
    f64[(at + R.AUCTION_BID_REMAINING_LOTS) >>> 3] = fields.bidRemainingLots;
    f64[(at + R.AUCTION_ASK_REMAINING_LOTS) >>> 3] = fields.askRemainingLots;
    f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3] = fields.bidFeeUnits ?? 0;
    f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3] = fields.askFeeUnits ?? 0;
    f64[(at + R.AUCTION_TRADE_ID) >>> 3] = this.tradeId;
  }

  cancelCommand(orderId: number): void {
    this.command(R.CANCEL_ORDER, R.CANCEL_CLIENT_ID, orderId, {});
  }

  amendCommand(orderId: number): void {
    this.command(R.AMEND_ORDER, R.AMEND_CLIENT_ID, orderId, {});
  }

  cancelAllCommand(): void {
    this.command(R.CANCEL_ALL, R.CANCEL_ALL_BYTES, 0, {});
  }

  printCommand(): void {
    this.command(R.PRINT_TRADE, R.PRINT_TRADE_BYTES, 0, {});
  }

  accepted(orderId: number): void {
    this.event(R.ORDER_ACCEPTED, R.ORDER_ACCEPTED_BYTES, orderId);
  }

  rejected(orderId: number, code: number): void {
    const at = this.event(R.ORDER_REJECTED, R.ORDER_REJECTED_BYTES, orderId);
    this.ring.i32[(at + R.ORDER_REJECTED_CODE) >>> 2] = code;
  }

  rested(orderId: number, priceTicks: number, qtyLots: number, side: number = SIDE_BUY): void {
    const at = this.event(R.ORDER_RESTED, R.ORDER_RESTED_BYTES, orderId);
    const { f64, u8 } = this.ring;
    f64[(at + R.RESTED_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.RESTED_QTY_LOTS) >>> 3] = qtyLots;
    u8[at + R.RESTED_SIDE] = side;
  }

  trade(fields: TradeFields): void {
    const at = this.event(R.TRADE_EXECUTED, R.TRADE_EXECUTED_BYTES, fields.makerOrderId);
    const { f64, u8 } = this.ring;
    this.tradeId += 1;
    f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3] = fields.takerOrderId;
    f64[(at + R.TRADE_PRICE_TICKS) >>> 3] = fields.priceTicks;
    f64[(at + R.TRADE_QTY_LOTS) >>> 3] = fields.qtyLots;
    f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] = fields.makerRemainingLots;
    f64[(at + R.TRADE_TAKER_REMAINING_LOTS) >>> 3] = fields.takerRemainingLots;
    f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3] = fields.makerFeeUnits ?? 0;
    f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3] = fields.takerFeeUnits ?? 0;
    u8[at + R.TRADE_TAKER_SIDE] = fields.takerSide ?? SIDE_BUY;
    this.ring.i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2] = fields.makerPortfolioId ?? 0;
    this.ring.i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2] = fields.takerPortfolioId ?? 0;
    f64[(at + R.TRADE_ID) >>> 3] = this.tradeId;
  }

  printed(priceTicks: number, qtyLots: number, side: number): void {
    const at = this.frame(R.TRADE_PRINTED, R.TRADE_PRINTED_BYTES);
    const { f64, u8 } = this.ring;
    this.tradeId += 1;
    f64[(at + R.PRINTED_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.PRINTED_QTY_LOTS) >>> 3] = qtyLots;
    u8[at + R.PRINTED_SIDE] = side;
    f64[(at + R.PRINTED_ID) >>> 3] = this.tradeId;
  }

  cancelled(orderId: number, qtyLots: number, reason: number = CANCEL_BY_REQUEST): void {
    const at = this.event(R.ORDER_CANCELLED, R.ORDER_CANCELLED_BYTES, orderId);
    this.ring.f64[(at + R.CANCELLED_QTY_LOTS) >>> 3] = qtyLots;
    this.ring.u8[at + R.CANCELLED_REASON] = reason;
  }

  amended(orderId: number, fields: AmendFields): void {
    const at = this.event(R.ORDER_AMENDED, R.ORDER_AMENDED_BYTES, orderId);
    const { f64, u8 } = this.ring;
    f64[(at + R.AMENDED_OLD_PRICE_TICKS) >>> 3] = fields.oldPriceTicks;
    f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3] = fields.newPriceTicks;
    f64[(at + R.AMENDED_OLD_REMAINING_LOTS) >>> 3] = fields.oldRemainingLots;
    f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3] = fields.newRemainingLots;
    u8[at + R.AMENDED_KEPT_PRIORITY] = fields.keptPriority ? 1 : 0;
    u8[at + R.AMENDED_WAS_RESTING] = fields.wasResting === false ? 0 : 1;
  }

  commandRejected(orderId: number, code: number): void {
    const at = this.event(R.COMMAND_REJECTED, R.COMMAND_REJECTED_BYTES, orderId);
    this.ring.i32[(at + R.COMMAND_REJECTED_CODE) >>> 2] = code;
  }

  allCancelled(count: number): void {
    const at = this.event(R.ALL_CANCELLED, R.ALL_CANCELLED_BYTES, 0);
    this.ring.i32[(at + R.ALL_CANCELLED_COUNT) >>> 2] = count;
  }

  /** A whole group of its own: a fact of the venue. */
  venue(json: string): void {
    const bytes = new TextEncoder().encode(json);
    const at = this.frame(R.VENUE_EVENT, R.VENUE_JSON + bytes.length);
    this.ring.i32[(at + R.VENUE_JSON_LENGTH) >>> 2] = bytes.length;
    this.ring.u8.set(bytes, at + R.VENUE_JSON);
    this.end();
  }

  /** A whole group: an order that is accepted and rests. */
  placeResting(fields: PlaceFields): void {
    this.place(fields);
    this.accepted(fields.orderId);
    this.rested(fields.orderId, fields.priceTicks ?? 100, fields.qtyLots ?? 10, fields.side);
    this.end();
  }

  private command(
    type: number,
    lengthBytes: number,
    orderId: number,
    sender: { portfolioId?: number; sessionId?: number },
  ): number {
    const at = this.frame(type, lengthBytes);
    const { i32, f64 } = this.ring;
    this.requestId += 1;
    f64[(at + R.COMMAND_REQUEST_ID) >>> 3] = this.requestId;
    i32[(at + R.COMMAND_SESSION_ID) >>> 2] = sender.sessionId ?? 0;
    i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2] = sender.portfolioId ?? 1;
    f64[(at + R.COMMAND_ORDER_ID) >>> 3] = orderId;
    return at;
  }

  private event(type: number, lengthBytes: number, orderId: number): number {
    const at = this.frame(type, lengthBytes);
    this.ring.f64[(at + R.EVENT_ORDER_ID) >>> 3] = orderId;
    return at;
  }

  private frame(type: number, lengthBytes: number): number {
    const at = this.producer.claim(lengthBytes, frameWord(type, 0, this.marketId));
    if (at === RING_FULL) throw new Error('the ring is full: the test must make room first');
    const { i32, f64, u8 } = this.ring;
    u8.fill(0, at + 8, at + i32[at >>> 2]);
    this.seq += 1;
    f64[(at + R.RECORD_SEQ) >>> 3] = this.seq;
    i32[(at + R.RECORD_SECONDS) >>> 2] = this.seconds;
    i32[(at + R.RECORD_NANOS) >>> 2] = this.nanos;
    this.last = at;
    return at;
  }
}
