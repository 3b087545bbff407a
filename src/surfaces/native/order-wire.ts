import { averagePriceUnits, priceText, quantityText } from '../../codec/decimals.ts';
import { marketName } from '../../domain/markets.ts';
import {
  CANCEL_REASON_NAMES,
  ORDER_TYPE_NAMES,
  ORDER_TYPE_PEGGED,
  PEG_NAMES,
  SELF_TRADE_ALLOWED,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  STATUS_REJECTED,
  TIF_DAY,
  TIF_GTD,
  TIF_NAMES,
  TRAIL_BPS,
  TRAIL_UNIT_NAMES,
  WAITING_NAMES,
} from '../../domain/orders.ts';
import { resultName } from '../../domain/result-codes.ts';
import { hasOwnPrice } from '../../gateway/order-terms.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { isoMicros } from '../../lib/clock.ts';
import { formatScaled } from '../../lib/fixed-point.ts';
import { NO_EXTENSION } from '../../projections/order-extension.ts';
import { type FlagsWire, flagsToWire } from './order-flags.ts';

/** An order on the native stream: numbers are decimal strings, ids are text. */
export interface OrderWire extends FlagsWire {
  readonly order_id: string;
  readonly client_order_id: string | null;
  readonly market: string;
  readonly side: string;
  readonly type: string;
  readonly time_in_force: string;
  readonly self_trade_prevention?: string;
  readonly stop_price?: string;
  /** A difference of prices, or basis points; with `trail_unit`. */
  readonly trail_offset?: string;
  readonly trail_unit?: string;
  readonly display_quantity?: string;
  readonly peg?: string;
  readonly peg_offset?: string;
  /** Where a pegged order stands; `null` while it waits for a price to follow. */
  readonly peg_price?: string | null;
  readonly expire_at?: string;
  readonly oco_order_id?: string;
  readonly parent_order_id?: string;
  readonly replaces_order_id?: string;
  /** `trigger`, `parent` or `price`; absent from an order that waits for nothing. */
  readonly waiting_for?: string;
  /** With all decimals of the market's lot, as are the other quantities. */
  readonly quantity: string;
  /** With all decimals of the market's tick; `null` for what acts as a market order. */
  readonly price: string | null;
  readonly status: string;
  readonly filled_quantity: string;
  readonly remaining_quantity: string;
  /** Rounded half up to the quote asset's smallest unit; `null` before the first fill. */
  readonly average_price: string | null;
  /** In `fee_asset`; negative for a rebate. */
  readonly fee: string;
  readonly fee_asset: string;
  /** Why it was cancelled, expired or rejected, else `null`. */
  readonly reason: string | null;
  readonly portfolio_id: string;
  /** Venue time, ISO 8601 with microseconds. */
  readonly created_at: string;
  readonly updated_at: string;
}

export function orderToWire(order: OrderView): OrderWire {
  const { market } = order;
  return {
    order_id: String(order.orderId),
    client_order_id: order.clientOrderId === '' ? null : order.clientOrderId,
    market: marketName(market),
    side: SIDE_NAMES[order.side],
    type: ORDER_TYPE_NAMES[order.orderType],
    time_in_force: TIF_NAMES[order.tif],
    ...flagsToWire(order.flags),
    ...(order.selfTrade !== SELF_TRADE_ALLOWED && {
      self_trade_prevention: SELF_TRADE_NAMES[order.selfTrade],
    }),
    ...(order.extension === NO_EXTENSION ? {} : extensionToWire(order)),
    quantity: quantityText(market, order.qtyLots),
    price: hasOwnPrice(order.orderType) ? priceText(market, order.priceTicks) : null,
    status: statusName(order),
    filled_quantity: quantityText(market, order.filledLots),
    remaining_quantity: quantityText(market, order.qtyLots - order.filledLots),
    average_price: averagePrice(order),
    fee: formatScaled(order.feeUnits, market.quote.decimals),
    fee_asset: market.quote.name,
    reason: reasonName(order),
    portfolio_id: String(order.portfolioId),
    created_at: isoMicros(order.createdSeconds, order.createdNanos),
    updated_at: isoMicros(order.updatedSeconds, order.updatedNanos),
  };
}

function extensionToWire({ market, orderType, tif, extension }: OrderView): Partial<OrderWire> {
  const { trailUnit, trailOffset, pegTicks } = extension;
  const isGood = tif === TIF_GTD || tif === TIF_DAY;
  return {
    ...(extension.triggerTicks !== 0 && { stop_price: priceText(market, extension.triggerTicks) }),
    ...(trailOffset !== 0 && {
      trail_offset: trailUnit === TRAIL_BPS ? String(trailOffset) : priceText(market, trailOffset),
      trail_unit: TRAIL_UNIT_NAMES[trailUnit],
    }),
    ...(extension.displayLots !== 0 && {
      display_quantity: quantityText(market, extension.displayLots),
    }),
    ...(orderType === ORDER_TYPE_PEGGED && {
      peg: PEG_NAMES[extension.pegKind],
      peg_offset: priceText(market, extension.pegOffsetTicks),
      peg_price: pegTicks === 0 ? null : priceText(market, pegTicks),
    }),
    ...(isGood && { expire_at: isoMicros(extension.expireSeconds, extension.expireNanos) }),
    ...(extension.ocoOrderId !== 0 && { oco_order_id: String(extension.ocoOrderId) }),
    ...(extension.parentOrderId !== 0 && { parent_order_id: String(extension.parentOrderId) }),
    ...(extension.replacesOrderId !== 0 && {
      replaces_order_id: String(extension.replacesOrderId),
    }),
    ...(extension.waiting !== 0 && { waiting_for: WAITING_NAMES[extension.waiting] }),
  };
}

export function statusName({ status }: OrderView): string {
  return STATUS_NAMES[status];
}

function averagePrice({ market, filledLots, filledNotionalUnits }: OrderView): string | null {
  if (filledLots === 0) return null;
  const { decimals } = market.quote;
  const units = averagePriceUnits(market, filledLots, filledNotionalUnits, decimals);
  return formatScaled(units, decimals, market.priceDecimals);
}

export function reasonName({ status, reason }: OrderView): string | null {
  if (reason === 0) return null;
  return status === STATUS_REJECTED
    ? resultName(reason).toLowerCase()
    : CANCEL_REASON_NAMES[reason];
}
