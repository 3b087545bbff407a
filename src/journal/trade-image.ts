import * as R from '../codec/records.ts';
import { SIDE_UNKNOWN } from '../domain/orders.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';

/**
 * The key of a trade: its bytes sort by market, then venue time, then id. Big-endian.
 *
 * ```
 *   0        2         6         10                 18
 *   ┌────────┬─────────┬─────────┬──────────────────┐
 *   │ market │ seconds │ nanos   │ trade id         │
 *   └────────┴─────────┴─────────┴──────────────────┘
 *     u16      u32       u32       u64
 * ```
 *
 * Its value, little-endian; a printed trade has zeros for the orders, portfolios and fees. In an
 * auction nobody takes: the bid stands in the maker's place, the ask in the taker's.
 *
 * ```
 *   0      8       16      24      32      40      48      56      60      64      65       72
 *   ┌──────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┬────────┐
 *   │ seq  │ price │ qty   │ maker │ taker │ maker │ taker │ maker │ taker │ taker │ kind   │
 *   │      │ ticks │ lots  │ order │ order │ fee   │ fee   │ portf.│ portf.│ side  │        │
 *   └──────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┴────────┘
 *     f64    f64     f64     f64     f64     f64     f64     i32     i32     u8      u8, 6 zeros
 *
 * Kind: 0 executed, 1 printed, 2 executed in an auction, 3 on another exchange.
 * ```
 */
export const TRADE_KEY_BYTES = 18;
export const TRADE_IMAGE_BYTES = 72;
const KIND_PRINTED = 1;
const KIND_AUCTION = 2;
const KIND_OUTSIDE = 3;

/** A trade as it was made, or as it was reported from elsewhere (`printed`). */
export interface StoredTrade {
  readonly marketId: number;
  readonly tradeId: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly seq: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /**
   * 0 for a printed trade, as are all order, portfolio and fee fields; the bid of an auction's
   * trade, whose ask is the taker.
   */
  readonly makerOrderId: number;
  readonly takerOrderId: number;
  readonly makerFeeUnits: number;
  readonly takerFeeUnits: number;
  readonly makerPortfolioId: number;
  readonly takerPortfolioId: number;
  /** 255 where unknown, and in an auction, where nobody takes. */
  readonly takerSide: number;
  readonly printed: boolean;
  readonly auction: boolean;
  /** On another exchange, whose market this is: order, portfolio and fee fields are 0. */
  readonly outside: boolean;
}

/** Writes a trade's key. REUSED memory of the caller: `TRADE_KEY_BYTES` long. */
export function writeTradeKey(
  key: Uint8Array,
  marketId: number,
  seconds: number,
  nanos: number,
  tradeId: number,
): void {
  key[0] = marketId >>> 8;
  key[1] = marketId;
  writeUint32(key, 2, seconds);
  writeUint32(key, 6, nanos);
  writeUint32(key, 10, Math.floor(tradeId / 4_294_967_296));
  writeUint32(key, 14, tradeId);
}

/** True for the records that are trades. */
export function isTradeRecord(type: number): boolean {
  switch (type) {
    case R.TRADE_EXECUTED:
    case R.AUCTION_TRADE:
    case R.TRADE_PRINTED:
    case R.OUTSIDE_TRADE:
      return true;
    default:
      return false;
  }
}

/** Turns trade records into keys and values, in one piece of memory. */
export class TradeImageWriter {
  /** REUSED: valid until the next `write`. */
  readonly key = new Uint8Array(TRADE_KEY_BYTES);
  /** REUSED: valid until the next `write`. */
  readonly value = new Uint8Array(TRADE_IMAGE_BYTES);
  private readonly f64 = new Float64Array(this.value.buffer);
  private readonly i32 = new Int32Array(this.value.buffer);

  /** Fills key and value from a record that is a trade. */
  write(views: FrameViews, at: number): void {
    const { i32, f64 } = views;
    const word = i32[(at + 4) >>> 2];
    this.f64.fill(0);
    this.f64[0] = f64[(at + R.RECORD_SEQ) >>> 3];
    const tradeId = this.writeValue(views, at, frameType(word));
    writeTradeKey(
      this.key,
      frameMarketId(word),
      i32[(at + R.RECORD_SECONDS) >>> 2],
      i32[(at + R.RECORD_NANOS) >>> 2],
      tradeId,
    );
  }

