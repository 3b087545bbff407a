import { marketName } from '../../domain/markets.ts';
import type { MarketSubscriptions, Subscription } from './market-subscriptions.ts';
import type { PrivateSubscription, PrivateSubscriptions } from './private/private-subscriptions.ts';
import { placeOf, type StreamPlace } from './stream-place.ts';

type AnySubscription = Subscription | PrivateSubscription;

/** How a subscription is named to its client. */
export function subscriptionWire(subscription: AnySubscription): Record<string, string> {
  const { topic } = subscription;
  if ('feed' in topic) {
    const { channel, portfolioId } = topic.feed;
    return { channel: channel.name, portfolio_id: String(portfolioId) };
  }
  const { channel, view, variant } = topic;
  const interval = channel.variants[variant];
  return {
    channel: channel.name,
    market: marketName(view.market),
    ...(interval !== '' && { interval }),
  };
}

/**
 * What a client that was too slow is told at the end: up to which sequence of each of its
 * subscriptions nothing is missing. The first message that was dropped of a stream says so; of the
 * others everything that was published until the socket left its topics has gone out.
 */
export class LastWords {
  private readonly markets: MarketSubscriptions;
  private readonly reports: PrivateSubscriptions;
  /** Last sequence before a gap. */
  private readonly gapAfter = new Map<AnySubscription, number>();
  /** Newest sequences when the socket left its topics. */
  private readonly leftAt = new Map<AnySubscription, number>();

  constructor(markets: MarketSubscriptions, reports: PrivateSubscriptions) {
    this.markets = markets;
    this.reports = reports;
  }

  /** A message to this client was dropped. */
  dropped(message: Uint8Array, isBinary: boolean): void {
    const place = placeOf(message, isBinary);
    if (place === undefined) return;
    const found = this.find(place);
    if (found === undefined || this.gapAfter.has(found)) return;
    this.gapAfter.set(found, place.prevSeq);
  }

  /** The socket leaves all topics. */
  left(): void {
    for (const each of this.markets.all) {
      const seq = this.markets.newestSeqOf(each);
      if (seq !== undefined) this.leftAt.set(each, seq);
    }
    for (const each of this.reports.all) {
      this.leftAt.set(each, each.topic.feed.position.publishedSeq);
    }
  }

  /** The message itself; `seq` is `null` where nothing was sent yet. */
  text(): string {
    const subscriptions = [...this.markets.all, ...this.reports.all].map((each) => ({
      ...subscriptionWire(each),
      seq: this.gapAfter.get(each) ?? this.leftAt.get(each) ?? null,
    }));
    return JSON.stringify({
      type: 'slow_consumer',
      code: 'SLOW_CONSUMER',
      message: 'too much waited to be read: messages would have been lost',
      subscriptions,
    });
  }

  private find(place: StreamPlace): AnySubscription | undefined {
    const { channel, of, variant } = place;
    for (const each of this.markets.all) {
      const { topic } = each;
      const names = topic.channel.variants;
      const isChannel =
        topic.channel.name === channel || topic.channel.bodyTypes.includes(channel as number);
      const isMarket = marketName(topic.view.market) === of || topic.view.market.id === of;
      const isVariant = names[topic.variant] === variant || topic.variant === variant;
      if (isChannel && isMarket && isVariant) return each;
    }
    for (const each of this.reports.all) {
      const { feed } = each.topic;
      const isChannel = feed.channel.name === channel || feed.channel.bodyType === channel;
      if (isChannel && String(feed.portfolioId) === String(of)) return each;
    }
    return undefined;
  }
}
