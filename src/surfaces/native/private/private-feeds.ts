import { LIMITS } from '../../../config/limits.ts';
import type { Publisher } from '../../../gateway/streams/endpoint.ts';
import { FORMAT_JSON, FORMAT_NAMES, isBinaryFormat } from '../../../gateway/streams/formats.ts';
import type { UserFill } from '../../../gateway/user-fills.ts';
import type { OrderView, Venue } from '../../../gateway/venue.ts';
import { assert } from '../../../lib/assert.ts';
import { type Clock, isoMicros } from '../../../lib/clock.ts';
import { ChannelPosition } from '../../../projections/channel-position.ts';
import type { BinaryOut } from '../binary-out.ts';
import { TopicHistory } from '../topic-history.ts';
import { balancesReports } from './balances.ts';
import { fillsReports } from './fills.ts';
import { ordersReports } from './orders.ts';
import { positionsReports } from './positions.ts';
import { KIND_NAMES, KIND_REPORT, KIND_SNAPSHOT, type PrivateChannel } from './private-channel.ts';
import { PRIVATE_CHANNELS } from './private-channels.ts';

type AnyChannel = PrivateChannel<unknown>;

/** One portfolio's reports of one channel in one format. */
export class PrivateTopic {
  readonly name: string;
  readonly feed: PrivateFeed;
  readonly format: number;
  holders = 0;
  idleSinceMs = 0;
  history: TopicHistory | undefined;

  constructor(feed: PrivateFeed, format: number) {
    this.feed = feed;
    this.format = format;
    const { channel, portfolioId } = feed;
    this.name = `native/${FORMAT_NAMES[format]}/private/${channel.name}/${portfolioId}`;
  }
}

/** One portfolio's reports of one channel; its sequence does not depend on who listens. */
export class PrivateFeed {
  readonly channel: AnyChannel;
  readonly userId: number;
  readonly portfolioId: number;
  readonly position = new ChannelPosition();
  readonly topics: readonly PrivateTopic[];
  /** What was noted since the last report; empty where reports are whole states. */
  noted: unknown[] = [];

  constructor(channel: AnyChannel, userId: number, portfolioId: number) {
    this.channel = channel;
    this.userId = userId;
    this.portfolioId = portfolioId;
    this.topics = FORMAT_NAMES.map((_name, format) => new PrivateTopic(this, format));
  }

  /** True when somebody listens, or did a short while ago. */
  get isWanted(): boolean {
    return this.topics.some(({ history }) => history !== undefined);
  }
}

export interface PrivateFeedsParts {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly epoch: number;
  readonly binaryOut: BinaryOut;
  /** Counts a message that went out. */
  readonly sent: (bytes: number, receivers: number) => void;
}

/**
 * What users are told of their own orders, trades and holdings. Every change counts in its feed's
 * sequence; a report is encoded only where somebody listens, or did a short while ago.
 */
export class PrivateFeeds {
  private readonly parts: PrivateFeedsParts;
  private readonly feeds = new Map<number, readonly PrivateFeed[]>();
  private readonly touched = new Set<PrivateFeed>();
  private readonly kept = new Set<PrivateTopic>();
  private publisher: Publisher | undefined;
  private ingestSeconds = 0;
  private ingestNanos = 0;

