import type { MarketStatistics } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import { SocketDoor } from '../../gateway/streams/socket-door.ts';
import type { Venue } from '../../gateway/venue.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { errorReply } from './errors.ts';
import { MarketSession } from './market-session.ts';
import { QuoteFlatBuffers } from './quote-flatbuffers.ts';
import { QuoteMessageWriter, type QuoteNews } from './quote-message.ts';
import { SOCKETS } from './sockets.ts';

/** Least time between two quotes of one market. */
export const INTERVAL_MS = 50;

/** The quotes of one market. */
interface QuoteTopic extends Paced {
  readonly view: MarketView;
  /** As the newest message told it; only time can have changed it since. */
  told: Pick<MarketStatistics, 'dayVolumeLots' | 'previousCloseTicks'> | undefined;
}

export interface OctopusStreamParts {
  readonly venue: Pick<Venue, 'markets' | 'statistics'>;
  readonly views: MarketViews;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
}

/**
 * `/ws/market-data`: quotes of the markets that a client asks for. A market's quote is told when
 * something has traded and when its day begins, at most once per interval; it is encoded once for
 * everybody who listens, and not at all where nobody does.
 */
export class OctopusMarketStream implements StreamEndpoint {
  readonly name = SOCKETS.market.name;
  readonly path = SOCKETS.market.path;
  readonly counters = new StreamCounters();
  readonly venue: OctopusStreamParts['venue'];
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  private readonly door: SocketDoor;
  private readonly fanOut: FormatFanOut<QuoteNews>;
  private readonly quotes: (QuoteTopic | undefined)[] = [];
  private readonly pacer: Pacer<QuoteTopic>;

  constructor({ venue, views, clock, connectionLimit }: OctopusStreamParts) {
    this.venue = venue;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    this.door = new SocketDoor({ errorReply, clock, connectionLimit });
    const json = new QuoteMessageWriter();
    const binary = new QuoteFlatBuffers();
    this.fanOut = new FormatFanOut('octopus/quote', this.counters, {
      json: (news) => json.write(news),
      flatbuffers: (news) => binary.write(news),
    });
    for (const view of views.all) {
      const lastSentMs = Number.NEGATIVE_INFINITY;
      this.quotes[view.market.id] = { view, lastSentMs, told: undefined };
    }
    this.pacer = new Pacer(clock, INTERVAL_MS, (topic) => this.tell(topic));
  }

  bind(publisher: Publisher): void {
    this.fanOut.bind(publisher);
  }

  negotiate(request: StreamRequest): Negotiation {
    return this.door.negotiate(request);
  }

  errorText(code: string, message: string): string {
    return this.door.errorText(code, message);
  }

  /** An error as this surface tells them. */
  refusalText(refusal: Refusal): string {
    return this.door.text(refusal);
  }

  open(socket: StreamSocket, request: StreamRequest): MarketSession {
    return new MarketSession(this, socket, request);
  }

  publish(view: MarketView): void {
    const traded = view.trades.length > 0;
    if (!traded && !view.minuteEnded) return;
    const quote = this.quoteOf(view.market);
    if (!this.fanOut.hasListeners(view.market.id)) {
      this.pacer.forget(quote);
      return;
    }
    if (traded || this.isNewDay(quote)) this.pacer.changed(quote);
  }

  /** Sends what has waited long enough; a timer does the same. */
  flush(): void {
    this.pacer.flush();
  }

  /** Sends the present quote, if there is one, and the following ones. @param format FORMAT_… */
  join(socket: StreamSocket, format: number, market: Market): void {
    const { view } = this.quoteOf(market);
    const statistics = this.venue.statistics(market);
    if (statistics.lastTicks !== 0) this.fanOut.send(socket, format, { view, statistics });
    socket.subscribe(this.fanOut.topic(format, market.id));
    this.counters.subscriptions += 1;
  }

  leave(socket: StreamSocket, format: number, market: Market): void {
    socket.unsubscribe(this.fanOut.topic(format, market.id));
    this.counters.subscriptions -= 1;
  }

  private tell(quote: QuoteTopic): void {
    const { view } = quote;
    const statistics = this.venue.statistics(view.market);
    quote.told = statistics;
    this.fanOut.publish(view.market.id, { view, statistics });
  }

  /** True when time alone has changed the quote: a minute ended, and with it the day. */
  private isNewDay({ view, told }: QuoteTopic): boolean {
    const { dayVolumeLots, previousCloseTicks } = this.venue.statistics(view.market);
    return dayVolumeLots !== told?.dayVolumeLots || previousCloseTicks !== told.previousCloseTicks;
  }

  private quoteOf(market: Market): QuoteTopic {
    const quote = this.quotes[market.id];
    assert(quote !== undefined, 'every market of the registry has a view');
    return quote;
  }
}
