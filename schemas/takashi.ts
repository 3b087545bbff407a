import { type Static, Type } from 'typebox';

export const RootResponse = Type.Object({
  name: Type.String(),
  version: Type.String(),
  status: Type.Enum(['operational', 'unavailable'], { type: 'string' }),
  docs: Type.String(),
  exchanges: Type.Array(Type.String()),
});
export type RootResponse = Static<typeof RootResponse>;

export const HealthResponse = Type.Object({
  status: Type.Enum(['healthy', 'degraded', 'unhealthy'], { type: 'string' }),
  exchanges: Type.Record(Type.String(), Type.Boolean(), {
    description: "True while the exchange's feed is fresh",
  }),
  sources: Type.Record(
    Type.String(),
    Type.Object({
      source: Type.Enum(['live', 'simulated', 'replay', 'off'], { type: 'string' }),
      last_data_ms: Type.Union([Type.Number(), Type.Null()], {
        description: 'When a live exchange told something last, milliseconds since the epoch',
      }),
      stale_books: Type.Array(Type.String(), {
        description: 'Markets of a live exchange whose book is empty until it is told anew',
      }),
    }),
    { description: 'Where the facts of every exchange of this server come from' },
  ),
  durability: Type.Enum(['commit', 'async'], { type: 'string' }),
  rate_limits: Type.Enum(['on', 'off'], { type: 'string' }),
});
export type HealthResponse = Static<typeof HealthResponse>;

const Side = Type.Enum(['buy', 'sell'], { type: 'string' });
const Time = (description: string) => Type.String({ format: 'date-time', description });

export const INTERVALS = ['1m', '5m', '15m', '30m', '1h', '4h', '1d'] as const;
const Interval = Type.Enum([...INTERVALS], { type: 'string' });
const Format = Type.Enum(['json', 'flatbuffers'], {
  type: 'string',
  description: 'Default: as the subprotocol says, else json',
});

export const OhlcModel = Type.Object({
  exchange: Type.String(),
  symbol: Type.String(),
  timestamp: Time('When the candle begins, UTC'),
  interval: Interval,
  open: Type.Number(),
  high: Type.Number(),
  low: Type.Number(),
  close: Type.Number(),
  volume: Type.Number(),
  quote_volume: Type.Number(),
  trades_count: Type.Integer(),
  is_closed: Type.Boolean({ description: 'True if the candle is finalized' }),
});

export const LargeTradeMessage = Type.Object({
  type: Type.Literal('large_trade'),
  exchange: Type.String(),
  symbol: Type.String(),
  side: Side,
  price: Type.Number({ description: 'Mean price, rounded to the decimals of a price' }),
  quantity: Type.Number(),
  value: Type.Number({ description: 'USD value' }),
  is_buyer_maker: Type.Boolean(),
  timestamp: Time('When it traded, UTC'),
});

export const LiquidationMessage = Type.Object({
  type: Type.Literal('liquidation'),
  exchange: Type.String(),
  symbol: Type.String(),
  side: Type.Enum(['buy', 'sell'], { type: 'string', description: 'sell: a long was liquidated' }),
  price: Type.Number(),
  quantity: Type.Number(),
  value: Type.Number({ description: 'USD value' }),
  timestamp: Time('When it traded, UTC'),
});

const Timeframe = Type.Enum(['5m', '15m', '1h'], { type: 'string' });

export const OiSpikeMessage = Type.Object({
  type: Type.Literal('oi_spike'),
  exchange: Type.String(),
  symbol: Type.String(),
  timeframe: Timeframe,
  z_oi: Type.Number({ description: 'Of the change of the open interest over the bar' }),
  z_vol: Type.Number({ description: 'Of the volume of the bar' }),
  confirmed: Type.Boolean({ description: 'z_vol is above two thirds of the threshold, too' }),
  timestamp: Time('When the bar ended, UTC'),
});

export const TimeframesQuery = Type.Object(
  {
    timeframes: Type.Optional(
      Type.String({
        pattern: '^(5m|15m|1h)(,(5m|15m|1h)){0,2}$',
        description: 'Comma-separated: 5m, 15m, 1h',
      }),
    ),
    format: Type.Optional(Format),
  },
  { additionalProperties: false },
);

