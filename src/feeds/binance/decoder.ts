import { multiply, parseDecimal } from '../decimal.ts';
import { lotsOf, OFF_GRID, ticksOf } from '../grid.ts';
import { endOf } from '../intervals.ts';
import { Malformed } from '../malformed.ts';
import type { FeedSide, StaleReason } from '../normalised.ts';
import {
  decimalOf,
  type Fields,
  fieldsOf,
  integerOf,
  levelsOf,
  optionalDecimal,
  optionalTimeMs,
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
import { DiffBook } from './diff-book.ts';
import { BINANCE_INTERVALS } from './names.ts';

/** The end of an order: until then what it has traded is told again, and more of it. */
const ENDED = new Set(['FILLED', 'EXPIRED', 'CANCELED']);

/** Binance USD-M futures: combined streams (`{stream, data}`) and raw ones alike. */
export class BinanceDecoder implements VenueDecoder {
  private readonly grids: Grids;
  private readonly events: DecoderEvents;
  private readonly trades: TradeReader;
  private readonly books = new Map<string, DiffBook>();

  constructor(grids: Grids, events: DecoderEvents) {
    this.grids = grids;
    this.events = events;
    this.trades = new TradeReader(grids, events);
    for (const [symbol, grid] of grids) this.books.set(symbol, new DiffBook(symbol, grid, events));
  }

  frame(text: string): FrameVerdict {
    try {
      return this.message(parseFields(text));
    } catch (error) {
      if (error instanceof Malformed) return 'malformed';
      throw error;
    }
  }

  /** The reply of `/fapi/v1/depth`. */
  snapshot(symbol: string, text: string): void {
    this.depthSnapshot(symbol, fieldsOf(parseFields(text)));
  }

  disconnected(socketName: string): void {
    if (socketName !== 'public') return;
    for (const book of this.books.values()) book.clear('disconnected');
  }

  abandon(symbol: string, reason: StaleReason): void {
    this.books.get(symbol)?.clear(reason);
  }

  instruments(): void {
    // Quantities are of the base asset already.
  }

  best(symbol: string): BestQuote | undefined {
    return this.books.get(symbol)?.best();
  }

  private message(message: Fields | readonly unknown[]): FrameVerdict {
    if (Array.isArray(message)) return this.each(message);
    const outer = message as Fields;
    const inner = outer.data ?? outer;
    if (Array.isArray(inner)) return this.each(inner);
    const event = fieldsOf(inner);
    if (event.e === undefined) return this.other(outer, event);
    return this.event(event);
  }

  private each(list: readonly unknown[]): FrameVerdict {
    let verdict: FrameVerdict = 'control';
    for (const each of list) {
      if (this.event(fieldsOf(each)) === 'data') verdict = 'data';
    }
    return verdict;
  }

  /** Acknowledgements, errors, and the snapshots that recordings hold. */
  private other(outer: Fields, inner: Fields): FrameVerdict {
    if (inner.lastUpdateId !== undefined) {
      const symbol = this.snapshotSymbol(outer.stream);
      if (symbol === undefined) return 'malformed';
      this.depthSnapshot(symbol, inner);
      return 'data';
    }
    const error = outer.error ?? (outer.code === undefined ? undefined : outer);
    if (error === undefined) return outer.id === undefined ? 'malformed' : 'control';
    this.events.refused(undefined, JSON.stringify(error));
    return 'refused';
  }

  /** Recordings hold snapshots without a name: then there must be one symbol only. */
  private snapshotSymbol(stream: unknown): string | undefined {
    if (typeof stream === 'string') return stream.split('@')[0].toUpperCase();
    return this.grids.size === 1 ? [...this.grids.keys()][0] : undefined;
  }

  private event(event: Fields): FrameVerdict {
    switch (event.e) {
      case 'depthUpdate':
        this.depthUpdate(event);
        return 'data';
      case 'trade':
        this.trade(event);
        return 'data';
      case 'aggTrade':
        this.aggregatedTrade(event);
        return 'data';
      case 'bookTicker':
        this.bookTicker(event);
        return 'data';
      case 'kline':
        this.kline(event);
        return 'data';
      case 'forceOrder':
        this.forceOrder(event);
        return 'data';
      case '24hrTicker':
        this.ticker(event);
        return 'data';
      case 'markPriceUpdate':
        this.markPrice(event);
        return 'data';
      default:
        return 'control';
    }
  }

  private depthUpdate(event: Fields): void {
    const book = this.books.get(textOf(event.s));
    if (book === undefined) return;
    const first = integerOf(event.U);
    book.diff({
      first,
      last: integerOf(event.u),
      previous: event.pu === undefined ? first - 1 : integerOf(event.pu),
      bids: levelsOf(event.b),
      asks: levelsOf(event.a),
      venueTimeMs: integerOf(event.E),
    });
  }

  private depthSnapshot(symbol: string, reply: Fields): void {
    this.books.get(symbol)?.take({
      lastUpdateId: integerOf(reply.lastUpdateId),
      bids: levelsOf(reply.bids),
      asks: levelsOf(reply.asks),
      venueTimeMs: optionalTimeMs(reply.E) ?? 0,
    });
  }

  private trade(event: Fields): void {
    // Settlements with the insurance fund and deleveraging are in the stream, not in the market.
    if (event.X !== undefined && event.X !== 'MARKET') return;
    this.read(event, String(integerOf(event.t)), 1);
  }

  private aggregatedTrade(event: Fields): void {
    const fills = integerOf(event.l) - integerOf(event.f) + 1;
    this.read(event, String(integerOf(event.a)), fills);
  }

  private read(event: Fields, tradeId: string, fills: number): void {
    if (typeof event.m !== 'boolean') throw new Malformed('no maker');
    const side: FeedSide = event.m ? 'sell' : 'buy';
    this.trades.read({
      symbol: textOf(event.s),
      side,
      price: textOf(event.p),
      qty: textOf(event.q),
      tradeId,
      venueTimeMs: integerOf(event.T),
      mark: '',
      fills,
    });
  }

  private bookTicker(event: Fields): void {
    const symbol = textOf(event.s);
    const grid = this.grids.get(symbol);
    if (grid === undefined) return;
    const [b, B, a, A] = [textOf(event.b), textOf(event.B), textOf(event.a), textOf(event.A)];
    const quote = {
      kind: 'quote' as const,
      symbol,
      bidTicks: ticksOf(b, grid),
      bidLots: lotsOf(B, grid),
      askTicks: ticksOf(a, grid),
      askLots: lotsOf(A, grid),
      sequence: integerOf(event.u),
      venueTimeMs: optionalTimeMs(event.E) ?? 0,
    };
    const { bidTicks, bidLots, askTicks, askLots } = quote;
    if ([bidTicks, bidLots, askTicks, askLots].includes(OFF_GRID)) {
      this.events.offGrid(symbol, `${b} × ${B}, ${a} × ${A}`);
      return;
    }
    this.events.record(quote);
  }

  private kline(event: Fields): void {
    const k = fieldsOf(event.k);
    const interval = BINANCE_INTERVALS.intervalOf(textOf(k.i));
    if (interval === undefined) return;
    const openTimeMs = integerOf(k.t);
    this.events.record({
      kind: 'candle',
      symbol: textOf(event.s),
      interval,
      openTimeMs,
      endTimeMs: endOf(interval, openTimeMs),
      open: decimalOf(k.o),
      high: decimalOf(k.h),
      low: decimalOf(k.l),
      close: decimalOf(k.c),
      volume: decimalOf(k.v),
      quoteVolume: decimalOf(k.q),
      trades: integerOf(k.n),
      isClosed: k.x === true,
    });
  }

  private forceOrder(event: Fields): void {
    const order = fieldsOf(event.o);
    if (!ENDED.has(textOf(order.X))) return;
    const price = decimalOf(order.p);
    const filled = parseDecimal(order.z);
    const qty = filled === undefined || filled.units === 0 ? decimalOf(order.q) : filled;
    this.events.record({
      kind: 'liquidation',
      symbol: textOf(order.s),
      side: sideOf(order.S),
      price,
      qty,
      value: multiply(price, qty),
      venueTimeMs: integerOf(order.T),
    });
  }

  private ticker(event: Fields): void {
    this.events.record({
      kind: 'ticker',
      symbol: textOf(event.s),
      last: decimalOf(event.c),
      open: decimalOf(event.o),
      high: decimalOf(event.h),
      low: decimalOf(event.l),
      volume: decimalOf(event.v),
      quoteVolume: decimalOf(event.q),
      trades: integerOf(event.n),
      venueTimeMs: integerOf(event.E),
    });
  }

  private markPrice(event: Fields): void {
    const nextFundingTimeMs = optionalTimeMs(event.T);
    this.events.record({
      kind: 'mark',
      symbol: textOf(event.s),
      markPrice: decimalOf(event.p),
      indexPrice: optionalDecimal(event.i),
      // Contracts with an end have no funding, and say so by the time 0.
      fundingRate: nextFundingTimeMs === null ? null : optionalDecimal(event.r),
      nextFundingTimeMs,
      venueTimeMs: integerOf(event.E),
    });
  }
}

/** Binance tells the side of the order. */
function sideOf(value: unknown): FeedSide {
  if (value === 'SELL') return 'sell';
  if (value === 'BUY') return 'buy';
  throw new Malformed('no side');
}
