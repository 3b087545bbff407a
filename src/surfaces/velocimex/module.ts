import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { SURFACE, velocimexSurface } from './errors.ts';
import { VelocimexOrderStream } from './order-stream.ts';
import { velocimexRoutes } from './routes.ts';
import { SOCKETS } from './sockets.ts';
import { strategyRoutes } from './strategies.ts';
import { VelocimexMarketStream } from './streams.ts';

export const velocimex: SurfaceModule = {
  name: SURFACE,
  http: () => velocimexSurface,
  routes: ({ strategies }) => [
    ...velocimexRoutes(),
    ...(strategies === undefined ? [] : strategyRoutes({ strategies })),
  ],
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: ({ webSocketConnectionsPerIp }) => webSocketConnectionsPerIp,
  streams: ({ venue, views, clock, authenticate, connectionLimit, loginFailures }) => {
    const market = new VelocimexMarketStream(venue.markets, views, clock, connectionLimit);
    const orders = new VelocimexOrderStream(authenticate, clock, connectionLimit, loginFailures);
    const onUserOrder = orders.publishOrder.bind(orders);
    return { endpoints: [market, orders], listeners: { onUserOrder } };
  },
};
