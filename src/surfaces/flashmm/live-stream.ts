import type { Refusal } from '../../gateway/http/refusal.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSession,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import { FORMAT_JSON } from '../../gateway/streams/formats.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import { SocketDoor } from '../../gateway/streams/socket-door.ts';
import type { LoginDesk } from '../../gateway/streams/socket-login.ts';
import type { Venue } from '../../gateway/venue.ts';
import { assert } from '../../lib/assert.ts';
import { type Clock, isoMillis } from '../../lib/clock.ts';
import type { RequestRateSampler } from '../../metrics/request-rates.ts';
import type { SystemFigures } from '../../metrics/system-figures.ts';
import type { SystemLoadSampler } from '../../metrics/system-load.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { errorCode, errorReply } from './errors.ts';
import { healthUpdate } from './health-update.ts';
import { type LiveChannel, LiveChannels } from './live-channels.ts';
import { LiveSession } from './live-session.ts';
import { MakerChannels } from './maker-channels.ts';
import { QuoteFlatBuffers } from './quote-flatbuffers.ts';
import { type OwnQuotes, type QuoteNews, QuoteUpdateWriter } from './quote-update.ts';
import { SOCKETS } from './sockets.ts';

/** Messages per second of one connection, as FlashMM documents it, for either direction. */
const MESSAGES_PER_SECOND = 20;
/** Time between two messages of `system.health`. */
export const HEALTH_INTERVAL_MS = 5000;
const HEALTH = 'health';

/** The channel `trading.{symbol}` of one market. */
interface TradingTopic extends Paced {
  readonly view: MarketView;
  readonly symbol: string;
}

export interface LiveStreamParts extends LoginDesk {
  readonly venue: Pick<Venue, 'markets' | 'statistics' | 'status'>;
  readonly views: MarketViews;
  readonly connectionLimit: ConnectionLimit;
  readonly systemLoad: SystemLoadSampler;
  readonly requestRates: RequestRateSampler;
  readonly maker?: MakerDesk;
  readonly figures?: SystemFigures;
}

/**
 * `/ws/live-data`: quotes of the sei markets, and the health of the system. A market is told at most
 * so often that all of them together stay within the documented rate; what nobody follows is not
 * encoded.
 */
export class FlashmmLiveStream implements StreamEndpoint {
  readonly name = SOCKETS.live.name;
  readonly path = SOCKETS.live.path;
  readonly messagesPerSecond = MESSAGES_PER_SECOND;
  readonly counters = new StreamCounters();
  readonly parts: LiveStreamParts;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  readonly channels: LiveChannels;
  /** Least time between two messages of one market. */
  readonly intervalMs: number;
  private readonly door: SocketDoor;
  /** What the market-making account does; absent where there is none. */
  readonly account: MakerChannels | undefined;
  private readonly quotes: FormatFanOut<QuoteNews>;
  private readonly health: FormatFanOut<number>;
  /** By market id; only markets of this surface have one. */
  private readonly topics: (TradingTopic | undefined)[] = [];
  private readonly pacer: Pacer<TradingTopic>;
  private healthListeners = 0;
  private healthTimer: NodeJS.Timeout | undefined;

  constructor(parts: LiveStreamParts) {
    this.parts = parts;
    this.clock = parts.clock;
    this.connectionLimit = parts.connectionLimit;
    this.door = new SocketDoor({ ...parts, errorReply });
    this.channels = new LiveChannels(parts.venue, parts.maker !== undefined);
    const { maker, clock } = parts;
    this.account = maker && new MakerChannels(maker, clock, this.counters);
    const { markets } = this.channels;
    this.intervalMs = conflationIntervalMs(markets.size);
    const json = new QuoteUpdateWriter();
    const binary = new QuoteFlatBuffers();
    this.quotes = new FormatFanOut('flashmm/trading', this.counters, {
      json: (news) => json.write(news),
      flatbuffers: (news) => binary.write(news),
    });
    const encodeHealth = (nowMs: number) => Buffer.from(JSON.stringify(healthUpdate(parts, nowMs)));
    // Health is no market data: it is JSON in either format.
    this.health = new FormatFanOut('flashmm/system', this.counters, {
      json: encodeHealth,
      flatbuffers: encodeHealth,
    });
    for (const view of parts.views.all) {
      const symbol = markets.get(view.market);
      if (symbol === undefined) continue;
      this.topics[view.market.id] = { view, symbol, lastSentMs: Number.NEGATIVE_INFINITY };
    }
    this.pacer = new Pacer(parts.clock, this.intervalMs, (topic) => {
      const news = this.newsOf(topic);
      this.quotes.publish(topic.view.market.id, news);
      const sinceEventMs = parts.clock.nowMs() - news.seconds * 1000 - news.nanos / 1_000_000;
      parts.figures?.pushLatency.observe(Math.max(0, sinceEventMs) / 1000);
    });
  }

