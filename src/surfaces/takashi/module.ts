import { LIMITS } from '../../config/limits.ts';
import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { CoinMarketCap } from './coinmarketcap.ts';
import { SURFACE, takashiSurface } from './errors.ts';
import { takashiRoutes } from './routes.ts';
import { SOCKETS } from './sockets.ts';
import { takashiStreams } from './streams.ts';

export const takashi: SurfaceModule = {
  name: SURFACE,
  http: () => takashiSurface,
  routes: ({ settings, clock, liveVenues }) =>
    takashiRoutes(new CoinMarketCap({ ...settings.coinMarketCap, clock }), liveVenues),
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: () => LIMITS.streamConnectionsPerIp,
  streams: (parts) => ({
    endpoints: takashiStreams({ ...parts, markets: parts.venue.markets }),
  }),
};
