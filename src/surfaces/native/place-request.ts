import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import {
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  ORDER_TYPE_NAMES,
  ORDER_TYPE_PEGGED,
  ORDER_TYPE_STOP,
  ORDER_TYPE_STOP_LIMIT,
  ORDER_TYPE_TRAILING_STOP,
  PEG_NAMES,
  PEG_OPPOSITE,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
  TIF_DAY,
  TIF_FOK,
  TIF_GTC,
  TIF_GTD,
  TIF_IOC,
  TIF_NAMES,
  TRAIL_BPS,
  TRAIL_UNIT_NAMES,
} from '../../domain/orders.ts';
import type { PlaceRequest } from '../../gateway/venue.ts';
import { TimePoint } from './binary-values.ts';
import { Fields } from './fields.ts';
import { LEG_FIELDS } from './order-fields.ts';
import { flagsOf } from './order-flags.ts';
import { type Envelope, resolveMarket } from './requests.ts';

/** What a client asks for, without whose it is: that the connection knows. */
export type PlaceTerms = Omit<PlaceRequest, 'userId' | 'portfolioId'> & {
  /** `undefined`: the caller's default portfolio. */
  readonly portfolioId: number | undefined;
};

/** An order in `order.place`, and its place among those it came with. */
export interface PlacedLeg {
  readonly terms: PlaceTerms;
  readonly ocoOf: number;
  readonly childOf: number;
}

/** As many as the book lets an order have. */
const MAX_CHILDREN = 4;
const DIGITS = /^\d{1,15}$/;

/**
 * Reads `order.place`: the order, then its partner, then its children, each with its own partner.
 * Throws a `StreamRequestError` that names the wrong field.
 */
export function parsePlace({ id, body }: Envelope, registry: MarketRegistry): PlacedLeg[] {
  const fields = new Fields(id, body);
  const market = resolveMarket(id, body.market, registry);
  const portfolioId = fields.optionalId('portfolio_id');
  const first = { ...parseTerms(fields, market), portfolioId };
  const legs: PlacedLeg[] = [{ terms: first, ocoOf: -1, childOf: -1 }];
  const add = (value: unknown, name: string, ocoOf: number, childOf: number): Fields => {
    const allowed = childOf >= 0 && ocoOf < 0 ? [...LEG_FIELDS, 'oco'] : LEG_FIELDS;
    const leg = nested(fields, value, name, allowed);
    legs.push({ terms: { ...parseTerms(leg, market), portfolioId }, ocoOf, childOf });
    return leg;
  };
  if (body.oco !== undefined) add(body.oco, 'oco', 0, -1);
  if (body.children === undefined) return legs;
  const { children } = body;
  if (!Array.isArray(children) || children.length === 0 || children.length > MAX_CHILDREN) {
    throw fields.invalid('children', `"children" is a list of 1 to ${MAX_CHILDREN} orders`);
  }
  for (const child of children) {
    const at = legs.length;
    const leg = add(child, 'children', -1, 0);
    if (leg.body.oco !== undefined) add(leg.body.oco, 'oco', at, 0);
  }
  return legs;
}

/** Reads an order's own terms. */
export function parseTerms(fields: Fields, market: Market): Omit<PlaceTerms, 'portfolioId'> {
  const side = fields.oneOf('side', SIDE_NAMES);
  const orderType = fields.oneOf('type', ORDER_TYPE_NAMES);
  const qtyLots = fields.lots('quantity', market);
  const tif = timeInForce(fields, orderType);
  return {
    market,
    side,
    orderType,
    tif,
    flags: flagsOf(fields, mayRest(orderType, tif)),
    selfTrade: fields.has('self_trade_prevention')
      ? fields.oneOf('self_trade_prevention', SELF_TRADE_NAMES)
      : 0,
    priceTicks: priceOf(fields, orderType, market),
    qtyLots,
    triggerTicks: triggerOf(fields, orderType, market),
    ...trailOf(fields, orderType, market),
    ...pegOf(fields, orderType, market),
    displayLots: fields.has('display_quantity') ? fields.lots('display_quantity', market) : 0,
    ...expiryOf(fields, tif),
    ocoOrderId: fields.optionalId('oco_order_id') ?? 0,
    parentOrderId: fields.optionalId('parent_order_id') ?? 0,
    clientOrderId: fields.clientOrderId(),
  };
}

function nested(outer: Fields, value: unknown, name: string, allowed: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw outer.invalid(name, `"${name}" holds an order's fields`);
  }
  const body = value as Record<string, unknown>;
  for (const field of Object.keys(body)) {
    if (!allowed.includes(field)) {
      throw outer.invalid(name, `an order in "${name}" has no field "${field.slice(0, 64)}"`);
    }
  }
  return new Fields(outer.id, body);
}

