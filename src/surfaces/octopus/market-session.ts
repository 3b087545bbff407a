import { QuotesMessage } from '../../../schemas/octopus-market.ts';
import type { Market } from '../../domain/markets.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { compileValidator } from '../../gateway/http/validation.ts';
import { marketOf } from '../../gateway/market-lookup.ts';
import type { StreamRequest, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { formatOf } from '../../gateway/streams/formats.ts';
import { JsonSession } from '../../gateway/streams/json-session.ts';
import type { OctopusMarketStream } from './market-stream.ts';

const TYPES = ['subscribe', 'unsubscribe', 'ping'];
const checkQuotesMessage = compileValidator(QuotesMessage);

/** One client of `/ws/market-data`, and the markets whose quotes it follows. */
export class MarketSession extends JsonSession {
  private readonly stream: OctopusMarketStream;
  /** FORMAT_… of quotes; everything else is JSON. */
  private readonly format: number;
  private readonly markets = new Set<Market>();

  constructor(stream: OctopusMarketStream, socket: StreamSocket, request: StreamRequest) {
    super(stream, socket, request);
    this.stream = stream;
    this.format = formatOf(request);
  }

  protected left(): void {
    for (const market of [...this.markets]) this.leave(market);
  }

  protected obey(body: unknown): Refusal | undefined {
    const { type } = (body ?? {}) as { type?: unknown };
    if (type === 'ping') {
      this.pong();
      return undefined;
    }
    if (type !== 'subscribe' && type !== 'unsubscribe') {
      return invalidParameter('type', type, `"type" is one of ${TYPES.join(', ')}`);
    }
    return checkQuotesMessage(body) ?? this.change(body as QuotesMessage);
  }

  /** All symbols of a message, or none where one of them is no market. */
  private change({ type, symbols, exchange }: QuotesMessage): Refusal | undefined {
    const markets: Market[] = [];
    for (const symbol of symbols) {
      const market = marketOf(this.stream.venue.markets, symbol, exchange);
      if (market instanceof Refusal) return market;
      markets.push(market);
    }
    const told = markets.map(({ symbol }) => symbol);
    this.tell({ type: `${type}d`, symbols: told });
    for (const market of markets) {
      if (type === 'unsubscribe') this.leave(market);
      else if (!this.markets.has(market)) {
        this.markets.add(market);
        this.stream.join(this.socket, this.format, market);
      }
    }
    return undefined;
  }

  private leave(market: Market): void {
    if (this.markets.delete(market)) this.stream.leave(this.socket, this.format, market);
  }
}