  bind(publisher: Publisher): void {
    this.quotes.bind(publisher);
    this.account?.bind(publisher);
    this.health.bind(publisher);
  }

  negotiate(request: StreamRequest): Negotiation {
    return this.door.negotiate(request);
  }

  errorText(code: string, message: string): string {
    return this.door.errorText(code, message);
  }

  /** A message of type `error`. */
  refusalText(refusal: Refusal): string {
    const { message, details } = refusal;
    const error = { code: errorCode(refusal), message, details };
    return JSON.stringify({ type: 'error', timestamp: this.timestamp(), error });
  }

  timestamp(): string {
    const nowMs = this.clock.nowMs();
    return isoMillis(Math.floor(nowMs / 1000), Math.floor(nowMs % 1000) * 1_000_000);
  }

  open(socket: StreamSocket, request: StreamRequest): StreamSession {
    return new LiveSession(this, socket, request);
  }

  publish(view: MarketView): void {
    const topic = this.topics[view.market.id];
    if (topic === undefined) return;
    // The end of a minute moves the window of the volume.
    const isNews = view.bboPosition.changed || view.trades.length > 0 || view.minuteEnded;
    if (view.trades.length > 0) this.account?.traded(view.market.id);
    if (!isNews) return;
    if (this.quotes.hasListeners(view.market.id)) this.pacer.changed(topic);
    else this.pacer.forget(topic);
  }

  /** Sends what has waited long enough; a timer does the same. */
  flush(): void {
    this.pacer.flush();
    this.account?.flush();
  }

  /** Sends the present state of a channel, and the following ones. @param format FORMAT_… */
  join(socket: StreamSocket, format: number, channel: LiveChannel): void {
    this.counters.subscriptions += 1;
    if (channel.kind === 'positions') return this.account?.joinPositions(socket);
    if (channel.kind === 'orders') return this.account?.joinOrders(socket, channel.market);
    if (channel.kind === 'health') {
      this.health.send(socket, FORMAT_JSON, this.parts.clock.nowMs());
      socket.subscribe(this.health.topic(FORMAT_JSON, HEALTH));
      this.healthListeners += 1;
      this.healthTimer ??= setInterval(() => this.tellHealth(), HEALTH_INTERVAL_MS).unref();
      return;
    }
    const { market } = channel;
    const topic = this.topics[market.id];
    assert(topic !== undefined, 'a channel is of a market of this surface');
    this.quotes.send(socket, format, this.newsOf(topic));
    socket.subscribe(this.quotes.topic(format, market.id));
  }

  leave(socket: StreamSocket, format: number, channel: LiveChannel): void {
    this.counters.subscriptions -= 1;
    if (channel.kind === 'positions') return this.account?.leavePositions(socket);
    if (channel.kind === 'orders') return this.account?.leaveOrders(socket, channel.market);
    if (channel.kind === 'trading') {
      socket.unsubscribe(this.quotes.topic(format, channel.market.id));
      return;
    }
    socket.unsubscribe(this.health.topic(FORMAT_JSON, HEALTH));
    this.healthListeners -= 1;
    if (this.healthListeners > 0) return;
    clearInterval(this.healthTimer);
    this.healthTimer = undefined;
  }

  private tellHealth(): void {
    this.health.publish(HEALTH, this.parts.clock.nowMs());
  }

  private newsOf({ view, symbol }: TradingTopic): QuoteNews {
    const { venue, clock } = this.parts;
    const volumeUnits = venue.statistics(view.market).notionalUnits;
    const own = this.ownQuotes(view);
    const { updatedSeconds, updatedNanos } = view.ticker;
    if (updatedSeconds > 0) {
      return { view, symbol, volumeUnits, own, seconds: updatedSeconds, nanos: updatedNanos };
    }
    const { seconds, nanos } = clock;
    return { view, symbol, volumeUnits, own, seconds, nanos };
  }

  private ownQuotes({ market }: MarketView): OwnQuotes | undefined {
    const { maker } = this.parts;
    if (maker === undefined) return undefined;
    const { touches, quotedMs, activeOrders } = maker.quotesIn(market);
    return { touches, quotedMs, orders: activeOrders };
  }
}

/**
 * In any second a market may send once per interval and once more at the window's edge, and health
 * once: n × (1000 / interval + 1) + 1 messages must not exceed the documented rate. Of very many
 * markets at once none is told more than once in ten seconds.
 */
export function conflationIntervalMs(markets: number): number {
  const left = MESSAGES_PER_SECOND - 1 - markets;
  return left <= 0 ? 10_000 : Math.min(10_000, Math.ceil((1000 * markets) / left));
}
