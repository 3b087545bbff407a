import {
  type HttpAnswer,
  type HttpQuestion,
  json,
  ReplayServer,
  type VenueProtocol,
} from './server.ts';
import { TextBook } from './text-book.ts';

interface Diff {
  readonly e: 'depthUpdate';
  readonly s: string;
  readonly u: number;
  readonly b: readonly [string, string][];
  readonly a: readonly [string, string][];
}

/** Binance USD-M: combined and raw streams, and a depth snapshot of the present moment. */
export class ReplayBinance implements VenueProtocol {
  server!: ReplayServer;
  readonly books = new Map<string, TextBook>();
  /** Bodies by path; a function where the answer depends on the question. */
  readonly replies = new Map<string, string | ((question: HttpQuestion) => HttpAnswer)>();
  /** Symbols that the exchange no longer has. */
  readonly delisted = new Set<string>();

  static async open(symbols: readonly string[]): Promise<ReplayBinance> {
    const venue = new ReplayBinance();
    for (const symbol of symbols) venue.books.set(symbol, new TextBook());
    venue.server = await ReplayServer.open(venue);
    return venue;
  }

  answer(question: HttpQuestion): HttpAnswer {
    const { path, query } = question;
    const symbol = query.get('symbol');
    if (symbol !== null && (this.delisted.has(symbol) || !this.books.has(symbol))) {
      return { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' };
    }
    const reply = this.replies.get(path);
    if (typeof reply === 'string') return { ...json(reply), headers: WEIGHT };
    if (reply !== undefined) return reply(question);
    if (path === '/fapi/v1/depth') return this.depth(symbol ?? '');
    if (path === '/fapi/v1/exchangeInfo') return json(this.exchangeInfo());
    return { status: 404, body: '{"code":-1,"msg":"not recorded"}' };
  }

  message(text: string, connection: Parameters<VenueProtocol['message']>[1]): void {
    const {
      method,
      params = [],
      id,
    } = JSON.parse(text) as {
      method: string;
      params?: string[];
      id: number;
    };
    for (const stream of params) {
      if (method === 'SUBSCRIBE') connection.channels.add(stream);
      else if (method === 'UNSUBSCRIBE') connection.channels.delete(stream);
    }
    connection.send(JSON.stringify({ result: null, id }));
  }

  /** An event as the exchange would send it; books follow it whether anyone listens or not. */
  play(stream: string, event: object): number {
    const diff = event as Partial<Diff>;
    if (diff.e === 'depthUpdate') {
      const { s = '', u = 0, b = [], a = [] } = diff;
      this.books.get(s)?.change(b, a, u);
    }
    const raw = JSON.stringify(event);
    const combined = `{"stream":"${stream}","data":${raw}}`;
    return this.server.publish(stream, ({ path }) => (path.endsWith('/stream') ? combined : raw));
  }

  private depth(symbol: string): HttpAnswer {
    const book = this.books.get(symbol) as TextBook;
    const now = { lastUpdateId: book.sequence, E: 0, T: 0, bids: book.bids, asks: book.asks };
    return { ...json(now), headers: WEIGHT };
  }

  private exchangeInfo(): unknown {
    const symbols = [...this.books.keys()].map((symbol) => ({
      symbol,
      pair: symbol,
      contractType: 'PERPETUAL',
      status: this.delisted.has(symbol) ? 'SETTLING' : 'TRADING',
      baseAsset: symbol.slice(0, -4),
      quoteAsset: symbol.slice(-4),
      marginAsset: symbol.slice(-4),
      pricePrecision: 2,
      quantityPrecision: 3,
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
        { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
      ],
    }));
    return { timezone: 'UTC', serverTime: 0, rateLimits: [], symbols };
  }
}

const WEIGHT = { 'x-mbx-used-weight-1m': '7' };
