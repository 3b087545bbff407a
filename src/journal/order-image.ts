import { NO_EXTENSION } from '../projections/order-extension.ts';
import { isClosedStatus, TrackedOrder } from '../projections/order-tracker.ts';

/**
 * An order as the `orders` table holds it. Little-endian.
 *
 * ```
 *   0        8       16       24        32       40      44      48      52      56      60    64
 *   ┌────────┬───────┬────────┬─────────┬────────┬───────┬───────┬───────┬───────┬───────┬─────┐
 *   │ price  │ total │ filled │notional │ fees   │created│created│updated│updated│port-  │rea- │
 *   │ ticks  │ lots  │ lots   │units    │ units  │  s    │  ns   │  s    │  ns   │folio  │son  │
 *   └────────┴───────┴────────┴─────────┴────────┴───────┴───────┴───────┴───────┴───────┴─────┘
 *     f64      f64     f64      f64       f64      u32     u32     u32     u32     i32     i32
 *  64       66     67     68    69      70       71       72                     108       112
 *   ┌────────┬──────┬──────┬─────┬───────┬────────┬────────┬──────────────────────┬─────────┐
 *   │ market │ side │ type │ tif │ flags │ status │length  │ client order id      │ session │
 *   └────────┴──────┴──────┴─────┴───────┴────────┴────────┴──────────────────────┴─────────┘
 *     u16      u8     u8     u8    u8      u8       u8        36 bytes, ASCII        i32
 * ```
 *
 * The flags' byte holds flags 0 to 3, the self-trade mode in bits 4 to 6, and in bit 7 that this
 * follows, which most orders do without; flags 4 to 6 stand in these bits of the time in force's byte:
 *
 * ```
 * 112      120      128      136     144     152      160      168      176     184
 *   ┌────────┬────────┬────────┬───────┬───────┬────────┬────────┬────────┬───────┐
 *   │trigger │ trail  │display │ peg   │ peg   │expire  │ oco    │ parent │repl-  │
 *   │ ticks  │ offset │ lots   │offset │ ticks │ s, ns  │ order  │ order  │aces   │
 *   └────────┴────────┴────────┴───────┴───────┴────────┴────────┴────────┴───────┘
 *     f64      f64      f64      f64     f64     2 × u32  f64      f64      f64
 * 184      185     186      187       192
 *   ┌────────┬───────┬────────┬─────────┐
 *   │ trail  │ peg   │waiting │ zeros   │
 *   │ unit   │ kind  │        │         │
 *   └────────┴───────┴────────┴─────────┘
 * ```
 */
const ORDER_IMAGE_BYTES = 112;
const EXTENDED_IMAGE_BYTES = 192;
const LOW_FLAGS = 0x0f;
const HIGH_FLAGS = 0x70;
const TIF_MASK = 0x0f;
const SELF_TRADE_SHIFT = 4;
const SELF_TRADE_MASK = 0x07;
const EXTENDED = 0x80;
const CLIENT_ID = 72;
const CLIENT_ID_BYTES = 36;

/** Writes order images into one piece of memory. */
export class OrderImageWriter {
  private readonly bytes = new Uint8Array(EXTENDED_IMAGE_BYTES);
  private readonly plain = this.bytes.subarray(0, ORDER_IMAGE_BYTES);
  private readonly f64 = new Float64Array(this.bytes.buffer);
  private readonly i32 = new Int32Array(this.bytes.buffer);
  private readonly u16 = new Uint16Array(this.bytes.buffer);

