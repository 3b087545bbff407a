import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { EngineListeners } from './gateway/engine-parts.ts';

import { StreamHub } from './gateway/streams/hub.ts';
import type { SocketAuthenticator } from './gateway/streams/socket-credentials.ts';
import type { Venue } from './gateway/venue.ts';
import { AddressList } from './lib/address-list.ts';
import type { Clock } from './lib/clock.ts';
import type { HttpMetrics } from './metrics/http-metrics.ts';
import { SystemLoadSampler } from './metrics/system-load.ts';
import type { MarketViews } from './projections/market-view.ts';
import type { ServerLimits } from './server-limits.ts';
import { sampleRequests } from './server-metrics.ts';
import { EntasisMarketStream } from './surfaces/entasis/market-stream.ts';
import { FlashmmLiveStream } from './surfaces/flashmm/live-stream.ts';
import { NativeStream } from './surfaces/native/stream.ts';
import { OctopusMarketStream } from './surfaces/octopus/market-stream.ts';
import { takashiStreams } from './surfaces/takashi/streams.ts';
import { VelocimexOrderStream } from './surfaces/velocimex/order-stream.ts';
import { VelocimexMarketStream } from './surfaces/velocimex/streams.ts';

export interface StreamParts {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  readonly epoch: number;
  readonly clock: Clock;
  readonly venue: Venue;
  readonly authenticate: SocketAuthenticator;
  readonly limits: ServerLimits;
  readonly http: HttpMetrics;
}

type StreamListeners = Required<
  Pick<EngineListeners, 'onUserOrder' | 'onUserFill' | 'onAccountChanged' | 'onDrained'>
>;

/** How often a drain looks whether all clients have left. */
const LOOK_MS = 20;

/** What subscribers see: every surface's WebSocket paths over one hub. */
export class ServerStreams {
  readonly hub: StreamHub;
  /** How busy the machine is, and how full its disk. */
  readonly systemLoad: SystemLoadSampler;
  /** What the engine tells for the streams' sake. */
  readonly listeners: StreamListeners;

  constructor(parts: StreamParts) {
    const { settings, markets, views, epoch, clock, venue, authenticate, limits } = parts;
    const { clients, loginFailures, velocimexSockets } = limits;
    this.systemLoad = new SystemLoadSampler(settings.dataDirectory);
    const native = new NativeStream({
      markets,
      views,
      epoch,
      clock,
      venue,
      authenticate,
      orderLimiter: limits.requests.find('velocimex', 'rest'),
      loginFailures,
      connectionLimit: limits.nativeSockets,
    });
    const orders = new VelocimexOrderStream(authenticate, clock, velocimexSockets, loginFailures);
    const entasis = new EntasisMarketStream({
      markets,
      views,
      clock,
      connectionLimit: limits.entasisSockets,
      allowedAddresses: new AddressList(settings.entasisAllowedAddresses),
    });
    const octopus = new OctopusMarketStream({
      venue,
      views,
      clock,
      connectionLimit: limits.octopusSockets,
    });
    const flashmm = new FlashmmLiveStream({
      venue,
      views,
      clock,
      authenticate,
      connectionLimit: limits.flashmmSockets,
      loginFailures,
      systemLoad: this.systemLoad,
      requestRates: sampleRequests(parts.http, clock),
    });
    const velocimex = new VelocimexMarketStream(markets, views, clock, velocimexSockets);
    const takashi = takashiStreams({
      markets,
      views,
      clock,
      venue,
      connectionLimit: limits.takashiSockets,
    });
    this.hub = new StreamHub({
      views,
      clock,
      endpoints: [native, velocimex, orders, entasis, octopus, flashmm, ...takashi],
      clients,
      rateLimits: settings.rateLimits,
      messagesPerSecond: settings.webSocketMessagesPerSecond,
    });
    const { feeds } = native;
    this.listeners = {
      onUserOrder: (userId, order) => {
        orders.publishOrder(userId, order);
        feeds.onOrder(userId, order);
      },
      onUserFill: (fill) => feeds.onFill(fill),
      onAccountChanged: (userId, portfolioId) => feeds.onAccountChanged(userId, portfolioId),
      onDrained: () => this.hub.publish(),
    };
  }

  /**
   * Tells clients that their connections are about to end, and resolves when all have left by
   * themselves, at the latest after the grace they were given.
   */
  async announceShutdown(graceMs: number): Promise<void> {
    this.hub.announceShutdown(graceMs);
    const endMs = performance.now() + graceMs;
    while (this.hub.connections > 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
