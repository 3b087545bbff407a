import { Type } from 'typebox';
import { FormatQuery, TokenQuery } from '../../../schemas/socket-messages.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';
import { SENDS, TAKES } from './described.ts';

const StreamQuery = Type.Object(
  { ...FormatQuery.properties, ...TokenQuery.properties },
  { additionalProperties: false },
);

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  stream: {
    name: 'native',
    path: '/ws/stream',
    summary: 'Every channel of every market, a client’s own reports, and order entry',
    auth: 'required_for_own',
    query: StreamQuery,
    takes: TAKES,
    sends: SENDS,
    requests: [
      { op: 'subscribe', id: 1, channel: 'book', market: 'binance:BTC-USDT', depth: 50 },
      { op: 'subscribe', id: 2, channel: 'trades', market: '*' },
      { op: 'unsubscribe', id: 3, channel: 'bbo', market: 'NASDAQ:AAPL' },
      { op: 'markets', id: 4 },
      { op: 'ping', id: 'five' },
      { op: 'login', id: 6, token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' },
      {
        op: 'order.place',
        id: 7,
        market: 'NASDAQ:AAPL',
        side: 'buy',
        type: 'limit',
        quantity: '1',
        price: '1.00',
      },
      { op: 'order.cancel', id: 8, order_id: '1' },
      { op: 'order.status', id: 9, order_id: '1' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
