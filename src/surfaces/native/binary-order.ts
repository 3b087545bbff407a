import type { Builder, Offset } from 'flatbuffers';
import { Order } from '../../codec/generated/openbell/stream/order.ts';
import type { LongBuilder } from '../../codec/long-builder.ts';
import {
  ORDER_TYPE_NAMES,
  ORDER_TYPE_PEGGED,
  PEG_NAMES,
  SELF_TRADE_ALLOWED,
  SELF_TRADE_NAMES,
  TIF_DAY,
  TIF_GTD,
  TIF_NAMES,
  TRAIL_UNIT_NAMES,
  WAITING_NAMES,
} from '../../domain/orders.ts';
import { hasOwnPrice } from '../../gateway/order-terms.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { NO_EXTENSION } from '../../projections/order-extension.ts';
import { addFlags } from './order-flags.ts';
import { reasonName, statusName } from './order-wire.ts';

// Field ids of table `Order` (schemas/binary/openbell.fbs) whose values are 64-bit integers; see
// `encode-flatbuffers.ts` for why the generated methods do not serve.
const ORDER_ID = 0;
const PORTFOLIO_ID = 2;
const PRICE_TICKS = 10;
const QTY_LOTS = 11;
const FILLED_LOTS = 12;
const FILLED_NOTIONAL_UNITS = 13;
const FEE_UNITS = 14;
const CREATED_NS = 15;
const UPDATED_NS = 16;
const STOP_PRICE_TICKS = 17;
const DISPLAY_LOTS = 18;
const PEG_PRICE_TICKS = 19;
const OCO_ORDER_ID = 20;
const PARENT_ORDER_ID = 21;
const REPLACES_ORDER_ID = 22;
const TRAIL_OFFSET = 28;
const PEG_OFFSET_TICKS = 31;
const EXPIRE_NS = 32;

/** Writes an order as its owner sees it, the facts of its JSON form, into a message being built. */
export class BinaryOrderWriter {
  private readonly builder: Builder;
  private readonly long: LongBuilder;
  /** Bytes of the few names that orders show. */
  private readonly names = new Map<string, Uint8Array>();

  constructor(builder: Builder, long: LongBuilder) {
    this.builder = builder;
    this.long = long;
  }

  /** @returns the table's offset; no other table may be under construction */
  write(order: OrderView): Offset {
    const { builder, long } = this;
    const { extension, flags } = order;
    // Texts come first: nothing can be built inside of a table.
    const clientOrderId =
      order.clientOrderId === '' ? 0 : builder.createString(order.clientOrderId);
    const type = this.name(ORDER_TYPE_NAMES[order.orderType]);
    const tif = this.name(TIF_NAMES[order.tif]);
    const status = this.name(statusName(order));
    const reason = this.name(reasonName(order));
    const selfTrade =
      order.selfTrade === SELF_TRADE_ALLOWED ? 0 : this.name(SELF_TRADE_NAMES[order.selfTrade]);
    const isExtended = extension !== NO_EXTENSION;
    const waiting = extension.waiting === 0 ? 0 : this.name(WAITING_NAMES[extension.waiting]);
    const trailUnit =
      extension.trailOffset === 0 ? 0 : this.name(TRAIL_UNIT_NAMES[extension.trailUnit]);
    const isPegged = order.orderType === ORDER_TYPE_PEGGED;
    const peg = isPegged ? this.name(PEG_NAMES[extension.pegKind]) : 0;

    Order.startOrder(builder);
    long.add(ORDER_ID, order.orderId);
    long.add(PORTFOLIO_ID, order.portfolioId);
    long.add(QTY_LOTS, order.qtyLots);
    if (hasOwnPrice(order.orderType)) long.add(PRICE_TICKS, order.priceTicks);
    this.number(FILLED_LOTS, order.filledLots);
    this.number(FILLED_NOTIONAL_UNITS, order.filledNotionalUnits);
    this.number(FEE_UNITS, order.feeUnits);
    long.addTime(CREATED_NS, order.createdSeconds, order.createdNanos);
    long.addTime(UPDATED_NS, order.updatedSeconds, order.updatedNanos);
    if (isExtended) this.extension(order);
    Order.addClientOrderId(builder, clientOrderId);
    Order.addType(builder, type);
    Order.addTimeInForce(builder, tif);
    Order.addStatus(builder, status);
    Order.addReason(builder, reason);
    Order.addSelfTradePrevention(builder, selfTrade);
    Order.addWaitingFor(builder, waiting);
    Order.addTrailUnit(builder, trailUnit);
    Order.addPeg(builder, peg);
    Order.addMarketId(builder, order.market.id);
    Order.addSide(builder, order.side);
    addFlags(builder, flags);
    return Order.endOrder(builder);
  }

  private extension({ tif, extension }: OrderView): void {
    this.number(STOP_PRICE_TICKS, extension.triggerTicks);
    this.number(TRAIL_OFFSET, extension.trailOffset);
    this.number(DISPLAY_LOTS, extension.displayLots);
    this.number(PEG_OFFSET_TICKS, extension.pegOffsetTicks);
    this.number(PEG_PRICE_TICKS, extension.pegTicks);
    this.number(OCO_ORDER_ID, extension.ocoOrderId);
    this.number(PARENT_ORDER_ID, extension.parentOrderId);
    this.number(REPLACES_ORDER_ID, extension.replacesOrderId);
    if (tif !== TIF_GTD && tif !== TIF_DAY) return;
    this.long.addTime(EXPIRE_NS, extension.expireSeconds, extension.expireNanos);
  }

  /** A 64-bit field, absent when it is 0. */
  private number(id: number, value: number): void {
    if (value !== 0) this.long.add(id, value);
  }

  /** One of the fixed names; 0 for `null`. */
  private name(name: string | null): Offset {
    if (name === null) return 0;
    let bytes = this.names.get(name);
    if (bytes === undefined) {
      bytes = Buffer.from(name);
      this.names.set(name, bytes);
    }
    return this.builder.createString(bytes);
  }
}
