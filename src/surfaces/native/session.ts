import { LIMITS } from '../../config/limits.ts';
import { type Market, marketName } from '../../domain/markets.ts';
import type { StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import type { Credentials } from '../../identity/principal.ts';
import { isoMicros } from '../../lib/clock.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { marketToWire } from './market-wire.ts';
import { type OrderClient, OrderEntry } from './order-entry.ts';
import {
  CHANNEL_BBO,
  CHANNEL_BOOK,
  CHANNEL_NAMES,
  type PlainRequest,
  parseEnvelope,
  parseRequest,
  StreamRequestError,
  type SubscriptionRequest,
} from './requests.ts';
import type { NativeStream } from './stream.ts';

/**
 * One client of `/ws/stream`. Control messages are JSON in both formats; market data has the format
 * of the connection.
 *
 * A book subscription starts with its snapshot, and the socket joins the topic in the same turn, so
 * the next delta continues it. While much is waiting for the client to read, further snapshots wait
 * too, each with its joining: a subscription to everything never overruns the socket's bound.
 */
export class NativeSession implements StreamSession {
  private readonly stream: NativeStream;
  private readonly socket: StreamSocket;
  /** FORMAT_… */
  private readonly format: number;
  /** Subscriptions by topic. */
  private readonly topics = new Set<string>();
  /** Book snapshots to be sent: market → levels. */
  private readonly waiting = new Map<MarketView, number>();
  private readonly orders: OrderEntry;
  private readonly clientKey: string;
  /** Replies to orders, which go out together at the end of a drain. */
  private replies: string[] = [];

  /** @param client who holds the connection */
  constructor(stream: NativeStream, socket: StreamSocket, format: number, client: OrderClient) {
    this.stream = stream;
    this.socket = socket;
    this.format = format;
    this.clientKey = client.clientKey;
    stream.connectionLimit.opened(client.clientKey);
    const replies = {
      answer: (message: object) => this.reply(message),
      refuse: (error: StreamRequestError) => this.reply(this.refusal(error)),
    };
    this.orders = new OrderEntry(stream, replies, client);
  }

  /** Logs in with what the client sent along when it asked for the connection. */
  login(credentials: Credentials): void {
    this.attempt(() => this.orders.login(null, credentials));
  }

  message(text: string): void {
    this.attempt(() => {
      const envelope = parseEnvelope(text);
      if (this.orders.takes(envelope.op)) this.orders.handle(envelope);
      else this.handle(parseRequest(envelope, this.stream.markets));
    });
  }

  /** Refused with the request's id where it has one, so that its sender knows which it was. */
  rateLimited(text: string, waitSeconds: number): void {
    this.attempt(() => {
      const { id } = parseEnvelope(text);
      throw new StreamRequestError(id, 'RATE_LIMIT_EXCEEDED', 'too many messages', {
        retry_after_seconds: waitSeconds,
      });
    });
  }

  binaryMessage(): void {
    this.refuse(
      new StreamRequestError(null, 'INVALID_REQUEST', 'control messages are JSON in text frames'),
    );
  }

  drained(): void {
    this.sendSnapshots();
  }

  /** Sends the replies that were kept back. */
  flush(): void {
    if (this.replies.length === 0) return;
    this.socket.sendTexts(this.replies);
    this.replies = [];
  }

  closed(): void {
    this.orders.closed();
    this.stream.connectionLimit.closed(this.clientKey);
    this.stream.forget(this);
    this.stream.counters.subscriptions -= this.topics.size;
    this.topics.clear();
    this.waiting.clear();
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof StreamRequestError)) throw error;
      this.refuse(error);
    }
    // What is answered at once does not wait for the end of a drain.
    this.flush();
  }

  private handle(request: SubscriptionRequest | PlainRequest): void {
    switch (request.op) {
      case 'subscribe':
        this.subscribe(request);
        return;
      case 'unsubscribe':
        this.unsubscribe(request);
        return;
      case 'ping': {
        const { clock } = this.stream;
        clock.tick();
        this.answer({ type: 'pong', id: request.id, time: isoMicros(clock.seconds, clock.nanos) });
        return;
      }
      case 'markets':
        this.answer({
          type: 'markets',
          id: request.id,
          markets: this.stream.markets.all.map(marketToWire),
        });
    }
  }

  private subscribe(request: SubscriptionRequest): void {
    const { stream } = this;
    const topics = this.topicsOf(request.channel, request.markets);
    const added = topics.filter((topic) => !this.topics.has(topic));
    if (this.topics.size + added.length > LIMITS.streamSubscriptionsPerSocket) {
      throw new StreamRequestError(
        request.id,
        'TOO_MANY_SUBSCRIPTIONS',
        `one connection holds at most ${LIMITS.streamSubscriptionsPerSocket} subscriptions`,
      );
    }
    for (const topic of added) this.topics.add(topic);
    stream.counters.subscriptions += added.length;
    const views = request.markets.map((market) => stream.view(market));
    this.answer({
      type: 'subscribed',
      id: request.id,
      channel: CHANNEL_NAMES[request.channel],
      markets: views.map((view) => ({
        ...marketToWire(view.market),
        seq: stream.position(view, request.channel).publishedSeq,
      })),
    });
    if (request.channel === CHANNEL_BOOK) {
      for (const view of views) this.waiting.set(view, request.depth);
      this.sendSnapshots();
      return;
    }
    stream.clock.tick();
    for (const [i, view] of views.entries()) {
      if (request.channel === CHANNEL_BBO) this.sendData(stream.encoder(this.format).bbo(view));
      this.socket.subscribe(topics[i]);
    }
  }

  private unsubscribe(request: SubscriptionRequest): void {
    const left: string[] = [];
    for (const market of request.markets) {
      const topic = this.stream.topic(this.format, request.channel, market);
      if (!this.topics.delete(topic)) continue;
      this.stream.counters.subscriptions -= 1;
      this.socket.unsubscribe(topic);
      if (request.channel === CHANNEL_BOOK) this.waiting.delete(this.stream.view(market));
      left.push(marketName(market));
    }
    const channel = CHANNEL_NAMES[request.channel];
    if (left.length === 0) {
      const message = `there is no subscription to ${channel} of that market`;
      throw new StreamRequestError(request.id, 'NOT_SUBSCRIBED', message);
    }
    this.answer({ type: 'unsubscribed', id: request.id, channel, markets: left });
  }

  private sendSnapshots(): void {
    if (this.waiting.size === 0) return;
    const { stream, socket } = this;
    stream.clock.tick();
    for (const [view, levels] of this.waiting) {
      if (socket.bufferedBytes > stream.snapshotBacklogBytes) return;
      this.waiting.delete(view);
      this.sendData(stream.encoder(this.format).snapshot(view, levels));
      socket.subscribe(stream.topic(this.format, CHANNEL_BOOK, view.market));
    }
  }

  private topicsOf(channel: number, markets: readonly Market[]): string[] {
    return markets.map((market) => this.stream.topic(this.format, channel, market));
  }

  private sendData(bytes: Uint8Array): void {
    if (this.stream.isBinary(this.format)) this.socket.send(bytes);
    else this.socket.sendText(bytes);
  }

  private answer(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  private reply(message: object): void {
    if (this.replies.length === 0) this.stream.remember(this);
    this.replies.push(JSON.stringify(message));
  }

  private refuse(error: StreamRequestError): void {
    this.answer(this.refusal(error));
  }

  private refusal({ id, code, message, details }: StreamRequestError): object {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse(code);
    return { type: 'error', id, code, message, details };
  }
}
