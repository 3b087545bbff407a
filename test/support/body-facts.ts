import { ByteBuffer } from 'flatbuffers';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { Candles } from '../../src/codec/generated/openbell/stream/candles.ts';
import { Funding } from '../../src/codec/generated/openbell/stream/funding.ts';
import { Liquidations } from '../../src/codec/generated/openbell/stream/liquidations.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { OpenInterest } from '../../src/codec/generated/openbell/stream/open-interest.ts';
import { Ticker } from '../../src/codec/generated/openbell/stream/ticker.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import { type Market, marketName } from '../../src/domain/markets.ts';
import { isoMicros } from '../../src/lib/clock.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';

/**
 * Reads binary messages into the very objects that the JSON form spells, so that the two can be
 * compared member by member. Only of bodies whose facts do not depend on the client.
 */
// biome-ignore lint/suspicious/noExplicitAny: messages differ by their type
export function jsonOfBinary(bytes: Uint8Array, market: Market): any {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  const head = {
    market: marketName(market),
    epoch: Number(message.epoch()),
    seq: Number(message.seq()),
    prev_seq: Number(message.prevSeq()),
    ...(message.conflated() > 0 && { conflated: message.conflated() }),
    venue_time: timeText(message.venueTimeNs()),
    ingest_time: timeText(message.ingestTimeNs()),
    sent_time: timeText(message.sentTimeNs()),
  };
  return { ...head, ...bodyOf(message, market) };
}

function bodyOf(message: Message, market: Market): object {
  switch (message.bodyType()) {
    case Body.Candles:
      return candles(message.body(new Candles())!, market);
    case Body.Ticker:
      return ticker(message.body(new Ticker())!, market);
    case Body.Funding:
      return funding(message.body(new Funding())!, market);
    case Body.OpenInterest: {
      const body = message.body(new OpenInterest())!;
      return {
        channel: 'open_interest',
        type: 'open_interest',
        qty: qty(market, body.qtyLots()),
        mark_price: priceOrNull(market, body.markPriceTicks()),
      };
    }
    case Body.Liquidations:
      return liquidations(message.body(new Liquidations())!, market);
    default:
      throw new Error(`unexpected body ${message.bodyType()}`);
  }
}

function candles(body: Candles, market: Market): object {
  return {
    channel: 'candles',
    interval: CANDLE_INTERVALS[body.interval()],
    candles: Array.from({ length: body.candlesLength() }, (_, i) => {
      const bar = body.candles(i)!;
      return {
        open_time: timeText(bar.openTimeNs()),
        open: price(market, bar.openTicks()),
        high: price(market, bar.highTicks()),
        low: price(market, bar.lowTicks()),
        close: price(market, bar.closeTicks()),
        volume: qty(market, bar.volumeLots()),
        quote_volume: money(market, bar.notionalUnits()),
        trades: bar.trades(),
        closed: bar.closed(),
      };
    }),
  };
}

function ticker(body: Ticker, market: Market): object {
  const known = body.lastPriceTicks() !== 0n;
  const today = body.dayOpenTicks() !== 0n;
  const if_ = (is: boolean, text: string): string | null => (is ? text : null);
  return {
    channel: 'ticker',
    type: 'ticker',
    last_price: if_(known, price(market, body.lastPriceTicks())),
    last_qty: if_(known, qty(market, body.lastQtyLots())),
    open_24h: if_(known, price(market, body.openTicks())),
    high_24h: if_(known, price(market, body.highTicks())),
    low_24h: if_(known, price(market, body.lowTicks())),
    change_24h: if_(known, price(market, body.changeTicks())),
    volume_24h: qty(market, body.volumeLots()),
    quote_volume_24h: money(market, body.notionalUnits()),
    trades_24h: Number(body.trades()),
    day_open: if_(today, price(market, body.dayOpenTicks())),
    day_high: if_(today, price(market, body.dayHighTicks())),
    day_low: if_(today, price(market, body.dayLowTicks())),
    day_volume: qty(market, body.dayVolumeLots()),
    previous_close: priceOrNull(market, body.previousCloseTicks()),
  };
}

function funding(body: Funding, market: Market): object {
  const rate = (e12: bigint): string => formatScaled(Number(e12 / 1000n), 9, 9);
  return {
    channel: 'funding',
    type: 'funding',
    rate: rate(body.rateE12()),
    predicted_rate: rate(body.predictedRateE12()),
    next_time: timeText(body.nextTimeNs()),
    interval_seconds: body.intervalSeconds(),
    mark_price: priceOrNull(market, body.markPriceTicks()),
    index_price: priceOrNull(market, body.indexPriceTicks()),
  };
}

function liquidations(body: Liquidations, market: Market): object {
  return {
    channel: 'liquidations',
    type: 'liquidations',
    liquidations: Array.from({ length: body.liquidationsLength() }, (_, i) => {
      const fill = body.liquidations(i)!;
      return {
        trade_id: Number(fill.tradeId()),
        side: ['buy', 'sell'][fill.side()],
        price: price(market, fill.priceTicks()),
        qty: qty(market, fill.qtyLots()),
        venue_time: timeText(fill.venueTimeNs()),
      };
    }),
  };
}

function timeText(nanos: bigint): string | null {
  if (nanos === 0n) return null;
  return isoMicros(Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n));
}

function price(market: Market, ticks: bigint): string {
  return formatScaled(Number(ticks) * market.tickUnits, market.priceDecimals, market.priceDecimals);
}

function priceOrNull(market: Market, ticks: bigint): string | null {
  return ticks === 0n ? null : price(market, ticks);
}

function qty(market: Market, lots: bigint): string {
  return formatScaled(Number(lots) * market.lotUnits, market.qtyDecimals, market.qtyDecimals);
}

function money(market: Market, units: bigint): string {
  return formatScaled(Number(units), market.quote.decimals, market.quote.decimals);
}
