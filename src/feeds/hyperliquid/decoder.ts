import { FollowedBook } from '../followed-book.ts';
import { lotsOf, OFF_GRID, ticksOf } from '../grid.ts';
import { Malformed } from '../malformed.ts';
import type { CandleRecord, StaleReason } from '../normalised.ts';
import {
  type Fields,
  fieldsOf,
  integerOf,
  listOf,
  parseFields,
  type TextLevel,
  textOf,
} from '../reading.ts';
import { type RawTrade, TradeReader } from '../trade-reader.ts';
import type {
  BestQuote,
  DecoderEvents,
  FrameVerdict,
  Grids,
  VenueDecoder,
} from '../venue-adapter.ts';
import { RecentTrades } from './recent-trades.ts';
import { candleOf, contextRecords } from './records.ts';

/** Hyperliquid perpetuals. Every push of a book is the whole of it, 20 levels to a side. */
export class HyperliquidDecoder implements VenueDecoder {
  private readonly grids: Grids;
  private readonly events: DecoderEvents;
  private readonly trades: TradeReader;
  private readonly books = new Map<string, FollowedBook>();
  private readonly bookTimesMs = new Map<string, number>();
  private readonly recent = new Map<string, RecentTrades>();
  /** By coin and interval: the candle under way. */
  private readonly candles = new Map<string, CandleRecord>();

  constructor(grids: Grids, events: DecoderEvents) {
    this.grids = grids;
    this.events = events;
    this.trades = new TradeReader(grids, events);
    for (const [coin, grid] of grids) {
      this.books.set(coin, new FollowedBook(coin, grid, events));
      this.recent.set(coin, new RecentTrades());
    }
  }

  frame(text: string): FrameVerdict {
    try {
      return this.message(fieldsOf(parseFields(text)));
    } catch (error) {
      if (error instanceof Malformed) return 'malformed';
      throw error;
    }
  }

  snapshot(): void {
    // Every push is one.
  }

  disconnected(): void {
    for (const book of this.books.values()) book.invalidate('disconnected');
    for (const recent of this.recent.values()) recent.disconnected();
    this.bookTimesMs.clear();
  }

  abandon(coin: string, reason: StaleReason): void {
    this.books.get(coin)?.invalidate(reason);
  }

  instruments(): void {
    // Quantities are of the coin already.
  }

  best(coin: string): BestQuote | undefined {
    return this.books.get(coin)?.best();
  }

  private message({ channel, data }: Fields): FrameVerdict {
    switch (channel) {
      case 'l2Book':
        this.book(fieldsOf(data));
        return 'data';
      case 'trades':
        this.tradeList(listOf(data));
        return 'data';
      case 'bbo':
        this.quote(fieldsOf(data));
        return 'data';
      case 'candle':
        this.candle(fieldsOf(data));
        return 'data';
      case 'activeAssetCtx':
        this.context(fieldsOf(data));
        return 'data';
      case 'error':
        this.events.refused(this.coinIn(String(data)), String(data));
        return 'refused';
      default:
        return typeof channel === 'string' ? 'control' : 'malformed';
    }
  }

  /** Errors quote the request: `Invalid subscription {"type":"l2Book","coin":"XYZ"}`. */
  private coinIn(detail: string): string | undefined {
    const quoted = /"coin":\s*"([^"]+)"/.exec(detail)?.[1];
    return quoted !== undefined && this.grids.has(quoted) ? quoted : undefined;
  }

  private book(data: Fields): void {
    const coin = textOf(data.coin);
    const book = this.books.get(coin);
    if (book === undefined) return;
    const venueTimeMs = integerOf(data.time);
    // There is no sequence; a push that was overtaken shows by its time.
    if (venueTimeMs < (this.bookTimesMs.get(coin) ?? 0)) return;
    this.bookTimesMs.set(coin, venueTimeMs);
    const [bids, asks] = listOf(data.levels);
    book.reset(sideOf(bids), sideOf(asks), 0, venueTimeMs);
  }

  private tradeList(list: readonly unknown[]): void {
    const byCoin = new Map<string, RawTrade[]>();
    for (const each of list) {
      const trade = tradeOf(fieldsOf(each));
      const trades = byCoin.get(trade.symbol);
      if (trades === undefined) byCoin.set(trade.symbol, [trade]);
      else trades.push(trade);
    }
    for (const [coin, trades] of byCoin) {
      for (const trade of this.recent.get(coin)?.fresh(trades) ?? []) this.trades.read(trade);
    }
  }

  private quote(data: Fields): void {
    const symbol = textOf(data.coin);
    const grid = this.grids.get(symbol);
    if (grid === undefined) return;
    const [bid, ask] = listOf(data.bbo).map((level) => (level === null ? null : levelOf(level)));
    const steps = [
      bid ? ticksOf(bid[0], grid) : 0,
      bid ? lotsOf(bid[1], grid) : 0,
      ask ? ticksOf(ask[0], grid) : 0,
      ask ? lotsOf(ask[1], grid) : 0,
    ];
    if (steps.includes(OFF_GRID)) {
      this.events.offGrid(symbol, JSON.stringify(data.bbo));
      return;
    }
    const [bidTicks, bidLots, askTicks, askLots] = steps;
    const venueTimeMs = integerOf(data.time);
    this.events.record({
      kind: 'quote',
      symbol,
      bidTicks,
      bidLots,
      askTicks,
      askLots,
      sequence: 0,
      venueTimeMs,
    });
  }

  /** Nothing says that a candle is complete but the next one. */
  private candle(data: Fields): void {
    const candle = candleOf(data, false);
    if (candle === undefined) return;
    const name = `${candle.symbol} ${candle.interval}`;
    const before = this.candles.get(name);
    if (before !== undefined && candle.openTimeMs < before.openTimeMs) return;
    if (before !== undefined && candle.openTimeMs > before.openTimeMs) {
      this.events.record({ ...before, isClosed: true });
    }
    this.candles.set(name, candle);
    this.events.record(candle);
  }

  private context(data: Fields): void {
    // Contexts carry no time.
    for (const record of contextRecords(textOf(data.coin), fieldsOf(data.ctx), 0, null)) {
      this.events.record(record);
    }
  }
}

function sideOf(levels: unknown): TextLevel[] {
  return listOf(levels).map(levelOf);
}

function levelOf(level: unknown): TextLevel {
  const { px, sz } = fieldsOf(level);
  return [textOf(px), textOf(sz)];
}

function tradeOf(trade: Fields): RawTrade {
  if (trade.side !== 'A' && trade.side !== 'B') throw new Malformed('no side');
  const isBuy = trade.side === 'B';
  // Buyer and seller, in this order; older recordings do not name them.
  const users = Array.isArray(trade.users) ? trade.users : [];
  return {
    symbol: textOf(trade.coin),
    side: isBuy ? 'buy' : 'sell',
    price: textOf(trade.px),
    qty: textOf(trade.sz),
    tradeId: String(integerOf(trade.tid)),
    venueTimeMs: integerOf(trade.time),
    mark: `${trade.hash} ${users[isBuy ? 0 : 1] ?? ''}`,
    fills: 1,
  };
}
