import { LIMITS } from '../../config/limits.ts';
import { type Market, marketName } from '../../domain/markets.ts';
import type { StreamSocket } from '../../gateway/streams/endpoint.ts';
import { isBinaryFormat } from '../../gateway/streams/formats.ts';
import type { ChannelOptions } from './channels/channel.ts';
import { marketToWire } from './market-wire.ts';
import { StreamRequestError } from './requests.ts';
import { missedMessages } from './resume.ts';
import type { NativeStream } from './stream.ts';
import type { MarketRequest } from './subscribe-request.ts';
import type { Topic } from './topics.ts';

/** The socket has joined the topic. */
const LIVE = 0;
/** The state to start from is still to be sent, the joining comes with it. */
const WAITING = 1;
/** The socket is slow and has left the topic until it gets the newest state. */
const CONFLATED = 2;

/** One connection's subscription to one topic. */
export interface Subscription {
  readonly topic: Topic;
  options: ChannelOptions;
  /** LIVE, WAITING or CONFLATED */
  phase: number;
  /** `topic.published` when the socket left it for being slow, and the sequence then. */
  leftAt: number;
  leftSeq: number;
  /** Sequence at the last heartbeat. */
  beatSeq: number;
}

/**
 * What one connection listens to of the markets.
 *
 * A subscription with a state to start from gets that state first, and the socket joins the topic in
 * the same turn, so the next message continues it. While much is waiting for the client to read,
 * further states wait too, each with its joining: a subscription to everything never overruns the
 * socket's bound.
 */
export class MarketSubscriptions {
  private readonly stream: NativeStream;
  private readonly socket: StreamSocket;
  /** FORMAT_… */
  private readonly format: number;
  private readonly byTopic = new Map<Topic, Subscription>();
  /** In the order in which they came. */
  private readonly waiting = new Set<Subscription>();
  private readonly conflated = new Set<Subscription>();

  constructor(stream: NativeStream, socket: StreamSocket, format: number) {
    this.stream = stream;
    this.socket = socket;
    this.format = format;
  }

  get all(): Iterable<Subscription> {
    return this.byTopic.values();
  }

  get size(): number {
    return this.byTopic.size;
  }

  /** Sequence that the client is at when it has read everything; `undefined` while it waits. */
  joinedSeqOf({ phase, topic }: Subscription): number | undefined {
    return phase === LIVE ? topic.position.publishedSeq : undefined;
  }

  /** Sequence of the newest message that was sent; `undefined` before the first. */
  newestSeqOf({ phase, topic, leftSeq }: Subscription): number | undefined {
    if (phase === CONFLATED) return leftSeq;
    return phase === LIVE ? topic.position.publishedSeq : undefined;
  }

  /** Subscribes. @returns the acknowledgement, which is sent before anything else */
  subscribe(request: MarketRequest, acknowledge: (message: object) => void): void {
    const { stream } = this;
    const { id, channel, options } = request;
    const { served, unavailable } = this.available(request);
    const topics = served.map((market) => this.topic(request, market));
    const added = topics.filter((topic) => !this.byTopic.has(topic));
    if (this.byTopic.size + added.length > LIMITS.streamSubscriptionsPerSocket) {
      throw new StreamRequestError(
        id,
        'TOO_MANY_SUBSCRIPTIONS',
        `one connection holds at most ${LIMITS.streamSubscriptionsPerSocket} subscriptions`,
      );
    }
    const { resume } = request;
    const bytesMax = stream.snapshotBacklogBytes;
    const missed = missedMessages(resume, stream.epoch, topics[0], this.socket, bytesMax);
    for (const topic of added) this.hold(topic, options);
    acknowledge({
      type: 'subscribed',
      id,
      channel: channel.name,
      ...channel.acknowledgement?.(options),
      ...(resume !== undefined && { recovered: missed !== undefined }),
      markets: topics.map(({ view, position }) => ({
        ...marketToWire(view.market),
        seq: missed === undefined || resume === undefined ? position.publishedSeq : resume.seq,
      })),
      ...(unavailable.length > 0 && { unavailable }),
    });
    if (resume !== undefined) stream.countResume(missed !== undefined);
    for (const topic of topics) this.start(topic, options, missed);
    stream.noteConflatable(this, this.hasConflatable);
    this.sendStates();
  }

  /** @returns names of the markets that were left */
  unsubscribe(request: MarketRequest): string[] {
    const left: string[] = [];
    for (const market of request.markets) {
      const topic = this.topic(request, market);
      const subscription = this.byTopic.get(topic);
      if (subscription === undefined) continue;
      this.socket.unsubscribe(topic.name);
      this.drop(subscription);
      left.push(marketName(market));
    }
    this.stream.noteConflatable(this, this.hasConflatable);
    return left;
  }

  /** The socket's backlog has shrunk. */
  drained(): void {
    if (this.conflated.size > 0) this.catchUp();
    this.sendStates();
  }

