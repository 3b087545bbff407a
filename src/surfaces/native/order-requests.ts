import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { AMEND_REDUCE_BY, AMEND_REMAINING, AMEND_TOTAL, PHASE_NAMES } from '../../domain/orders.ts';
import { tokenCredentials } from '../../gateway/streams/socket-credentials.ts';
import type { OrderView } from '../../gateway/venue.ts';
import type { Credentials } from '../../identity/principal.ts';
import { Fields, parseId } from './fields.ts';
import { REPLACE_FIELDS } from './order-fields.ts';
import { orderToWire } from './order-wire.ts';
import { type PlaceTerms, parseTerms } from './place-request.ts';
import { type Envelope, type RequestId, resolveMarket, StreamRequestError } from './requests.ts';

const MAX_CREDENTIAL_CHARACTERS = 4096;
/** A dead man's switch that nobody renews within a day is no such thing. */
const MAX_SWITCH_SECONDS = 86_400;
/** An operator may not begin an auction: it begins when a crossed book opens. */
const SETTABLE_PHASES = PHASE_NAMES.slice(0, 4);

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

/** Which order is meant: by our id, or by the client's and perhaps its portfolio. */
export type OrderName =
  | { readonly orderId: number }
  | { readonly clientOrderId: string; readonly portfolioId: number | undefined };

/** Reads `order_id`, or else `client_order_id` with an optional `portfolio_id`. */
export function parseOrderName({ id, body }: Envelope): OrderName {
  const fields = new Fields(id, body);
  if (body.client_order_id === undefined) return { orderId: fields.orderId() };
  if (body.order_id !== undefined) {
    throw fields.invalid('client_order_id', 'give either "order_id" or "client_order_id"');
  }
  const clientOrderId = fields.clientOrderId();
  if (clientOrderId === '') throw fields.invalid('client_order_id', '"client_order_id" is text');
  const { portfolio_id: portfolio } = body;
  const portfolioId = portfolio === undefined ? undefined : parseId(id, 'portfolio_id', portfolio);
  return { clientOrderId, portfolioId };
}

const QUANTITIES = [
  ['quantity', AMEND_TOTAL],
  ['remaining_quantity', AMEND_REMAINING],
  ['reduce_by', AMEND_REDUCE_BY],
] as const;

/** Reads `price` and one of the quantities of `order.amend`, whose order is known by now. */
export function parseAmendment({ id, body }: Envelope, market: Market) {
  const fields = new Fields(id, body);
  const [first, second] = QUANTITIES.filter(([name]) => fields.has(name));
  if (second !== undefined) {
    throw fields.invalid(second[0], `give either "${first[0]}" or "${second[0]}"`);
  }
  const priceTicks = fields.has('price') ? fields.ticks('price', market) : 0;
  if (first === undefined && priceTicks === 0) {
    throw fields.invalid('price', 'give a "price" or a quantity, or both');
  }
  const [name, mode] = first ?? QUANTITIES[0];
  return { mode, priceTicks, qtyLots: first === undefined ? 0 : fields.lots(name, market) };
}

/**
 * The terms of the order that takes another's place: what the request names, for the rest those of
 * the old order, of which what is open; of another type only what every type has.
 */
export function parseReplacement({ id, body }: Envelope, old: OrderView): PlaceTerms {
  const wire: Readonly<Record<string, unknown>> = { ...orderToWire(old) };
  const isOtherType = body.type !== undefined && body.type !== wire.type;
  const kept = isOtherType ? ['side'] : ['side', ...REPLACE_FIELDS];
  const inherited = Object.fromEntries(
    kept.filter((name) => name !== 'client_order_id').map((name) => [name, wire[name]]),
  );
  const isOtherTif = body.time_in_force !== undefined && body.time_in_force !== 'gtd';
  if (isOtherTif) inherited.expire_at = undefined;
  const fields = new Fields(id, { ...inherited, quantity: wire.remaining_quantity, ...body });
  const own = parseTerms(fields, old.market);
  return {
    ...own,
    portfolioId: old.portfolioId,
    replacesOrderId: old.orderId,
    replacesTradedLots: old.filledLots,
  };
}

/** The market and portfolio that a mass cancel names, `undefined` where it names none. */
export function parseScope({ id, body }: Envelope, registry: MarketRegistry) {
  const market = body.market === undefined ? undefined : resolveMarket(id, body.market, registry);
  return { market, portfolioId: new Fields(id, body).optionalId('portfolio_id') };
}

export function parseSwitchSeconds({ id, body }: Envelope): number {
  return new Fields(id, body).whole('seconds', 0, MAX_SWITCH_SECONDS);
}

export function parseEnabled({ id, body }: Envelope): boolean {
  const fields = new Fields(id, body);
  if (body.enabled === undefined) throw fields.invalid('enabled', '"enabled" is true or false');
  return fields.flag('enabled');
}

export function parsePhase({ id, body }: Envelope): number {
  return new Fields(id, body).oneOf('phase', SETTABLE_PHASES);
}

/** A price in ticks; 0 for `null`, which takes the reference away. */
export function parseReference({ id, body }: Envelope, market: Market): number {
  return body.price === null ? 0 : new Fields(id, body).ticks('price', market);
}
