import { LIMITS } from '../../config/limits.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import {
  FORMAT_JSON,
  FORMAT_NAMES,
  formatOf,
  isBinaryFormat,
  negotiateFormat,
} from '../../gateway/streams/formats.ts';
import { LoginFailures } from '../../gateway/streams/login-failures.ts';
import { offeredCredentials } from '../../gateway/streams/socket-credentials.ts';
import type { Venue } from '../../gateway/venue.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { BinaryOut } from './binary-out.ts';
import type { ChannelCodec, ChannelOptions, MarketChannel } from './channels/channel.ts';
import { marketChannels } from './channels/market-channels.ts';
import { Heartbeats } from './heartbeats.ts';
import { JsonOut } from './json-out.ts';
import type { MarketSubscriptions } from './market-subscriptions.ts';
import type { OrderEntryServices } from './order-entry.ts';
import { PrivateFeeds } from './private/private-feeds.ts';
import { ReplyWriter } from './reply-writer.ts';
import { NativeSession } from './session.ts';
import { SOCKETS } from './sockets.ts';
import { type Topic, Topics } from './topics.ts';

/** How often topics that nobody wants any more are looked for. */
const SWEEP_SECONDS = 5;

export interface NativeStreamOptions {
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  /** Sequences are comparable within one epoch. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly venue: Venue;
  readonly authenticate: OrderEntryServices['authenticate'];
  /** Orders count against the limit of orders over REST; `undefined` while limits are off. */
  readonly orderLimiter?: OrderEntryServices['orderLimiter'];
  readonly loginFailures?: LoginFailures;
  readonly connectionLimit?: ConnectionLimit;
  /** Bytes a client may leave unread before further snapshots to it wait. */
  readonly snapshotBacklogBytes?: number;
}

/**
 * The native stream, `/ws/stream`: every market's channels as JSON or FlatBuffers, a client's own
 * reports, and order entry in JSON. Market data is encoded once per format, and only if somebody
 * listens or did so a short while ago.
 */
export class NativeStream implements StreamEndpoint, OrderEntryServices {
  readonly name = SOCKETS.stream.name;
  readonly path = SOCKETS.stream.path;
  readonly counters = new StreamCounters();
  readonly markets: MarketRegistry;
  readonly clock: Clock;
  readonly venue: Venue;
  readonly authenticate: OrderEntryServices['authenticate'];
  readonly orderLimiter: OrderEntryServices['orderLimiter'];
  readonly loginFailures: LoginFailures;
  readonly connectionLimit: ConnectionLimit;
  readonly snapshotBacklogBytes: number;
  readonly epoch: number;
  readonly channels: readonly MarketChannel[];
  readonly topics: Topics;
  /** Answers to requests about orders. */
  readonly replyWriter = new ReplyWriter();
  private readonly views: MarketViews;
  readonly binaryOut: BinaryOut;
  /** What users are told of their own. */
  readonly feeds: PrivateFeeds;
  readonly heartbeats: Heartbeats;
  private readonly jsonOut: JsonOut;
  /** Subscriptions of connections that would rather have the newest state than everything. */
  private readonly conflatable = new Set<MarketSubscriptions>();
  private publishedBytes = 0;
  /** Sessions that keep back replies until the end of the drain. */
  private readonly replying = new Set<NativeSession>();
  private publisher: Publisher | undefined;
  private sweepAtSeconds = 0;
  /** Channels that count their messages themselves. */
  private readonly counting: readonly MarketChannel[];

  constructor(options: NativeStreamOptions) {
    this.markets = options.markets;
    this.views = options.views;
    this.epoch = options.epoch;
    this.clock = options.clock;
    this.venue = options.venue;
    this.authenticate = options.authenticate;
    this.orderLimiter = options.orderLimiter;
    this.loginFailures = options.loginFailures ?? new LoginFailures();
    this.connectionLimit =
      options.connectionLimit ?? new ConnectionLimit(LIMITS.streamConnectionsPerIp);
    this.snapshotBacklogBytes = options.snapshotBacklogBytes ?? LIMITS.socketBackpressureBytes / 2;
    this.jsonOut = new JsonOut(options.epoch, options.clock);
    this.binaryOut = new BinaryOut(options.epoch, options.clock);
    this.feeds = new PrivateFeeds({
      ...options,
      binaryOut: this.binaryOut,
      sent: (bytes, receivers) => this.counters.sent(bytes, receivers),
    });
    this.heartbeats = new Heartbeats(options.clock);
    this.channels = marketChannels(options.venue);
    this.counting = this.channels.filter(({ settle }) => settle !== undefined);
    this.topics = new Topics(this.channels, options.views.all);
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
    this.feeds.bind(publisher);
  }

  errorText(code: string, message: string): string {
    return JSON.stringify({ type: 'error', id: null, code, message });
  }

  negotiate(request: StreamRequest): Negotiation {
    if (this.connectionLimit.isReached(request.clientKey)) {
      const message = `at most ${this.connectionLimit.perAddressMax} connections per IP`;
      const code = 'RATE_LIMIT_EXCEEDED';
      return { status: '429 Too Many Requests', code, body: this.errorText(code, message) };
    }
    return negotiateFormat(request, (code, message) => this.errorText(code, message));
  }

