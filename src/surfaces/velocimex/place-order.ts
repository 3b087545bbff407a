import type { ORDER_TYPES, PlaceOrderBody } from '../../../schemas/velocimex.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
  TIF_NAMES,
} from '../../domain/orders.ts';
import {
  PRICE_OFF_TICK,
  QUANTITY_OFF_LOT,
  UNKNOWN_MARKET,
  UNKNOWN_PORTFOLIO,
} from '../../domain/result-codes.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import type { PlaceRequest, Venue } from '../../gateway/venue.ts';
import { lotsOf, ticksOf } from './translate.ts';

/** Order types the engine takes; the others of the documents are refused by name. */
const SUPPORTED_TYPES: readonly string[] = [
  'limit',
  'market',
] satisfies (typeof ORDER_TYPES)[number][];

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
  const qtyLots = lotsOf(market, body.quantity);
  if (qtyLots === undefined) return refusalOfResult(QUANTITY_OFF_LOT, body);
  const isMarketOrder = body.type === 'market';
  const priceTicks = isMarketOrder ? 0 : ticksOf(market, body.price as number);
  if (priceTicks === undefined) return refusalOfResult(PRICE_OFF_TICK, body);
  const portfolioId = portfolioOf(body, userId, venue);
  if (portfolioId === undefined) return refusalOfResult(UNKNOWN_PORTFOLIO, body);
  return {
    market,
    userId,
    portfolioId,
    side: body.side === 'buy' ? SIDE_BUY : SIDE_SELL,
    orderType: isMarketOrder ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT,
    tif: tifOf(body),
    flags: body.post_only === true ? ORDER_FLAG_POST_ONLY : 0,
    priceTicks,
    qtyLots,
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
  const { type, price, time_in_force: tif } = body;
  if (!SUPPORTED_TYPES.includes(type)) {
    const message = `type ${type} is not supported; supported types are ${SUPPORTED_TYPES.join(', ')}`;
    return invalidParameter('type', type, message, { supported: SUPPORTED_TYPES });
  }
  if (body.stop_price !== undefined) {
    return invalidParameter('stop_price', body.stop_price, `${type} orders take no stop_price`);
  }
  if (type === 'limit' && price === undefined) {
    return invalidParameter('price', null, 'price is required for limit orders');
  }
  if (type === 'market' && price !== undefined) {
    return invalidParameter('price', price, 'market orders take no price');
  }
  if (type === 'market' && tif === 'gtc') {
    return invalidParameter('time_in_force', tif, 'market orders are ioc or fok');
  }
  if (body.post_only === true && (type === 'market' || (tif ?? 'gtc') !== 'gtc')) {
    return invalidParameter('post_only', true, 'only gtc limit orders can be post_only');
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
