import { Type } from 'typebox';
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