  private writeValue(views: FrameViews, at: number, type: number): number {
    if (type === R.TRADE_EXECUTED) return this.writeExecuted(views, at);
    if (type === R.OUTSIDE_TRADE) return this.writeOutside(views, at);
    return type === R.AUCTION_TRADE ? this.writeAuction(views, at) : this.writePrinted(views, at);
  }

  private writeExecuted(views: FrameViews, at: number): number {
    const { i32, f64, u8 } = views;
    this.f64[1] = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
    this.f64[2] = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    this.f64[3] = f64[(at + R.TRADE_MAKER_ORDER_ID) >>> 3];
    this.f64[4] = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
    this.f64[5] = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    this.f64[6] = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    this.i32[14] = i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2];
    this.i32[15] = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
    this.value[64] = u8[at + R.TRADE_TAKER_SIDE];
    return f64[(at + R.TRADE_ID) >>> 3];
  }

  private writeAuction(views: FrameViews, at: number): number {
    const { i32, f64 } = views;
    this.f64[1] = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    this.f64[2] = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    this.f64[3] = f64[(at + R.AUCTION_BID_ORDER_ID) >>> 3];
    this.f64[4] = f64[(at + R.AUCTION_ASK_ORDER_ID) >>> 3];
    this.f64[5] = f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3];
    this.f64[6] = f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3];
    this.i32[14] = i32[(at + R.AUCTION_BID_PORTFOLIO_ID) >>> 2];
    this.i32[15] = i32[(at + R.AUCTION_ASK_PORTFOLIO_ID) >>> 2];
    this.value[64] = SIDE_UNKNOWN;
    this.value[65] = KIND_AUCTION;
    return f64[(at + R.AUCTION_TRADE_ID) >>> 3];
  }

  private writePrinted(views: FrameViews, at: number): number {
    const { f64, u8 } = views;
    this.f64[1] = f64[(at + R.PRINTED_PRICE_TICKS) >>> 3];
    this.f64[2] = f64[(at + R.PRINTED_QTY_LOTS) >>> 3];
    this.value[64] = u8[at + R.PRINTED_SIDE];
    this.value[65] = KIND_PRINTED;
    return f64[(at + R.PRINTED_ID) >>> 3];
  }

  private writeOutside(views: FrameViews, at: number): number {
    const { f64, u8 } = views;
    this.f64[1] = f64[(at + R.OUTSIDE_TRADE_PRICE_TICKS) >>> 3];
    this.f64[2] = f64[(at + R.OUTSIDE_TRADE_QTY_LOTS) >>> 3];
    this.value[64] = u8[at + R.OUTSIDE_TRADE_SIDE];
    this.value[65] = KIND_OUTSIDE;
    return f64[(at + R.OUTSIDE_TRADE_ID) >>> 3];
  }
}

/** Reads a stored trade. */
export function readTradeImage(key: Uint8Array, value: Uint8Array): StoredTrade {
  const keyView = new DataView(key.buffer, key.byteOffset, TRADE_KEY_BYTES);
  const view = new DataView(value.buffer, value.byteOffset, TRADE_IMAGE_BYTES);
  return {
    marketId: keyView.getUint16(0),
    seconds: keyView.getUint32(2),
    nanos: keyView.getUint32(6),
    tradeId: keyView.getUint32(10) * 4_294_967_296 + keyView.getUint32(14),
    seq: view.getFloat64(0, true),
    priceTicks: view.getFloat64(8, true),
    qtyLots: view.getFloat64(16, true),
    makerOrderId: view.getFloat64(24, true),
    takerOrderId: view.getFloat64(32, true),
    makerFeeUnits: view.getFloat64(40, true),
    takerFeeUnits: view.getFloat64(48, true),
    makerPortfolioId: view.getInt32(56, true),
    takerPortfolioId: view.getInt32(60, true),
    takerSide: view.getUint8(64),
    printed: view.getUint8(65) === KIND_PRINTED,
    auction: view.getUint8(65) === KIND_AUCTION,
    outside: view.getUint8(65) === KIND_OUTSIDE,
  };
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
