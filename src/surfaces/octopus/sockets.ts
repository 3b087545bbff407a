import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'octopus_market',
    path: '/ws/market-data',
    summary: 'Quotes of the markets that a client asks for',
    auth: 'public',
    requests: [
      { type: 'subscribe', symbols: ['AAPL', 'GOOGL', 'MSFT'] },
      { type: 'subscribe', symbols: ['BTC-USDT'], exchange: 'bybit' },
      { type: 'unsubscribe', symbols: ['AAPL'] },
      { type: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
