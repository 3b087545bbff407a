import { multiply } from '../decimal.ts';
import { FollowedBook } from '../followed-book.ts';
import { endOf } from '../intervals.ts';
import { Malformed } from '../malformed.ts';
import type { FeedSide, StaleReason } from '../normalised.ts';
import {
  decimalOf,
  type Fields,
  fieldsOf,
  integerOf,
  levelsOf,
  listOf,
  parseFields,
  textOf,
} from '../reading.ts';
import { TradeReader } from '../trade-reader.ts';
import type {
  BestQuote,
  DecoderEvents,
  FrameVerdict,
  Grids,
  VenueDecoder,
} from '../venue-adapter.ts';
import { BYBIT_INTERVALS } from './names.ts';
import { TickerState } from './ticker-state.ts';

/** The depth that is followed as the book; depth 1 is told as quotes. */
export const BYBIT_DEPTH = 200;

/** Bybit v5, linear contracts. */
export class BybitDecoder implements VenueDecoder {
  private readonly events: DecoderEvents;
  private readonly grids: Grids;
  private readonly trades: TradeReader;
  private readonly books = new Map<string, FollowedBook>();
  /** Depth 1 is a book as well: a delta may name one side only. */
  private readonly tops = new Map<string, FollowedBook>();
  private readonly tickers = new Map<string, TickerState>();

