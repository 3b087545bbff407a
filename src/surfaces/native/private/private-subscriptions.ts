import { LIMITS } from '../../../config/limits.ts';
import { UNKNOWN_PORTFOLIO } from '../../../domain/result-codes.ts';
import type { StreamSocket } from '../../../gateway/streams/endpoint.ts';
import { isBinaryFormat } from '../../../gateway/streams/formats.ts';
import type { Principal } from '../../../identity/principal.ts';
import { Fields, ofResult } from '../fields.ts';
import { type Envelope, StreamRequestError } from '../requests.ts';
import { missedMessages } from '../resume.ts';
import type { NativeStream } from '../stream.ts';
import { checkFields, parseResume } from '../subscribe-request.ts';
import type { PrivateChannel } from './private-channel.ts';
import { PRIVATE_CHANNELS } from './private-channels.ts';
import type { PrivateTopic } from './private-feeds.ts';

/** One connection's subscription to reports. */
export interface PrivateSubscription {
  readonly topic: PrivateTopic;
  /** Sequence at the last heartbeat. */
  beatSeq: number;
}

/** What one connection listens to of its own portfolios. Ends with the login that it began under. */
export class PrivateSubscriptions {
  private readonly stream: NativeStream;
  private readonly socket: StreamSocket;
  private readonly format: number;
  private readonly byTopic = new Map<PrivateTopic, PrivateSubscription>();

  constructor(stream: NativeStream, socket: StreamSocket, format: number) {
    this.stream = stream;
    this.socket = socket;
    this.format = format;
  }

  get all(): Iterable<PrivateSubscription> {
    return this.byTopic.values();
  }

  get size(): number {
    return this.byTopic.size;
  }

  takes(channel: unknown): boolean {
    return channelNamed(channel) !== undefined;
  }

  /**
   * Subscribes or unsubscribes. Throws `StreamRequestError`.
   * @param principal who is logged in; has scope `read`
   * @param acknowledge sends the answer, before anything else
   */
  handle(request: Envelope, principal: Principal, acknowledge: (message: object) => void): void {
    const { id, op, body } = request;
    checkFields(request, op === 'subscribe' ? ['portfolio_id', 'resume'] : ['portfolio_id']);
    const channel = channelNamed(body.channel);
    if (channel === undefined)
      throw new StreamRequestError(id, 'UNKNOWN_CHANNEL', 'no such channel');
    const portfolioId = this.portfolioId(request, principal.userId);
    const { feeds } = this.stream;
    const topic = feeds.topic(channel, principal.userId, portfolioId, this.format);
    if (op === 'unsubscribe') {
      this.unsubscribe(request, topic);
      acknowledge({
        type: 'unsubscribed',
        id,
        channel: channel.name,
        portfolio_id: String(portfolioId),
      });
      return;
    }
    this.subscribe(request, topic, acknowledge);
  }

  /** The login is over: nobody may listen any more. */
  end(): void {
    for (const { topic } of [...this.byTopic.values()]) {
      this.socket.unsubscribe(topic.name);
      this.drop(topic);
    }
  }

  private subscribe(
    { id, body }: Envelope,
    topic: PrivateTopic,
    acknowledge: (message: object) => void,
  ): void {
    const { stream, socket } = this;
    const { channel, position, portfolioId } = topic.feed;
    const resume = parseResume(id, body.resume);
    if (!this.byTopic.has(topic) && this.byTopic.size >= LIMITS.streamSubscriptionsPerSocket) {
      throw new StreamRequestError(id, 'TOO_MANY_SUBSCRIPTIONS', 'too many subscriptions');
    }
    const source = { position, history: topic.history };
    const bytesMax = stream.snapshotBacklogBytes;
    const missed = missedMessages(resume, stream.epoch, source, socket, bytesMax);
    if (!this.byTopic.has(topic)) {
      this.byTopic.set(topic, { topic, beatSeq: position.publishedSeq });
      stream.feeds.hold(topic);
      stream.counters.subscriptions += 1;
    }
    acknowledge({
      type: 'subscribed',
      id,
      channel: channel.name,
      portfolio_id: String(portfolioId),
      ...(resume !== undefined && { recovered: missed !== undefined }),
      seq: resume === undefined || missed === undefined ? position.publishedSeq : resume.seq,
    });
    if (resume !== undefined) stream.countResume(missed !== undefined);
    if (missed === undefined) {
      stream.clock.tick();
      const state = stream.feeds.encodeState(topic);
      if (state !== undefined) this.send(state);
    } else for (const bytes of missed) this.send(bytes);
    socket.subscribe(topic.name);
  }

  private unsubscribe({ id }: Envelope, topic: PrivateTopic): void {
    if (!this.byTopic.has(topic)) {
      const message = `there is no subscription to ${topic.feed.channel.name} of that portfolio`;
      throw new StreamRequestError(id, 'NOT_SUBSCRIBED', message);
    }
    this.socket.unsubscribe(topic.name);
    this.drop(topic);
  }

  private drop(topic: PrivateTopic): void {
    this.byTopic.delete(topic);
    this.stream.feeds.release(topic, this.stream.clock.nowMs());
    this.stream.counters.subscriptions -= 1;
  }

  private portfolioId({ id, body }: Envelope, userId: number): number {
    const { venue } = this.stream;
    const named = new Fields(id, body).optionalId('portfolio_id');
    const portfolioId = named ?? venue.defaultPortfolioId(userId);
    if (portfolioId === undefined || !venue.ownsPortfolio(userId, portfolioId)) {
      throw ofResult(id, UNKNOWN_PORTFOLIO, body);
    }
    return portfolioId;
  }

  private send(bytes: Uint8Array): void {
    if (isBinaryFormat(this.format)) this.socket.send(bytes);
    else this.socket.sendText(bytes);
  }
}

function channelNamed(name: unknown): PrivateChannel<unknown> | undefined {
  return PRIVATE_CHANNELS.find((channel) => channel.name === name);
}
