import {
  BOOK_DEPTH_DEFAULT,
  BookChannelMessage,
  MarketChannelMessage,
} from '../../../schemas/entasis.ts';
import type { Market } from '../../domain/markets.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { compileValidator } from '../../gateway/http/validation.ts';
import { marketOf } from '../../gateway/market-lookup.ts';
import type { StreamRequest, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { formatOf } from '../../gateway/streams/formats.ts';
import { JsonSession } from '../../gateway/streams/json-session.ts';
import type { EntasisMarketStream } from './market-stream.ts';

const ACTIONS = ['subscribe', 'unsubscribe', 'ping'];
const CHANNELS = ['market', 'orderbook'];
const checkMarketMessage = compileValidator(MarketChannelMessage);
const checkBookMessage = compileValidator(BookChannelMessage);

/**
 * One client of `/ws/market`. It may follow every market's price, and every market's book at one
 * depth: another subscription of the same book changes the depth.
 */
export class MarketSession extends JsonSession {
  private readonly stream: EntasisMarketStream;
  /** FORMAT_… of market data; everything else is JSON. */
  private readonly format: number;
  private readonly prices = new Set<Market>();
  private readonly depths = new Map<Market, number>();

  constructor(stream: EntasisMarketStream, socket: StreamSocket, request: StreamRequest) {
    super(stream, socket, request);
    this.stream = stream;
    this.format = formatOf(request);
  }

  protected left(): void {
    for (const market of [...this.prices]) this.leavePrice(market);
    for (const market of [...this.depths.keys()]) this.leaveBook(market);
  }

  protected obey(body: unknown): Refusal | undefined {
    const { action, channel } = (body ?? {}) as { action?: unknown; channel?: unknown };
    if (action === 'ping') {
      this.pong();
      return undefined;
    }
    if (action !== 'subscribe' && action !== 'unsubscribe') {
      return invalidParameter('action', action, `"action" is one of ${ACTIONS.join(', ')}`);
    }
    if (channel === 'market') {
      return checkMarketMessage(body) ?? this.changePrices(body as MarketChannelMessage);
    }
    if (channel === 'orderbook') {
      return checkBookMessage(body) ?? this.changeBook(body as BookChannelMessage);
    }
    return invalidParameter('channel', channel, `"channel" is one of ${CHANNELS.join(', ')}`);
  }

  private changePrices(message: MarketChannelMessage): Refusal | undefined {
    const { action, channel, exchange } = message;
    const markets: Market[] = [];
    for (const symbol of message.symbols) {
      const market = marketOf(this.stream.markets, symbol, exchange);
      if (market instanceof Refusal) return market;
      markets.push(market);
    }
    const symbols = markets.map(({ symbol }) => symbol);
    this.tell({ type: `${action}d`, channel, symbols });
    for (const market of markets) {
      if (action === 'unsubscribe') this.leavePrice(market);
      else if (!this.prices.has(market)) {
        this.prices.add(market);
        this.stream.joinPrice(this.socket, this.format, market);
      }
    }
    return undefined;
  }

  private changeBook(message: BookChannelMessage): Refusal | undefined {
    const { action, channel, exchange } = message;
    const market = marketOf(this.stream.markets, message.symbol, exchange);
    if (market instanceof Refusal) return market;
    const depth = message.depth ?? BOOK_DEPTH_DEFAULT;
    const { symbol } = market;
    const told = action === 'subscribe' ? { symbol, depth } : { symbol };
    this.tell({ type: `${action}d`, channel, ...told });
    if (action === 'subscribe' && this.depths.get(market) === depth) return undefined;
    this.leaveBook(market);
    if (action === 'unsubscribe') return undefined;
    this.depths.set(market, depth);
    this.stream.joinBook(this.socket, this.format, market, depth);
    return undefined;
  }

  private leavePrice(market: Market): void {
    if (this.prices.delete(market)) this.stream.leavePrice(this.socket, this.format, market);
  }

  private leaveBook(market: Market): void {
    const depth = this.depths.get(market);
    if (depth === undefined) return;
    this.depths.delete(market);
    this.stream.leaveBook(this.socket, this.format, market, depth);
  }
}
