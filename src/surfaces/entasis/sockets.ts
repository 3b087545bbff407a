import {
  BookChannelAnswer,
  BookChannelMessage,
  BookMessage,
  MarketChannelAnswer,
  MarketChannelMessage,
  PriceMessage,
} from '../../../schemas/entasis.ts';
import { EntasisError } from '../../../schemas/errors.ts';
import { ActionPing, FormatQuery, Pong } from '../../../schemas/socket-messages.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  market: {
    name: 'entasis_market',
    path: '/ws/market',
    summary: 'Prices and order books of the markets that a client asks for',
    auth: 'public',
    query: FormatQuery,
    takes: [
      { name: 'prices', summary: 'Follow prices, or no longer', schema: MarketChannelMessage },
      { name: 'book', summary: 'Follow a book, or no longer', schema: BookChannelMessage },
      { name: 'ping', summary: 'Ask whether the server lives', schema: ActionPing },
    ],
    sends: [
      { name: 'price', summary: 'The price of the newest trade', schema: PriceMessage },
      { name: 'book', summary: 'The best levels of a book', schema: BookMessage },
      { name: 'pricesAnswer', summary: 'The markets that were named', schema: MarketChannelAnswer },
      { name: 'bookAnswer', summary: 'The book that was named', schema: BookChannelAnswer },
      { name: 'pong', summary: 'Answers a ping', schema: Pong },
      { name: 'error', summary: 'A message was refused', schema: EntasisError },
    ],
    requests: [
      { action: 'subscribe', channel: 'market', symbols: ['BTC-USDT', 'ETH-USDT'] },
      { action: 'subscribe', channel: 'orderbook', symbol: 'BTC-USDT', depth: 10 },
      { action: 'unsubscribe', channel: 'orderbook', symbol: 'BTC-USDT' },
      { action: 'ping' },
    ],
  },
} as const satisfies Record<string, SocketPath>;
