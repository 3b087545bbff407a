import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  live: {
    name: 'flashmm_live',
    path: '/ws/live-data',
    summary: 'Quotes of the sei markets and the health of the system; some channels are public',
    auth: 'required',
    requests: [
      { action: 'authenticate', token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' },
      {
        action: 'subscribe',
        channels: ['trading.SEI/USDC', 'positions', 'predictions.SEI/USDC', 'system.health'],
      },
      { action: 'unsubscribe', channels: ['trading.ETH/USDC'] },
      { action: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