  constructor(grids: Grids, events: DecoderEvents) {
    this.events = events;
    this.grids = grids;
    this.trades = new TradeReader(grids, events);
    for (const [symbol, grid] of grids) {
      this.books.set(symbol, new FollowedBook(symbol, grid, events));
      this.tops.set(symbol, new FollowedBook(symbol, grid, { ...QUIET, offGrid: events.offGrid }));
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
    // Snapshots come over the socket.
  }

  disconnected(): void {
    for (const book of this.books.values()) book.invalidate('disconnected');
    for (const top of this.tops.values()) top.invalidate('disconnected');
  }

  abandon(symbol: string, reason: StaleReason): void {
    this.books.get(symbol)?.invalidate(reason);
  }

  instruments(): void {
    // Quantities are of the base asset already.
  }

  best(symbol: string): BestQuote | undefined {
    return this.books.get(symbol)?.best();
  }

  private message(message: Fields): FrameVerdict {
    const { topic } = message;
    if (typeof topic !== 'string') return this.control(message);
    const [channel, ...rest] = topic.split('.');
    const symbol = rest.at(-1);
    if (symbol === undefined) return 'malformed';
    switch (channel) {
      case 'orderbook':
        this.orderbook(Number(rest[0]), symbol, message);
        return 'data';
      case 'publicTrade':
        for (const trade of listOf(message.data)) this.trade(fieldsOf(trade));
        return 'data';
      case 'kline':
        for (const candle of listOf(message.data)) this.kline(symbol, fieldsOf(candle));
        return 'data';
      case 'allLiquidation':
      case 'liquidation':
        this.liquidations(message);
        return 'data';
      case 'tickers':
        this.ticker(symbol, message);
        return 'data';
      default:
        return 'control';
    }
  }

  private control(message: Fields): FrameVerdict {
    if (message.op === 'ping' || message.op === 'pong') return 'control';
    if (typeof message.success !== 'boolean') return 'malformed';
    if (message.success) return 'control';
    const detail = String(message.ret_msg ?? 'refused');
    this.events.refused(this.symbolIn(detail), detail);
    return 'refused';
  }

  /** `error:handler not found,topic:orderbook.200.XYZUSDT`: which of ours is it about? */
  private symbolIn(detail: string): string | undefined {
    const words = new Set(detail.split(/[^A-Za-z0-9]+/));
    for (const symbol of this.grids.keys()) if (words.has(symbol)) return symbol;
    return undefined;
  }

  private orderbook(depth: number, symbol: string, message: Fields): void {
    const book = (depth === 1 ? this.tops : this.books).get(symbol);
    if (book === undefined) return;
    const data = fieldsOf(message.data);
    const sequence = integerOf(data.u);
    const bids = levelsOf(data.b);
    const asks = levelsOf(data.a);
    const timeMs = integerOf(message.ts);
    // 1 comes after a restart of the service, which tells the whole book whatever it is called.
    if (message.type === 'snapshot' || sequence === 1) book.reset(bids, asks, sequence, timeMs);
    else if (message.type !== 'delta') throw new Malformed('neither snapshot nor delta');
    else this.delta(book, bids, asks, sequence, timeMs);
    if (depth === 1) this.quote(book, timeMs);
  }

  private delta(
    book: FollowedBook,
    bids: ReturnType<typeof levelsOf>,
    asks: ReturnType<typeof levelsOf>,
    sequence: number,
    timeMs: number,
  ): void {
    if (!book.isFresh || sequence <= book.sequence) return;
    if (sequence !== book.sequence + 1) book.fail('gap');
    else book.change(bids, asks, sequence, timeMs);
  }

  private quote(top: FollowedBook, venueTimeMs: number): void {
    const best = top.best();
    if (best === undefined) return;
    // In a numbering of its own, which the book's cannot be compared with.
    this.events.record({ kind: 'quote', symbol: top.symbol, ...best, sequence: 0, venueTimeMs });
  }

  private trade(trade: Fields): void {
    this.trades.read({
      symbol: textOf(trade.s),
      side: sideOf(trade.S),
      price: textOf(trade.p),
      qty: textOf(trade.v),
      tradeId: textOf(trade.i),
      venueTimeMs: integerOf(trade.T),
      mark: trade.seq === undefined ? '' : String(trade.seq),
      fills: 1,
    });
  }

  private kline(symbol: string, candle: Fields): void {
    const interval = BYBIT_INTERVALS.intervalOf(textOf(candle.interval));
    if (interval === undefined) return;
    const openTimeMs = integerOf(candle.start);
    this.events.record({
      kind: 'candle',
      symbol,
      interval,
      openTimeMs,
      endTimeMs: endOf(interval, openTimeMs),
      open: decimalOf(candle.open),
      high: decimalOf(candle.high),
      low: decimalOf(candle.low),
      close: decimalOf(candle.close),
      volume: decimalOf(candle.volume),
      quoteVolume: decimalOf(candle.turnover),
      trades: null,
      isClosed: candle.confirm === true,
    });
  }

  /** `allLiquidation` has a list in short names; `liquidation`, retired, one in long names. */
  private liquidations(message: Fields): void {
    const list = Array.isArray(message.data) ? message.data : [message.data];
    for (const each of list) {
      const told = fieldsOf(each);
      const price = decimalOf(told.p ?? told.price);
      const qty = decimalOf(told.v ?? told.size ?? told.qty);
      this.events.record({
        kind: 'liquidation',
        symbol: textOf(told.s ?? told.symbol),
        // Bybit names the side of the position; what closes it is the other.
        side: sideOf(told.S ?? told.side) === 'buy' ? 'sell' : 'buy',
        price,
        qty,
        value: multiply(price, qty),
        venueTimeMs: integerOf(told.T ?? told.updatedTime ?? told.time),
      });
    }
  }

  private ticker(symbol: string, message: Fields): void {
    let state = this.tickers.get(symbol);
    if (state === undefined) {
      state = new TickerState(symbol);
      this.tickers.set(symbol, state);
    }
    const isSnapshot = message.type === 'snapshot';
    const timeMs = integerOf(message.ts);
    for (const record of state.update(isSnapshot, fieldsOf(message.data), timeMs)) {
      this.events.record(record);
    }
  }
}

const QUIET: DecoderEvents = {
  record: () => undefined,
  resync: () => undefined,
  refused: () => undefined,
  undescribed: () => undefined,
  offGrid: () => undefined,
};

function sideOf(value: unknown): FeedSide {
  if (value === 'Buy') return 'buy';
  if (value === 'Sell') return 'sell';
  throw new Malformed('no side');
}
