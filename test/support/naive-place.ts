import * as R from '../../src/codec/records.ts';
import * as O from '../../src/domain/orders.ts';
import type { Replaces } from './naive-entry.ts';
import { ARRIVING, type NaiveOrder } from './naive-orders.ts';

/** The order that a `PlaceOrder` record asks for, and whose place it takes. */
export function orderOf(command: Buffer): { order: NaiveOrder; replaces: Replaces } {
  const flags = command.readUInt8(R.PLACE_FLAGS);
  const isExtended = (flags & O.ORDER_FLAG_EXTENDED) !== 0;
  const f64 = (offset: number): number => (isExtended ? command.readDoubleLE(offset) : 0);
  const u32 = (offset: number): number => (isExtended ? command.readUInt32LE(offset) : 0);
  const u8 = (offset: number): number => (isExtended ? command.readUInt8(offset) : 0);
  const priceTicks = command.readDoubleLE(R.PLACE_PRICE_TICKS);
  const orderType = command.readUInt8(R.PLACE_ORDER_TYPE);
  const qtyLots = command.readDoubleLE(R.PLACE_QTY_LOTS);
  const order: NaiveOrder = {
    orderId: command.readDoubleLE(R.COMMAND_ORDER_ID),
    portfolioId: command.readInt32LE(R.COMMAND_PORTFOLIO_ID),
    side: command.readUInt8(R.PLACE_SIDE),
    orderType,
    tif: command.readUInt8(R.PLACE_TIF),
    flags: flags & ~O.ORDER_FLAG_EXTENDED,
    selfTrade: command.readUInt8(R.PLACE_SELF_TRADE),
    priceTicks,
    limitTicks: orderType === O.ORDER_TYPE_PEGGED ? priceTicks : 0,
    openLots: qtyLots,
    totalLots: qtyLots,
    visibleLots: 0,
    displayLots: f64(R.PLACE_DISPLAY_LOTS),
    triggerTicks: f64(R.PLACE_TRIGGER_TICKS),
    trailOffset: f64(R.PLACE_TRAIL_OFFSET),
    trailUnit: u8(R.PLACE_TRAIL_UNIT),
    pegKind: u8(R.PLACE_PEG_KIND),
    pegOffsetTicks: f64(R.PLACE_PEG_OFFSET_TICKS),
    expireSeconds: u32(R.PLACE_EXPIRE_SECONDS),
    expireNanos: u32(R.PLACE_EXPIRE_NANOS),
    ocoOrderId: f64(R.PLACE_OCO_ORDER_ID),
    parentOrderId: f64(R.PLACE_PARENT_ORDER_ID),
    place: ARRIVING,
    heldFor: 0,
    since: 0,
  };
  const orderId = f64(R.PLACE_REPLACES_ORDER_ID);
  return { order, replaces: { orderId, tradedLots: f64(R.PLACE_REPLACES_TRADED_LOTS) } };
}