  constructor(parts: PrivateFeedsParts) {
    this.parts = parts;
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  onOrder(userId: number, order: OrderView): void {
    const feed = this.feed(ordersReports, userId, order.portfolioId);
    this.note(feed, order, order.updatedSeconds, order.updatedNanos);
  }

  onFill(fill: UserFill): void {
    const feed = this.feed(fillsReports, fill.userId, fill.portfolioId);
    this.note(feed, fill, fill.seconds, fill.nanos);
  }

  onAccountChanged(userId: number, portfolioId: number): void {
    const { seconds, nanos } = this.feed(ordersReports, userId, portfolioId).position;
    for (const channel of [balancesReports, positionsReports]) {
      this.note(this.feed(channel, userId, portfolioId), undefined, seconds, nanos);
    }
  }

  /** Sends everything that was noted since the last call. */
  flush(): void {
    if (this.touched.size === 0) return;
    this.parts.clock.tick();
    for (const feed of this.touched) {
      const { position, channel } = feed;
      position.seq += 1;
      const items = channel.reportsState && feed.isWanted ? this.stateOf(feed) : feed.noted;
      for (const topic of feed.topics) this.publish(topic, items);
      position.publishedSeq = position.seq;
      feed.noted = [];
    }
    this.touched.clear();
  }

  /** @param channel by name, of a portfolio that the user owns */
  topic(channel: AnyChannel, userId: number, portfolioId: number, format: number): PrivateTopic {
    return this.feed(channel, userId, portfolioId).topics[format];
  }

  /** Somebody wants it: from here on what is sent is also kept. */
  hold(topic: PrivateTopic): void {
    topic.holders += 1;
    topic.history ??= new TopicHistory(LIMITS.streamHistoryBytes);
    this.kept.add(topic);
  }

  release(topic: PrivateTopic, nowMs: number): void {
    topic.holders -= 1;
    topic.idleSinceMs = nowMs;
  }

  sweep(nowMs: number): void {
    for (const topic of this.kept) {
      if (topic.holders > 0 || nowMs - topic.idleSinceMs < LIMITS.streamHistoryIdleMs) continue;
      this.kept.delete(topic);
      topic.history = undefined;
    }
  }

  get historyBytes(): number {
    let sum = 0;
    for (const { history } of this.kept) sum += history?.bytes ?? 0;
    return sum;
  }

  /** What a subscriber starts from; `undefined` where the channel has no such thing. */
  encodeState(topic: PrivateTopic): Uint8Array | undefined {
    if (topic.feed.channel.state === undefined) return undefined;
    return this.encode(topic, KIND_SNAPSHOT, this.stateOf(topic.feed));
  }

  private note(feed: PrivateFeed, item: unknown, seconds: number, nanos: number): void {
    if (this.touched.size === 0) this.readIngestTime();
    this.touched.add(feed);
    feed.position.set(feed.position.seq, seconds, nanos);
    feed.position.ingestSeconds = this.ingestSeconds;
    feed.position.ingestNanos = this.ingestNanos;
    if (item !== undefined && feed.isWanted) feed.noted.push(item);
  }

  private readIngestTime(): void {
    const { clock } = this.parts;
    clock.tick();
    this.ingestSeconds = clock.seconds;
    this.ingestNanos = clock.nanos;
  }

  private feed(channel: object, userId: number, portfolioId: number): PrivateFeed {
    let feeds = this.feeds.get(portfolioId);
    if (feeds === undefined) {
      feeds = PRIVATE_CHANNELS.map((each) => new PrivateFeed(each, userId, portfolioId));
      this.feeds.set(portfolioId, feeds);
    }
    const found = feeds.find((feed) => feed.channel === channel);
    assert(found !== undefined, 'the channel is one of the table');
    return found;
  }

  private stateOf({ channel, userId, portfolioId }: PrivateFeed): readonly unknown[] {
    return channel.state?.(this.parts.venue, userId, portfolioId) ?? [];
  }

  private publish(topic: PrivateTopic, items: readonly unknown[]): void {
    const { publisher } = this;
    if (topic.history === undefined || publisher === undefined) return;
    const bytes = this.encode(topic, KIND_REPORT, items);
    const { seq, publishedSeq } = topic.feed.position;
    topic.history.push(seq, publishedSeq, bytes);
    const receivers = publisher.numSubscribers(topic.name);
    if (receivers === 0) return;
    publisher.publish(topic.name, bytes, isBinaryFormat(topic.format));
    this.parts.sent(bytes.length, receivers);
  }

  private encode({ feed, format }: PrivateTopic, kind: number, items: readonly unknown[]) {
    const { channel, portfolioId, position } = feed;
    if (format === FORMAT_JSON) return this.encodeJson(feed, kind, items);
    const { binaryOut } = this.parts;
    binaryOut.begin();
    const body = channel.toBinary(binaryOut, kind, portfolioId, items);
    return binaryOut.finish(0, position, channel.bodyType, body, 0);
  }

  private encodeJson(feed: PrivateFeed, kind: number, items: readonly unknown[]): Uint8Array {
    const { channel, portfolioId, position } = feed;
    const { epoch, clock } = this.parts;
    const message = {
      channel: channel.name,
      type: KIND_NAMES[kind],
      portfolio_id: String(portfolioId),
      epoch,
      seq: position.seq,
      prev_seq: position.publishedSeq,
      venue_time: timeOrNull(position.seconds, position.nanos),
      ingest_time: timeOrNull(position.ingestSeconds, position.ingestNanos),
      sent_time: isoMicros(clock.seconds, clock.nanos),
      [channel.listName]: items.map((item) => channel.toJson(item)),
    };
    return Buffer.from(JSON.stringify(message));
  }
}

function timeOrNull(seconds: number, nanos: number): string | null {
  return seconds === 0 ? null : isoMicros(seconds, nanos);
}
