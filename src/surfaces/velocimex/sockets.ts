import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'velocimex_market',
    path: '/v1/ws/market',
    summary: 'Last price, volume and best quote of every market',
    auth: 'public',
    requests: [
      { action: 'subscribe', symbols: ['AAPL', 'BTC/USDT', 'bybit:ETH/USDT'] },
      { action: 'unsubscribe', symbols: ['AAPL'] },
      { action: 'ping' },
    ],
  },
  orders: {
    name: 'velocimex_orders',
    path: '/v1/ws/orders',
    summary: 'The caller’s orders, each time one changes',
    auth: 'required',
    requests: [
      { action: 'authenticate', token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' },
      { action: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
