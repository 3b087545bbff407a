import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { flashmmSurface, SURFACE } from './errors.ts';
import { FlashmmLiveStream } from './live-stream.ts';
import { flashmmRoutes } from './routes.ts';
import { registerFlashmmSeries } from './series.ts';
import { SOCKETS } from './sockets.ts';

export const flashmm: SurfaceModule = {
  name: SURFACE,
  http: () => flashmmSurface,
  routes: flashmmRoutes,
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: ({ webSocketConnectionsPerIp }) => webSocketConnectionsPerIp,
  streams: (parts) => {
    const live = new FlashmmLiveStream(parts);
    return {
      endpoints: [live],
      listeners: {
        onUserFill: (fill) => live.account?.onFill(fill),
        onUserOrder: (_userId, order) => live.account?.onOrder(order),
      },
    };
  },
  registerMetrics: registerFlashmmSeries,
};
