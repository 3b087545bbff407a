import type { EngineListeners } from './gateway/engine-parts.ts';
import { StreamHub } from './gateway/streams/hub.ts';
import type { StreamParts, SurfaceStreams } from './gateway/surface-module.ts';
import { assert } from './lib/assert.ts';
import type { ServerLimits } from './server-limits.ts';
import { SURFACES } from './surfaces/all.ts';

type LimitParts = 'requestLimits' | 'loginFailures' | 'connectionLimit';

export interface ServerStreamParts extends Omit<StreamParts, LimitParts> {
  readonly limits: ServerLimits;
}

type StreamListeners = Required<
  Pick<EngineListeners, 'onUserOrder' | 'onUserFill' | 'onAccountChanged' | 'onDrained'>
> &
  Pick<EngineListeners, 'onVenueEvent'>;

/** How often a drain looks whether all clients have left. */
const LOOK_MS = 20;

/** What subscribers see: every surface's WebSocket paths over one hub. */
export class ServerStreams {
  readonly hub: StreamHub;
  /** What the engine tells for the streams' sake. */
  readonly listeners: StreamListeners;

  constructor(parts: ServerStreamParts) {
    const { settings, views, clock, limits, alerts } = parts;
    const streams = openStreams(parts);
    this.hub = new StreamHub({
      views,
      clock,
      endpoints: streams.flatMap(({ endpoints }) => endpoints),
      clients: limits.clients,
      rateLimits: settings.rateLimits,
      messagesPerSecond: settings.webSocketMessagesPerSecond,
      watch: (view) => alerts?.publish(view),
    });
    const all = streams.flatMap(({ listeners }) => listeners ?? []);
    const orders = all.flatMap(({ onUserOrder }) => onUserOrder ?? []);
    const fills = all.flatMap(({ onUserFill }) => onUserFill ?? []);
    const facts = all.flatMap(({ onVenueEvent }) => onVenueEvent ?? []);
    const accounts = all.flatMap(({ onAccountChanged }) => onAccountChanged ?? []);
    this.listeners = {
      onUserOrder: (userId, order) => {
        for (const tell of orders) tell(userId, order);
      },
      onUserFill: (fill) => {
        for (const tell of fills) tell(fill);
      },
      onAccountChanged: (userId, portfolioId, sequence) => {
        for (const tell of accounts) tell(userId, portfolioId, sequence);
        alerts?.accountChanged(portfolioId);
      },
      onVenueEvent: (event) => {
        for (const tell of facts) tell(event);
      },
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

/** Opens the paths of every surface, each under its own limit of connections. */
function openStreams(parts: ServerStreamParts): SurfaceStreams[] {
  const { requests: requestLimits, loginFailures, sockets } = parts.limits;
  return SURFACES.flatMap((surface) => {
    const connectionLimit = sockets.get(surface);
    assert(connectionLimit !== undefined, 'every surface has a limit of connections');
    const shared = { ...parts, requestLimits, loginFailures, connectionLimit };
    return surface.streams?.(shared) ?? [];
  });
}
