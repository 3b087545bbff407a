import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String();
const SymbolText = Type.String({ minLength: 1, maxLength: 40, description: 'AAPL, BTC-USDT' });

export const SentimentParams = Type.Object({ symbol: SymbolText }, CLOSED);

const Score = Type.Number({ minimum: -1, maximum: 1, description: '-1 very bad, 1 very good' });
const ScoreOrNull = Type.Union([Score, Type.Null()], { description: 'null: nothing counts' });
const Count = Type.Integer({ minimum: 0 });

export const SentimentResponse = Type.Object({
  symbol: Text,
  overall_sentiment: Score,
  sentiment_label: Type.Enum(['bullish', 'neutral', 'bearish'], { type: 'string' }),
  news_sentiment: ScoreOrNull,
  social_sentiment: ScoreOrNull,
  analyzed_sources: Type.Integer({ minimum: 1, description: 'Headlines that count' }),
  news_headlines: Count,
  social_headlines: Count,
  newest_headline_at: Text,
  method: Type.Enum(['lexicon'], { type: 'string' }),
  half_life_hours: Type.Number(),
  window_hours: Type.Number(),
  timestamp: Text,
});
export type SentimentResponse = Static<typeof SentimentResponse>;

const TIME = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$';

/** Headlines that one request may bring. */
const HEADLINES_MAX = 100;

export const NewsBody = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          title: Type.String({ minLength: 1, maxLength: 300, description: 'A headline' }),
          url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2000 })),
          source: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
          channel: Type.Optional(
            Type.Enum(['news', 'social'], { type: 'string', default: 'news' }),
          ),
          published_at: Type.Optional(
            Type.String({ maxLength: 40, pattern: TIME, description: 'ISO 8601; default: now' }),
          ),
          symbols: Type.Optional(
            Type.Array(SymbolText, {
              maxItems: 20,
              description: 'What it is about, besides what the headline names',
            }),
          ),
        },
        CLOSED,
      ),
      { minItems: 1, maxItems: HEADLINES_MAX },
    ),
  },
  CLOSED,
);
export type NewsBody = Static<typeof NewsBody>;

export const NewsResponse = Type.Object({
  accepted: Count,
  duplicates: Count,
  unlinked: Type.Integer({ minimum: 0, description: 'Not kept: they name no asset traded here' }),
  items: Type.Array(
    Type.Object({
      id: Text,
      status: Type.Enum(['accepted', 'duplicate', 'no_asset'], { type: 'string' }),
      assets: Type.Array(Text),
      sentiment: Score,
    }),
  ),
});
export type NewsResponse = Static<typeof NewsResponse>;
