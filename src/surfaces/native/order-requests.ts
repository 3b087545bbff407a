import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_NAMES,
  SIDE_NAMES,
  TIF_FOK,
  TIF_GTC,
  TIF_IOC,
  TIF_NAMES,
} from '../../domain/orders.ts';
import { PRICE_OFF_TICK, QUANTITY_OFF_LOT } from '../../domain/result-codes.ts';
import { type Refusal, valueText } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import { tokenCredentials } from '../../gateway/streams/socket-credentials.ts';
import type { PlaceRequest } from '../../gateway/venue.ts';
import type { Credentials } from '../../identity/principal.ts';
import { parseScaled } from '../../lib/fixed-point.ts';
import { type Envelope, type RequestId, resolveMarket, StreamRequestError } from './requests.ts';

/** What a client asks for, without whose it is: that the connection knows. */
export type PlaceTerms = Omit<PlaceRequest, 'userId' | 'portfolioId'> & {
  /** `undefined`: the caller's default portfolio. */
  readonly portfolioId: number | undefined;
};

/** Ids are whole numbers that a JavaScript number holds exactly, as text or as a JSON number. */
const ID = /^[1-9]\d{0,14}$/;
const CLIENT_ORDER_ID = /^[ -~]{1,36}$/;
/** Decimal text is plain, and no longer than any price or quantity can be. */
const DECIMAL_TEXT = /^-?\d{1,24}(?:\.\d{1,24})?$/;
const MAX_CREDENTIAL_CHARACTERS = 4096;
/** What this stream takes so far of the engine's order types and times in force. */
const TYPES = ORDER_TYPE_NAMES.slice(0, ORDER_TYPE_MARKET + 1);
const TIMES_IN_FORCE = TIF_NAMES.slice(0, TIF_FOK + 1);

/** Reads the fields of `order.place`. Throws a `StreamRequestError` that names the wrong one. */
export function parsePlace({ id, body }: Envelope, registry: MarketRegistry): PlaceTerms {
  const market = resolveMarket(id, body.market, registry);
  const side = oneOf(id, 'side', body.side, SIDE_NAMES);
  const orderType = oneOf(id, 'type', body.type, TYPES);
  const qtyLots = steps(
    decimal(id, 'quantity', body.quantity),
    market.qtyDecimals,
    market.lotUnits,
  );
  if (qtyLots === undefined) throw ofResult(id, QUANTITY_OFF_LOT, body);
  const tif = timeInForce(id, body.time_in_force, orderType);
  return {
    market,
    side,
    orderType,
    tif,
    flags: isPostOnly(id, body.post_only, orderType, tif) ? ORDER_FLAG_POST_ONLY : 0,
    priceTicks: orderType === ORDER_TYPE_MARKET ? noPrice(id, body) : priceTicks(id, body, market),
    qtyLots,
    clientOrderId: clientOrderId(id, body.client_order_id),
    portfolioId:
      body.portfolio_id === undefined ? undefined : parseId(id, 'portfolio_id', body.portfolio_id),
  };
}

/** Reads an id of ours. */
export function parseId(id: RequestId, parameter: string, value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && ID.test(text)) return Number(text);
  throw invalid(id, parameter, value, `"${parameter}" is the id it was answered with, as text`);
}

/** Reads the fields of `login`: an access token, or an API key and its secret. */
export function parseLogin(
  id: RequestId,
  { token, api_key: apiKey, api_secret: apiSecret }: Envelope['body'],
  address: string,
): Credentials {
  if (apiKey === undefined && apiSecret === undefined) {
    return tokenCredentials(credential(id, 'token', token), address);
  }
  if (token === undefined) {
    return {
      authorization: '',
      apiKey: credential(id, 'api_key', apiKey),
      apiSecret: credential(id, 'api_secret', apiSecret),
      address: () => address,
    };
  }
  const message = 'login takes a "token", or an "api_key" and its "api_secret"';
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, { parameter: 'token' });
}

function credential(id: RequestId, parameter: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_CREDENTIAL_CHARACTERS) {
    return value;
  }
  // The value is not shown: it may be a credential all the same.
  const message = `"${parameter}" is text; login takes a "token", or an "api_key" and its "api_secret"`;
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, { parameter });
}

/** The refusal for a result code, in this stream's form. */
export function ofResult(
  id: RequestId,
  code: number,
  given: Parameters<typeof refusalOfResult>[1],
): StreamRequestError {
  return ofRefusal(id, refusalOfResult(code, given));
}

