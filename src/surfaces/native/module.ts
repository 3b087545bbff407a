import { LIMITS } from '../../config/limits.ts';
import type { SurfaceModule } from '../../gateway/surface-module.ts';
import { SOCKETS } from './sockets.ts';
import { NativeStream } from './stream.ts';

export const native: SurfaceModule = {
  name: 'native',
  sockets: Object.values(SOCKETS),
  socketsPerClientMax: () => LIMITS.streamConnectionsPerIp,
  streams: (parts) => {
    const stream = new NativeStream({
      ...parts,
      markets: parts.venue.markets,
      // One limit for orders, whichever way they come.
      orderLimiter: parts.requestLimits.find('velocimex', 'rest'),
    });
    const { feeds } = stream;
    return {
      endpoints: [stream],
      listeners: {
        onUserOrder: feeds.onOrder.bind(feeds),
        onUserFill: feeds.onFill.bind(feeds),
        onAccountChanged: feeds.onAccountChanged.bind(feeds),
      },
    };
  },
};
