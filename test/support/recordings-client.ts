import { once } from 'node:events';
import WebSocket from 'ws';
import type { MarketRegistry } from '../../src/config/markets.ts';
import { ClientBook, factsOfBinary, factsOfJson } from './stream-facts.ts';

const SUBPROTOCOLS = { json: 'openbell.json.v1', flatbuffers: 'openbell.fb.v1' } as const;
export type Format = keyof typeof SUBPROTOCOLS;

/** A subscriber that keeps market data as it came, apart from answers. */
export class Subscriber {
  /** Market data in the order of arrival. */
  readonly data: Buffer[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: answers differ, and the tests say what they expect
  readonly answers: any[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly socket: WebSocket;
  private readonly listeners = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (bytes: Buffer, isBinary: boolean) => {
      const control = isBinary ? undefined : JSON.parse(bytes.toString());
      if (control === undefined || typeof control.seq === 'number') this.data.push(bytes);
      else this.answers.push(control);
      for (const listener of this.listeners) listener();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async connect(url: string, format: Format): Promise<Subscriber> {
    const socket = new WebSocket(url, [SUBPROTOCOLS[format]]);
    const subscriber = new Subscriber(socket);
    await once(socket, 'open');
    return subscriber;
  }

  send(request: object): void {
    this.socket.send(JSON.stringify(request));
  }

  /** Resolves when the condition holds; it is looked at with every message. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        if (!condition()) return;
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }

  /**
   * Books rebuilt from the data so far, by market. Throws where a message does not continue the one
   * before, or a checksum disagrees.
   */
  books(format: Format, markets: MarketRegistry): Map<string, ClientBook> {
    const books = new Map<string, ClientBook>();
    for (const bytes of this.data) {
      const facts =
        format === 'json' ? factsOfJson(bytes.toString(), markets) : factsOfBinary(bytes, markets);
      if (facts.type !== 'snapshot' && facts.type !== 'delta') continue;
      let book = books.get(facts.market);
      if (book === undefined) {
        const [exchange, symbol] = facts.market.split(':');
        book = new ClientBook(markets.resolve(exchange, symbol)!);
        books.set(facts.market, book);
      }
      book.apply(facts);
    }
    return books;
  }

  close(): void {
    this.socket.terminate();
  }
}
