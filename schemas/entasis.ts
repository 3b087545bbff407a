import { type Static, Type } from 'typebox';

const Symbol_ = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'BTC-USDT, BTC/USDT or AAPL',
});
const Exchange = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: "An extension: the exchange; the symbol's primary market when absent",
  }),
);
const Decimal = Type.String({
  pattern: '^-?[0-9]+(\\.[0-9]+)?$',
  description: 'Decimal text, exact',
});
const Time = Type.String({ format: 'date-time' });

export const SymbolParams = Type.Object({ symbol: Symbol_ }, { additionalProperties: false });
export const ExchangeQuery = Type.Object({ exchange: Exchange }, { additionalProperties: false });

export const PriceResponse = Type.Object({
  symbol: Type.String(),
  price: Type.Union([Decimal, Type.Null()], {
    description: 'Of the newest trade; null before the first',
  }),
  timestamp: Type.Union([Time, Type.Null()], {
    description: "Of the market's newest event; null before the first",
  }),
  volume: Type.Unsafe<string>({
    ...Decimal,
    description: 'Traded in the last 24 hours, base asset',
  }),
  exchange: Type.String(),
});

export const HistoryQuery = Type.Object(
  {
    interval: Type.Optional(Type.Enum(['1m', '5m', '1h', '1d'], { type: 'string', default: '1h' })),
    start: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'ISO 8601, UTC where it names no zone; bars that begin then or later',
      }),
    ),
    end: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'ISO 8601; default: now; bars that begin by then',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 5000,
        description: 'An extension: the newest so many; default 500 when there is no start',
      }),
    ),
    exchange: Exchange,
  },
  { additionalProperties: false },
);

export const HistoryResponse = Type.Object({
  symbol: Type.String(),
  data: Type.Array(
    Type.Object({
      timestamp: Type.String({ format: 'date-time', description: 'When the bar begins' }),
      open: Decimal,
      high: Decimal,
      low: Decimal,
      close: Decimal,
      volume: Type.Unsafe<string>({ ...Decimal, description: 'In the base asset' }),
    }),
    { description: 'Oldest first; a bar in which nothing traded repeats the close before it' },
  ),
});

/** Levels of each side of a book that a socket may ask for. */
export const BOOK_DEPTH_MAX = 100;
export const BOOK_DEPTH_DEFAULT = 10;

const Action = Type.Enum(['subscribe', 'unsubscribe'], { type: 'string' });

/** A client's message on `/ws/market` for the channel `market`. */
export const MarketChannelMessage = Type.Object(
  {
    action: Action,
    channel: Type.Literal('market'),
    symbols: Type.Array(Symbol_, { minItems: 1, maxItems: 100 }),
    exchange: Exchange,
  },
  { additionalProperties: false },
);
export type MarketChannelMessage = Static<typeof MarketChannelMessage>;

/** The same for the channel `orderbook`. */
export const BookChannelMessage = Type.Object(
  {
    action: Action,
    channel: Type.Literal('orderbook'),
    symbol: Symbol_,
    depth: Type.Optional(
      Type.Integer({ minimum: 1, maximum: BOOK_DEPTH_MAX, default: BOOK_DEPTH_DEFAULT }),
    ),
    exchange: Exchange,
  },
  { additionalProperties: false },
);
export type BookChannelMessage = Static<typeof BookChannelMessage>;

const DecimalInput = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  maxLength: 40,
  description: 'Decimal text, or a number',
});
const PositionType = Type.Enum(['long', 'short'], { type: 'string' });
const NullableDecimal = Type.Union([Decimal, Type.Null()]);
const PositionIdText = Type.Union([Type.String(), Type.Null()], {
  description: 'null when nothing is left open',
});

export const OpenPositionBody = Type.Object(
  {
    symbol: Symbol_,
    size: Type.Unsafe<string | number>({
      ...DecimalInput,
      description: "A positive multiple of the market's lot",
    }),
    type: PositionType,
    leverage: Type.Optional(
      Type.Unsafe<string | number>({
        ...DecimalInput,
        description: "A whole number up to the market's maximum; default 1",
      }),
    ),
    exchange: Exchange,
    client_order_id: Type.Optional(
      Type.String({
        pattern: '^[ -~]{1,36}$',
        description: 'An extension: repeats are recognised',
      }),
    ),
  },
  { additionalProperties: false },
);
export type OpenPositionBody = Static<typeof OpenPositionBody>;

const PositionHead = {
  timestamp: Time,
  symbol: Type.String(),
  exchange: Type.String(),
  type: PositionType,
};

export const OpenPositionResponse = Type.Object({
  position_id: PositionIdText,
  status: Type.Enum(['success', 'partial'], {
    type: 'string',
    description: 'partial: the book took less than was asked for',
  }),
  ...PositionHead,
  size: Type.Unsafe<string>({ ...Decimal, description: 'What the book took' }),
  order_id: Type.String(),
});

