import { OctopusError } from '../../../schemas/errors.ts';
import { QuotesMessage } from '../../../schemas/octopus-market.ts';
import * as stream from '../../../schemas/octopus-stream.ts';
import { FormatQuery, Pong, TokenQuery, TypePing } from '../../../schemas/socket-messages.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';

const PING = { name: 'ping', summary: 'Ask whether the server lives', schema: TypePing };
const COMMON = [
  { name: 'pong', summary: 'Answers a ping', schema: Pong },
  { name: 'error', summary: 'A message was refused', schema: OctopusError },
];
/** What all private paths have. */
const PRIVATE = {
  auth: 'required',
  query: TokenQuery,
  requests: [{ type: 'authenticate', token: 'an access token' }, { type: 'ping' }],
  takes: [
    { name: 'authenticate', summary: 'Prove who you are', schema: stream.AuthenticateMessage },
    PING,
  ],
} as const;
const OWN = [
  { name: 'authenticated', summary: 'You are who you say', schema: stream.Authenticated },
  ...COMMON,
];
const LISTENING = {
  name: 'subscribed',
  summary: 'From now on you are told',
  schema: stream.ListeningAnswer,
};

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
      PING,
    ],
    sends: [
      { name: 'quote', summary: 'A market’s price and its day', schema: stream.QuoteMessage },
      {
        name: 'symbolsAnswer',
        summary: 'The markets that were named',
        schema: stream.QuotesAnswer,
      },
      ...COMMON,
    ],
    requests: [
      { type: 'subscribe', symbols: ['AAPL', 'GOOGL', 'MSFT'] },
      { type: 'subscribe', symbols: ['BTC-USDT'], exchange: 'bybit' },
      { type: 'unsubscribe', symbols: ['AAPL'] },
      { type: 'ping' },
    ],
  },
  portfolio: {
    ...PRIVATE,
    name: 'octopus_portfolio',
    path: '/ws/portfolio/{id}',
    example: '/ws/portfolio/1',
    summary: 'A portfolio whole, then what changes of its value and its positions',
    sends: [
      { name: 'snapshot', summary: 'The whole portfolio', schema: stream.PortfolioSnapshot },
      { name: 'update', summary: 'What changed of it', schema: stream.PortfolioUpdate },
      { name: 'deleted', summary: 'It is no more', schema: stream.PortfolioDeleted },
      ...OWN,
    ],
  },
  notifications: {
    ...PRIVATE,
    name: 'octopus_notifications',
    path: '/ws/notifications',
    summary: 'The caller’s fills and alerts, and what administrators do',
    sends: [
      LISTENING,
      { name: 'fill', summary: 'An order of yours has traded', schema: stream.FillNotice },
      { name: 'alert', summary: 'An alert of yours has fired', schema: stream.AlertNotice },
      { name: 'adminEvent', summary: 'Something was done', schema: stream.AdminNotice },
      ...OWN,
    ],
  },
  trading: {
    ...PRIVATE,
    name: 'octopus_trading',
    path: '/ws/trading',
    summary: 'Every fill and every change of the caller’s orders',
    sends: [
      LISTENING,
      { name: 'execution', summary: 'A fill of yours', schema: stream.ExecutionMessage },
      { name: 'order', summary: 'An order of yours has changed', schema: stream.OrderMessage },
      ...OWN,
    ],
  },
} as const satisfies Record<string, SocketPath>;