function priceOf(fields: Fields, orderType: number, market: Market): number {
  const name = ORDER_TYPE_NAMES[orderType];
  if (
    orderType === ORDER_TYPE_MARKET ||
    orderType === ORDER_TYPE_STOP ||
    orderType === ORDER_TYPE_TRAILING_STOP
  ) {
    fields.absent('price', `${name} orders take no "price"`);
    return 0;
  }
  if (!fields.has('price')) throw fields.invalid('price', `${name} orders need a "price"`);
  return fields.ticks('price', market);
}

function timeInForce(fields: Fields, orderType: number): number {
  if (fields.body.time_in_force === undefined)
    return orderType === ORDER_TYPE_MARKET ? TIF_IOC : TIF_GTC;
  const tif = fields.oneOf('time_in_force', TIF_NAMES);
  if (orderType === ORDER_TYPE_MARKET && tif !== TIF_IOC && tif !== TIF_FOK) {
    throw fields.invalid('time_in_force', 'market orders are ioc or fok');
  }
  if (orderType === ORDER_TYPE_PEGGED && (tif === TIF_IOC || tif === TIF_FOK)) {
    throw fields.invalid('time_in_force', 'pegged orders are gtc, gtd or day');
  }
  return tif;
}

/** True for a limit order that may rest. */
function mayRest(orderType: number, tif: number): boolean {
  const rests = tif === TIF_GTC || tif === TIF_GTD || tif === TIF_DAY;
  return rests && (orderType === ORDER_TYPE_LIMIT || orderType === ORDER_TYPE_STOP_LIMIT);
}

function triggerOf(fields: Fields, orderType: number, market: Market): number {
  const name = ORDER_TYPE_NAMES[orderType];
  if (orderType !== ORDER_TYPE_STOP && orderType !== ORDER_TYPE_STOP_LIMIT) {
    fields.absent('stop_price', `${name} orders take no "stop_price"`);
    return 0;
  }
  if (!fields.has('stop_price')) {
    throw fields.invalid('stop_price', `${name} orders need a "stop_price"`);
  }
  return fields.ticks('stop_price', market);
}

function trailOf(fields: Fields, orderType: number, market: Market) {
  if (orderType !== ORDER_TYPE_TRAILING_STOP) {
    const message = `${ORDER_TYPE_NAMES[orderType]} orders do not trail`;
    for (const name of ['trail_offset', 'trail_unit']) fields.absent(name, message);
    return {};
  }
  if (!fields.has('trail_offset')) {
    throw fields.invalid('trail_offset', 'trailing_stop orders need a "trail_offset"');
  }
  const trailUnit = fields.has('trail_unit') ? fields.oneOf('trail_unit', TRAIL_UNIT_NAMES) : 0;
  const inBps = trailUnit === TRAIL_BPS;
  const trailOffset = inBps
    ? fields.whole('trail_offset', 1, 9_999)
    : fields.ticks('trail_offset', market);
  return { trailOffset, trailUnit };
}

function pegOf(fields: Fields, orderType: number, market: Market) {
  if (orderType !== ORDER_TYPE_PEGGED) {
    const message = `${ORDER_TYPE_NAMES[orderType]} orders are not pegged`;
    for (const name of ['peg', 'peg_offset']) fields.absent(name, message);
    return {};
  }
  const pegKind = fields.has('peg') ? fields.oneOf('peg', PEG_NAMES) : 0;
  fields.absent('display_quantity', 'pegged orders show all they have');
  const isNone = !fields.has('peg_offset') || /^0+(\.0+)?$/.test(String(fields.body.peg_offset));
  if (isNone && pegKind === PEG_OPPOSITE) {
    throw fields.invalid('peg_offset', 'against the other side "peg_offset" is at least one tick');
  }
  return { pegKind, pegOffsetTicks: isNone ? 0 : fields.ticks('peg_offset', market) };
}

function expiryOf(fields: Fields, tif: number) {
  if (tif !== TIF_GTD) {
    fields.absent('expire_at', 'only gtd orders have "expire_at"');
    return {};
  }
  const value = fields.body.expire_at;
  if (value instanceof TimePoint) {
    return { expireSeconds: value.seconds, expireNanos: value.nanos };
  }
  const isNumber = typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value));
  const atMs = isNumber ? Number(value) : Date.parse(typeof value === 'string' ? value : '');
  if (!Number.isSafeInteger(atMs) || atMs < 0) {
    const message = '"expire_at" is a time like "2030-01-31T16:00:00Z", or milliseconds since 1970';
    throw fields.invalid('expire_at', message);
  }
  const expireSeconds = Math.floor(atMs / 1000);
  return { expireSeconds, expireNanos: (atMs - expireSeconds * 1000) * 1_000_000 };
}