export const PositionParams = Type.Object(
  {
    position_id: Type.String({
      pattern: '^pos_[0-9]{1,15}_[0-9]{1,15}_[0-9]{1,15}$',
      description: 'As the list and the reply to its opening name it',
    }),
  },
  { additionalProperties: false },
);

export const ClosedPositionResponse = Type.Object({
  position_id: Type.String(),
  status: Type.Enum(['closed', 'partial'], { type: 'string' }),
  ...PositionHead,
  size: Type.Unsafe<string>({ ...Decimal, description: 'What was closed' }),
  remaining_size: Decimal,
  realized_pnl: Type.Unsafe<string>({ ...Decimal, description: 'Of all that was closed so far' }),
  order_id: Type.String(),
});

export const PositionsResponse = Type.Object({
  positions: Type.Array(
    Type.Object({
      symbol: Type.String(),
      size: Decimal,
      entry_price: Type.Unsafe<string>({ ...Decimal, description: 'Average, rounded half up' }),
      current_price: NullableDecimal,
      pnl: Type.Unsafe<string>({
        ...Decimal,
        description: 'Unrealised, at the current price; exact',
      }),
      timestamp: Time,
      position_id: PositionIdText,
      type: PositionType,
      leverage: Type.String(),
      exchange: Type.String(),
      realized_pnl: Decimal,
      margin: Type.Unsafe<string>({ ...Decimal, description: 'Initial margin' }),
      liquidation_price: NullableDecimal,
    }),
  ),
});

export const RiskResponse = Type.Object({
  symbol: Type.String(),
  var_95: Type.Unsafe<string>({
    ...Decimal,
    description: 'What one unit loses in one day at most, 95 days of 100; quote asset',
  }),
  expected_shortfall: Type.Unsafe<string>({
    ...Decimal,
    description: 'Mean loss of the other five',
  }),
  volatility: Type.Unsafe<string>({ ...Decimal, description: 'Annualised, a fraction' }),
  timestamp: Time,
  exchange: Type.String(),
  method: Type.String(),
  observations: Type.Integer({ description: 'Daily returns' }),
  from: Type.String({ description: 'Date of the first close' }),
  to: Type.String({ description: 'Date of the last close' }),
});
export type RiskResponse = Static<typeof RiskResponse>;

export const PredictionQuery = Type.Object(
  {
    timeframe: Type.Optional(Type.Enum(['1h', '4h', '1d'], { type: 'string', default: '1h' })),
    model: Type.Optional(Type.Enum(['lstm', 'ensemble'], { type: 'string', default: 'ensemble' })),
    exchange: Exchange,
  },
  { additionalProperties: false },
);

export const PredictionResponse = Type.Object({
  symbol: Type.String(),
  prediction: Type.Unsafe<string>({ ...Decimal, description: 'Price at the end of the timeframe' }),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  timeframe: Type.Enum(['1h', '4h', '1d'], { type: 'string' }),
  model: Type.Enum(['lstm', 'ensemble'], { type: 'string' }),
  timestamp: Time,
  exchange: Type.String(),
  lower_bound: Type.Unsafe<string>({ ...Decimal, description: 'Of the prices expected' }),
  upper_bound: Type.Unsafe<string>(Decimal),
  origins: Type.Integer({ description: 'Moments of the past at which the model was tried' }),
  mae: Type.Unsafe<string>({ ...Decimal, description: 'Mean absolute error there' }),
  naive_mae: Type.Unsafe<string>({ ...Decimal, description: 'Of the last price repeated' }),
  coverage: Type.Number({ description: 'Share of prices within the bounds there' }),
});

const Level = Type.Array(Decimal, { minItems: 2, maxItems: 2, description: '[price, size]' });

export const MarketChannelAnswer = Type.Object({
  type: Type.Enum(['subscribed', 'unsubscribed'], { type: 'string' }),
  channel: Type.Literal('market'),
  symbols: Type.Array(Type.String()),
});
export const BookChannelAnswer = Type.Object({
  type: Type.Enum(['subscribed', 'unsubscribed'], { type: 'string' }),
  channel: Type.Literal('orderbook'),
  symbol: Type.String(),
  depth: Type.Optional(Type.Integer()),
});

/** A price on `/ws/market`. */
export const PriceMessage = Type.Object({
  channel: Type.Literal('market'),
  symbol: Type.String(),
  exchange: Type.String(),
  price: Decimal,
  timestamp: Time,
  volume: Type.Unsafe<string>({ ...Decimal, description: 'Traded since the message before' }),
  sequence: Type.Integer(),
});

/** The best levels of a book on `/ws/market`. */
export const BookMessage = Type.Object({
  channel: Type.Literal('orderbook'),
  symbol: Type.String(),
  exchange: Type.String(),
  bids: Type.Array(Level),
  asks: Type.Array(Level),
  timestamp: Time,
  sequence: Type.Integer(),
});
