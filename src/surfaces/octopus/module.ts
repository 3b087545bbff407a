import { LIMITS } from '../../config/limits.ts';
import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { firingToWire } from './alert-wire.ts';
import { octopusSurface, SURFACE } from './errors.ts';
import { OctopusMarketStream } from './market-stream.ts';
import { NotificationStream } from './notification-stream.ts';
import { PortfolioStream } from './portfolio-stream.ts';
import { octopusRoutes } from './routes.ts';
import { SOCKETS } from './sockets.ts';
import { TradingStream } from './trading-stream.ts';

export const octopus: SurfaceModule = {
  name: SURFACE,
  http: () => octopusSurface,
  routes: (parts) =>
    octopusRoutes({ ...parts, openRegistration: parts.settings.registration === 'open' }),
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: () => LIMITS.streamConnectionsPerIp,
  streams: (parts) => {
    const { identity, venue, alerts, webhooks } = parts;
    const { markets } = venue;
    const portfolios = new PortfolioStream(parts);
    const trading = new TradingStream(parts);
    const keyOwner = (key: string): number | undefined => identity.state.keys.get(key)?.userId;
    const notifications = new NotificationStream({ ...parts, markets, keyOwner });
    alerts?.onFired((alert, value, atMs) => notifications.onAlert(alert, value, atMs));
    alerts?.onFiring((alert, value, atMs) => {
      const message = firingToWire(markets, alert, value, atMs);
      // What cannot be written fails with the firing itself, which is told and tried again.
      webhooks?.notify(`alert.${alert.kind}`, message, alert.userId).catch(() => undefined);
    });
    return {
      endpoints: [new OctopusMarketStream(parts), portfolios, notifications, trading],
      listeners: {
        onUserOrder: (userId, order) => trading.onOrder(userId, order),
        onUserFill: (fill) => {
          trading.onFill(fill);
          notifications.onFill(fill);
        },
        onAccountChanged: (_userId, portfolioId) => portfolios.onAccountChanged(portfolioId),
        onVenueEvent: (event) => {
          portfolios.onVenueEvent(event);
          notifications.onVenueEvent(event);
        },
      },
    };
  },
};
