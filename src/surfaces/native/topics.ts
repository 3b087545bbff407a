import { LIMITS } from '../../config/limits.ts';
import { FORMAT_NAMES } from '../../gateway/streams/formats.ts';
import type { ChannelPosition, MarketView } from '../../projections/market-view.ts';
import type { MarketChannel } from './channels/channel.ts';
import { TopicHistory } from './topic-history.ts';

/** One stream of messages: a channel's variant, of one market, in one format. */
export class Topic {
  readonly name: string;
  readonly format: number;
  readonly channel: MarketChannel;
  readonly view: MarketView;
  readonly variant: number;
  /** Subscriptions, also those that have not joined yet. */
  holders = 0;
  /** When the last one left. */
  idleSinceMs = 0;
  /** Publications so far, sent or not. */
  published = 0;
  /** What was sent lately; kept while there are holders and for a while after. */
  history: TopicHistory | undefined;

  constructor(format: number, channel: MarketChannel, view: MarketView, variant: number) {
    const variantName = channel.variants[variant];
    const suffix = variantName === '' ? '' : `/${variantName}`;
    this.name = `native/${FORMAT_NAMES[format]}/${channel.name}/${view.market.id}${suffix}`;
    this.format = format;
    this.channel = channel;
    this.view = view;
    this.variant = variant;
  }

  get position(): ChannelPosition {
    return this.channel.position(this.view, this.variant);
  }
}

/** One channel's variant of one market, in all formats. */
export interface MarketStream {
  readonly position: ChannelPosition;
  /** By `FORMAT_…`. */
  readonly topics: readonly Topic[];
}

/** All topics, and what is kept for those that somebody listens to, or did a short while ago. */
export class Topics {
  /** channel → market id → variant */
  private readonly table: MarketStream[][][];
  /** Market id → all its streams, in the order of the channels. */
  private readonly byMarket: MarketStream[][] = [];
  /** Topics with holders or a history. */
  private readonly kept = new Set<Topic>();

  constructor(channels: readonly MarketChannel[], views: readonly MarketView[]) {
    this.table = channels.map((channel) => {
      const byMarket: MarketStream[][] = [];
      for (const view of views) {
        byMarket[view.market.id] = channel.variants.map((_name, variant) => ({
          position: channel.position(view, variant),
          topics: FORMAT_NAMES.map((_format, format) => new Topic(format, channel, view, variant)),
        }));
      }
      return byMarket;
    });
    for (const { market } of views) {
      this.byMarket[market.id] = this.table.flatMap((byMarket) => byMarket[market.id]);
    }
  }

  /** All streams of a market. */
  streamsOf(marketId: number): readonly MarketStream[] {
    return this.byMarket[marketId];
  }

  /** Topics of one stream by `FORMAT_…`. */
  of(channelIndex: number, marketId: number, variant: number): readonly Topic[] {
    return this.table[channelIndex][marketId][variant].topics;
  }

  /** Somebody wants it: from here on what is sent is also kept. */
  hold(topic: Topic): void {
    topic.holders += 1;
    if (this.kept.has(topic)) return;
    this.kept.add(topic);
    topic.channel.follow?.(topic.view, true);
    // Of a channel whose every message is a state there is nothing to make up for.
    if (topic.channel.conflation === 'always') return;
    topic.history = new TopicHistory(LIMITS.streamHistoryBytes);
  }

  release(topic: Topic, nowMs: number): void {
    topic.holders -= 1;
    topic.idleSinceMs = nowMs;
  }

  /** Lets go what nobody has wanted for a while. */
  sweep(nowMs: number): void {
    for (const topic of this.kept) {
      if (topic.holders > 0 || nowMs - topic.idleSinceMs < LIMITS.streamHistoryIdleMs) continue;
      this.kept.delete(topic);
      topic.history = undefined;
      this.unfollow(topic);
    }
  }

  /** Bytes held by histories. */
  get historyBytes(): number {
    let sum = 0;
    for (const { history } of this.kept) sum += history?.bytes ?? 0;
    return sum;
  }

  /** A view is followed for all formats alike, so it ends when the last of them is gone. */
  private unfollow({ channel, view }: Topic): void {
    if (channel.follow === undefined) return;
    for (const topic of this.kept) {
      if (topic.channel === channel && topic.view === view) return;
    }
    channel.follow(view, false);
  }
}
