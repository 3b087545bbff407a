import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;

const Symbol_ = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'AAPL, BTC-USDT; other spellings are understood',
});
const Exchange = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 40,
    description: 'Default: the symbol’s primary market',
  }),
);

/** A client's message on `/ws/market-data`. */
export const QuotesMessage = Type.Object(
  {
    type: Type.Enum(['subscribe', 'unsubscribe'], { type: 'string' }),
    symbols: Type.Array(Symbol_, { minItems: 1, maxItems: 100 }),
    exchange: Exchange,
  },
  CLOSED,
);
export type QuotesMessage = Static<typeof QuotesMessage>;

export const PERIODS = ['1d', '5d', '1mo', '3mo', '6mo', '1y', '2y', '5y', 'max'] as const;
export const INTERVALS = ['1m', '5m', '15m', '1h', '1d', '1wk', '1mo'] as const;
/** Bars that one answer has at most. */
export const BARS_MAX = 20_000;

export const SymbolParams = Type.Object({ symbol: Symbol_ }, CLOSED);
export const QuoteQuery = Type.Object({ exchange: Exchange }, CLOSED);

export const HistoricalQuery = Type.Object(
  {
    period: Type.Optional(Type.Enum([...PERIODS], { type: 'string', default: '1y' })),
    interval: Type.Optional(Type.Enum([...INTERVALS], { type: 'string', default: '1d' })),
    exchange: Exchange,
  },
  CLOSED,
);

export const SearchQuery = Type.Object(
  {
    q: Type.String({ minLength: 1, maxLength: 80, description: 'Words of symbols and names' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
  },
  CLOSED,
);

export const TrendingQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })) },
  CLOSED,
);

const Known = Type.Union([Type.Number(), Type.Null()], { description: 'null: not known' });
const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);

export const QuoteResponse = Type.Object({
  symbol: Text,
  exchange: Text,
  currency: Text,
  price: Known,
  change: Known,
  change_percent: Known,
  volume: Type.Number({ description: 'Of the day under way, in the base asset' }),
  market_cap: Known,
  pe_ratio: Known,
  high: Known,
  low: Known,
  open: Known,
  previous_close: Known,
  timestamp: TextOrNull,
});
export type QuoteResponse = Static<typeof QuoteResponse>;

export const HistoricalResponse = Type.Object({
  symbol: Text,
  exchange: Text,
  period: Text,
  interval: Text,
  data: Type.Array(
    Type.Object({
      date: Type.String({ description: 'A date, or for intraday bars the time they begin' }),
      open: Type.Number(),
      high: Type.Number(),
      low: Type.Number(),
      close: Type.Number(),
      volume: Type.Number(),
    }),
  ),
});

export const SearchResponse = Type.Object({
  query: Text,
  results: Type.Array(
    Type.Object({
      symbol: Text,
      name: Text,
      exchange: Text,
      asset_class: Text,
      sector: TextOrNull,
      currency: Text,
    }),
  ),
});
export type SearchResponse = Static<typeof SearchResponse>;

const TrendingEntry = Type.Object({
  symbol: Text,
  exchange: Text,
  name: Text,
  currency: Text,
  price: Type.Number(),
  change_24h: Type.Number(),
  change_percent_24h: Type.Number(),
  volume_24h: Type.Number({ description: 'In the base asset' }),
  value_24h: Type.Number({ description: 'In the currency' }),
});
export type TrendingEntry = Static<typeof TrendingEntry>;

export const TrendingResponse = Type.Object({
  most_active: Type.Array(TrendingEntry, { description: 'By value traded in 24 hours' }),
  biggest_movers: Type.Array(TrendingEntry, { description: 'By absolute change in 24 hours' }),
});
export type TrendingResponse = Static<typeof TrendingResponse>;
