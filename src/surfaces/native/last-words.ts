import { marketName } from '../../domain/markets.ts';
import type { MarketSubscriptions, Subscription } from './market-subscriptions.ts';
import type { PrivateSubscription, PrivateSubscriptions } from './private/private-subscriptions.ts';

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
 * subscriptions nothing is missing. The socket leaves its topics between two publications, and
 * whatever was published before goes out: so these are the newest sequences of that moment.
 */
export class LastWords {
  private readonly markets: MarketSubscriptions;
  private readonly reports: PrivateSubscriptions;
  private readonly leftAt = new Map<AnySubscription, number>();

  constructor(markets: MarketSubscriptions, reports: PrivateSubscriptions) {
    this.markets = markets;
    this.reports = reports;
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
      seq: this.leftAt.get(each) ?? null,
    }));
    return JSON.stringify({
      type: 'slow_consumer',
      code: 'SLOW_CONSUMER',
      message: 'too much waited to be read: messages would have been lost',
      subscriptions,
    });
  }
}
