import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { OctopusQuote } from '../../codec/generated/openbell/stream/octopus-quote.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { Market } from '../../domain/markets.ts';
import { dayChangeTicks, type QuoteNews } from './quote-message.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_SEQ = 2;
const MESSAGE_VENUE_TIME_NS = 4;
const PRICE_UNITS = 4;
const CHANGE_UNITS = 5;
const PREVIOUS_CLOSE_UNITS = 6;
const VOLUME_UNITS = 7;

/** Writes the quotes of `/ws/market-data` in FlatBuffers: the facts of `QuoteMessageWriter`. */
export class QuoteFlatBuffers {
  private readonly builder = new Builder(512);
  private readonly long = new LongBuilder(this.builder);
  /** By market id: exchange and symbol. */
  private readonly names: (readonly [Uint8Array, Uint8Array])[] = [];

  /** @returns REUSED: valid until the next call. */
  write({ view, statistics }: QuoteNews): Uint8Array {
    const { builder, long } = this;
    const { market, ticker, tradesPosition } = view;
    const { tickUnits } = market;
    builder.clear();
    const [exchange, symbol] = this.namesOf(market);
    const symbolAt = builder.createString(symbol);
    const exchangeAt = builder.createString(exchange);
    OctopusQuote.startOctopusQuote(builder);
    long.add(PRICE_UNITS, statistics.lastTicks * tickUnits);
    long.add(CHANGE_UNITS, (dayChangeTicks(statistics) ?? 0) * tickUnits);
    long.add(PREVIOUS_CLOSE_UNITS, (statistics.previousCloseTicks ?? 0) * tickUnits);
    long.add(VOLUME_UNITS, statistics.dayVolumeLots * market.lotUnits);
    OctopusQuote.addExchange(builder, exchangeAt);
    OctopusQuote.addSymbol(builder, symbolAt);
    OctopusQuote.addPriceDecimals(builder, market.priceDecimals);
    OctopusQuote.addQtyDecimals(builder, market.qtyDecimals);
    const body = OctopusQuote.endOctopusQuote(builder);
    Message.startMessage(builder);
    long.addTime(MESSAGE_VENUE_TIME_NS, ticker.updatedSeconds, ticker.updatedNanos);
    long.add(MESSAGE_SEQ, tradesPosition.seq);
    Message.addBody(builder, body);
    Message.addMarketId(builder, market.id);
    Message.addBodyType(builder, Body.OctopusQuote);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }

  private namesOf({ id, exchange, symbol }: Market): readonly [Uint8Array, Uint8Array] {
    this.names[id] ??= [Buffer.from(exchange), Buffer.from(symbol)];
    return this.names[id];
  }
}
