import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { TakashiTrade } from '../../codec/generated/openbell/stream/takashi-trade.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { Market } from '../../domain/markets.ts';
import { SIDE_SELL } from '../../domain/orders.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import { venueSymbol } from './exchanges.ts';
import type { TradeEvent } from './trade-event.ts';

export type TradeKind = 'large_trade' | 'liquidation';

const END = 125; // }
const SIDES = ['buy', 'sell'].map((side) => jsonBytes(`,"side":"${side}","price":`));
const QUANTITY = jsonBytes(',"quantity":');
const VALUE = jsonBytes(',"value":');
const BUYER_MAKER = ['false', 'true'].map((maker) => jsonBytes(`,"is_buyer_maker":${maker}`));
const TIMESTAMP = jsonBytes(',"timestamp":');

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_VENUE_TIME_NS = 4;
const PRICE_UNITS = 7;
const QTY_UNITS = 8;
const VALUE_UNITS = 9;

/** Writes the models LargeTrade and Liquidation. */
export class TradeMessageWriter {
  private readonly kind: TradeKind;
  private readonly writer = new JsonWriter(1024);
  /** By market id. */
  private readonly heads: Uint8Array[] = [];

  constructor(kind: TradeKind) {
    this.kind = kind;
  }

  /** @returns REUSED: valid until the next call. */
  write(event: TradeEvent): Uint8Array {
    const { writer, kind } = this;
    const { market, side } = event;
    writer.begin();
    writer.raw(this.headOf(market));
    writer.raw(SIDES[side]);
    writer.decimalNumber(event.priceUnits, market.priceDecimals);
    writer.raw(QUANTITY);
    writer.decimalNumber(event.qtyLots * market.lotUnits, market.qtyDecimals);
    writer.raw(VALUE);
    writer.decimalNumber(event.valueUnits, market.quote.decimals);
    // Who sells into the book meets a buyer that was there first.
    if (kind === 'large_trade') writer.raw(BUYER_MAKER[side === SIDE_SELL ? 1 : 0]);
    writer.raw(TIMESTAMP);
    writer.isoMillis(event.seconds, event.nanos);
    writer.char(END);
    return writer.take();
  }

  private headOf(market: Market): Uint8Array {
    const { exchange } = market;
    const head = { type: this.kind, exchange, symbol: venueSymbol(market) };
    this.heads[market.id] ??= jsonBytes(JSON.stringify(head).slice(0, -1));
    return this.heads[market.id];
  }
}

/** Writes the same facts in FlatBuffers. */
export class TradeFlatBuffers {
  private readonly kind: TradeKind;
  private readonly builder = new Builder(512);
  private readonly long = new LongBuilder(this.builder);

  constructor(kind: TradeKind) {
    this.kind = kind;
  }

  /** @returns REUSED: valid until the next call. */
  write({ market, side, ...event }: TradeEvent): Uint8Array {
    const { builder, long } = this;
    builder.clear();
    const symbolAt = builder.createString(venueSymbol(market));
    const exchangeAt = builder.createString(market.exchange);
    TakashiTrade.startTakashiTrade(builder);
    long.add(PRICE_UNITS, event.priceUnits);
    long.add(QTY_UNITS, event.qtyLots * market.lotUnits);
    long.add(VALUE_UNITS, event.valueUnits);
    TakashiTrade.addExchange(builder, exchangeAt);
    TakashiTrade.addSymbol(builder, symbolAt);
    TakashiTrade.addLiquidation(builder, this.kind === 'liquidation');
    TakashiTrade.addSide(builder, side);
    TakashiTrade.addPriceDecimals(builder, market.priceDecimals);
    TakashiTrade.addQtyDecimals(builder, market.qtyDecimals);
    TakashiTrade.addValueDecimals(builder, market.quote.decimals);
    const body = TakashiTrade.endTakashiTrade(builder);
    Message.startMessage(builder);
    long.addTime(MESSAGE_VENUE_TIME_NS, event.seconds, event.nanos);
    Message.addBody(builder, body);
    Message.addMarketId(builder, market.id);
    Message.addBodyType(builder, Body.TakashiTrade);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }
}
