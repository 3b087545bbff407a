import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { assert } from '../../lib/assert.ts';
import { documentRoutes } from './routes.ts';
import { documentsSurface, SURFACE } from './surface.ts';

export const documents: SurfaceModule = {
  name: SURFACE,
  http: () => documentsSurface,
  routes: ({ version, catalogue }) =>
    documentRoutes(version, () => {
      assert(catalogue !== undefined, 'what is served is known when the first request comes');
      return catalogue();
    }),
  sockets: [],
  socketsPerClientMax: ({ webSocketConnectionsPerIp }) => webSocketConnectionsPerIp,
};
