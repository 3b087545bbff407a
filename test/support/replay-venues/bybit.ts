import {
  type HttpAnswer,
  type HttpQuestion,
  json,
  ReplayServer,
  type VenueProtocol,
} from './server.ts';
import { TextBook } from './text-book.ts';

interface BookFrame {
  readonly topic: string;
  readonly type: 'snapshot' | 'delta';
  readonly ts: number;
  readonly data: {
    readonly s: string;
    readonly b: readonly [string, string][];
    readonly a: readonly [string, string][];
    readonly u: number;
    readonly seq: number;
  };
}

/** Bybit v5 linear: subscribing to a book is answered by a snapshot of the present moment. */
export class ReplayBybit implements VenueProtocol {
  server!: ReplayServer;
  /** By topic. */
  readonly books = new Map<string, TextBook>();
  readonly symbols: readonly string[];
  readonly replies = new Map<string, string>();
  readonly delisted = new Set<string>();
  private lastMs = 0;

  static async open(symbols: readonly string[]): Promise<ReplayBybit> {
    const venue = new ReplayBybit(symbols);
    venue.server = await ReplayServer.open(venue);
    return venue;
  }

  private constructor(symbols: readonly string[]) {
    this.symbols = symbols;
  }

  answer({ path, query }: HttpQuestion): HttpAnswer {
    const reply = this.replies.get(path);
    if (reply !== undefined) return json(reply);
    if (path !== '/v5/market/instruments-info') return { status: 404, body: '' };
    const list = query.get('cursor') ? [] : this.instruments();
    return json({ retCode: 0, retMsg: 'OK', result: { list, nextPageCursor: '' }, time: 0 });
  }

  message(text: string, connection: Parameters<VenueProtocol['message']>[1]): void {
    const { op, args = [] } = JSON.parse(text) as { op: string; args?: string[] };
    if (op === 'ping') {
      connection.send('{"success":true,"ret_msg":"pong","conn_id":"replay","op":"ping"}');
      return;
    }
    const unknown = args.find((topic) => this.isUnknown(topic));
    if (unknown !== undefined) {
      const ret_msg = `error:handler not found,topic:${unknown}`;
      connection.send(JSON.stringify({ success: false, ret_msg, conn_id: 'replay', op }));
      return;
    }
    connection.send(JSON.stringify({ success: true, ret_msg: '', conn_id: 'replay', op }));
    for (const topic of args) {
      if (op === 'unsubscribe') connection.channels.delete(topic);
      if (op !== 'subscribe') continue;
      connection.channels.add(topic);
      const book = this.books.get(topic);
      if (book !== undefined && !connection.isSilent) connection.send(this.snapshot(topic, book));
    }
  }

  /** A frame as the exchange would send it; books follow it whether anyone listens or not. */
  play(frame: { readonly topic: string }): number {
    if (frame.topic.startsWith('orderbook.')) this.follow(frame as BookFrame);
    return this.server.publish(frame.topic, JSON.stringify(frame));
  }

  private follow({ topic, type, ts, data }: BookFrame): void {
    const book = this.books.get(topic) ?? new TextBook();
    this.books.set(topic, book);
    this.lastMs = ts;
    if (type === 'snapshot') book.reset(data.b, data.a, data.u);
    else book.change(data.b, data.a, data.u);
  }

  private snapshot(topic: string, book: TextBook): string {
    const s = topic.split('.').at(-1);
    const data = { s, b: book.bids, a: book.asks, u: book.sequence, seq: 1 };
    return JSON.stringify({ topic, type: 'snapshot', ts: this.lastMs, data, cts: this.lastMs });
  }

  private isUnknown(topic: string): boolean {
    const symbol = topic.split('.').at(-1) ?? '';
    return this.delisted.has(symbol) || !this.symbols.includes(symbol);
  }

  private instruments(): unknown[] {
    return this.symbols.map((symbol) => ({
      symbol,
      contractType: 'LinearPerpetual',
      status: this.delisted.has(symbol) ? 'Closed' : 'Trading',
      baseCoin: symbol.slice(0, -4),
      quoteCoin: symbol.slice(-4),
      settleCoin: symbol.slice(-4),
      launchTime: '0',
      deliveryTime: '0',
      priceScale: '2',
      leverageFilter: { minLeverage: '1', maxLeverage: '100', leverageStep: '0.01' },
      priceFilter: { minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      lotSizeFilter: { maxOrderQty: '1000', minOrderQty: '0.001', qtyStep: '0.001' },
    }));
  }
}
