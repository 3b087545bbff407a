import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'entasis_market',
    path: '/ws/market',
    summary: 'Prices and order books of the markets that a client asks for',
    auth: 'public',
    requests: [
      { action: 'subscribe', channel: 'market', symbols: ['BTC-USDT', 'ETH-USDT'] },
      { action: 'subscribe', channel: 'orderbook', symbol: 'BTC-USDT', depth: 10 },
      { action: 'unsubscribe', channel: 'orderbook', symbol: 'BTC-USDT' },
      { action: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
