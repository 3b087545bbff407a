import { Builder, type Offset } from 'flatbuffers';
import * as Q from '../../src/codec/generated/openbell/request.ts';
import type { Market } from '../../src/domain/markets.ts';
import {
  ORDER_TYPE_NAMES,
  PEG_NAMES,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
  TIF_NAMES,
  TRAIL_UNIT_NAMES,
} from '../../src/domain/orders.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';

/** An order's terms as numbers: steps, and indexes of names. */
export interface TermsCase {
  side?: number;
  type?: number;
  quantity?: number;
  price?: number;
  time_in_force?: number;
  /** Milliseconds since the Unix epoch. */
  expire_at?: number;
  post_only?: number;
  reduce_only?: boolean;
  all_or_none?: boolean;
  self_trade_prevention?: number;
  stop_price?: number;
  trail_offset?: number;
  trail_unit?: number;
  display_quantity?: number;
  peg?: number;
  peg_offset?: number;
  client_order_id?: string;
  oco?: TermsCase;
  children?: TermsCase[];
}

/** A request that both formats can say. */
export type RequestCase =
  | {
      op: 'order.place';
      market?: number;
      terms: TermsCase;
      portfolio_id?: number;
      oco_order_id?: number;
      parent_order_id?: number;
    }
  | { op: 'order.cancel'; order_id?: number }
  | {
      op: 'order.amend';
      order_id?: number;
      price?: number;
      quantity?: number;
      remaining_quantity?: number;
      reduce_by?: number;
    }
  | { op: 'order.replace'; order_id?: number; terms: TermsCase }
  | { op: 'order.status'; order_id?: number; client_order_id?: string; portfolio_id?: number }
  | { op: 'order.cancel_all'; market?: number; portfolio_id?: number };

const POST_ONLY = [false, true, 'slide'];
const big = (value: number | undefined): bigint | null =>
  value === undefined ? null : BigInt(value);

/** The request as a client would send it in a binary frame. */
export function encodeRequest(id: number, request: RequestCase): Uint8Array {
  const builder = new Builder(256);
  const [type, command] = encodeCommand(builder, request);
  const root = Q.Request.createRequest(builder, BigInt(id), type, command);
  Q.Request.finishRequestBuffer(builder, root);
  return builder.asUint8Array();
}

function encodeCommand(builder: Builder, request: RequestCase): [number, Offset] {
  switch (request.op) {
    case 'order.place': {
      const terms = encodeTerms(builder, request.terms);
      Q.PlaceOrder.startPlaceOrder(builder);
      if (request.market !== undefined) Q.PlaceOrder.addMarketId(builder, request.market);
      Q.PlaceOrder.addTerms(builder, terms);
      const { portfolio_id: portfolio, oco_order_id: oco, parent_order_id: parent } = request;
      if (portfolio !== undefined) Q.PlaceOrder.addPortfolioId(builder, BigInt(portfolio));
      if (oco !== undefined) Q.PlaceOrder.addOcoOrderId(builder, BigInt(oco));
      if (parent !== undefined) Q.PlaceOrder.addParentOrderId(builder, BigInt(parent));
      return [Q.Command.PlaceOrder, Q.PlaceOrder.endPlaceOrder(builder)];
    }
    case 'order.cancel':
      return [
        Q.Command.CancelOrder,
        Q.CancelOrder.createCancelOrder(builder, big(request.order_id)),
      ];
    case 'order.amend':
      return [
        Q.Command.AmendOrder,
        Q.AmendOrder.createAmendOrder(
          builder,
          big(request.order_id),
          big(request.price),
          big(request.quantity),
          big(request.remaining_quantity),
          big(request.reduce_by),
        ),
      ];
    case 'order.replace': {
      const terms = encodeTerms(builder, request.terms);
      Q.ReplaceOrder.startReplaceOrder(builder);
      if (request.order_id !== undefined)
        Q.ReplaceOrder.addOrderId(builder, BigInt(request.order_id));
      Q.ReplaceOrder.addTerms(builder, terms);
      return [Q.Command.ReplaceOrder, Q.ReplaceOrder.endReplaceOrder(builder)];
    }
    case 'order.status': {
      const { client_order_id: client } = request;
      const at = client === undefined ? 0 : builder.createString(client);
      return [
        Q.Command.OrderStatus,
        Q.OrderStatus.createOrderStatus(
          builder,
          big(request.order_id),
          at,
          big(request.portfolio_id),
        ),
      ];
    }
    case 'order.cancel_all':
      return [
        Q.Command.CancelAll,
        Q.CancelAll.createCancelAll(builder, request.market ?? null, big(request.portfolio_id)),
      ];
  }
}

