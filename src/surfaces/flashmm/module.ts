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
  streams: (parts) => ({ endpoints: [new FlashmmLiveStream(parts)] }),
  registerMetrics: registerFlashmmSeries,
};
