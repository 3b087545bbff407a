import { LIMITS } from '../../config/limits.ts';
import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { AddressList } from '../../lib/address-list.ts';
import { entasisSurface, SURFACE } from './errors.ts';
import { EntasisMarketStream } from './market-stream.ts';
import { entasisRoutes } from './routes.ts';
import { SOCKETS } from './sockets.ts';

export const entasis: SurfaceModule = {
  name: SURFACE,
  http: ({ entasisAllowedAddresses }) => entasisSurface(new AddressList(entasisAllowedAddresses)),
  routes: entasisRoutes,
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: () => LIMITS.streamConnectionsPerIp,
  streams: (parts) => {
    const { markets } = parts.venue;
    const allowedAddresses = new AddressList(parts.settings.entasisAllowedAddresses);
    return { endpoints: [new EntasisMarketStream({ ...parts, markets, allowedAddresses })] };
  },
};
