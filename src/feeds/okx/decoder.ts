import { type Decimal, multiply } from '../decimal.ts';
import { FollowedBook } from '../followed-book.ts';
import { Malformed } from '../malformed.ts';
import type { FeedSide, Instrument, StaleReason } from '../normalised.ts';
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

/** `prevSeqId` of a snapshot. */
const NO_PREVIOUS = -1;
/** Digits of a quantity that was divided: 10^-8 of a coin is worth nothing. */
const DIVIDED_DECIMALS = 8;

/** OKX v5. Books and trades count contracts on swaps; liquidations are told in coins. */
export class OkxDecoder implements VenueDecoder {
  private readonly events: DecoderEvents;
  private readonly trades: TradeReader;
  private readonly books = new Map<string, FollowedBook>();
  private contracts = new Map<string, Instrument>();

  constructor(grids: Grids, events: DecoderEvents) {
    this.events = events;
    this.trades = new TradeReader(grids, events);
    for (const [symbol, grid] of grids) {
      this.books.set(symbol, new FollowedBook(symbol, grid, events));
    }
  }

  frame(text: string): FrameVerdict {
    // Their answer to our ping is no JSON.
    if (text === 'pong') return 'control';
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
  }

  abandon(symbol: string, reason: StaleReason): void {
    this.books.get(symbol)?.invalidate(reason);
  }

  instruments(list: readonly Instrument[]): void {
    this.contracts = new Map(list.map((instrument) => [instrument.symbol, instrument]));
  }

  best(symbol: string): BestQuote | undefined {
    return this.books.get(symbol)?.best();
  }

  private message(message: Fields): FrameVerdict {
    if (message.event !== undefined) return this.control(message);
    const { channel, instId } = fieldsOf(message.arg);
    const rows = listOf(message.data).map(fieldsOf);
    switch (channel) {
      case 'liquidation-orders':
        for (const row of rows) this.liquidations(row);
        return 'data';
      case 'trades':
        for (const row of rows) this.trade(row);
        return 'data';
      case 'books':
        for (const row of rows) this.book(textOf(instId), message.action, row);
        return 'data';
      case 'tickers':
        return 'data';
      default:
        return 'control';
    }
  }

  private control(message: Fields): FrameVerdict {
    if (message.event !== 'error') return 'control';
    const detail = String(message.msg ?? message.code ?? 'refused');
    const symbol = [...this.books.keys()].find((name) => detail.includes(name));
    this.events.refused(symbol, detail);
    return 'refused';
  }

  private book(symbol: string, action: unknown, row: Fields): void {
    const book = this.books.get(symbol);
    if (book === undefined) return;
    const bids = levelsOf(row.bids);
    const asks = levelsOf(row.asks);
    const timeMs = integerOf(row.ts);
    // Recordings from before 2023 have no numbers: there nothing but their order can be checked.
    const sequence = row.seqId === undefined ? book.sequence + 1 : integerOf(row.seqId);
    const previous = row.prevSeqId === undefined ? book.sequence : integerOf(row.prevSeqId);
    if (action === 'snapshot' || (row.prevSeqId !== undefined && previous === NO_PREVIOUS)) {
      book.reset(bids, asks, sequence, timeMs);
    } else if (action !== 'update') throw new Malformed('neither snapshot nor update');
    else this.update(book, { bids, asks, sequence, previous, timeMs });
  }

  private update(book: FollowedBook, change: OkxChange): void {
    const { bids, asks, sequence, previous, timeMs } = change;
    if (!book.isFresh) return;
    if (previous === book.sequence) {
      // After maintenance the numbers begin anew: below the previous one, and still in the chain.
      book.change(bids, asks, sequence, timeMs);
      return;
    }
    if (sequence > book.sequence || previous > book.sequence) book.fail('gap');
  }

  private trade(row: Fields): void {
    this.trades.read({
      symbol: textOf(row.instId),
      side: sideOf(row.side),
      price: textOf(row.px),
      qty: textOf(row.sz),
      tradeId: textOf(row.tradeId),
      venueTimeMs: integerOf(row.ts),
      mark: '',
      fills: typeof row.count === 'string' ? integerOf(row.count) : 1,
    });
  }

  private liquidations(row: Fields): void {
    const symbol = textOf(row.instId);
    for (const each of listOf(row.details)) {
      const detail = fieldsOf(each);
      const price = decimalOf(detail.bkPx);
      const amounts = this.amounts(symbol, price, decimalOf(detail.sz));
      if (amounts === undefined) continue;
      this.events.record({
        kind: 'liquidation',
        symbol,
        side: sideOf(detail.side),
        price,
        ...amounts,
        venueTimeMs: integerOf(detail.ts),
      });
    }
  }

  /** What so many contracts are. Without the size of one nothing can be said, and that is. */
  private amounts(
    symbol: string,
    price: Decimal,
    count: Decimal,
  ): { readonly qty: Decimal; readonly value: Decimal } | undefined {
    const contract = this.contracts.get(symbol);
    if (contract === undefined) {
      this.events.undescribed(symbol);
      return undefined;
    }
    const amount = multiply(count, contract.contractSize);
    if (!contract.isInverse) return { qty: amount, value: multiply(price, amount) };
    return { qty: divided(amount, price), value: amount };
  }
}

interface OkxChange {
  readonly bids: ReturnType<typeof levelsOf>;
  readonly asks: ReturnType<typeof levelsOf>;
  readonly sequence: number;
  readonly previous: number;
  readonly timeMs: number;
}

function divided(amount: Decimal, price: Decimal): Decimal {
  const shift = DIVIDED_DECIMALS + price.decimals - amount.decimals;
  const top = BigInt(amount.units) * (shift > 0 ? 10n ** BigInt(shift) : 1n);
  const bottom = BigInt(price.units) * (shift < 0 ? 10n ** BigInt(-shift) : 1n);
  if (bottom === 0n) return { units: 0, decimals: 0, isRounded: true };
  const units = Number((top + bottom / 2n) / bottom);
  return { units, decimals: DIVIDED_DECIMALS, isRounded: true };
}

function sideOf(value: unknown): FeedSide {
  if (value === 'buy' || value === 'sell') return value;
  throw new Malformed('no side');
}