  /**
   * Looks at the backlog: a socket with too much of it leaves its conflatable topics, and gets their
   * newest state when the client has read on. To be called between publications.
   */
  relieve(): void {
    const { bufferedBytes } = this.socket;
    if (bufferedBytes <= LIMITS.socketConflationBytes) {
      if (this.conflated.size > 0) this.catchUp();
      return;
    }
    for (const subscription of this.byTopic.values()) {
      if (subscription.phase !== LIVE || !isConflatable(subscription)) continue;
      subscription.phase = CONFLATED;
      subscription.leftAt = subscription.topic.published;
      subscription.leftSeq = subscription.topic.position.publishedSeq;
      this.conflated.add(subscription);
      this.socket.unsubscribe(subscription.topic.name);
    }
  }

  /** The socket has left all its topics for good: no newer state will come in their place. */
  left(): void {
    this.stream.noteConflatable(this, false);
  }

  closed(): void {
    this.stream.noteConflatable(this, false);
    for (const subscription of [...this.byTopic.values()]) this.drop(subscription);
  }

  private get hasConflatable(): boolean {
    for (const subscription of this.byTopic.values()) if (isConflatable(subscription)) return true;
    return false;
  }

  /** Of the markets asked for those that have the channel, and why others have not. */
  private available({ id, channel, markets }: MarketRequest) {
    const served: Market[] = [];
    const unavailable: { market: string; code: string; message: string }[] = [];
    for (const market of markets) {
      const refusal = channel.refusal?.(this.stream.view(market));
      if (refusal === undefined) served.push(market);
      else unavailable.push({ market: marketName(market), ...refusal });
    }
    if (served.length > 0) return { served, unavailable };
    const [{ code, message }] = unavailable;
    throw new StreamRequestError(id, code, message);
  }

  private topic({ channel, options }: MarketRequest, market: Market): Topic {
    return this.stream.topic(channel, market, options.variant, this.format);
  }

  private hold(topic: Topic, options: ChannelOptions): void {
    const subscription: Subscription = {
      topic,
      options,
      phase: WAITING,
      leftAt: 0,
      leftSeq: 0,
      beatSeq: topic.position.publishedSeq,
    };
    this.byTopic.set(topic, subscription);
    this.stream.topics.hold(topic);
    this.stream.counters.subscriptions += 1;
  }

  private drop(subscription: Subscription): void {
    const { topic } = subscription;
    this.byTopic.delete(topic);
    this.waiting.delete(subscription);
    this.conflated.delete(subscription);
    this.stream.topics.release(topic, this.stream.clock.nowMs());
    this.stream.counters.subscriptions -= 1;
  }

  private start(topic: Topic, options: ChannelOptions, missed: Uint8Array[] | undefined): void {
    const subscription = this.byTopic.get(topic);
    if (subscription === undefined) return;
    subscription.options = options;
    this.conflated.delete(subscription);
    this.waiting.delete(subscription);
    const hasState = this.stream.codec(topic).state !== undefined;
    if (hasState && missed === undefined) {
      this.waiting.add(subscription);
      // One that had joined stays: what it gets meanwhile belongs to the sequence it gave up.
      if (subscription.phase === CONFLATED) subscription.phase = WAITING;
      return;
    }
    for (const bytes of missed ?? []) this.send(bytes);
    this.join(subscription);
  }

  private sendStates(): void {
    if (this.waiting.size === 0) return;
    const { stream, socket } = this;
    stream.clock.tick();
    for (const subscription of this.waiting) {
      if (socket.bufferedBytes > stream.snapshotBacklogBytes) return;
      this.waiting.delete(subscription);
      const { topic, options } = subscription;
      this.send(stream.encodeState(topic, options, 0));
      this.join(subscription);
    }
  }

  /** Gives a slow client that has read on the newest states, and joins the topics again. */
  private catchUp(): void {
    const { stream, socket } = this;
    stream.clock.tick();
    for (const subscription of this.conflated) {
      if (socket.bufferedBytes > LIMITS.socketConflationEndBytes) return;
      this.conflated.delete(subscription);
      const { topic, options, leftAt } = subscription;
      const skipped = topic.published - leftAt;
      if (skipped > 0) {
        stream.counters.conflations += skipped;
        this.send(stream.encodeState(topic, options, skipped));
      }
      this.join(subscription);
    }
  }

  private join(subscription: Subscription): void {
    subscription.phase = LIVE;
    this.socket.subscribe(subscription.topic.name);
  }

  private send(bytes: Uint8Array): void {
    if (isBinaryFormat(this.format)) this.socket.send(bytes);
    else this.socket.sendText(bytes);
  }
}

function isConflatable({ topic, options }: Subscription): boolean {
  const { conflation } = topic.channel;
  return conflation === 'always' || (conflation === 'asked' && options.conflate);
}
