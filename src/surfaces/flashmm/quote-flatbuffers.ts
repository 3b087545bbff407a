import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { FlashmmQuote } from '../../codec/generated/openbell/stream/flashmm-quote.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { QuoteNews } from './quote-update.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs): written without BigInts.
const MESSAGE_SEQ = 2;
const MESSAGE_VENUE_TIME_NS = 4;
const BID_UNITS = 4;
const ASK_UNITS = 5;
const BID_SIZE_UNITS = 6;
const ASK_SIZE_UNITS = 7;
const LAST_TRADE_PRICE_UNITS = 8;
const VOLUME_UNITS = 9;

/** Writes `quote_update` in FlatBuffers: the facts of `QuoteUpdateWriter`. */
export class QuoteFlatBuffers {
  private readonly builder = new Builder(512);
  private readonly long = new LongBuilder(this.builder);

  /** @returns REUSED: valid until the next call. */
  write({ view, symbol, volumeUnits, seconds, nanos }: QuoteNews): Uint8Array {
    const { builder, long } = this;
    const { market, best, ticker } = view;
    const { tickUnits, lotUnits } = market;
    builder.clear();
    const symbolAt = builder.createString(symbol);
    FlashmmQuote.startFlashmmQuote(builder);
    long.add(BID_UNITS, best.bidTicks * tickUnits);
    long.add(ASK_UNITS, best.askTicks * tickUnits);
    long.add(BID_SIZE_UNITS, best.bidLots * lotUnits);
    long.add(ASK_SIZE_UNITS, best.askLots * lotUnits);
    long.add(LAST_TRADE_PRICE_UNITS, ticker.lastPriceTicks * tickUnits);
    long.add(VOLUME_UNITS, volumeUnits);
    FlashmmQuote.addSymbol(builder, symbolAt);
    FlashmmQuote.addPriceDecimals(builder, market.priceDecimals);
    FlashmmQuote.addQtyDecimals(builder, market.qtyDecimals);
    FlashmmQuote.addValueDecimals(builder, market.quote.decimals);
    const body = FlashmmQuote.endFlashmmQuote(builder);
    Message.startMessage(builder);
    long.addTime(MESSAGE_VENUE_TIME_NS, seconds, nanos);
    long.add(MESSAGE_SEQ, ticker.seq);
    Message.addBody(builder, body);
    Message.addMarketId(builder, market.id);
    Message.addBodyType(builder, Body.FlashmmQuote);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }
}
