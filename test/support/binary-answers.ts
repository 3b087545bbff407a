import { ByteBuffer } from 'flatbuffers';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import type { MarketRegistry } from '../../src/config/markets.ts';
import { marketName } from '../../src/domain/markets.ts';
import { SIDE_NAMES } from '../../src/domain/orders.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';

/** A binary answer in the form of its JSON twin, made by the generated readers alone. */
// biome-ignore lint/suspicious/noExplicitAny: answers differ, and the tests say what they expect
export function answerOf(bytes: Uint8Array, markets: MarketRegistry): any {
  const message = S.Message.getRootAsMessage(new ByteBuffer(bytes));
  switch (message.bodyType()) {
    case S.Body.OrderReply: {
      const body = message.body(new S.OrderReply())!;
      return { type: 'order', id: Number(body.requestId()), ...replyOf(body, markets) };
    }
    case S.Body.CancelledAll: {
      const body = message.body(new S.CancelledAll())!;
      return { type: 'cancelled_all', id: Number(body.requestId()), cancelled: body.cancelled() };
    }
    case S.Body.RequestError: {
      const body = message.body(new S.RequestError())!;
      const rows = Array.from({ length: body.detailsLength() }, (_, i) => body.details(i)!);
      return {
        type: 'error',
        id: Number(body.requestId()),
        code: body.code(),
        message: body.message(),
        details: Object.fromEntries(rows.map((row) => [row.name(), row.value()])),
      };
    }
    default:
      throw new Error(`body type ${message.bodyType()} is no answer`);
  }
}

function replyOf(reply: S.OrderReply, markets: MarketRegistry): object {
  const order = reply.order();
  const oco = reply.oco();
  const children = Array.from({ length: reply.childrenLength() }, (_, i) => reply.children(i)!);
  return {
    ...(order === null ? { order: null, code: reply.code() } : { order: orderOf(order, markets) }),
    ...(oco !== null && { oco: replyOf(oco, markets) }),
    ...(children.length > 0 && { children: children.map((child) => replyOf(child, markets)) }),
  };
}

function orderOf(order: S.Order, markets: MarketRegistry): object {
  const market = markets.get(order.marketId())!;
  const price = (ticks: bigint) =>
    formatScaled(Number(ticks) * market.tickUnits, market.priceDecimals, market.priceDecimals);
  const qty = (lots: bigint) =>
    formatScaled(Number(lots) * market.lotUnits, market.qtyDecimals, market.qtyDecimals);
  const type = order.type()!;
  const isPegged = type === 'pegged';
  const isTimed = order.timeInForce() === 'gtd' || order.timeInForce() === 'day';
  const hasPrice = type === 'limit' || type === 'stop_limit' || isPegged;
  const some = (name: string, value: bigint, text: (value: bigint) => unknown) =>
    value === 0n ? {} : { [name]: text(value) };
  return {
    order_id: String(order.orderId()),
    client_order_id: order.clientOrderId(),
    market: marketName(market),
    side: SIDE_NAMES[order.side()],
    type,
    time_in_force: order.timeInForce(),
    post_only: order.slide() ? 'slide' : order.postOnly(),
    ...(order.reduceOnly() && { reduce_only: true }),
    ...(order.allOrNone() && { all_or_none: true }),
    ...(order.selfTradePrevention() !== null && {
      self_trade_prevention: order.selfTradePrevention(),
    }),
    ...some('stop_price', order.stopPriceTicks(), price),
    ...some('trail_offset', order.trailOffset(), order.trailUnit() === 'bps' ? String : price),
    ...(order.trailUnit() !== null && { trail_unit: order.trailUnit() }),
    ...some('display_quantity', order.displayLots(), qty),
    ...(isPegged && {
      peg: order.peg(),
      peg_offset: price(order.pegOffsetTicks()),
      peg_price: order.pegPriceTicks() === 0n ? null : price(order.pegPriceTicks()),
    }),
    ...(isTimed && { expire_at: iso(order.expireNs()) }),
    ...some('oco_order_id', order.ocoOrderId(), String),
    ...some('parent_order_id', order.parentOrderId(), String),
    ...some('replaces_order_id', order.replacesOrderId(), String),
    ...(order.waitingFor() !== null && { waiting_for: order.waitingFor() }),
    quantity: qty(order.qtyLots()),
    price: hasPrice ? price(order.priceTicks()) : null,
    status: order.status(),
    filled_quantity: qty(order.filledLots()),
    remaining_quantity: qty(order.qtyLots() - order.filledLots()),
    fee: formatScaled(Number(order.feeUnits()), market.quote.decimals),
    fee_asset: market.quote.name,
    reason: order.reason(),
    portfolio_id: String(order.portfolioId()),
    created_at: iso(order.createdNs()),
    updated_at: iso(order.updatedNs()),
  };
}

function iso(nanos: bigint): string {
  const micros = nanos / 1000n;
  const date = new Date(Number(micros / 1000n)).toISOString();
  return date.replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
}
