import { LIMITS } from '../../config/limits.ts';
import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { octopusSurface, SURFACE } from './errors.ts';
import { OctopusMarketStream } from './market-stream.ts';
import { octopusRoutes } from './routes.ts';
import { SOCKETS } from './sockets.ts';

export const octopus: SurfaceModule = {
  name: SURFACE,
  http: () => octopusSurface,
  routes: (parts) =>
    octopusRoutes({ ...parts, openRegistration: parts.settings.registration === 'open' }),
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: () => LIMITS.streamConnectionsPerIp,
  streams: (parts) => ({ endpoints: [new OctopusMarketStream(parts)] }),
};
