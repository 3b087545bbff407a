import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String();

export const PredictBody = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 40, description: 'AAPL, BTC-USDT' }),
    horizon: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]?[hdw]$',
        default: '7d',
        description:
          'Hours to 48h, days to 30d or weeks to 4w; bars without trading are not counted',
      }),
    ),
    model: Type.Optional(
      Type.Enum(['prophet', 'ets', 'lstm', 'ensemble'], { type: 'string', default: 'prophet' }),
    ),
    exchange: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  },
  CLOSED,
);
export type PredictBody = Static<typeof PredictBody>;

export const PredictResponse = Type.Object({
  symbol: Text,
  predictions: Type.Array(
    Type.Object({
      date: Type.String({ description: 'Of a day, or the time at which an hour begins' }),
      predicted_price: Type.Number(),
      lower_bound: Type.Number(),
      upper_bound: Type.Number(),
      confidence: Type.Number({ description: 'Share of prices that the bounds are made to hold' }),
    }),
  ),
  model: Text,
  interval: Text,
  as_of: Type.String({ description: 'When the newest bar that was looked at began' }),
  origins: Type.Integer({ description: 'Moments of the past at which the model was tried' }),
  mae: Type.Number({ description: 'Mean absolute error there' }),
  naive_mae: Type.Number({ description: 'Of the last price repeated, there' }),
  coverage: Type.Number({ description: 'Share of prices that lay within the bounds there' }),
});
export type PredictResponse = Static<typeof PredictResponse>;
