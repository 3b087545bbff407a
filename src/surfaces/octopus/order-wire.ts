import type { WireOrder, WireStatus } from '../../../schemas/octopus-orders.ts';
import { averagePriceUnits, priceNumber, quantityNumber } from '../../codec/decimals.ts';
import {
  CANCEL_REASON_NAMES,
  ORDER_TYPE_NAMES,
  ORDER_TYPE_STOP,
  SIDE_NAMES,
  STATUS_NAMES,
  STATUS_OPEN,
  STATUS_REJECTED,
  TIF_NAMES,
} from '../../domain/orders.ts';
import { resultName } from '../../domain/result-codes.ts';
import { hasOwnPrice } from '../../gateway/order-terms.ts';
import type { UserFill } from '../../gateway/user-fills.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { isoMicros } from '../../lib/clock.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { orderUuid, portfolioUuid } from './ids.ts';

const AVERAGE_EXTRA_DECIMALS = 6;

/** An order as it stands. A stop order's price is its stop price, however it was given. */
export function orderToWire(order: OrderView): WireOrder {
  const { market, orderType, filledLots } = order;
  const { triggerTicks } = order.extension;
  const stopPrice = triggerTicks === 0 ? null : priceNumber(market, triggerTicks);
  const ownPrice = hasOwnPrice(orderType) ? priceNumber(market, order.priceTicks) : null;
  return {
    id: orderUuid(order.orderId),
    portfolio_id: portfolioUuid(order.portfolioId),
    symbol: market.symbol,
    exchange: market.exchange,
    side: SIDE_NAMES[order.side],
    order_type: ORDER_TYPE_NAMES[orderType],
    quantity: quantityNumber(market, order.qtyLots),
    price: orderType === ORDER_TYPE_STOP ? stopPrice : ownPrice,
    stop_price: stopPrice,
    status: statusWord(order),
    time_in_force: TIF_NAMES[order.tif],
    filled_quantity: quantityNumber(market, filledLots),
    remaining_quantity: quantityNumber(market, order.qtyLots - filledLots),
    average_price: averagePrice(order),
    fee: scaledToNumber(order.feeUnits, market.quote.decimals),
    fee_asset: market.quote.name,
    client_order_id: order.clientOrderId === '' ? null : order.clientOrderId,
    reason: reasonWord(order),
    created_at: isoMicros(order.createdSeconds, order.createdNanos),
    updated_at: isoMicros(order.updatedSeconds, order.updatedNanos),
  };
}

/**
 * The first answer to a new order, which is `pending` whatever has become of it: fills are told by
 * later answers and by the sockets. What the book would not take is told at once.
 */
export function placedToWire(order: OrderView): WireOrder {
  const { createdSeconds: updatedSeconds, createdNanos: updatedNanos } = order;
  if (order.status === STATUS_REJECTED) return orderToWire(order);
  const untouched = { filledLots: 0, filledNotionalUnits: 0, feeUnits: 0, reason: 0 };
  const first = { ...order, ...untouched, updatedSeconds, updatedNanos, status: STATUS_OPEN };
  return { ...orderToWire(first), status: 'pending' };
}

/** A stop order that was not triggered yet is `pending`. */
export function statusWord({ status, extension }: OrderView): WireStatus {
  return status === STATUS_OPEN && extension.waiting !== 0 ? 'pending' : STATUS_NAMES[status];
}

/** True for an order to which nothing has happened since it was answered as `pending`. */
export function isPending({ status, filledLots }: OrderView): boolean {
  return status <= STATUS_OPEN && filledLots === 0;
}

/** One side of a trade, as the owner of its order is told. */
export function fillToWire(fill: UserFill) {
  const { market } = fill;
  return {
    trade_id: String(fill.tradeId),
    order_id: orderUuid(fill.orderId),
    portfolio_id: portfolioUuid(fill.portfolioId),
    symbol: market.symbol,
    exchange: market.exchange,
    side: SIDE_NAMES[fill.side],
    quantity: quantityNumber(market, fill.qtyLots),
    price: priceNumber(market, fill.priceTicks),
    fee: scaledToNumber(fill.feeUnits, market.quote.decimals),
    fee_asset: market.quote.name,
    /** `null` in an auction, where nobody takes. */
    liquidity: fill.maker === null ? null : fill.maker ? 'maker' : 'taker',
    timestamp: isoMicros(fill.seconds, fill.nanos),
  };
}

function averagePrice({ market, filledLots, filledNotionalUnits }: OrderView): number | null {
  if (filledLots === 0) return null;
  const decimals = market.priceDecimals + AVERAGE_EXTRA_DECIMALS;
  const units = averagePriceUnits(market, filledLots, filledNotionalUnits, decimals);
  return scaledToNumber(units, decimals);
}

function reasonWord({ status, reason }: OrderView): string | null {
  if (reason === 0) return null;
  if (status === STATUS_REJECTED) return resultName(reason).toLowerCase();
  return CANCEL_REASON_NAMES[reason] ?? null;
}
