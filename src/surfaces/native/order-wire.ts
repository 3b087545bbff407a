import { type Market, marketName } from '../../domain/markets.ts';
import {
  CANCEL_REASON_NAMES,
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  STATUS_REJECTED,
  TIF_NAMES,
} from '../../domain/orders.ts';
import { resultName } from '../../domain/result-codes.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { isoMicros } from '../../lib/clock.ts';
import { formatScaled } from '../../lib/fixed-point.ts';

/** An order on the native stream: numbers are decimal strings, ids are text. */
export interface OrderWire {
  readonly order_id: string;
  readonly client_order_id: string | null;
  readonly market: string;
  readonly side: string;
  readonly type: string;
  readonly time_in_force: string;
  readonly post_only: boolean;
  /** With all decimals of the market's lot, as are the other quantities. */
  readonly quantity: string;
  /** With all decimals of the market's tick; `null` for a market order. */
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
    post_only: (order.flags & ORDER_FLAG_POST_ONLY) !== 0,
    quantity: quantityText(market, order.qtyLots),
    price: order.orderType === ORDER_TYPE_MARKET ? null : priceText(market, order.priceTicks),
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

export function statusName({ status }: OrderView): string {
  return STATUS_NAMES[status];
}

function quantityText(market: Market, lots: number): string {
  return formatScaled(lots * market.lotUnits, market.qtyDecimals, market.qtyDecimals);
}

function priceText(market: Market, ticks: number): string {
  return formatScaled(ticks * market.tickUnits, market.priceDecimals, market.priceDecimals);
}

function averagePrice({ market, filledLots, filledNotionalUnits }: OrderView): string | null {
  if (filledLots === 0) return null;
  const quantityUnits = BigInt(filledLots) * BigInt(market.lotUnits);
  const scale = 10n ** BigInt(market.qtyDecimals);
  const units = (BigInt(filledNotionalUnits) * scale * 2n + quantityUnits) / (quantityUnits * 2n);
  return formatScaled(Number(units), market.quote.decimals, market.priceDecimals);
}

function reasonName({ status, reason }: OrderView): string | null {
  if (reason === 0) return null;
  return status === STATUS_REJECTED
    ? resultName(reason).toLowerCase()
    : CANCEL_REASON_NAMES[reason];
}