export const FormatQuery = Type.Object(
  { format: Type.Optional(Format) },
  { additionalProperties: false },
);

export const MinimumQuery = Type.Object(
  {
    min_value_usd: Type.Optional(
      Type.Number({ minimum: 0, description: 'Least USD value, inclusive' }),
    ),
    format: Type.Optional(Format),
  },
  { additionalProperties: false },
);

export const OhlcStreamQuery = Type.Object(
  { interval: Type.Optional(Interval), format: Type.Optional(Format) },
  { additionalProperties: false },
);

const Exchange = Type.String({ description: 'binance, bybit or hyperliquid' });
const Symbol_ = Type.String({ description: 'In the spelling of any exchange: BTCUSDT, BTC' });
const Milliseconds = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 8_640_000_000_000, description }));
const Limit = (fallback: number, maximum: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum, description: `Default ${fallback}` }));
const CLOSED = { additionalProperties: false } as const;

export const MarketParams = Type.Object({ exchange: Exchange, symbol: Symbol_ }, CLOSED);
export const OhlcParams = Type.Object(
  { exchange: Exchange, symbol: Symbol_, interval: Interval },
  CLOSED,
);
export const SymbolParams = Type.Object({ symbol: Symbol_, interval: Interval }, CLOSED);

const START = 'Milliseconds since the epoch: the first candles from then on';
const END = 'Milliseconds since the epoch: candles that begin by then; default: now';

export const OHLC_LIMIT = 500;
export const OhlcQuery = Type.Object(
  { limit: Limit(OHLC_LIMIT, 1500), start_time: Milliseconds(START), end_time: Milliseconds(END) },
  CLOSED,
);
export const MULTI_LIMIT = 200;
export const MultiOhlcQuery = Type.Object(
  { limit: Limit(MULTI_LIMIT, 1000), start_time: Milliseconds(START), end_time: Milliseconds(END) },
  CLOSED,
);
export const KlinesQuery = Type.Object(
  { limit: Limit(OHLC_LIMIT, 1500), startTime: Milliseconds(START), endTime: Milliseconds(END) },
  CLOSED,
);

export const OI_HISTORY_PERIODS = {
  '5m': 300,
  '15m': 900,
  '30m': 1800,
  '1h': 3600,
  '2h': 7200,
  '4h': 14_400,
  '6h': 21_600,
  '12h': 43_200,
  '1d': 86_400,
} as const;
export type OiHistoryPeriod = keyof typeof OI_HISTORY_PERIODS;
const PERIODS = Object.keys(OI_HISTORY_PERIODS) as OiHistoryPeriod[];

export const OI_HISTORY_LIMIT = 30;
export const OiHistoryQuery = Type.Object(
  {
    period: Type.Optional(Type.Enum(PERIODS, { type: 'string', description: 'Default 5m' })),
    limit: Limit(OI_HISTORY_LIMIT, 500),
  },
  CLOSED,
);
export const FUNDING_HISTORY_LIMIT = 100;
export const FundingHistoryQuery = Type.Object(
  { limit: Limit(FUNDING_HISTORY_LIMIT, 1000) },
  CLOSED,
);
export const CoinQuery = Type.Object({ coin: Type.Optional(Type.String()) }, CLOSED);

export const ExchangesResponse = Type.Object({
  exchanges: Type.Array(
    Type.Object({
      name: Type.String(),
      source: Type.Enum(['live', 'simulated'], { type: 'string' }),
      capabilities: Type.Object({
        ohlc: Type.Boolean(),
        funding_rate: Type.Boolean(),
        open_interest: Type.Boolean(),
        liquidations: Type.Boolean(),
        large_trades: Type.Boolean(),
        oi_hist: Type.Boolean(),
      }),
    }),
  ),
});
export type ExchangesResponse = Static<typeof ExchangesResponse>;

