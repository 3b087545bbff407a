import { OctopusError } from '../../../schemas/errors.ts';
import { QuotesMessage } from '../../../schemas/octopus-market.ts';
import { QuoteMessage, QuotesAnswer } from '../../../schemas/octopus-stream.ts';
import { FormatQuery, Pong, TypePing } from '../../../schemas/socket-messages.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'octopus_market',
    path: '/ws/market-data',
    summary: 'Quotes of the markets that a client asks for',
    auth: 'public',
    query: FormatQuery,
    takes: [
      { name: 'symbols', summary: 'Follow quotes, or no longer', schema: QuotesMessage },
      { name: 'ping', summary: 'Ask whether the server lives', schema: TypePing },
    ],
    sends: [
      { name: 'quote', summary: 'A market’s price and its day', schema: QuoteMessage },
      { name: 'symbolsAnswer', summary: 'The markets that were named', schema: QuotesAnswer },
      { name: 'pong', summary: 'Answers a ping', schema: Pong },
      { name: 'error', summary: 'A message was refused', schema: OctopusError },
    ],
    requests: [
      { type: 'subscribe', symbols: ['AAPL', 'GOOGL', 'MSFT'] },
      { type: 'subscribe', symbols: ['BTC-USDT'], exchange: 'bybit' },
      { type: 'unsubscribe', symbols: ['AAPL'] },
      { type: 'ping' },
    ],
  },
  portfolio: {
    name: 'octopus_portfolio',
    path: '/ws/portfolio/{id}',
    example: '/ws/portfolio/1',
    summary: 'A portfolio whole, then what changes of its value and its positions',
    auth: 'required',
    requests: [{ type: 'authenticate', token: 'an access token' }, { type: 'ping' }],
  },
  notifications: {
    name: 'octopus_notifications',
    path: '/ws/notifications',
    summary: 'The caller’s fills and alerts, and what administrators do',
    auth: 'required',
    requests: [{ type: 'authenticate', token: 'an access token' }, { type: 'ping' }],
  },
  trading: {
    name: 'octopus_trading',
    path: '/ws/trading',
    summary: 'Every fill and every change of the caller’s orders',
    auth: 'required',
    requests: [{ type: 'authenticate', token: 'an access token' }, { type: 'ping' }],
  },
} as const satisfies Record<string, SocketPath>;
