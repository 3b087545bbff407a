import { Type } from 'typebox';
import { Time } from './socket-messages.ts';

const PriceOrNull = Type.Union([Type.Number(), Type.Null()]);

/** A client's message on `/v1/ws/market` that narrows what it is told. */
export const SymbolsMessage = Type.Object({
  action: Type.Enum(['subscribe', 'unsubscribe'], { type: 'string' }),
  symbols: Type.Array(Type.String(), {
    minItems: 1,
    description: 'AAPL and BTC/USDT on every exchange that has them, bybit:ETH/USDT on one',
  }),
});

export const SymbolsAnswer = Type.Object({
  type: Type.Enum(['subscribed', 'unsubscribed'], { type: 'string' }),
  symbols: Type.Array(Type.String(), { description: 'The markets, as exchange:symbol' }),
});

/** A market on `/v1/ws/market`. */
export const MarketUpdate = Type.Object({
  timestamp: Time,
  exchange: Type.String(),
  symbol: Type.String(),
  price: Type.Unsafe<number | null>({ ...PriceOrNull, description: 'Of the newest trade' }),
  volume: Type.Number({ description: 'Traded since the message before' }),
  bid: PriceOrNull,
  ask: PriceOrNull,
  trades: Type.Optional(
    Type.Array(
      Type.Object({
        price: Type.Number(),
        quantity: Type.Number(),
        side: Type.Union([Type.Enum(['buy', 'sell'], { type: 'string' }), Type.Null()], {
          description: 'The aggressor’s; null in an auction',
        }),
        trade_id: Type.String(),
        timestamp: Time,
      }),
      { description: 'What was traded since the message before' },
    ),
  ),
});

export const Authenticated = Type.Object({ type: Type.Literal('authenticated') });