  /** REUSED: the image is valid until the next call. */
  write(order: TrackedOrder): Uint8Array {
    const { bytes, f64, i32 } = this;
    f64[0] = order.priceTicks;
    f64[1] = order.qtyLots;
    f64[2] = order.filledLots;
    f64[3] = order.filledNotionalUnits;
    f64[4] = order.feeUnits;
    i32[10] = order.createdSeconds;
    i32[11] = order.createdNanos;
    i32[12] = order.updatedSeconds;
    i32[13] = order.updatedNanos;
    i32[14] = order.portfolioId;
    i32[15] = order.reason;
    this.u16[32] = order.marketId;
    bytes[66] = order.side;
    bytes[67] = order.orderType;
    bytes[68] = order.tif | (order.flags & HIGH_FLAGS);
    const isExtended = order.extension !== NO_EXTENSION;
    bytes[69] =
      (order.flags & LOW_FLAGS) |
      (order.selfTrade << SELF_TRADE_SHIFT) |
      (isExtended ? EXTENDED : 0);
    bytes[70] = order.status;
    const text = order.clientOrderId;
    const length = text.length;
    bytes[71] = length;
    for (let i = 0; i < length; i += 1) bytes[CLIENT_ID + i] = text.charCodeAt(i);
    bytes.fill(0, CLIENT_ID + length, CLIENT_ID + CLIENT_ID_BYTES);
    i32[27] = order.sessionId;
    if (!isExtended) return this.plain;
    this.writeExtension(order);
    return bytes;
  }

  private writeExtension({ extension }: TrackedOrder): void {
    const { bytes, f64, i32 } = this;
    f64[14] = extension.triggerTicks;
    f64[15] = extension.trailOffset;
    f64[16] = extension.displayLots;
    f64[17] = extension.pegOffsetTicks;
    f64[18] = extension.pegTicks;
    i32[38] = extension.expireSeconds;
    i32[39] = extension.expireNanos;
    f64[20] = extension.ocoOrderId;
    f64[21] = extension.parentOrderId;
    f64[22] = extension.replacesOrderId;
    bytes[184] = extension.trailUnit;
    bytes[185] = extension.pegKind;
    bytes[186] = extension.waiting;
  }
}

/** Reads an image back into an order of its own. */
export function readOrderImage(orderId: number, image: Uint8Array): TrackedOrder {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const order = new TrackedOrder();
  order.orderId = orderId;
  order.priceTicks = view.getFloat64(0, true);
  order.qtyLots = view.getFloat64(8, true);
  order.filledLots = view.getFloat64(16, true);
  order.filledNotionalUnits = view.getFloat64(24, true);
  order.feeUnits = view.getFloat64(32, true);
  order.createdSeconds = view.getUint32(40, true);
  order.createdNanos = view.getUint32(44, true);
  order.updatedSeconds = view.getUint32(48, true);
  order.updatedNanos = view.getUint32(52, true);
  order.portfolioId = view.getInt32(56, true);
  order.reason = view.getInt32(60, true);
  order.marketId = view.getUint16(64, true);
  order.side = view.getUint8(66);
  order.orderType = view.getUint8(67);
  const tif = view.getUint8(68);
  const flags = view.getUint8(69);
  order.tif = tif & TIF_MASK;
  order.flags = (flags & LOW_FLAGS) | (tif & HIGH_FLAGS);
  order.selfTrade = (flags >>> SELF_TRADE_SHIFT) & SELF_TRADE_MASK;
  if ((flags & EXTENDED) !== 0) order.extension = readExtension(view);
  order.status = view.getUint8(70);
  let text = '';
  for (let i = 0; i < view.getUint8(71); i += 1) {
    text += String.fromCharCode(view.getUint8(CLIENT_ID + i));
  }
  order.clientOrderId = text;
  order.sessionId = view.getInt32(108, true);
  return order;
}

/** True for a row that retention may remove: closed, and nobody's but a simulated trader's. */
export function isPrunable(order: TrackedOrder): boolean {
  return order.sessionId !== 0 && isClosedStatus(order.status);
}

function readExtension(view: DataView): TrackedOrder['extension'] {
  return {
    triggerTicks: view.getFloat64(112, true),
    trailOffset: view.getFloat64(120, true),
    displayLots: view.getFloat64(128, true),
    pegOffsetTicks: view.getFloat64(136, true),
    pegTicks: view.getFloat64(144, true),
    expireSeconds: view.getUint32(152, true),
    expireNanos: view.getUint32(156, true),
    ocoOrderId: view.getFloat64(160, true),
    parentOrderId: view.getFloat64(168, true),
    replacesOrderId: view.getFloat64(176, true),
    trailUnit: view.getUint8(184),
    pegKind: view.getUint8(185),
    waiting: view.getUint8(186),
  };
}
