import type { PlaceOrderBody } from '../../../schemas/octopus-orders.ts';
import { lotsOf, ticksOf } from '../../codec/decimals.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_NAMES,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
  TIF_NAMES,
} from '../../domain/orders.ts';
import {
  PRICE_OFF_TICK,
  QUANTITY_OFF_LOT,
  TRIGGER_PRICE_INVALID,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import { marketOf } from '../../gateway/market-lookup.ts';
import type { PlaceRequest, Venue } from '../../gateway/venue.ts';
import { ownPortfolio } from './portfolio-access.ts';

/** Turns a validated body into the venue's request, or says what is wrong with it. */
export function toPlaceRequest(
  body: PlaceOrderBody,
  userId: number,
  venue: Venue,
): PlaceRequest | Refusal {
  const conflict = contradiction(body);
  if (conflict !== undefined) return conflict;
  const market = marketOf(venue.markets, body.symbol, body.exchange);
  if (market instanceof Refusal) return market;
  const qtyLots = lotsOf(market, String(body.quantity));
  if (qtyLots === undefined) return refusalOfResult(QUANTITY_OFF_LOT, body);
  const { limit, stop } = pricesOf(body);
  const priceTicks = limit === undefined ? 0 : ticksOf(market, String(limit));
  if (priceTicks === undefined) return refusalOfResult(PRICE_OFF_TICK, body);
  const triggerTicks = stop === undefined ? 0 : ticksOf(market, String(stop));
  if (triggerTicks === undefined) return refusalOfResult(TRIGGER_PRICE_INVALID, body);
  const portfolioId = portfolioOf(body, userId, venue);
  if (portfolioId instanceof Refusal) return portfolioId;
  return {
    market,
    userId,
    portfolioId,
    side: body.side === 'buy' ? SIDE_BUY : SIDE_SELL,
    orderType: ORDER_TYPE_NAMES.indexOf(body.order_type),
    tif: tifOf(body),
    flags: body.post_only === true ? ORDER_FLAG_POST_ONLY : 0,
    priceTicks,
    qtyLots,
    triggerTicks,
    clientOrderId: body.client_order_id ?? '',
  };
}

/** A stop order may give its stop price as `price`, since the document has no other field. */
function pricesOf({ order_type: type, price, stop_price: stopPrice }: PlaceOrderBody) {
  if (type === 'stop') return { limit: undefined, stop: stopPrice ?? price };
  return { limit: price, stop: stopPrice };
}

/** Fields that do not go together. What an order would not honour is refused, never dropped. */
function contradiction(body: PlaceOrderBody): Refusal | undefined {
  const { order_type: type, price, stop_price: stopPrice, time_in_force: tif } = body;
  const hasPrice = type === 'limit' || type === 'stop_limit';
  const missing = (name: string) =>
    invalidParameter(name, null, `${name} is required for ${type} orders`);
  const stray = (name: string, value: unknown) =>
    invalidParameter(name, value, `${type} orders take no ${name}`);
  if (hasPrice && price === undefined) return missing('price');
  if (type === 'market' && price !== undefined) return stray('price', price);
  if (type === 'stop_limit' && stopPrice === undefined) return missing('stop_price');
  if (type === 'stop' && stopPrice === undefined && price === undefined) {
    return missing('stop_price');
  }
  if (type === 'stop' && stopPrice !== undefined && price !== undefined && price !== stopPrice) {
    return stray('price', price);
  }
  if ((type === 'market' || type === 'limit') && stopPrice !== undefined) {
    return stray('stop_price', stopPrice);
  }
  if (type === 'market' && tif !== undefined && tif !== 'ioc' && tif !== 'fok') {
    return invalidParameter('time_in_force', tif, 'market orders are ioc or fok');
  }
  if (body.post_only === true && (!hasPrice || tif === 'ioc' || tif === 'fok')) {
    const message = 'only limit orders that may rest can be post_only';
    return invalidParameter('post_only', true, message);
  }
  return undefined;
}

function tifOf({ time_in_force: tif, order_type: type }: PlaceOrderBody): number {
  if (tif === undefined) return type === 'market' ? TIF_IOC : TIF_GTC;
  return TIF_NAMES.indexOf(tif);
}

function portfolioOf(body: PlaceOrderBody, userId: number, venue: Venue): number | Refusal {
  if (body.portfolio_id === undefined) {
    return venue.defaultPortfolioId(userId) ?? refusalOfResult(UNKNOWN_PORTFOLIO, {});
  }
  const info = ownPortfolio(venue, userId, body.portfolio_id);
  return info instanceof Refusal ? info : info.portfolioId;
}
