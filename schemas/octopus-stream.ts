import { Type } from 'typebox';
import { WireAlert } from './octopus-alerts.ts';
import { WireOrder } from './octopus-orders.ts';
import { WirePortfolio, WirePosition } from './octopus-portfolio.ts';
import { Time } from './socket-messages.ts';

export const QuotesAnswer = Type.Object({
  type: Type.Enum(['subscribed', 'unsubscribed'], { type: 'string' }),
  symbols: Type.Array(Type.String()),
});

/** A quote on `/ws/market-data`. */
export const QuoteMessage = Type.Object({
  type: Type.Literal('quote'),
  symbol: Type.String(),
  exchange: Type.String(),
  price: Type.Number(),
  change: Type.Union([Type.Number(), Type.Null()], {
    description: 'Since the previous close; null where there is none',
  }),
  volume: Type.Number({ description: 'Of the day under way, in the base asset' }),
  timestamp: Time,
  sequence: Type.Integer(),
});

const Text = Type.String();

/** A client's message on a private path; `action` is understood as well as `type`. */
export const AuthenticateMessage = Type.Object(
  {
    type: Type.Literal('authenticate'),
    token: Type.String({ maxLength: 8192, writeOnly: true, description: 'An access token' }),
  },
  { additionalProperties: true },
);
export const Authenticated = Type.Object({ type: Type.Literal('authenticated') });

/** The whole portfolio, the first message of `/ws/portfolio/{id}`. */
export const PortfolioSnapshot = Type.Object({
  type: Type.Literal('snapshot'),
  portfolio: WirePortfolio,
  positions: Type.Array(WirePosition),
  timestamp: Time,
  sequence: Type.Integer(),
});

export const PortfolioUpdate = Type.Object({
  type: Type.Literal('update'),
  portfolio: WirePortfolio,
  positions: Type.Array(WirePosition, { description: 'Those that changed' }),
  removed: Type.Array(Text, { description: 'Ids of those that are no more' }),
  timestamp: Time,
  sequence: Type.Integer({ description: 'One more than that of the message before' }),
});

export const PortfolioDeleted = Type.Object({
  type: Type.Literal('deleted'),
  portfolio_id: Text,
  timestamp: Time,
});

const Fill = {
  trade_id: Text,
  order_id: Text,
  portfolio_id: Text,
  symbol: Text,
  exchange: Text,
  side: Type.Enum(['buy', 'sell'], { type: 'string' }),
  quantity: Type.Number(),
  price: Type.Number(),
  fee: Type.Number(),
  fee_asset: Text,
  liquidity: Type.Union([Type.Enum(['maker', 'taker'], { type: 'string' }), Type.Null()], {
    description: 'null in an auction',
  }),
  timestamp: Time,
};

/** The first message of `/ws/notifications` and `/ws/trading`. */
export const ListeningAnswer = Type.Object({
  type: Type.Literal('subscribed'),
  channel: Type.Enum(['notifications', 'trading'], { type: 'string' }),
  sequence: Type.Optional(Type.Integer({ description: 'That of the next message is one more' })),
});

export const FillNotice = Type.Object({ type: Type.Literal('fill'), ...Fill });

export const AlertNotice = Type.Object({
  type: Type.Enum(['price_alert', 'risk_alert'], { type: 'string' }),
  alert: WireAlert,
  value: Type.Number({ description: 'What it was when it fired' }),
  timestamp: Time,
});

export const AdminNotice = Type.Object(
  {
    type: Type.Literal('admin_event'),
    event: Type.String({ description: 'market.phase, account.locked, api_key.created, …' }),
    timestamp: Time,
  },
  { additionalProperties: true, description: 'With what the event is about' },
);

/** A fill on `/ws/trading`, told before the state that it leaves its order in. */
export const ExecutionMessage = Type.Object({
  type: Type.Literal('execution'),
  ...Fill,
  sequence: Type.Integer(),
});

export const OrderMessage = Type.Object({
  type: Type.Literal('order'),
  event: Type.String({ description: 'The order’s status' }),
  order: WireOrder,
  timestamp: Time,
  sequence: Type.Integer({ description: 'A gap means that messages were missed' }),
});
