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
  readonly position: ChannelPosition;
  /** Each message is a state, so that of what nobody was sent nothing is missed. */
  readonly isStateOnly: boolean;
  /** Subscriptions, also those that have not joined yet. */
  holders = 0;
  /** When the last one left. */
  idleSinceMs = 0;
  /** Publications while it is kept, sent or not. */
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
    this.position = channel.position(view, variant);
    this.isStateOnly = channel.conflation === 'always';
  }
}

/** All topics, and what is kept for those that somebody listens to, or did a short while ago. */
export class Topics {
  /** channel → market id → variant → `FORMAT_…` */
  private readonly table: Topic[][][][];
  /** Topics with holders, and those that had some a short while ago. */
  private readonly kept = new Set<Topic>();
  /** The same by market id, in the order of the channels: a drain looks at no others. */
  private readonly keptByMarket: (readonly Topic[])[] = [];

  constructor(channels: readonly MarketChannel[], views: readonly MarketView[]) {
    this.table = channels.map((channel) => {
      const byMarket: Topic[][][] = [];
      for (const view of views) {
        byMarket[view.market.id] = channel.variants.map((_name, variant) =>
          FORMAT_NAMES.map((_format, format) => new Topic(format, channel, view, variant)),
        );
      }
      return byMarket;
    });
    for (const { market } of views) this.keptByMarket[market.id] = [];
  }

  /** A market's topics that somebody listens to, or did a short while ago. */
  keptOf(marketId: number): readonly Topic[] {
    return this.keptByMarket[marketId];
  }

  /** Topics of one stream by `FORMAT_…`. */
  of(channelIndex: number, marketId: number, variant: number): readonly Topic[] {
    return this.table[channelIndex][marketId][variant];
  }

  /** Somebody wants it: from here on what is sent is also kept. */
  hold(topic: Topic): void {
    topic.holders += 1;
    if (this.kept.has(topic)) return;
    this.kept.add(topic);
    this.listKept(topic.view);
    topic.channel.follow?.(topic.view, true);
    if (topic.isStateOnly) return;
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
      this.listKept(topic.view);
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

  private listKept({ market }: MarketView): void {
    const all = this.table.flatMap((byMarket) => byMarket[market.id].flat());
    this.keptByMarket[market.id] = all.filter((topic) => this.kept.has(topic));
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
