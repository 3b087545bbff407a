import {
  Authenticated,
  AuthenticateMessage,
  ChannelsAnswer,
  ChannelsMessage,
  HealthUpdate,
  LiveError,
  OrderUpdate,
  PositionUpdate,
  QuoteUpdate,
} from '../../../schemas/flashmm-stream.ts';
import { ActionPing, FormatQuery, Pong } from '../../../schemas/socket-messages.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';

/** Every WebSocket path of this surface. */
export const SOCKETS = {
  live: {
    name: 'flashmm_live',
    path: '/ws/live-data',
    summary: 'Quotes of the sei markets and the health of the system; some channels are public',
    auth: 'required',
    query: FormatQuery,
    takes: [
      { name: 'authenticate', summary: 'Prove who you are', schema: AuthenticateMessage },
      { name: 'channels', summary: 'Follow channels, or no longer', schema: ChannelsMessage },
      { name: 'ping', summary: 'Ask whether the server lives', schema: ActionPing },
    ],
    sends: [
      { name: 'quoteUpdate', summary: 'A market of the sei exchange', schema: QuoteUpdate },
      { name: 'positionUpdate', summary: 'A position of the market maker', schema: PositionUpdate },
      { name: 'orderUpdate', summary: 'What happened to an order of it', schema: OrderUpdate },
      { name: 'healthUpdate', summary: 'The health of the system', schema: HealthUpdate },
      { name: 'authenticated', summary: 'You are who you say', schema: Authenticated },
      { name: 'channelsAnswer', summary: 'The channels that there are', schema: ChannelsAnswer },
      { name: 'pong', summary: 'Answers a ping', schema: Pong },
      { name: 'error', summary: 'A message or a channel was refused', schema: LiveError },
    ],
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
