import type { PlaceOrderBody } from '../../../schemas/velocimex.ts';
import { lotsOf, ticksOf } from '../../codec/decimals.ts';
import {
  ORDER_TYPE_NAMES,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
  TIF_NAMES,
} from '../../domain/orders.ts';
import {
  EXPIRY_INVALID,
  PRICE_OFF_TICK,
  QUANTITY_OFF_LOT,
  TRIGGER_PRICE_INVALID,
  UNKNOWN_MARKET,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { PlaceRequest, Venue } from '../../gateway/venue.ts';
import { flagsOf } from './order-flags.ts';

/** Turns a validated request body into the venue's request, or says what is wrong with it. */
export function toPlaceRequest(
  body: PlaceOrderBody,
  userId: number,
  venue: Venue,
): PlaceRequest | Refusal {
  const conflict = contradiction(body);
  if (conflict !== undefined) return conflict;
  const market = venue.markets.resolve(body.exchange, body.symbol);
  if (market === undefined) {
    const known = venue.markets.exchangeName(body.exchange) !== undefined;
    return known ? refusalOfResult(UNKNOWN_MARKET, body) : unknownExchange(body.exchange);
  }
  // A JSON number's shortest text is what the client wrote, and from there all is integer.
  const qtyLots = lotsOf(market, String(body.quantity));
  if (qtyLots === undefined) return refusalOfResult(QUANTITY_OFF_LOT, body);
  const priceTicks = body.price === undefined ? 0 : ticksOf(market, String(body.price));
  if (priceTicks === undefined) return refusalOfResult(PRICE_OFF_TICK, body);
  const triggerTicks = body.stop_price === undefined ? 0 : ticksOf(market, String(body.stop_price));
  if (triggerTicks === undefined) return refusalOfResult(TRIGGER_PRICE_INVALID, body);
  const expireMs = body.expire_at === undefined ? 0 : Date.parse(body.expire_at);
  if (!(expireMs >= 0)) return refusalOfResult(EXPIRY_INVALID, body);
  const expireSeconds = Math.floor(expireMs / 1000);
  const portfolioId = portfolioOf(body, userId, venue);
  if (portfolioId === undefined) return refusalOfResult(UNKNOWN_PORTFOLIO, body);
  return {
    market,
    userId,
    portfolioId,
    side: body.side === 'buy' ? SIDE_BUY : SIDE_SELL,
    orderType: ORDER_TYPE_NAMES.indexOf(body.type),
    tif: tifOf(body),
    flags: flagsOf(body),
    priceTicks,
    qtyLots,
    triggerTicks,
    expireSeconds,
    expireNanos: (expireMs - expireSeconds * 1000) * 1_000_000,
    clientOrderId: body.client_order_id ?? '',
  };
}

export function unknownExchange(exchange: string): Refusal {
  return new Refusal('not_found', 'UNKNOWN_EXCHANGE', 'Unknown exchange', {
    details: { parameter: 'exchange', value: exchange },
  });
}

/** Fields that do not go together. What an order would not honour is refused, never dropped. */
function contradiction(body: PlaceOrderBody): Refusal | undefined {
  const { type, price, stop_price: stopPrice, time_in_force: tif } = body;
  const hasPrice = type === 'limit' || type === 'stop_limit';
  if (hasPrice && price === undefined) {
    return invalidParameter('price', null, `price is required for ${type} orders`);
  }
  if (!hasPrice && price !== undefined) {
    return invalidParameter('price', price, `${type} orders take no price`);
  }
  const isStop = type === 'stop' || type === 'stop_limit';
  if (isStop && stopPrice === undefined) {
    return invalidParameter('stop_price', null, `stop_price is required for ${type} orders`);
  }
  if (!isStop && stopPrice !== undefined) {
    return invalidParameter('stop_price', stopPrice, `${type} orders take no stop_price`);
  }
  if (type === 'market' && tif !== undefined && tif !== 'ioc' && tif !== 'fok') {
    return invalidParameter('time_in_force', tif, 'market orders are ioc or fok');
  }
  if (body.post_only === true && (!hasPrice || tif === 'ioc' || tif === 'fok')) {
    const message = 'only limit orders that may rest can be post_only';
    return invalidParameter('post_only', true, message);
  }
  if ((tif === 'gtd') !== (body.expire_at !== undefined)) {
    const message = 'gtd orders need expire_at, other orders have none';
    return invalidParameter('expire_at', body.expire_at ?? null, message);
  }
  return undefined;
}

function tifOf(body: PlaceOrderBody): number {
  if (body.time_in_force === undefined) return body.type === 'market' ? TIF_IOC : TIF_GTC;
  return TIF_NAMES.indexOf(body.time_in_force);
}

function portfolioOf(body: PlaceOrderBody, userId: number, venue: Venue): number | undefined {
  if (body.portfolio_id === undefined) return venue.defaultPortfolioId(userId);
  const portfolioId = Number(body.portfolio_id);
  return venue.ownsPortfolio(userId, portfolioId) ? portfolioId : undefined;
}
