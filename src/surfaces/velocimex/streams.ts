import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
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
import { formatOf, negotiateFormat } from '../../gateway/streams/formats.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { TradeBatch } from '../../projections/trade-batch.ts';
import { MarketFlatBuffers } from './market-flatbuffers.ts';
import { MarketMessageWriter } from './market-message.ts';
import { MarketSession } from './market-session.ts';
import { admit, gatewayErrorText } from './socket-errors.ts';
import { SOCKETS } from './sockets.ts';

/** Messages per second that one socket is sent at most, as Velocimex documents. */
export const MESSAGES_PER_SECOND = 1000;

/** What a message tells: a market's state, and what was traded since the one before. */
interface MarketNews {
  readonly view: MarketView;
  readonly trades: TradeBatch;
}

/** What waits for a market's next message. */
interface Pending extends MarketNews, Paced {
  quoteChanged: boolean;
}

/**
 * `/v1/ws/market`: every market's last price, volume and best quote. Quotes are conflated: a market
 * sends at most once per interval, and the interval is such that all markets together stay below
 * the documented rate. Trades that happen meanwhile wait in a batch and are never dropped. JSON as
 * documented, or FlatBuffers for who asks for them.
 */
export class VelocimexMarketStream implements StreamEndpoint {
  readonly name = SOCKETS.market.name;
  readonly path = SOCKETS.market.path;
  readonly counters = new StreamCounters();
  readonly markets: MarketRegistry;
  /** Least time between two messages of one market. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  private readonly fanOut: FormatFanOut<MarketNews>;
  private readonly noTrades = new TradeBatch();
  private readonly pending: (Pending | undefined)[] = [];
  private readonly pacer: Pacer<Pending>;

  constructor(
    markets: MarketRegistry,
    views: MarketViews,
    clock: Clock,
    connectionLimit: ConnectionLimit,
  ) {
    this.markets = markets;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    const json = new MarketMessageWriter(clock);
    const flatbuffers = new MarketFlatBuffers(clock);
    this.fanOut = new FormatFanOut('velocimex/market', this.counters, {
      json: ({ view, trades }) => json.write(view, trades),
      flatbuffers: ({ view, trades }) => flatbuffers.write(view, trades),
    });
    this.intervalMs = conflationIntervalMs(markets.all.length);
    this.pacer = new Pacer(clock, this.intervalMs, (pending) => {
      this.fanOut.publish(pending.view.market.id, pending);
      clear(pending);
    });
    for (const view of views.all) {
      this.pending[view.market.id] = {
        view,
        trades: new TradeBatch(),
        quoteChanged: false,
        lastSentMs: Number.NEGATIVE_INFINITY,
      };
    }
  }

  bind(publisher: Publisher): void {
    this.fanOut.bind(publisher);
  }

  negotiate(request: StreamRequest): Negotiation {
    const admission = admit(this.connectionLimit, request.clientKey);
    if ('status' in admission) return admission;
    return negotiateFormat(request, gatewayErrorText);
  }

  errorText(code: string, message: string): string {
    return gatewayErrorText(code, message);
  }

  open(socket: StreamSocket, request: StreamRequest): MarketSession {
    const session = new MarketSession(this, socket, formatOf(request), request.clientKey);
    for (const market of this.markets.all) session.add(market);
    return session;
  }

  publish(view: MarketView): void {
    const pending = this.pendingOf(view.market);
    if (!this.fanOut.hasListeners(view.market.id)) {
      this.pacer.forget(pending);
      clear(pending);
      return;
    }
    pending.trades.append(view.trades);
    if (view.bboPosition.changed) pending.quoteChanged = true;
    if (pending.trades.length > 0 || pending.quoteChanged) this.pacer.changed(pending);
  }

  /** Sends what has waited long enough; a timer does the same. */
  flush(): void {
    this.pacer.flush();
  }

  /** @param format FORMAT_… */
  topic(format: number, market: Market): string {
    return this.fanOut.topic(format, market.id);
  }

  /**
   * Sends the market's present state, for a socket that joins; trades that wait for the next message
   * come with that.
   */
  sendState(socket: StreamSocket, format: number, market: Market): void {
    const { view } = this.pendingOf(market);
    this.fanOut.send(socket, format, { view, trades: this.noTrades });
  }

  private pendingOf(market: Market): Pending {
    const pending = this.pending[market.id];
    assert(pending !== undefined, 'every market of the registry has a view');
    return pending;
  }
}

function clear(pending: Pending): void {
  pending.trades.clear();
  pending.quoteChanged = false;
}

/**
 * In any second a market may send once per interval, once more at the window's edge, and once to a
 * socket that joins: n × (1000 / interval + 2) messages must not exceed the documented rate.
 */
export function conflationIntervalMs(markets: number): number {
  const left = MESSAGES_PER_SECOND - 2 * markets;
  return Math.max(10, Math.ceil((1000 * markets) / Math.max(left, MESSAGES_PER_SECOND / 10)));
}