export const OhlcResponse = Type.Array(OhlcModel);
export type OhlcResponse = Static<typeof OhlcResponse>;
export const MultiOhlcResponse = Type.Record(Type.String(), OhlcResponse);

export const OpenInterestModel = Type.Object({
  exchange: Type.String(),
  symbol: Type.String(),
  timestamp: Time('When it was so, UTC'),
  open_interest: Type.Number(),
  open_interest_value: Type.Union([Type.Number(), Type.Null()], {
    description: 'At the mark price, USD; null before there is one',
  }),
});
export type OpenInterestModel = Static<typeof OpenInterestModel>;

export const FundingRateModel = Type.Object({
  exchange: Type.String(),
  symbol: Type.String(),
  timestamp: Time('When it was so, UTC'),
  funding_rate: Type.Number({ description: 'Of the notional for one interval' }),
  funding_time: Type.Union([Time('When funding is applied, UTC'), Type.Null()]),
});
export type FundingRateModel = Static<typeof FundingRateModel>;

export const PredictedFundingResponse = Type.Array(
  Type.Object({
    coin: Type.String(),
    venues: Type.Array(
      Type.Object({
        venue: Type.String(),
        funding_rate: Type.Number(),
        next_funding_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
      }),
    ),
  }),
);
export type PredictedFundingResponse = Static<typeof PredictedFundingResponse>;

export const CatalogResponse = Type.Object({
  endpoints: Type.Array(
    Type.Object({
      name: Type.String(),
      path: Type.String(),
      description: Type.String(),
      path_parameters: Type.Record(Type.String(), Type.Array(Type.String())),
      query_parameters: Type.Record(Type.String(), Type.Object({}, { additionalProperties: true })),
      message: Type.Object({}, { additionalProperties: true }),
    }),
  ),
});
export type CatalogResponse = Static<typeof CatalogResponse>;

const Start = Type.Optional(Type.Integer({ minimum: 1, description: 'Default 1' }));

export const CategoriesQuery = Type.Object({ start: Start, limit: Limit(100, 5000) }, CLOSED);
export const CategoryQuery = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64 }), start: Start, limit: Limit(100, 1000) },
  CLOSED,
);

const DecimalText = Type.String({ description: 'Decimal text' });
const EpochMs = Type.Integer({ description: 'Milliseconds since the epoch' });

/** The last 24 hours of a market, as Binance's USD-M futures tell them. */
export const BinanceTicker = Type.Object({
  symbol: Type.String(),
  priceChange: DecimalText,
  priceChangePercent: DecimalText,
  weightedAvgPrice: DecimalText,
  lastPrice: DecimalText,
  lastQty: DecimalText,
  openPrice: DecimalText,
  highPrice: DecimalText,
  lowPrice: DecimalText,
  volume: DecimalText,
  quoteVolume: DecimalText,
  openTime: EpochMs,
  closeTime: EpochMs,
  firstId: Type.Integer({ description: '-1 where no trade has an id' }),
  lastId: Type.Integer(),
  count: Type.Integer(),
});
export const BinanceTickers = Type.Array(BinanceTicker);

/** Mark price and funding, as Binance's `premiumIndex` has them. */
export const BinanceMarkPrice = Type.Object({
  symbol: Type.String(),
  markPrice: DecimalText,
  indexPrice: DecimalText,
  estimatedSettlePrice: DecimalText,
  lastFundingRate: DecimalText,
  interestRate: DecimalText,
  nextFundingTime: EpochMs,
  time: EpochMs,
});
export const BinanceMarkPrices = Type.Array(BinanceMarkPrice);

/** Candles as Binance tells them: rows of twelve. */
export const BinanceKlines = Type.Array(
  Type.Array(Type.Union([Type.Integer(), DecimalText, Type.Null()]), {
    minItems: 12,
    maxItems: 12,
    description:
      'Open time, open, high, low, close, volume, close time, quote volume, trades, taker buy volume and quote volume (null: not known), unused',
  }),
);

/** What CoinMarketCap answers, as it is. */
export const CoinMarketCapReply = Type.Object({}, { additionalProperties: true });
