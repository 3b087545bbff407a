import { QuotesMessage } from '../../../schemas/octopus-market.ts';
import type { Market } from '../../domain/markets.ts';
import { parseMessageText } from '../../gateway/http/client-json.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { compileValidator } from '../../gateway/http/validation.ts';
import { marketOf } from '../../gateway/market-lookup.ts';
import type { StreamRequest, StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { formatOf } from '../../gateway/streams/formats.ts';
import { isoMillis } from '../../lib/clock.ts';
import { JsonFault } from '../../lib/strict-json.ts';
import type { OctopusMarketStream } from './market-stream.ts';

const TYPES = ['subscribe', 'unsubscribe', 'ping'];
const checkQuotesMessage = compileValidator(QuotesMessage);

/** One client of `/ws/market-data`, and the markets whose quotes it follows. */
export class MarketSession implements StreamSession {
  private readonly stream: OctopusMarketStream;
  private readonly socket: StreamSocket;
  private readonly clientKey: string;
  /** FORMAT_… of quotes; everything else is JSON. */
  private readonly format: number;
  private readonly markets = new Set<Market>();

  constructor(stream: OctopusMarketStream, socket: StreamSocket, request: StreamRequest) {
    this.stream = stream;
    this.socket = socket;
    this.clientKey = request.clientKey;
    this.format = formatOf(request);
    stream.connectionLimit.opened(this.clientKey);
  }

  message(text: string): void {
    const parsed = parseMessageText(text);
    if (parsed instanceof JsonFault) {
      this.refuse(new Refusal('malformed', 'INVALID_JSON', `The message ${parsed.message}`));
      return;
    }
    const refusal = this.obey(parsed.value);
    if (refusal !== undefined) this.refuse(refusal);
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    const details = { retry_after_seconds: waitSeconds };
    const message = 'too many messages';
    this.refuse(new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message, { details }));
  }

  binaryMessage(): void {
    this.refuse(invalidParameter('message', 'binary', 'messages are JSON in text frames'));
  }

  drained(): void {}

  closed(): void {
    this.stream.connectionLimit.closed(this.clientKey);
    for (const market of [...this.markets]) this.leave(market);
  }

  private obey(body: unknown): Refusal | undefined {
    const { type } = (body ?? {}) as { type?: unknown };
    if (type === 'ping') {
      const { clock } = this.stream;
      clock.tick();
      const timestamp = isoMillis(clock.seconds, clock.nanos);
      this.socket.send(JSON.stringify({ type: 'pong', timestamp }));
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
    this.socket.send(JSON.stringify({ type: `${type}d`, symbols: told }));
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

  private refuse(refusal: Refusal): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse(refusal.code);
    this.socket.send(this.stream.refusalText(refusal));
  }
}
