import type { WireOrder } from '../../../schemas/velocimex.ts';
import type { Market } from '../../domain/markets.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_TYPE_NAMES,
  SIDE_NAMES,
  TIF_NAMES,
} from '../../domain/orders.ts';
import { hasOwnPrice } from '../../gateway/order-terms.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { isoMicros } from '../../lib/clock.ts';
import { parseScaled, scaledToNumber } from '../../lib/fixed-point.ts';
import { reasonWord, statusWord } from './vocabulary.ts';

/** Decimals an average price may have beyond those of its market. */
const AVERAGE_EXTRA_DECIMALS = 6;

/** Pairs are written with a slash here, `BTC/USDT`; an equity stays `AAPL`. */
export function symbolToWire(market: Market): string {
  return market.symbol.replace('-', '/');
}

/** A price in ticks as the JSON number that prints exactly. */
export function priceToWire(market: Market, priceTicks: number): number {
  return scaledToNumber(priceTicks * market.tickUnits, market.priceDecimals);
}

/** A quantity in lots as the JSON number that prints exactly. */
export function quantityToWire(market: Market, qtyLots: number): number {
  return scaledToNumber(qtyLots * market.lotUnits, market.qtyDecimals);
}

/** A time of 0 means that nothing has happened yet. */
export function timeToWire(seconds: number, nanos: number): string | null {
  return seconds === 0 ? null : isoMicros(seconds, nanos);
}

/** The price in ticks; `undefined` when it is no positive multiple of the tick. */
export function ticksOf(market: Market, price: number): number | undefined {
  return steps(price, market.priceDecimals, market.tickUnits);
}

/** The quantity in lots; `undefined` when it is no positive multiple of the lot. */
export function lotsOf(market: Market, quantity: number): number | undefined {
  return steps(quantity, market.qtyDecimals, market.lotUnits);
}

/** A JSON number's shortest text is what the client wrote, and from there all is integer. */
function steps(value: number, decimals: number, stepUnits: number): number | undefined {
  const units = parseScaled(String(value), decimals);
  return units === undefined || units <= 0 || units % stepUnits !== 0
    ? undefined
    : units / stepUnits;
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
    quantity: quantityToWire(market, order.qtyLots),
    price: hasOwnPrice(order.orderType) ? priceToWire(market, order.priceTicks) : null,
    stop_price: triggerTicks === 0 ? null : priceToWire(market, triggerTicks),
    status: statusWord(order.status),
    filled_quantity: quantityToWire(market, order.filledLots),
    remaining_quantity: quantityToWire(market, order.qtyLots - order.filledLots),
    average_price: averagePriceToWire(market, order.filledLots, order.filledNotionalUnits),
    fee: scaledToNumber(order.feeUnits, market.quote.decimals),
    fee_asset: market.quote.name,
    time_in_force: TIF_NAMES[order.tif],
    expire_at: timeToWire(expireSeconds, expireNanos),
    post_only: (order.flags & (ORDER_FLAG_POST_ONLY | ORDER_FLAG_POST_ONLY_SLIDE)) !== 0,
    client_order_id: order.clientOrderId === '' ? null : order.clientOrderId,
    portfolio_id: String(order.portfolioId),
    created_at: isoMicros(order.createdSeconds, order.createdNanos),
    reason: reasonWord(order.status, order.reason),
  };
}

/** Notional over quantity, rounded half up; in big integers, because the product is larger than 2^53. */
export function averagePriceToWire(
  market: Market,
  lots: number,
  notionalUnits: number,
): number | null {
  if (lots === 0) return null;
  const decimals = market.priceDecimals + AVERAGE_EXTRA_DECIMALS;
  const notional = BigInt(notionalUnits) * 10n ** BigInt(market.qtyDecimals + decimals);
  const quantity = BigInt(lots * market.lotUnits) * 10n ** BigInt(market.quote.decimals);
  return scaledToNumber(Number((notional * 2n + quantity) / (quantity * 2n)), decimals);
}
