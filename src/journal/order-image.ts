import { TrackedOrder } from '../projections/order-tracker.ts';

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
 */
const ORDER_IMAGE_BYTES = 112;
const CLIENT_ID = 72;
const CLIENT_ID_BYTES = 36;

/** Writes order images into one piece of memory. */
export class OrderImageWriter {
  private readonly bytes = new Uint8Array(ORDER_IMAGE_BYTES);
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
    bytes[68] = order.tif;
    bytes[69] = order.flags;
    bytes[70] = order.status;
    const text = order.clientOrderId;
    const length = text.length;
    bytes[71] = length;
    for (let i = 0; i < length; i += 1) bytes[CLIENT_ID + i] = text.charCodeAt(i);
    bytes.fill(0, CLIENT_ID + length, CLIENT_ID + CLIENT_ID_BYTES);
    i32[27] = order.sessionId;
    return bytes;
  }
}

/** Reads an image back into an order of its own. */
export function readOrderImage(orderId: number, image: Uint8Array): TrackedOrder {
  const view = new DataView(image.buffer, image.byteOffset, ORDER_IMAGE_BYTES);
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
  order.tif = view.getUint8(68);
  order.flags = view.getUint8(69);
  order.status = view.getUint8(70);
  let text = '';
  for (let i = 0; i < view.getUint8(71); i += 1) {
    text += String.fromCharCode(view.getUint8(CLIENT_ID + i));
  }
  order.clientOrderId = text;
  order.sessionId = view.getInt32(108, true);
  return order;
}
