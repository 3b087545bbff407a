import * as O from '../../src/domain/orders.ts';

/** Where an open order is. An image says RESTING, HELD_… or READY. */
export const RESTING = O.PLACE_RESTING;
export const READY = O.PLACE_READY;
/** An iceberg between two of its parts. */
export const REPLENISHING = 8;
/** Nowhere yet: it is being placed, or it has left its level to arrive anew. */
export const ARRIVING = 9;

/** An order of the naive machine: what it asks for, and how far it has come. */
export interface NaiveOrder {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly side: number;
  readonly orderType: number;
  readonly tif: number;
  readonly flags: number;
  readonly selfTrade: number;
  /** Its limit now; of a pegged order the price it has. */
  priceTicks: number;
  /** Of a pegged order the worst price it may have, else 0. */
  readonly limitTicks: number;
  /** All that is open, hidden included. */
  openLots: number;
  /** What is open and what has traded. */
  totalLots: number;
  /** What its level shows of it; 0 unless it rests. */
  visibleLots: number;
  readonly displayLots: number;
  triggerTicks: number;
  readonly trailOffset: number;
  readonly trailUnit: number;
  readonly pegKind: number;
  readonly pegOffsetTicks: number;
  readonly expireSeconds: number;
  readonly expireNanos: number;
  /** Its partner, 0 when it has none (any more). */
  ocoOrderId: number;
  /** Whom it waits for, 0 when it does not (any more). */
  parentOrderId: number;
  /** RESTING, HELD_…, READY or ARRIVING */
  place: number;
  /** HELD_… of a ready order, else 0. */
  heldFor: number;
  /** When it joined the queue it stands in: who has the smaller number stands before. */
  since: number;
}

export const tradedLots = (order: NaiveOrder): number => order.totalLots - order.openLots;

export const other = (side: number): number => 1 - side;

export const hasFlag = (order: NaiveOrder, flag: number): boolean => (order.flags & flag) !== 0;
export const isReduceOnly = (order: NaiveOrder): boolean =>
  hasFlag(order, O.ORDER_FLAG_REDUCE_ONLY);

export const isPegged = (order: NaiveOrder): boolean => order.orderType === O.ORDER_TYPE_PEGGED;
export const isTrailing = (order: NaiveOrder): boolean =>
  order.orderType === O.ORDER_TYPE_TRAILING_STOP;
export const isStop = (order: NaiveOrder): boolean =>
  [O.ORDER_TYPE_STOP, O.ORDER_TYPE_STOP_LIMIT, O.ORDER_TYPE_TRAILING_STOP].some(
    (type) => type === order.orderType,
  );
/** Never rests, once it acts. */
export const actsAsMarket = (order: NaiveOrder): boolean =>
  [O.ORDER_TYPE_MARKET, O.ORDER_TYPE_STOP, O.ORDER_TYPE_TRAILING_STOP].some(
    (type) => type === order.orderType,
  );
export const isWaiting = (order: NaiveOrder): boolean =>
  order.place !== RESTING && order.place !== ARRIVING;

/** What becomes of what did not trade: 0 when it may rest, else why it is cancelled. */
export function remainderReason(order: NaiveOrder): number {
  if (actsAsMarket(order)) return O.CANCEL_MARKET_REMAINDER;
  const rests = order.tif !== O.TIF_IOC && order.tif !== O.TIF_FOK;
  return rests ? 0 : O.CANCEL_IOC_REMAINDER;
}

/** True when a price is as good for an order's owner as its limit, or better. */
export function withinLimit(order: NaiveOrder, priceTicks: number): boolean {
  return order.side === O.SIDE_BUY
    ? priceTicks <= order.priceTicks
    : priceTicks >= order.priceTicks;
}

/** How far a trailing stop's trigger is from the newest price. */
export function trailDistance(order: NaiveOrder, newestTicks: number): number {
  if (order.trailUnit === O.TRAIL_TICKS) return order.trailOffset;
  const ticks = (BigInt(newestTicks) * BigInt(order.trailOffset)) / 10_000n;
  return Math.max(1, Number(ticks));
}

/** The trigger that the newest price gives a trailing stop. */
export function trailedTrigger(order: NaiveOrder, newestTicks: number): number {
  const distance = trailDistance(order, newestTicks);
  return order.side === O.SIDE_BUY ? newestTicks + distance : Math.max(1, newestTicks - distance);
}

export function triggerMet(order: NaiveOrder, newestTicks: number): boolean {
  if (newestTicks === 0) return false;
  return order.side === O.SIDE_BUY
    ? newestTicks >= order.triggerTicks
    : newestTicks <= order.triggerTicks;
}

/** True when an order has an expiry and it is not after the time. */
export function hasExpired(order: NaiveOrder, seconds: number, nanos: number): boolean {
  if (order.tif !== O.TIF_GTD && order.tif !== O.TIF_DAY) return false;
  if (order.expireSeconds === 0 && order.expireNanos === 0) return false;
  return (
    order.expireSeconds < seconds || (order.expireSeconds === seconds && order.expireNanos <= nanos)
  );
}

/** Lowest and highest price at most so many basis points from a reference. */
export function bounds(referenceTicks: number, bps: number): readonly [number, number] {
  const reference = BigInt(referenceTicks);
  const low = reference * BigInt(10_000 - bps);
  const high = reference * BigInt(10_000 + bps);
  const lowest = low <= 0n ? 0n : (low + 9_999n) / 10_000n;
  return [Number(lowest), Number(high / 10_000n)];
}
