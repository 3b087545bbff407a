import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Heartbeat } from '../../codec/generated/openbell/stream/heartbeat.ts';
import { SubscriptionSeq } from '../../codec/generated/openbell/stream/subscription-seq.ts';
import { LIMITS } from '../../config/limits.ts';
import { isoMicros } from '../../lib/clock.ts';
import { ChannelPosition } from '../../projections/channel-position.ts';
import { subscriptionWire } from './last-words.ts';
import type { MarketSubscriptions, Subscription } from './market-subscriptions.ts';
import type { PrivateSubscription, PrivateSubscriptions } from './private/private-subscriptions.ts';
import type { NativeStream } from './stream.ts';

type AnySubscription = Subscription | PrivateSubscription;

/** What one heartbeat says. */
interface Beat {
  /** Subscriptions of the connection. */
  readonly count: number;
  readonly quiet: readonly { subscription: AnySubscription; seq: number }[];
  readonly partial: boolean;
}

/**
 * One connection's heartbeats. Each lists the subscriptions without a message since the last one,
 * with the sequence that their client must be at: of those with messages, the messages tell. What
 * does not fit is left to the next heartbeats, in turn.
 */
export class ConnectionHeartbeat {
  intervalMs: number = LIMITS.heartbeatMs;
  dueMs: number;
  private readonly stream: NativeStream;
  private readonly markets: MarketSubscriptions;
  private readonly reports: PrivateSubscriptions;
  private readonly position = new ChannelPosition();
  /** Place among the quiet ones at which the next partial list begins. */
  private nextFrom = 0;

  constructor(stream: NativeStream, markets: MarketSubscriptions, reports: PrivateSubscriptions) {
    this.stream = stream;
    this.markets = markets;
    this.reports = reports;
    this.dueMs = stream.clock.nowMs() + this.intervalMs;
  }

  /** Another interval, from now on. */
  setInterval(intervalMs: number): void {
    this.intervalMs = intervalMs;
    this.dueMs = this.stream.clock.nowMs() + intervalMs;
  }

  /** The next heartbeat, in the format of the connection. */
  json(): string {
    const beat = this.beat();
    const { clock, epoch } = this.stream;
    const { seq, publishedSeq } = this.position;
    const message = {
      type: 'heartbeat',
      epoch,
      seq,
      prev_seq: publishedSeq,
      sent_time: isoMicros(clock.seconds, clock.nanos),
      interval_ms: this.intervalMs,
      subscriptions: beat.count,
      quiet: beat.quiet.map(({ subscription, seq: at }) => ({
        ...subscriptionWire(subscription),
        seq: at,
      })),
      partial: beat.partial,
    };
    this.position.publishedSeq = seq;
    return JSON.stringify(message);
  }

  binary(): Uint8Array {
    const beat = this.beat();
    const out = this.stream.binaryOut;
    const { builder } = out;
    out.begin();
    Heartbeat.startQuietVector(builder, beat.quiet.length);
    for (let i = beat.quiet.length - 1; i >= 0; i -= 1) {
      const { subscription, seq } = beat.quiet[i];
      const [streamId, channel, variant] = placeOf(subscription);
      SubscriptionSeq.createSubscriptionSeq(builder, BigInt(seq), streamId, channel, variant);
    }
    const quiet = builder.endVector();
    const { count, partial } = beat;
    const body = Heartbeat.createHeartbeat(builder, count, quiet, partial, this.intervalMs);
    const bytes = out.finish(0, this.position, Body.Heartbeat, body, 0);
    this.position.publishedSeq = this.position.seq;
    return bytes;
  }

  private beat(): Beat {
    this.stream.clock.tick();
    this.position.seq += 1;
    const quiet: { subscription: AnySubscription; seq: number }[] = [];
    const look = (subscription: AnySubscription, seq: number | undefined): void => {
      if (seq === undefined) return;
      if (seq === subscription.beatSeq) quiet.push({ subscription, seq });
      subscription.beatSeq = seq;
    };
    for (const each of this.markets.all) look(each, this.markets.joinedSeqOf(each));
    for (const each of this.reports.all) look(each, each.topic.feed.position.publishedSeq);
    const count = this.markets.size + this.reports.size;
    const most = LIMITS.heartbeatSubscriptions;
    if (quiet.length <= most) {
      this.nextFrom = 0;
      return { count, quiet, partial: false };
    }
    const from = this.nextFrom % quiet.length;
    this.nextFrom = from + most;
    const turned = [...quiet.slice(from), ...quiet.slice(0, from)];
    return { count, quiet: turned.slice(0, most), partial: true };
  }
}

function placeOf({ topic }: AnySubscription): [streamId: number, channel: number, variant: number] {
  if ('feed' in topic) return [topic.feed.portfolioId, topic.feed.channel.code, 0];
  return [topic.view.market.id, topic.channel.code, topic.variant];
}
