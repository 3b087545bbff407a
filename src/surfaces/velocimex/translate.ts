import type { WireOrder } from '../../../schemas/velocimex.ts';
import { averagePriceUnits, priceNumber, quantityNumber } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import { ORDER_TYPE_NAMES, SIDE_NAMES, TIF_NAMES } from '../../domain/orders.ts';
import { hasOwnPrice } from '../../gateway/order-terms.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { isoMicros } from '../../lib/clock.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import { flagsToWire } from './order-flags.ts';
import { reasonWord, statusWord } from './vocabulary.ts';

/** Decimals an average price may have beyond those of its market. */
const AVERAGE_EXTRA_DECIMALS = 6;

/** Pairs are written with a slash here, `BTC/USDT`; an equity stays `AAPL`. */
export function symbolToWire(market: Market): string {
  return market.symbol.replace('-', '/');
}

/** A time of 0 means that nothing has happened yet. */
export function timeToWire(seconds: number, nanos: number): string | null {
  return seconds === 0 ? null : isoMicros(seconds, nanos);
}

/** The data format "Order" with its extensions, in REST replies and on the socket. */
export function orderToWire(order: OrderView): WireOrder {
  const { market } = order;
  const { triggerTicks, expireSeconds, expireNanos } = order.extension;
  return {
    order_id: String(order.orderId),
    timestamp: isoMicros(order.updatedSeconds, order.updatedNanos),
    exchange: market.exchange,
    symbol: symbolToWire(market),
    side: SIDE_NAMES[order.side],
    type: ORDER_TYPE_NAMES[order.orderType],
    quantity: quantityNumber(market, order.qtyLots),
    price: hasOwnPrice(order.orderType) ? priceNumber(market, order.priceTicks) : null,
    stop_price: triggerTicks === 0 ? null : priceNumber(market, triggerTicks),
    status: statusWord(order.status),
    filled_quantity: quantityNumber(market, order.filledLots),
    remaining_quantity: quantityNumber(market, order.qtyLots - order.filledLots),
    average_price: averagePriceToWire(market, order.filledLots, order.filledNotionalUnits),
    fee: scaledToNumber(order.feeUnits, market.quote.decimals),
    fee_asset: market.quote.name,
    time_in_force: TIF_NAMES[order.tif],
    expire_at: timeToWire(expireSeconds, expireNanos),
    ...flagsToWire(order.flags),
    client_order_id: order.clientOrderId === '' ? null : order.clientOrderId,
    portfolio_id: String(order.portfolioId),
    created_at: isoMicros(order.createdSeconds, order.createdNanos),
    reason: reasonWord(order.status, order.reason),
  };
}

/** What one unit of a quantity cost; `null` of nothing. */
export function averagePriceToWire(
  market: Market,
  lots: number,
  notionalUnits: number,
): number | null {
  if (lots === 0) return null;
  const decimals = market.priceDecimals + AVERAGE_EXTRA_DECIMALS;
  return scaledToNumber(averagePriceUnits(market, lots, notionalUnits, decimals), decimals);
}