  open(socket: StreamSocket, request: StreamRequest): NativeSession {
    const format = formatOf(request);
    const welcome = {
      type: 'welcome',
      protocol: 'openbell.stream.v1',
      epoch: this.epoch,
      heartbeat_ms: LIMITS.heartbeatMs,
      format: FORMAT_NAMES[format],
      simulated: this.markets.all.some((market) => market.source === 'simulated'),
    };
    socket.send(JSON.stringify(welcome));
    const { address, clientKey } = request;
    const session = new NativeSession(this, socket, format, { address, clientKey });
    this.heartbeats.add(session);
    const credentials = offeredCredentials(request);
    if (credentials !== undefined) session.login(credentials);
    return session;
  }

  publish(view: MarketView): void {
    for (const channel of this.counting) channel.settle?.(view);
    const topics = this.topics.keptOf(view.market.id);
    for (let i = 0; i < topics.length; i += 1) {
      if (topics[i].position.changed) this.publishTopic(topics[i]);
    }
    for (const channel of this.counting) channel.clear?.(view);
  }

  published(): void {
    const { seconds } = this.clock;
    if (seconds >= this.sweepAtSeconds) {
      this.sweepAtSeconds = seconds + SWEEP_SECONDS;
      const nowMs = this.clock.nowMs();
      this.topics.sweep(nowMs);
      this.feeds.sweep(nowMs);
    }
    // No backlog can have grown by more than was published, so looking now and then is enough.
    if (this.publishedBytes < LIMITS.socketConflationStepBytes) return;
    this.publishedBytes = 0;
    for (const subscriptions of this.conflatable) subscriptions.relieve();
  }

  /** Has a connection's backlog looked at from time to time, or no longer. */
  noteConflatable(subscriptions: MarketSubscriptions, isConflatable: boolean): void {
    if (isConflatable) this.conflatable.add(subscriptions);
    else this.conflatable.delete(subscriptions);
  }

  private readonly flushLate = (): void => this.flushReplies();

  flushReplies(): void {
    for (const session of this.replying) session.flush();
    this.replying.clear();
    this.feeds.flush();
  }

  /** Has a session's replies sent at the end of the drain, or, of what comes outside one, soon. */
  remember(session: NativeSession): void {
    if (this.replying.size === 0) setImmediate(this.flushLate);
    this.replying.add(session);
  }

  forget(session: NativeSession): void {
    this.replying.delete(session);
    this.heartbeats.remove(session);
  }

  /** Tells every client when it may come back, not all at the same moment. */
  announceShutdown(graceMs: number): void {
    const { reconnectMsMin, reconnectMsMax } = LIMITS;
    const sessions = [...this.heartbeats.all];
    this.clock.tick();
    for (const [i, session] of sessions.entries()) {
      const share = i / sessions.length;
      const reconnectAfterMs = Math.floor(
        reconnectMsMin + share * (reconnectMsMax - reconnectMsMin),
      );
      session.announceShutdown({ graceMs, reconnectAfterMs });
    }
  }

  get historyBytes(): number {
    return this.topics.historyBytes + this.feeds.historyBytes;
  }

  view(market: Market): MarketView {
    const view = this.views.get(market.id);
    assert(view !== undefined, 'every market of the registry has a view');
    return view;
  }

  channel(name: unknown): MarketChannel | undefined {
    return this.channels.find((channel) => channel.name === name);
  }

  topic(channel: MarketChannel, market: Market, variant: number, format: number): Topic {
    return this.topics.of(this.channels.indexOf(channel), market.id, variant)[format];
  }

  codec({ channel, format }: Topic): ChannelCodec<JsonOut> | ChannelCodec<BinaryOut> {
    return format === FORMAT_JSON ? channel.json : channel.binary;
  }

  /** What a subscriber of the topic starts from. REUSED: valid until the next message is encoded. */
  encodeState(topic: Topic, options: ChannelOptions, conflated: number): Uint8Array {
    const { channel, format, view } = topic;
    const bytes =
      format === FORMAT_JSON
        ? channel.json.state?.(this.jsonOut, view, options, conflated)
        : channel.binary.state?.(this.binaryOut, view, options, conflated);
    assert(bytes !== undefined, 'the channel has a state to start from');
    return bytes;
  }

  /** Counts a client that came back and told where it had been. */
  countResume(recovered: boolean): void {
    if (recovered) this.counters.resumes += 1;
    else this.counters.resumesLost += 1;
  }

  private publishTopic(topic: Topic): void {
    const { publisher } = this;
    assert(publisher !== undefined, 'a stream publishes after it was bound');
    const { format, holders, history } = topic;
    topic.published += 1;
    // Who has joined also holds, so the library is only asked about topics that somebody holds.
    const receivers = holders === 0 ? 0 : publisher.numSubscribers(topic.name);
    if (receivers === 0 && history === undefined) return;
    const bytes = this.encodeUpdate(topic);
    if (history !== undefined) {
      const { seq, publishedSeq } = topic.position;
      history.push(seq, publishedSeq, bytes);
    }
    if (receivers === 0) return;
    publisher.publish(topic.name, bytes, isBinaryFormat(format));
    this.publishedBytes += bytes.length;
    this.counters.sent(bytes.length, receivers);
  }

  private encodeUpdate({ channel, format, view, variant }: Topic): Uint8Array {
    return format === FORMAT_JSON
      ? channel.json.update(this.jsonOut, view, variant)
      : channel.binary.update(this.binaryOut, view, variant);
  }
}