/** A refusal of the gateway's, in this stream's form. */
export function ofRefusal(id: RequestId, refusal: Refusal): StreamRequestError {
  const { code, message, details, retryAfterSeconds } = refusal;
  return new StreamRequestError(
    id,
    code,
    message,
    retryAfterSeconds === undefined
      ? details
      : { ...details, retry_after_seconds: retryAfterSeconds },
  );
}

function priceTicks(id: RequestId, body: Envelope['body'], market: Market): number {
  if (body.price === undefined) {
    throw invalid(id, 'price', null, 'limit orders need a "price"');
  }
  const text = decimal(id, 'price', body.price);
  const ticks = steps(text, market.priceDecimals, market.tickUnits);
  if (ticks === undefined) throw ofResult(id, PRICE_OFF_TICK, body);
  return ticks;
}

function noPrice(id: RequestId, { price }: Envelope['body']): number {
  if (price === undefined || price === null) return 0;
  throw invalid(id, 'price', price, 'market orders take no "price"');
}

function timeInForce(id: RequestId, value: unknown, orderType: number): number {
  if (value === undefined) return orderType === ORDER_TYPE_LIMIT ? TIF_GTC : TIF_IOC;
  const tif = oneOf(id, 'time_in_force', value, TIMES_IN_FORCE);
  if (orderType === ORDER_TYPE_LIMIT || tif !== TIF_GTC) return tif;
  throw invalid(id, 'time_in_force', value, 'market orders are ioc or fok');
}

function isPostOnly(id: RequestId, value: unknown, orderType: number, tif: number): boolean {
  if (value === undefined || value === false) return false;
  if (value !== true) throw invalid(id, 'post_only', value, '"post_only" is true or false');
  if (orderType === ORDER_TYPE_LIMIT && tif === TIF_GTC) return true;
  throw invalid(id, 'post_only', value, 'only gtc limit orders can be post_only');
}

/** Which order is meant: by our id, or by the client's and perhaps its portfolio. */
export type OrderName =
  | { readonly orderId: number }
  | { readonly clientOrderId: string; readonly portfolioId: number | undefined };

/** Reads `order_id`, or else `client_order_id` with an optional `portfolio_id`. */
export function parseOrderName({ id, body }: Envelope): OrderName {
  if (body.client_order_id === undefined) {
    return { orderId: parseId(id, 'order_id', body.order_id) };
  }
  if (body.order_id !== undefined) {
    const message = 'give either "order_id" or "client_order_id"';
    throw invalid(id, 'client_order_id', body.client_order_id, message);
  }
  const name = clientOrderId(id, body.client_order_id);
  if (name === '') throw invalid(id, 'client_order_id', null, '"client_order_id" is text');
  const { portfolio_id: portfolio } = body;
  const portfolioId = portfolio === undefined ? undefined : parseId(id, 'portfolio_id', portfolio);
  return { clientOrderId: name, portfolioId };
}

function clientOrderId(id: RequestId, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' && CLIENT_ORDER_ID.test(value)) return value;
  const message = '"client_order_id" is 1 to 36 printable ASCII characters';
  throw invalid(id, 'client_order_id', value, message);
}

/** Decimal text of a quantity or price; a JSON number's shortest text is what the client wrote. */
function decimal(id: RequestId, parameter: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && DECIMAL_TEXT.test(value)) return value;
  throw invalid(id, parameter, value, `"${parameter}" is a decimal number as text, like "150.50"`);
}

/** Whole steps in a decimal; `undefined` when it is no positive multiple of the step. */
function steps(text: string, decimals: number, stepUnits: number): number | undefined {
  const units = parseScaled(text, decimals);
  return units === undefined || units <= 0 || units % stepUnits !== 0
    ? undefined
    : units / stepUnits;
}

function oneOf(id: RequestId, parameter: string, value: unknown, names: readonly string[]): number {
  const found = (names as readonly unknown[]).indexOf(value);
  if (found >= 0) return found;
  throw invalid(id, parameter, value, `"${parameter}" is one of ${names.join(', ')}`);
}

function invalid(
  id: RequestId,
  parameter: string,
  value: unknown,
  message: string,
): StreamRequestError {
  const details = { parameter, value: valueText(value) };
  return new StreamRequestError(id, 'INVALID_REQUEST', message, details);
}