function encodeTerms(builder: Builder, terms: TermsCase): Offset {
  const T = Q.Terms;
  const children = terms.children?.map((child) => encodeTerms(builder, child));
  const childrenAt = children === undefined ? 0 : T.createChildrenVector(builder, children);
  const ocoAt = terms.oco === undefined ? 0 : encodeTerms(builder, terms.oco);
  const client = terms.client_order_id;
  const clientAt = client === undefined ? 0 : builder.createString(client);
  T.startTerms(builder);
  const enums = [
    [terms.side, T.addSide],
    [terms.type, T.addType],
    [terms.time_in_force, T.addTimeInForce],
    [terms.post_only, T.addPostOnly],
    [terms.self_trade_prevention, T.addSelfTradePrevention],
    [terms.trail_unit, T.addTrailUnit],
    [terms.peg, T.addPeg],
  ] as const;
  for (const [value, add] of enums) if (value !== undefined) add(builder, value);
  const longs = [
    [terms.quantity, T.addQtyLots],
    [terms.price, T.addPriceTicks],
    [terms.stop_price, T.addStopPriceTicks],
    [terms.trail_offset, T.addTrailOffset],
    [terms.display_quantity, T.addDisplayLots],
    [terms.peg_offset, T.addPegOffsetTicks],
  ] as const;
  for (const [value, add] of longs) if (value !== undefined) add(builder, BigInt(value));
  if (terms.expire_at !== undefined) {
    T.addExpireTimeNs(builder, BigInt(terms.expire_at) * 1_000_000n);
  }
  if (terms.reduce_only !== undefined) T.addReduceOnly(builder, terms.reduce_only);
  if (terms.all_or_none !== undefined) T.addAllOrNone(builder, terms.all_or_none);
  T.addClientOrderId(builder, clientAt);
  T.addOco(builder, ocoAt);
  T.addChildren(builder, childrenAt);
  return T.endTerms(builder);
}

/** The same request as JSON. @param market whose steps prices and quantities are in */
export function jsonRequest(id: number, request: RequestCase, market: Market): object {
  const price = (ticks: number | undefined) =>
    decimal(ticks, market.tickUnits, market.priceDecimals);
  const qty = (lots: number | undefined) => decimal(lots, market.lotUnits, market.qtyDecimals);
  const terms = (given: TermsCase): object => ({
    ...given,
    side: named(SIDE_NAMES, given.side),
    type: named(ORDER_TYPE_NAMES, given.type),
    quantity: qty(given.quantity),
    price: price(given.price),
    time_in_force: named(TIF_NAMES, given.time_in_force),
    post_only: named(POST_ONLY, given.post_only),
    self_trade_prevention: named(SELF_TRADE_NAMES, given.self_trade_prevention),
    stop_price: price(given.stop_price),
    trail_offset:
      given.trail_unit === 1 && given.trail_offset !== undefined
        ? given.trail_offset
        : price(given.trail_offset),
    trail_unit: named(TRAIL_UNIT_NAMES, given.trail_unit),
    display_quantity: qty(given.display_quantity),
    peg: named(PEG_NAMES, given.peg),
    peg_offset: price(given.peg_offset),
    oco: given.oco === undefined ? undefined : terms(given.oco),
    children: given.children?.map(terms),
  });
  const { op } = request;
  const named_ = { op, id, ...marketOf(request, market) };
  switch (op) {
    case 'order.place': {
      const { terms: own, ...around } = request;
      return { ...around, ...terms(own), ...named_ };
    }
    case 'order.replace':
      return { order_id: request.order_id, ...terms(request.terms), ...named_ };
    case 'order.amend':
      return {
        order_id: request.order_id,
        price: price(request.price),
        quantity: qty(request.quantity),
        remaining_quantity: qty(request.remaining_quantity),
        reduce_by: qty(request.reduce_by),
        ...named_,
      };
    default:
      return { ...request, ...named_ };
  }
}

function marketOf(request: RequestCase, market: Market): object {
  if (!('market' in request) || request.market === undefined) return {};
  const known = request.market === market.id;
  return { market: known ? `${market.exchange}:${market.symbol}` : 'nowhere:XYZ' };
}

function named(names: readonly unknown[], index: number | undefined): unknown {
  return index === undefined ? undefined : (names[index] ?? 'bogus');
}

function decimal(count: number | undefined, stepUnits: number, decimals: number): unknown {
  if (count === undefined) return undefined;
  const text = formatScaled(Math.abs(count) * stepUnits, decimals, decimals);
  return count < 0 ? `-${text}` : text;
}
