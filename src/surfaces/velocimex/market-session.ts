import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { isoMicros } from '../../lib/clock.ts';
import { errorText, parseMessage, rateLimitText } from './socket-errors.ts';
import type { VelocimexMarketStream } from './streams.ts';
import { symbolToWire } from './translate.ts';

const ACTIONS = ['subscribe', 'unsubscribe', 'ping'];

/**
 * One client of `/v1/ws/market`. It starts with every market; the first `subscribe` narrows it to
 * the symbols named, later ones add to them.
 */
export class MarketSession implements StreamSession {
  private readonly stream: VelocimexMarketStream;
  private readonly socket: StreamSocket;
  /** FORMAT_… of market data; everything else is JSON. */
  private readonly format: number;
  private readonly clientKey: string;
  private readonly markets = new Set<Market>();
  private narrowed = false;

  constructor(
    stream: VelocimexMarketStream,
    socket: StreamSocket,
    format: number,
    clientKey: string,
  ) {
    this.stream = stream;
    this.socket = socket;
    this.format = format;
    this.clientKey = clientKey;
    stream.connectionLimit.opened(clientKey);
  }

  /** Streams a market: its present state first, then its updates. */
  add(market: Market): void {
    if (this.markets.has(market)) return;
    this.markets.add(market);
    this.stream.counters.subscriptions += 1;
    this.stream.sendState(this.socket, this.format, market);
    this.socket.subscribe(this.stream.topic(this.format, market));
  }

  message(text: string): void {
    const body = parseMessage(text);
    if (body === undefined) {
      this.refuse('a message is a JSON object', { parameter: 'message' });
      return;
    }
    switch (body.action) {
      case 'subscribe':
      case 'unsubscribe':
        this.change(body.action, body.symbols);
        return;
      case 'ping': {
        const { clock } = this.stream;
        clock.tick();
        const timestamp = isoMicros(clock.seconds, clock.nanos);
        this.socket.send(JSON.stringify({ type: 'pong', timestamp }));
        return;
      }
      default:
        this.refuse(`"action" is one of ${ACTIONS.join(', ')}`, {
          parameter: 'action',
          value: shown(body.action),
        });
    }
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse('RATE_LIMIT_EXCEEDED');
    this.socket.send(rateLimitText('too many messages', waitSeconds));
  }

  binaryMessage(): void {
    this.refuse('messages are JSON in text frames', { parameter: 'message' });
  }

  drained(): void {}

  closed(): void {
    this.stream.connectionLimit.closed(this.clientKey);
    this.stream.counters.subscriptions -= this.markets.size;
    this.markets.clear();
  }

  private change(action: 'subscribe' | 'unsubscribe', symbols: unknown): void {
    const named = this.resolve(symbols);
    if (named === undefined) return;
    if (action === 'subscribe' && !this.narrowed) {
      for (const market of [...this.markets]) if (!named.has(market)) this.remove(market);
    }
    this.narrowed = true;
    if (action === 'unsubscribe') for (const market of named) this.remove(market);
    const answer = {
      type: `${action}d`,
      symbols: [...named].map((market) => `${market.exchange}:${symbolToWire(market)}`),
    };
    this.socket.send(JSON.stringify(answer));
    if (action === 'subscribe') for (const market of named) this.add(market);
  }

  private remove(market: Market): void {
    if (!this.markets.delete(market)) return;
    this.stream.counters.subscriptions -= 1;
    this.socket.unsubscribe(this.stream.topic(this.format, market));
  }

  /** The markets of a list of symbols; `undefined` after answering with an error. */
  private resolve(symbols: unknown): Set<Market> | undefined {
    if (!Array.isArray(symbols) || symbols.length === 0) {
      this.refuse('"symbols" is a list of at least one symbol', {
        parameter: 'symbols',
        value: shown(symbols),
      });
      return undefined;
    }
    const named = new Set<Market>();
    for (const symbol of symbols) {
      const found = typeof symbol === 'string' ? marketsOf(symbol, this.stream.markets) : [];
      if (found.length === 0) {
        this.refuse('no market has this symbol', { parameter: 'symbols', value: shown(symbol) });
        return undefined;
      }
      for (const market of found) named.add(market);
    }
    return named;
  }

  private refuse(message: string, details: Record<string, string>): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse('INVALID_PARAMETER');
    this.socket.send(errorText('INVALID_PARAMETER', message, details));
  }
}

/** `binance:BTC/USDT` is one market; a bare symbol is that symbol on every exchange. */
function marketsOf(symbol: string, registry: MarketRegistry): Market[] {
  const colon = symbol.indexOf(':');
  const exchanges = colon < 0 ? registry.exchanges : [symbol.slice(0, colon)];
  const bare = symbol.slice(colon + 1);
  return exchanges
    .map((exchange) => registry.resolve(exchange, bare))
    .filter((market) => market !== undefined);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}
