import { ByteBuffer } from 'flatbuffers';
import * as S from '../../src/codec/generated/openbell/stream.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import type { ExportedTrade } from './conformance-stage.ts';

/** What a binary message of the surface says, in the terms of its JSON messages. */
export function factsOf(bytes: Uint8Array): object {
  const message = S.Message.getRootAsMessage(new ByteBuffer(bytes));
  const ms = Number(message.venueTimeNs() / 1_000_000n);
  switch (message.bodyType()) {
    case S.Body.TakashiTrade: {
      const trade = message.body<S.TakashiTrade>(new S.TakashiTrade())!;
      const side = ['buy', 'sell'][trade.side()];
      return {
        type: trade.liquidation() ? 'liquidation' : 'large_trade',
        exchange: trade.exchange(),
        symbol: trade.symbol(),
        side,
        price: number(trade.priceUnits(), trade.priceDecimals()),
        quantity: number(trade.qtyUnits(), trade.qtyDecimals()),
        value: number(trade.valueUnits(), trade.valueDecimals()),
        ...(trade.liquidation() ? {} : { is_buyer_maker: side === 'sell' }),
        timestamp: new Date(ms).toISOString(),
      };
    }
    case S.Body.TakashiCandle: {
      const candle = message.body<S.TakashiCandle>(new S.TakashiCandle())!;
      const price = (units: bigint) => number(units, candle.priceDecimals());
      return {
        exchange: candle.exchange(),
        symbol: candle.symbol(),
        timestamp: new Date(ms).toISOString().replace('.000Z', 'Z'),
        interval: CANDLE_INTERVALS[candle.interval()],
        open: price(candle.openUnits()),
        high: price(candle.highUnits()),
        low: price(candle.lowUnits()),
        close: price(candle.closeUnits()),
        volume: number(candle.volumeUnits(), candle.qtyDecimals()),
        quote_volume: number(candle.quoteVolumeUnits(), candle.quoteDecimals()),
        trades_count: candle.trades(),
        is_closed: candle.closed(),
      };
    }
    case S.Body.TakashiSpike: {
      const spike = message.body<S.TakashiSpike>(new S.TakashiSpike())!;
      return {
        type: 'oi_spike',
        exchange: spike.exchange(),
        symbol: spike.symbol(),
        timeframe: CANDLE_INTERVALS[spike.timeframe()],
        z_oi: spike.zOi(),
        z_vol: spike.zVol(),
        confirmed: spike.confirmed(),
        timestamp: new Date(ms).toISOString().replace('.000Z', 'Z'),
      };
    }
    default:
      throw new Error(`a message with the body ${message.bodyType()}`);
  }
}

/** How the markets that the tests trade in are told. */
export interface Told {
  readonly exchange: string;
  readonly symbol: string;
  /** Smallest units of the quote asset, of which a dollar has a million, in one tick × lot. */
  readonly unitsPerTickLot: number;
  readonly priceDecimals: number;
  readonly qtyDecimals: number;
}

/** What one aggressor took at once, by the exported trades: same portfolio, same time. */
export function aggressorsOf(trades: readonly ExportedTrade[], told: Told): object[] {
  const groups = new Map<string, ExportedTrade[]>();
  for (const trade of trades) {
    const key = `${trade.taker_portfolio_id}/${trade.time}`;
    groups.set(key, [...(groups.get(key) ?? []), trade]);
  }
  return [...groups.values()].map((fills) => {
    const lots = fills.reduce((sum, fill) => sum + fill.quantity_lots, 0);
    const side = fills[0].taker_side;
    const units = tickLots(fills) * told.unitsPerTickLot;
    const mean = Math.round(tickLots(fills) / lots) / 10 ** told.priceDecimals;
    return {
      type: 'large_trade',
      exchange: told.exchange,
      symbol: told.symbol,
      side,
      price: mean,
      quantity: lots / 10 ** told.qtyDecimals,
      value: units / 1_000_000,
      is_buyer_maker: side === 'sell',
      timestamp: new Date(fills[0].time).toISOString(),
    };
  });
}

/** The candles of these trades that have any, oldest first. */
export function candlesOf(
  trades: readonly ExportedTrade[],
  told: Told,
  interval: string,
  seconds: number,
): { readonly timestamp: string }[] {
  const groups = new Map<number, ExportedTrade[]>();
  for (const trade of trades) {
    const time = Math.floor(Date.parse(trade.time) / 1000);
    const start = time - (time % seconds);
    groups.set(start, [...(groups.get(start) ?? []), trade]);
  }
  return [...groups].map(([start, own]) => {
    const prices = own.map(({ price }) => Number(price));
    const lots = own.reduce((sum, trade) => sum + trade.quantity_lots, 0);
    return {
      exchange: told.exchange,
      symbol: told.symbol,
      timestamp: `${new Date(start * 1000).toISOString().slice(0, 19)}Z`,
      interval,
      open: prices[0],
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices[prices.length - 1],
      volume: lots / 10 ** told.qtyDecimals,
      quote_volume: (tickLots(own) * told.unitsPerTickLot) / 1_000_000,
      trades_count: own.length,
    };
  });
}

function tickLots(trades: readonly ExportedTrade[]): number {
  return trades.reduce((sum, fill) => sum + fill.quantity_lots * fill.price_ticks, 0);
}

function number(units: bigint, decimals: number): number {
  return Number(units) / 10 ** decimals;
}
