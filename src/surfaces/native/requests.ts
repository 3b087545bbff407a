import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { parseMessageText } from '../../gateway/http/client-json.ts';
import { JsonFault } from '../../lib/strict-json.ts';
import { type BinaryRequestId, MarketNumber } from './binary-values.ts';
import { PLACE_FIELDS, REPLACE_FIELDS } from './order-fields.ts';

/** Given back in the answer; `null` when the client sent none. */
export type RequestId = string | number | null | BinaryRequestId;

/** A client's message before its fields are looked at. */
export interface Envelope {
  readonly op: string;
  readonly id: RequestId;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A refusal of one request; the connection and its subscriptions go on. */
export class StreamRequestError extends Error {
  readonly id: RequestId;
  /** Upper-case and stable: a code of this stream, or a result code's name. */
  readonly code: string;
  /** `parameter` and `value` name the culprit where there is one. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    id: RequestId,
    code: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.id = id;
    this.code = code;
    this.details = details;
  }
}

const MAX_ID_CHARACTERS = 64;
/** Of all channels together; each says which of them are its own. */
const SUBSCRIPTION_FIELDS = [
  'op',
  'id',
  'channel',
  'market',
  'portfolio_id',
  'resume',
  'depth',
  'conflate',
  'interval',
  'limit',
];
/** Fields of each operation; an unknown one is refused, because it is a misspelt known one. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  subscribe: SUBSCRIPTION_FIELDS,
  unsubscribe: SUBSCRIPTION_FIELDS,
  ping: ['op', 'id'],
  markets: ['op', 'id'],
  login: ['op', 'id', 'token', 'api_key', 'api_secret'],
  'session.logon': ['op', 'id', 'token', 'api_key', 'api_secret'],
  'session.heartbeat': ['op', 'id', 'interval_ms'],
  'order.place': ['op', 'id', ...PLACE_FIELDS],
  'order.cancel': ['op', 'id', 'order_id'],
  'order.amend': ['op', 'id', 'order_id', 'price', 'quantity', 'remaining_quantity', 'reduce_by'],
  'order.replace': ['op', 'id', 'order_id', ...REPLACE_FIELDS],
  'order.cancel_all': ['op', 'id', 'market', 'portfolio_id'],
  'order.cancel_all_after': ['op', 'id', 'seconds', 'market', 'portfolio_id'],
  'session.cancel_on_disconnect': ['op', 'id', 'enabled'],
  'admin.set_phase': ['op', 'id', 'market', 'phase'],
  'admin.set_reference': ['op', 'id', 'market', 'price'],
  'order.status': ['op', 'id', 'order_id', 'client_order_id', 'portfolio_id'],
};

/**
 * Reads a client message as far as every operation is alike. Throws a `StreamRequestError` that
 * says what is wrong with it.
 */
export function parseEnvelope(text: string): Envelope {
  const body = parseObject(text);
  const id = requestId(body.id);
  const { op } = body;
  if (typeof op !== 'string' || !Object.hasOwn(FIELDS, op)) {
    throw new StreamRequestError(
      id,
      'UNKNOWN_OP',
      `"op" is one of ${Object.keys(FIELDS).join(', ')}`,
    );
  }
  checkFields(op, id, body);
  return { op, id, body };
}

/** Throws where a known operation is given a field that it does not have. */
export function checkFields(op: string, id: RequestId, body: Envelope['body']): void {
  for (const field of Object.keys(body)) {
    if (!FIELDS[op].includes(field)) {
      throw new StreamRequestError(id, 'INVALID_REQUEST', `${op} has no field "${clip(field)}"`);
    }
  }
}

function parseObject(text: string): Record<string, unknown> {
  const parsed = parseMessageText(text);
  if (parsed instanceof JsonFault) {
    throw new StreamRequestError(null, 'INVALID_JSON', `the message ${parsed.message}`);
  }
  const body = parsed.value;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new StreamRequestError(null, 'INVALID_REQUEST', 'a message is a JSON object');
  }
  return body as Record<string, unknown>;
}

function requestId(id: unknown): RequestId {
  if (id === undefined || id === null) return null;
  if (typeof id === 'number') return id;
  if (typeof id === 'string' && id.length <= MAX_ID_CHARACTERS) return id;
  throw new StreamRequestError(
    null,
    'INVALID_REQUEST',
    `"id" is a number or a string of at most ${MAX_ID_CHARACTERS} characters`,
  );
}

/** `*`, `binance:*`, or what names one market. */
export function resolveMarkets(id: RequestId, name: unknown, registry: MarketRegistry): Market[] {
  if (name === '*') return [...registry.all];
  if (typeof name === 'string' && name.endsWith(':*')) {
    const exchange = registry.exchangeName(name.slice(0, -2));
    if (exchange === undefined) throw noExchange(id, name);
    return registry.all.filter((market) => market.exchange === exchange);
  }
  return [resolveMarket(id, name, registry)];
}

/** `binance:BTC-USDT` in any spelling, or a symbol that only one exchange has. */
export function resolveMarket(id: RequestId, name: unknown, registry: MarketRegistry): Market {
  if (name instanceof MarketNumber) {
    const numbered = registry.get(name.id);
    if (numbered !== undefined) return numbered;
    throw new StreamRequestError(id, 'UNKNOWN_MARKET', `there is no market of id ${name.id}`);
  }
  if (typeof name !== 'string' || name === '') {
    throw new StreamRequestError(id, 'UNKNOWN_MARKET', '"market" is a name like binance:BTC-USDT');
  }
  const colon = name.indexOf(':');
  if (colon < 0) return loneMarket(id, name, registry);
  const market = registry.resolve(name.slice(0, colon), name.slice(colon + 1));
  if (market !== undefined) return market;
  if (registry.exchangeName(name.slice(0, colon)) === undefined) throw noExchange(id, name);
  throw new StreamRequestError(id, 'UNKNOWN_MARKET', `there is no market "${clip(name)}"`);
}

function noExchange(id: RequestId, name: string): StreamRequestError {
  const message = `no exchange is named in "${clip(name)}"`;
  return new StreamRequestError(id, 'UNKNOWN_MARKET', message);
}

function loneMarket(id: RequestId, symbol: string, registry: MarketRegistry): Market {
  const found = registry.exchanges
    .map((exchange) => registry.resolve(exchange, symbol))
    .filter((market) => market !== undefined);
  if (found.length === 1) return found[0];
  const message =
    found.length === 0
      ? `there is no market "${clip(symbol)}"`
      : `"${clip(symbol)}" is traded on several exchanges: name one, as in ${found[0].exchange}:${found[0].symbol}`;
  throw new StreamRequestError(id, 'UNKNOWN_MARKET', message);
}

/** A client's text as it may stand in a message of ours. */
export function clip(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}
