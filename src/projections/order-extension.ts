import * as R from '../codec/records.ts';
import { ORDER_FLAG_EXTENDED, ORDER_TYPE_TRAILING_STOP, PLAIN_TERMS } from '../domain/orders.ts';
import type { FrameViews } from '../rings/frame.ts';

/**
 * What only some orders have: the terms beyond the plain ones, and where such an order stands. 0
 * means "none" wherever 0 has no other meaning.
 */
export interface OrderExtension {
  /** Trade price at which a stop or stop-limit order acts; 0 of a trailing one, which moves. */
  triggerTicks: number;
  trailOffset: number;
  /** TRAIL_… */
  trailUnit: number;
  displayLots: number;
  /** PEG_… */
  pegKind: number;
  pegOffsetTicks: number;
  expireSeconds: number;
  expireNanos: number;
  /** The other order of the pair, on both of them; stays when that one has left. */
  ocoOrderId: number;
  parentOrderId: number;
  replacesOrderId: number;
  /** HELD_… while the order waits outside the book. */
  waiting: number;
  /** Where a pegged order stands; 0 while it waits for a price. Its limit is the order's price. */
  pegTicks: number;
}

/** Shared by all orders without any of it. */
export const NO_EXTENSION: Readonly<OrderExtension> = Object.freeze({
  triggerTicks: PLAIN_TERMS.triggerTicks,
  trailOffset: PLAIN_TERMS.trailOffset,
  trailUnit: PLAIN_TERMS.trailUnit,
  displayLots: PLAIN_TERMS.displayLots,
  pegKind: PLAIN_TERMS.pegKind,
  pegOffsetTicks: PLAIN_TERMS.pegOffsetTicks,
  expireSeconds: PLAIN_TERMS.expireSeconds,
  expireNanos: PLAIN_TERMS.expireNanos,
  ocoOrderId: PLAIN_TERMS.ocoOrderId,
  parentOrderId: PLAIN_TERMS.parentOrderId,
  replacesOrderId: PLAIN_TERMS.replacesOrderId,
  waiting: 0,
  pegTicks: 0,
});

/** The extension in a `PlaceOrder` record; `NO_EXTENSION` where the record has none. */
export function readExtension({ f64, i32, u8 }: FrameViews, at: number): Readonly<OrderExtension> {
  if ((u8[at + R.PLACE_FLAGS] & ORDER_FLAG_EXTENDED) === 0) return NO_EXTENSION;
  const isTrailing = u8[at + R.PLACE_ORDER_TYPE] === ORDER_TYPE_TRAILING_STOP;
  return {
    triggerTicks: isTrailing ? 0 : f64[(at + R.PLACE_TRIGGER_TICKS) >>> 3],
    trailOffset: f64[(at + R.PLACE_TRAIL_OFFSET) >>> 3],
    trailUnit: u8[at + R.PLACE_TRAIL_UNIT],
    displayLots: f64[(at + R.PLACE_DISPLAY_LOTS) >>> 3],
    pegKind: u8[at + R.PLACE_PEG_KIND],
    pegOffsetTicks: f64[(at + R.PLACE_PEG_OFFSET_TICKS) >>> 3],
    expireSeconds: i32[(at + R.PLACE_EXPIRE_SECONDS) >>> 2] >>> 0,
    expireNanos: i32[(at + R.PLACE_EXPIRE_NANOS) >>> 2] >>> 0,
    ocoOrderId: f64[(at + R.PLACE_OCO_ORDER_ID) >>> 3],
    parentOrderId: f64[(at + R.PLACE_PARENT_ORDER_ID) >>> 3],
    replacesOrderId: f64[(at + R.PLACE_REPLACES_ORDER_ID) >>> 3],
    waiting: 0,
    pegTicks: 0,
  };
}
