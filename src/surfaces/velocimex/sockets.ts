import { VelocimexError } from '../../../schemas/errors.ts';
import {
  ActionPing,
  AuthenticateMessage,
  FormatQuery,
  Pong,
  TokenQuery,
} from '../../../schemas/socket-messages.ts';
import { WireOrder } from '../../../schemas/velocimex.ts';
import {
  Authenticated,
  MarketUpdate,
  SymbolsAnswer,
  SymbolsMessage,
} from '../../../schemas/velocimex-stream.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';

const PING = { name: 'ping', summary: 'Ask whether the server lives', schema: ActionPing };
const PONG = { name: 'pong', summary: 'Answers a ping', schema: Pong };
const ERROR = { name: 'error', summary: 'Something was refused', schema: VelocimexError };

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'velocimex_market',
    path: '/v1/ws/market',
    summary: 'Last price, volume and best quote of every market',
    auth: 'public',
    query: FormatQuery,
    takes: [
      { name: 'symbols', summary: 'Narrow what is told, or leave some', schema: SymbolsMessage },
      PING,
    ],
    sends: [
      { name: 'market', summary: 'A market, and what was traded in it', schema: MarketUpdate },
      { name: 'symbolsAnswer', summary: 'The markets that were named', schema: SymbolsAnswer },
      PONG,
      ERROR,
    ],
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
    query: TokenQuery,
    takes: [
      { name: 'authenticate', summary: 'Prove who you are', schema: AuthenticateMessage },
      PING,
    ],
    sends: [
      { name: 'order', summary: 'An order as it is after it changed', schema: WireOrder },
      { name: 'authenticated', summary: 'You are who you say', schema: Authenticated },
      PONG,
      ERROR,
    ],
    requests: [
      { action: 'authenticate', token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' },
      { action: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
