import {
  needsExtension,
  ORDER_FLAG_EXTENDED,
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_MARKET,
  type OrderTerms,
  TIF_IOC,
} from '../domain/orders.ts';
import { FRAME_FLAG_END, frameWord } from '../rings/frame.ts';
import { RING_FULL, type Ring, type RingProducer } from '../rings/ring.ts';
import * as R from './records.ts';

/** Who sends a command, for whom, and when. REUSED by the writer's owner between commands. */
export interface CommandEnvelope {
  marketId: number;
  requestId: number;
  sessionId: number;
  portfolioId: number;
  orderId: number;
  seconds: number;
  nanos: number;
  /** ASCII, at most 36 characters; `''` when there is none. */
  clientOrderId: string;
}

/**
 * Writes commands into a ring. Each method returns false when the ring is full and nothing was
 * written; otherwise the command is a whole group, visible at the producer's next `publish()`.
 */
export class CommandWriter {
  private readonly producer: RingProducer;
  private readonly ring: Ring;

  constructor(producer: RingProducer) {
    this.producer = producer;
    this.ring = producer.ring;
  }

  /** A new order of any kind. */
  placeTerms(envelope: CommandEnvelope, terms: OrderTerms): boolean {
    const { side, orderType, tif, flags, priceTicks, qtyLots, selfTrade } = terms;
    if (!needsExtension(terms)) {
      return this.place(envelope, side, orderType, tif, flags, priceTicks, qtyLots, selfTrade);
    }
    const at = this.begin(R.PLACE_ORDER, R.PLACE_EXTENDED_BYTES, envelope);
    if (at === RING_FULL) return false;
    this.writePlain(at, side, orderType, tif, flags | ORDER_FLAG_EXTENDED, priceTicks, qtyLots);
    const { f64, i32, u8 } = this.ring;
    u8[at + R.PLACE_SELF_TRADE] = selfTrade;
    this.writeClientId(at, R.PLACE_CLIENT_ID_LENGTH, R.PLACE_CLIENT_ID, envelope.clientOrderId);
    f64[(at + R.PLACE_TRIGGER_TICKS) >>> 3] = terms.triggerTicks;
    f64[(at + R.PLACE_TRAIL_OFFSET) >>> 3] = terms.trailOffset;
    f64[(at + R.PLACE_DISPLAY_LOTS) >>> 3] = terms.displayLots;
    f64[(at + R.PLACE_PEG_OFFSET_TICKS) >>> 3] = terms.pegOffsetTicks;
    i32[(at + R.PLACE_EXPIRE_SECONDS) >>> 2] = terms.expireSeconds;
    i32[(at + R.PLACE_EXPIRE_NANOS) >>> 2] = terms.expireNanos;
    f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3] = terms.ocoOrderId;
    f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3] = terms.parentOrderId;
    f64[(at + R.PLACE_REPLACES_ORDER_ID) >>> 3] = terms.replacesOrderId;
    f64[(at + R.PLACE_REPLACES_TRADED_LOTS) >>> 3] = terms.replacesTradedLots;
    u8[at + R.PLACE_TRAIL_UNIT] = terms.trailUnit;
    u8[at + R.PLACE_PEG_KIND] = terms.pegKind;
    this.producer.endGroup();
    return true;
  }

  /** A new limit or market order. Prices in ticks (a market order's protective limit), lots. */
  place(
    envelope: CommandEnvelope,
    side: number,
    orderType: number,
    tif: number,
    flags: number,
    priceTicks: number,
    qtyLots: number,
    selfTrade = 0,
  ): boolean {
    const idLength = envelope.clientOrderId.length;
    const at = this.begin(R.PLACE_ORDER, R.PLACE_CLIENT_ID + idLength, envelope);
    if (at === RING_FULL) return false;
    this.writePlain(at, side, orderType, tif, flags, priceTicks, qtyLots);
    this.ring.u8[at + R.PLACE_SELF_TRADE] = selfTrade;
    this.writeClientId(at, R.PLACE_CLIENT_ID_LENGTH, R.PLACE_CLIENT_ID, envelope.clientOrderId);
    this.producer.endGroup();
    return true;
  }

  /** A market order of the venue that closes a position and can do nothing else. */
  liquidate(envelope: CommandEnvelope, side: number, limitTicks: number, qtyLots: number): boolean {
    const idLength = envelope.clientOrderId.length;
    const at = this.begin(R.PLACE_ORDER, R.PLACE_CLIENT_ID + idLength, envelope);
    if (at === RING_FULL) return false;
    const flags = ORDER_FLAG_REDUCE_ONLY;
    this.writePlain(at, side, ORDER_TYPE_MARKET, TIF_IOC, flags, limitTicks, qtyLots);
    this.ring.u8[at + R.PLACE_LIQUIDATION] = 1;
    this.writeClientId(at, R.PLACE_CLIENT_ID_LENGTH, R.PLACE_CLIENT_ID, envelope.clientOrderId);
    this.producer.endGroup();
    return true;
  }

  cancel(envelope: CommandEnvelope): boolean {
    const idLength = envelope.clientOrderId.length;
    const at = this.begin(R.CANCEL_ORDER, R.CANCEL_CLIENT_ID + idLength, envelope);
    if (at === RING_FULL) return false;
    this.writeClientId(at, R.CANCEL_CLIENT_ID_LENGTH, R.CANCEL_CLIENT_ID, envelope.clientOrderId);
    this.producer.endGroup();
    return true;
  }

  /** `priceTicks` 0 keeps the price, `qtyLots` 0 the quantity; `mode` says how quantity is meant. */
  amend(envelope: CommandEnvelope, mode: number, priceTicks: number, qtyLots: number): boolean {
    const idLength = envelope.clientOrderId.length;
    const at = this.begin(R.AMEND_ORDER, R.AMEND_CLIENT_ID + idLength, envelope);
    if (at === RING_FULL) return false;
    const { f64, u8 } = this.ring;
    f64[(at + R.AMEND_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.AMEND_QTY_LOTS) >>> 3] = qtyLots;
    u8[at + R.AMEND_MODE] = mode;
    this.writeClientId(at, R.AMEND_CLIENT_ID_LENGTH, R.AMEND_CLIENT_ID, envelope.clientOrderId);
    this.producer.endGroup();
    return true;
  }

  setPhase(envelope: CommandEnvelope, phase: number): boolean {
    const at = this.begin(R.SET_PHASE, R.SET_PHASE_BYTES, envelope);
    if (at === RING_FULL) return false;
    this.ring.i32[(at + R.SET_PHASE_TO) >>> 2] = phase;
    this.producer.endGroup();
    return true;
  }

  /** Reports a trade made elsewhere; `side` is the aggressor's, 255 where unknown. */
  printTrade(
    envelope: CommandEnvelope,
    side: number,
    priceTicks: number,
    qtyLots: number,
  ): boolean {
    const at = this.begin(R.PRINT_TRADE, R.PRINT_TRADE_BYTES, envelope);
    if (at === RING_FULL) return false;
    const { f64, u8 } = this.ring;
    f64[(at + R.PRINT_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.PRINT_QTY_LOTS) >>> 3] = qtyLots;
    u8[at + R.PRINT_SIDE] = side;
    this.producer.endGroup();
    return true;
  }

  cancelAll(envelope: CommandEnvelope): boolean {
    const at = this.begin(R.CANCEL_ALL, R.CANCEL_ALL_BYTES, envelope);
    if (at === RING_FULL) return false;
    this.producer.endGroup();
    return true;
  }

  /** Nothing but its time: whatever is due by then happens first. */
  advanceTime(envelope: CommandEnvelope): boolean {
    const at = this.begin(R.ADVANCE_TIME, R.ADVANCE_TIME_BYTES, envelope);
    if (at === RING_FULL) return false;
    this.producer.endGroup();
    return true;
  }

  setReference(envelope: CommandEnvelope, priceTicks: number): boolean {
    const at = this.begin(R.SET_REFERENCE, R.SET_REFERENCE_BYTES, envelope);
    if (at === RING_FULL) return false;
    this.ring.f64[(at + R.SET_REFERENCE_TICKS) >>> 3] = priceTicks;
    this.producer.endGroup();
    return true;
  }

  private writePlain(
    at: number,
    side: number,
    orderType: number,
    tif: number,
    flags: number,
    priceTicks: number,
    qtyLots: number,
  ): void {
    const { f64, u8 } = this.ring;
    f64[(at + R.PLACE_PRICE_TICKS) >>> 3] = priceTicks;
    f64[(at + R.PLACE_QTY_LOTS) >>> 3] = qtyLots;
    u8[at + R.PLACE_SIDE] = side;
    u8[at + R.PLACE_ORDER_TYPE] = orderType;
    u8[at + R.PLACE_TIF] = tif;
    u8[at + R.PLACE_FLAGS] = flags;
  }

  private begin(type: number, lengthBytes: number, envelope: CommandEnvelope): number {
    const word = frameWord(type, FRAME_FLAG_END, envelope.marketId);
    const at = this.producer.claim(lengthBytes, word);
    if (at === RING_FULL) return at;
    const { f64, i32, u8 } = this.ring;
    // A frame reuses old bytes: what no field covers must be zero, so that equal commands are equal
    // byte for byte.
    u8.fill(0, at + R.COMMAND_BODY, at + i32[at >>> 2]);
    f64[(at + R.RECORD_SEQ) >>> 3] = 0;
    i32[(at + R.RECORD_SECONDS) >>> 2] = envelope.seconds;
    i32[(at + R.RECORD_NANOS) >>> 2] = envelope.nanos;
    f64[(at + R.COMMAND_REQUEST_ID) >>> 3] = envelope.requestId;
    i32[(at + R.COMMAND_SESSION_ID) >>> 2] = envelope.sessionId;
    i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2] = envelope.portfolioId;
    f64[(at + R.COMMAND_ORDER_ID) >>> 3] = envelope.orderId;
    return at;
  }

  private writeClientId(at: number, lengthField: number, textField: number, text: string): void {
    const { u8 } = this.ring;
    u8[at + lengthField] = text.length;
    for (let i = 0; i < text.length; i += 1) u8[at + textField + i] = text.charCodeAt(i);
  }
}

/** A client order id's text from a record, given the offsets of its length and its bytes. */
export function readClientId(u8: Uint8Array, lengthAt: number, textAt: number): string {
  const length = u8[lengthAt];
  let text = '';
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(u8[textAt + i]);
  return text;
}
