import { Type } from 'typebox';
import { Time } from './socket-messages.ts';

const Text = Type.String();
const Decimal = Type.String({ description: 'Decimal text, with all decimals of its market' });
const DecimalOrNull = Type.Union([Decimal, Type.Null()]);
const TimeOrNull = Type.Union([Time, Type.Null()]);
const Side = Type.Enum(['buy', 'sell'], { type: 'string' });
const SideOrNull = Type.Union([Side, Type.Null()]);
const Sequence = Type.Integer({ minimum: 0 });
const Crc = Type.Integer({ minimum: 0, maximum: 0xffffffff, description: 'Of the best levels' });
const Interval = Type.Enum(['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1wk', '1mo'], {
  type: 'string',
});

/** What every message of a stream says of its place in it. */
export const Place = {
  epoch: Type.Integer({ description: 'Sequences are comparable within one' }),
  seq: Type.Unsafe<number>({ ...Sequence, description: 'Of the newest event in the message' }),
  prev_seq: Type.Unsafe<number>({ ...Sequence, description: 'Of the message before' }),
  conflated: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Messages that this one stands for beside itself' }),
  ),
  venue_time: Type.Union([Time, Type.Null()], { description: 'When the newest event happened' }),
  ingest_time: Type.Union([Time, Type.Null()], { description: 'When it was taken in as durable' }),
  sent_time: Type.String({ format: 'date-time', description: 'When the message was made' }),
};

const head = <C extends string, T extends string>(channel: C, type: T) => ({
  channel: Type.Literal(channel),
  type: Type.Literal(type),
  market: Type.String({ description: 'binance:BTC-USDT' }),
  ...Place,
});

const Level = Type.Array(Type.Union([Decimal, Type.Integer()]), {
  minItems: 3,
  maxItems: 3,
  description: '[price, quantity, orders]',
});

export const BookSnapshot = Type.Object({
  ...head('book', 'snapshot'),
  crc32: Crc,
  bids: Type.Array(Level),
  asks: Type.Array(Level),
  bid_levels: Type.Integer({ description: 'Of the whole book' }),
  ask_levels: Type.Integer(),
});

export const BookDelta = Type.Object({
  ...head('book', 'delta'),
  crc32: Crc,
  bids: Type.Array(Level, { description: 'Levels that changed; quantity 0: the level is gone' }),
  asks: Type.Array(Level),
});

const VisibleOrder = Type.Array(Type.Union([Decimal, Type.Integer()]), {
  minItems: 3,
  maxItems: 3,
  description: '[order_id, price, quantity]',
});

export const OrdersSnapshot = Type.Object({
  ...head('orders_book', 'snapshot'),
  crc32: Crc,
  bids: Type.Array(VisibleOrder, { description: 'In the order in which they trade' }),
  asks: Type.Array(VisibleOrder),
  bid_orders: Type.Integer({ description: 'Of the whole side' }),
  ask_orders: Type.Integer(),
});

export const OrdersDelta = Type.Object({
  ...head('orders_book', 'delta'),
  crc32: Crc,
  changes: Type.Array(
    Type.Object({
      action: Type.Enum(['add', 'reduce', 'remove', 'execute'], { type: 'string' }),
      order_id: Type.Integer({ description: 'Anonymous, within one epoch' }),
      side: Side,
      price: Decimal,
      qty: Type.Unsafe<string>({ ...Decimal, description: 'What the order shows after it' }),
      executed_qty: Type.Optional(Decimal),
      trade_id: Type.Optional(Type.Integer()),
      venue_time: Time,
    }),
  ),
});

export const Trades = Type.Object({
  ...head('trades', 'trades'),
  trades: Type.Array(
    Type.Object({
      trade_id: Type.Integer(),
      price: Decimal,
      qty: Decimal,
      side: Type.Unsafe<'buy' | 'sell' | null>({
        ...SideOrNull,
        description: 'The aggressor’s; null where there is none or nobody knows it',
      }),
      venue_time: Time,
      printed: Type.Boolean({ description: 'Made outside of the visible book' }),
    }),
  ),
});

export const Bbo = Type.Object({
  ...head('bbo', 'bbo'),
  bid_price: DecimalOrNull,
  bid_qty: DecimalOrNull,
  ask_price: DecimalOrNull,
  ask_qty: DecimalOrNull,
});

export const Candles = Type.Object({
  ...head('candles', 'update'),
  type: Type.Enum(['snapshot', 'update'], { type: 'string' }),
  interval: Interval,
  candles: Type.Array(
    Type.Object({
      open_time: Time,
      open: Decimal,
      high: Decimal,
      low: Decimal,
      close: Decimal,
      volume: Decimal,
      quote_volume: Decimal,
      trades: Type.Integer(),
      closed: Type.Boolean(),
    }),
    { description: 'Oldest first' },
  ),
});

export const Ticker = Type.Object({
  ...head('ticker', 'ticker'),
  last_price: DecimalOrNull,
  last_qty: DecimalOrNull,
  open_24h: DecimalOrNull,
  high_24h: DecimalOrNull,
  low_24h: DecimalOrNull,
  change_24h: DecimalOrNull,
  volume_24h: Decimal,
  quote_volume_24h: Decimal,
  trades_24h: Type.Integer(),
  day_open: DecimalOrNull,
  day_high: DecimalOrNull,
  day_low: DecimalOrNull,
  day_volume: Decimal,
  previous_close: DecimalOrNull,
});

export const Liquidations = Type.Object({
  ...head('liquidations', 'liquidations'),
  liquidations: Type.Array(
    Type.Object({
      trade_id: Type.Integer(),
      side: Type.Enum(['buy', 'sell'], { type: 'string', description: 'Of the closing order' }),
      price: Decimal,
      qty: Decimal,
      venue_time: Time,
    }),
  ),
});

export const Funding = Type.Object({
  ...head('funding', 'funding'),
  rate: Type.Union([Text, Type.Null()], { description: 'Settled last, of the notional' }),
  predicted_rate: Type.Union([Text, Type.Null()]),
  next_time: TimeOrNull,
  interval_seconds: Type.Integer(),
  mark_price: DecimalOrNull,
  index_price: DecimalOrNull,
});

export const OpenInterest = Type.Object({
  ...head('open_interest', 'open_interest'),
  qty: Decimal,
  mark_price: DecimalOrNull,
});

export const Features = Type.Object({
  ...head('features', 'features'),
  values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
    minItems: 64,
    maxItems: 64,
    description: 'In the order of the names in the acknowledgement',
  }),
});

/** What is needed to read a market's messages in either format. */
export const StreamMarket = Type.Object({
  market: Text,
  market_id: Type.Integer(),
  exchange: Text,
  symbol: Text,
  base: Text,
  quote: Text,
  asset_class: Text,
  source: Type.Enum(['simulated', 'live', 'replay'], { type: 'string' }),
  tick: Decimal,
  lot: Decimal,
  price_decimals: Type.Integer(),
  qty_decimals: Type.Integer(),
  tick_units: Type.Integer(),
  lot_units: Type.Integer(),
  seq: Type.Optional(Type.Integer({ description: 'Of the newest message of the channel' })),
});
