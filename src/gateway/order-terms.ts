import { LIMITS } from '../config/limits.ts';
import type { Market } from '../domain/markets.ts';
import {
  ORDER_FLAG_ALL_OR_NONE,
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_PEGGED,
  ORDER_TYPE_STOP,
  ORDER_TYPE_STOP_LIMIT,
  ORDER_TYPE_TRAILING_STOP,
  type OrderTerms,
  PEG_OPPOSITE,
  PLAIN_TERMS,
  SELF_TRADE_DECREMENT,
  SIDE_BUY,
  TIF_DAY,
  TIF_FOK,
  TIF_GTC,
  TIF_GTD,
  TIF_IOC,
  TRAIL_BPS,
} from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { PlaceRequest } from './venue.ts';

/** When the trading day of a market ends: seconds since the Unix epoch, after `seconds`. */
export type DayEnd = (market: Market, seconds: number) => number;

const SECONDS_PER_DAY = 86_400;

/** The trading day of a market without a calendar ends at midnight UTC. */
export const utcDayEnd: DayEnd = (_market, seconds) =>
  (Math.floor(seconds / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY;

/** What the door needs to know to complete an order's terms. */
export interface TermsContext {
  readonly seconds: number;
  readonly nanos: number;
  /** Best opposite price for the side, or the last trade's, or 0. */
  readonly referenceTicks: (market: Market, side: number) => number;
  /** Price of the newest trade, or 0. */
  readonly lastTicks: (market: Market) => number;
  readonly dayEnd: DayEnd;
}

/** The terms as asked for; what the request leaves out is plain. */
export function requestedTerms(request: PlaceRequest): OrderTerms {
  const { side, orderType, tif, flags, priceTicks, qtyLots } = request;
  return {
    side,
    orderType,
    tif,
    flags,
    priceTicks,
    qtyLots,
    selfTrade: request.selfTrade ?? PLAIN_TERMS.selfTrade,
    triggerTicks: request.triggerTicks ?? 0,
    trailOffset: request.trailOffset ?? 0,
    trailUnit: request.trailUnit ?? PLAIN_TERMS.trailUnit,
    displayLots: request.displayLots ?? 0,
    pegKind: request.pegKind ?? PLAIN_TERMS.pegKind,
    pegOffsetTicks: request.pegOffsetTicks ?? 0,
    expireSeconds: request.expireSeconds ?? 0,
    expireNanos: request.expireNanos ?? 0,
    ocoOrderId: request.ocoOrderId ?? 0,
    parentOrderId: request.parentOrderId ?? 0,
    replacesOrderId: request.replacesOrderId ?? 0,
    replacesTradedLots: request.replacesTradedLots ?? 0,
  };
}

/**
 * What goes to the book: the protective price of what acts as a market order, the expiry of an order
 * for the day, `ioc` for a market order that is not `fok`. A price of 0 is left where there is none to
 * be had.
 */
export function bookTerms(market: Market, asked: OrderTerms, context: TermsContext): OrderTerms {
  const { orderType, tif } = asked;
  const isMarket = orderType === ORDER_TYPE_MARKET;
  if (!isMarket && !hasProtectivePrice(orderType) && tif !== TIF_DAY) return asked;
  return {
    ...asked,
    priceTicks:
      isMarket || hasProtectivePrice(orderType)
        ? protect(market, asked, context)
        : asked.priceTicks,
    tif: isMarket && tif === TIF_GTC ? TIF_IOC : tif,
    expireSeconds: tif === TIF_DAY ? context.dayEnd(market, context.seconds) : asked.expireSeconds,
  };
}

/** True for types that act as market orders once they are triggered. */
export function hasProtectivePrice(orderType: number): boolean {
  return orderType === ORDER_TYPE_STOP || orderType === ORDER_TYPE_TRAILING_STOP;
}

/** Checks terms that `bookTerms` completed; the first code that fits, or `OK`. */
export function checkTerms(
  market: Market,
  asked: OrderTerms,
  terms: OrderTerms,
  { seconds, nanos }: Pick<TermsContext, 'seconds' | 'nanos'>,
): number {
  if (isIncompatible(asked)) return C.TERMS_INCOMPATIBLE;
  const special = checkSpecial(market, asked, seconds, nanos);
  if (special !== C.OK) return special;
  const { priceTicks, qtyLots } = terms;
  const isPriced = terms.orderType !== ORDER_TYPE_MARKET && !hasProtectivePrice(terms.orderType);
  if (priceTicks === 0 && !isPriced) return C.NO_REFERENCE_PRICE;
  return checkSize(market, priceTicks, qtyLots);
}

/** Checks price and quantity against the market's bounds. */
export function checkSize(market: Market, priceTicks: number, qtyLots: number): number {
  if (!Number.isSafeInteger(priceTicks) || priceTicks <= 0) return C.PRICE_OFF_TICK;
  if (priceTicks > market.maxPriceTicks) return C.PRICE_TOO_LARGE;
  if (!Number.isSafeInteger(qtyLots) || qtyLots <= 0) return C.QUANTITY_OFF_LOT;
  if (qtyLots < market.minQtyLots) return C.QUANTITY_TOO_SMALL;
  if (qtyLots > market.maxQtyLots) return C.QUANTITY_TOO_LARGE;
  if (priceTicks * qtyLots * market.quoteUnitsPerTickLot > market.maxNotionalUnits) {
    return C.NOTIONAL_ABOVE_MAXIMUM;
  }
  return C.OK;
}

/** The furthest price an order may reach that starts from this one. */
function collar(market: Market, side: number, ticks: number): number {
  const bps = market.marketCollarBps;
  if (side !== SIDE_BUY) return Math.max(1, Math.floor((ticks * (10_000 - bps)) / 10_000));
  return Math.min(market.maxPriceTicks, Math.ceil((ticks * (10_000 + bps)) / 10_000));
}

function protect(market: Market, asked: OrderTerms, context: TermsContext): number {
  const { side, orderType } = asked;
  if (orderType === ORDER_TYPE_STOP) return collar(market, side, asked.triggerTicks);
  if (orderType === ORDER_TYPE_MARKET) {
    const reference = context.referenceTicks(market, side);
    return reference === 0 ? 0 : collar(market, side, reference);
  }
  const lastTicks = context.lastTicks(market);
  if (lastTicks === 0) return 0;
  const offset =
    asked.trailUnit === TRAIL_BPS
      ? Math.max(1, Math.floor((lastTicks * asked.trailOffset) / 10_000))
      : asked.trailOffset;
  const trigger = side === SIDE_BUY ? lastTicks + offset : Math.max(1, lastTicks - offset);
  return collar(market, side, trigger);
}

/** Types, times in force, flags and links that contradict each other. */
function isIncompatible(terms: OrderTerms): boolean {
  const { orderType, tif, flags, displayLots, ocoOrderId, parentOrderId, replacesOrderId } = terms;
  const postOnly = flags & (ORDER_FLAG_POST_ONLY | ORDER_FLAG_POST_ONLY_SLIDE);
  const allOrNone = flags & ORDER_FLAG_ALL_OR_NONE;
  const immediate = tif === TIF_IOC || tif === TIF_FOK;
  const actsAsMarket = orderType === ORDER_TYPE_MARKET || hasProtectivePrice(orderType);
  // Never takes, and takes only whole, are one too many; as are two ways of never taking.
  if (postOnly !== 0 && (allOrNone !== 0 || (postOnly & (postOnly - 1)) !== 0)) return true;
  if (postOnly + allOrNone + displayLots !== 0 && (immediate || actsAsMarket)) return true;
  const isPegged = orderType === ORDER_TYPE_PEGGED;
  if (isPegged && (immediate || postOnly + allOrNone + displayLots !== 0)) return true;
  if (orderType === ORDER_TYPE_MARKET && (tif === TIF_GTD || tif === TIF_DAY)) return true;
  // Who takes another's place takes none of its links; nobody is partner and parent at once.
  const links = [ocoOrderId, parentOrderId, replacesOrderId].filter((id) => id !== 0);
  if (replacesOrderId !== 0 && links.length > 1) return true;
  if (ocoOrderId !== 0 && ocoOrderId === parentOrderId) return true;
  // A decrement makes an order smaller without a trade, and its links would hold too little for it.
  return links.length > 0 && replacesOrderId === 0 && terms.selfTrade === SELF_TRADE_DECREMENT;
}

function checkSpecial(market: Market, terms: OrderTerms, seconds: number, nanos: number): number {
  const { orderType, tif } = terms;
  const hasTrigger = orderType === ORDER_TYPE_STOP || orderType === ORDER_TYPE_STOP_LIMIT;
  if (hasTrigger ? !isStep(terms.triggerTicks, market.maxPriceTicks) : terms.triggerTicks !== 0) {
    return C.TRIGGER_PRICE_INVALID;
  }
  const maxOffset = terms.trailUnit === TRAIL_BPS ? 9_999 : market.maxPriceTicks;
  const isTrailing = orderType === ORDER_TYPE_TRAILING_STOP;
  if (isTrailing ? !isStep(terms.trailOffset, maxOffset) : terms.trailOffset !== 0) {
    return C.TRAIL_OFFSET_INVALID;
  }
  const { pegOffsetTicks } = terms;
  if (orderType !== ORDER_TYPE_PEGGED ? pegOffsetTicks !== 0 : !isPegOffset(market, terms)) {
    return C.PEG_OFFSET_INVALID;
  }
  if (terms.displayLots !== 0 && !isDisplay(terms.displayLots, terms.qtyLots)) {
    return C.DISPLAY_QUANTITY_INVALID;
  }
  const { expireSeconds, expireNanos } = terms;
  if (tif !== TIF_GTD) return expireSeconds === 0 ? C.OK : C.EXPIRY_INVALID;
  const isLater = expireSeconds > seconds || (expireSeconds === seconds && expireNanos > nanos);
  return isLater && expireSeconds < 2 ** 32 ? C.OK : C.EXPIRY_INVALID;
}

function isPegOffset(market: Market, { pegKind, pegOffsetTicks }: OrderTerms): boolean {
  return (
    isStep(pegOffsetTicks, market.maxPriceTicks) ||
    (pegOffsetTicks === 0 && pegKind !== PEG_OPPOSITE)
  );
}

function isStep(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && value <= most;
}

/** True for an order whose price its owner chose and may change. */
export function hasOwnPrice(orderType: number): boolean {
  return (
    orderType === ORDER_TYPE_LIMIT ||
    orderType === ORDER_TYPE_STOP_LIMIT ||
    orderType === ORDER_TYPE_PEGGED
  );
}

/** Below the quantity, and not so small that the order would come up for ever. */
function isDisplay(displayLots: number, qtyLots: number): boolean {
  return isStep(displayLots, qtyLots - 1) && qtyLots <= displayLots * LIMITS.icebergParts;
}
