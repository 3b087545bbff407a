import { LIMITS } from '../config/limits.ts';
import { marketName } from '../domain/markets.ts';
import type { StreamSession, StreamSocket } from '../gateway/streams/endpoint.ts';
import { isBinaryFormat } from '../gateway/streams/formats.ts';
import { isoMicros } from '../lib/clock.ts';
import type { ChannelOptions } from '../surfaces/native/channels/channel.ts';
import { marketToWire } from '../surfaces/native/market-wire.ts';
import { type Envelope, parseEnvelope, StreamRequestError } from '../surfaces/native/requests.ts';
import { parseMarketRequest } from '../surfaces/native/subscribe-request.ts';
import { recordedChannel } from './message-head.ts';
import type { RecordedStream } from './recorded-stream.ts';
import type { RecordedTopic } from './recorded-topic.ts';

/** One client of a recording. Requests are read by the same parsers as those of a venue. */
export class RecordedSession implements StreamSession {
  private readonly stream: RecordedStream;
  private readonly socket: StreamSocket;
  private readonly clientKey: string;
  private readonly topics = new Set<RecordedTopic>();
  /** Topics whose state is still to be sent; the joining comes with it. */
  private readonly waiting = new Map<RecordedTopic, ChannelOptions>();

  constructor(stream: RecordedStream, socket: StreamSocket, clientKey: string) {
    this.stream = stream;
    this.socket = socket;
    this.clientKey = clientKey;
    stream.connectionLimit.opened(clientKey);
  }

  get bufferedBytes(): number {
    return this.socket.bufferedBytes;
  }

  message(text: string): void {
    this.attempt(() => this.handle(parseEnvelope(text)));
  }

  rateLimited(message: string | Uint8Array, waitSeconds: number): void {
    this.attempt(() => {
      const id = typeof message === 'string' ? parseEnvelope(message).id : null;
      throw new StreamRequestError(id, 'RATE_LIMIT_EXCEEDED', 'too many messages', {
        retry_after_seconds: waitSeconds,
      });
    });
  }

  binaryMessage(): void {
    this.attempt(() => {
      throw new StreamRequestError(null, 'NO_ORDER_ENTRY', 'a recording takes no orders');
    });
  }

  drained(): void {
    this.sendStates();
  }

  closed(): void {
    this.stream.connectionLimit.closed(this.clientKey);
    this.stream.counters.subscriptions -= this.topics.size;
    this.stream.sessions.delete(this);
    this.topics.clear();
    this.waiting.clear();
  }

  private handle(request: Envelope): void {
    const { op, id } = request;
    switch (op) {
      case 'subscribe':
        this.subscribe(request);
        return;
      case 'unsubscribe':
        this.unsubscribe(request);
        return;
      case 'markets':
        this.answer({ type: 'markets', id, markets: this.stream.markets.all.map(marketToWire) });
        return;
      case 'ping': {
        const { clock } = this.stream;
        clock.tick();
        this.answer({ type: 'pong', id, time: isoMicros(clock.seconds, clock.nanos) });
        return;
      }
      default:
        throw new StreamRequestError(id, 'NO_ORDER_ENTRY', `a recording does not take ${op}`);
    }
  }

  private subscribe(request: Envelope): void {
    const { id, asked, served, unavailable } = this.resolve(request);
    const added = served.filter((topic) => !this.topics.has(topic));
    if (this.topics.size + added.length > LIMITS.streamSubscriptionsPerSocket) {
      const message = `one connection holds at most ${LIMITS.streamSubscriptionsPerSocket} subscriptions`;
      throw new StreamRequestError(id, 'TOO_MANY_SUBSCRIPTIONS', message);
    }
    const { channel, options } = asked;
    this.answer({
      type: 'subscribed',
      id,
      channel: channel.name,
      ...channel.acknowledgement?.(options),
      ...(asked.resume !== undefined && { recovered: false }),
      markets: served.map(({ market, seq }) => ({ ...marketToWire(market), seq })),
      ...(unavailable.length > 0 && { unavailable }),
    });
    this.stream.counters.subscriptions += added.length;
    for (const topic of served) {
      this.topics.add(topic);
      this.waiting.set(topic, options);
    }
    this.sendStates();
  }

  private unsubscribe(request: Envelope): void {
    const { id, asked, served } = this.resolve(request);
    const left = served.filter((topic) => this.topics.delete(topic));
    for (const topic of left) {
      this.waiting.delete(topic);
      this.socket.unsubscribe(topic.name);
    }
    this.stream.counters.subscriptions -= left.length;
    if (left.length === 0) {
      const message = `there is no subscription to ${asked.channel.name} of that market`;
      throw new StreamRequestError(id, 'NOT_SUBSCRIBED', message);
    }
    const markets = left.map(({ market }) => marketName(market));
    this.answer({ type: 'unsubscribed', id, channel: asked.channel.name, markets });
  }

  /** The streams that a request names: those recorded, and why it is not the others. */
  private resolve(request: Envelope) {
    const { id, body } = request;
    const channel = recordedChannel(body.channel);
    if (channel === undefined) {
      throw new StreamRequestError(id, 'UNKNOWN_CHANNEL', 'the recording has no such channel');
    }
    const asked = parseMarketRequest(request, channel, this.stream.markets);
    const served: RecordedTopic[] = [];
    const unavailable: { market: string; code: string; message: string }[] = [];
    for (const market of asked.markets) {
      const topic = this.stream.topic(channel.name, market.id, asked.options.variant);
      const refuse = (code: string, message: string) =>
        unavailable.push({ market: marketName(market), code, message });
      if (topic === undefined) {
        refuse('NOT_RECORDED', `${channel.name} of this market was not recorded`);
      } else if (topic.isLost && !this.topics.has(topic)) {
        refuse('STATE_NOT_KEPT', 'the recorded state to start from lies too far back');
      } else served.push(topic);
    }
    if (served.length > 0) return { id, asked, served, unavailable };
    const [{ code, message }] = unavailable;
    throw new StreamRequestError(id, code, message);
  }

  /** Sends states as long as the client reads them, and joins each topic in the same turn. */
  private sendStates(): void {
    for (const [topic, options] of this.waiting) {
      if (this.socket.bufferedBytes > LIMITS.socketBackpressureBytes / 2) return;
      this.waiting.delete(topic);
      for (const bytes of this.stream.start(topic, options)) {
        if (isBinaryFormat(this.stream.format)) this.socket.send(bytes);
        else this.socket.sendText(bytes);
      }
      this.socket.subscribe(topic.name);
    }
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof StreamRequestError)) throw error;
      const { id, code, message, details } = error;
      this.stream.counters.errors += 1;
      this.stream.counters.refuse(code);
      this.answer({ type: 'error', id, code, message, details });
    }
  }

  private answer(message: object): void {
    this.socket.send(JSON.stringify(message));
  }
}
