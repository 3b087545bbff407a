import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Candle } from '../../../codec/generated/openbell/stream/candle.ts';
import { Candles } from '../../../codec/generated/openbell/stream/candles.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { LIMITS } from '../../../config/limits.ts';
import { CANDLE_INTERVALS } from '../../../domain/candles.ts';
import type { Market } from '../../../domain/markets.ts';
import * as BAR from '../../../features/bar-rows.ts';
import type { Venue } from '../../../gateway/venue.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type RequestId, StreamRequestError } from '../requests.ts';
import type { ChannelOptions, MarketChannel } from './channel.ts';
import { CountedPositions } from './counted-positions.ts';

const UPDATES = CANDLE_INTERVALS.map((name) => candlesHead('update', name));
const SNAPSHOTS = CANDLE_INTERVALS.map((name) => candlesHead('snapshot', name));
const CANDLE_BYTES = Candle.sizeOf();
/** Bars to start from where a client does not say how many. */
const BARS = 100;
const END = 125; // }
const LIST = jsonBytes(',"candles":[');
const OPEN_TIME = jsonBytes('{"open_time":');
const OPEN = jsonBytes(',"open":');
const HIGH = jsonBytes(',"high":');
const LOW = jsonBytes(',"low":');
const CLOSE = jsonBytes(',"close":');
const VOLUME = jsonBytes(',"volume":');
const QUOTE_VOLUME = jsonBytes(',"quote_volume":');
const TRADES = jsonBytes(',"trades":');
const CLOSED = [jsonBytes(',"closed":false}'), jsonBytes(',"closed":true}')];
const LIST_END = 93; // ]

/** Bars one after another in rows of doubles. */
interface Bars {
  readonly data: Float64Array;
  readonly length: number;
}

/**
 * Bars of one interval: the newest ones to start from, then those that ended and the one under way,
 * each time something traded and each time one ends.
 */
export function candlesChannel(venue: Pick<Venue, 'candleSeries'>): MarketChannel {
  const positions = new CountedPositions(CANDLE_INTERVALS.length);
  const newest = ({ market }: MarketView, { variant, depth }: ChannelOptions): Bars => {
    const series = venue.candleSeries(market, CANDLE_INTERVALS[variant]);
    return series.read({ fromSeconds: 0, toSeconds: series.nowSeconds(), limit: depth });
  };
  return {
    name: 'candles',
    code: Channel.Candles,
    bodyTypes: [Body.Candles],
    fields: ['interval', 'limit'],
    streamFields: ['interval'],
    variants: CANDLE_INTERVALS,
    conflation: 'always',
    parse: (id, body) => ({
      variant: parseInterval(id, body.interval),
      depth: parseLimit(id, body.limit),
      conflate: true,
    }),
    acknowledgement: ({ variant }) => ({ interval: CANDLE_INTERVALS[variant] }),
    position: (view, variant) => positions.of(view, variant),
    settle: (view) => {
      const { candlesPosition, minuteEnded } = view;
      if (!candlesPosition.changed && !minuteEnded) return;
      for (let interval = 0; interval < CANDLE_INTERVALS.length; interval += 1) {
        const ended = minuteEnded && view.candles.closedSinceTold(interval).length > 0;
        if (ended || candlesPosition.changed) positions.advance(view, interval, candlesPosition);
      }
    },
    clear: (view) => positions.clear(view),
    json: {
      update: (out, view, variant) => {
        out.begin(UPDATES[variant], view.market, positions.of(view, variant), 0);
        return jsonCandles(out, view, variant, recent(view, variant));
      },
      state: (out, view, options, conflated) => {
        const { variant } = options;
        out.begin(SNAPSHOTS[variant], view.market, positions.of(view, variant), conflated);
        return jsonCandles(out, view, variant, newest(view, options));
      },
    },
    binary: {
      update: (out, view, variant) => {
        const bars = recent(view, variant);
        return binaryCandles(out, view, variant, positions, bars, 0);
      },
      state: (out, view, options, conflated) => {
        const bars = newest(view, options);
        return binaryCandles(out, view, options.variant, positions, bars, conflated);
      },
    },
  };
}

function candlesHead(type: string, interval: string) {
  return jsonHead('candles', type, `,"interval":"${interval}"`);
}

function parseInterval(id: RequestId, value: unknown): number {
  const found = (CANDLE_INTERVALS as readonly unknown[]).indexOf(value);
  if (found >= 0) return found;
  const message = `"interval" is one of ${CANDLE_INTERVALS.join(', ')}`;
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, { parameter: 'interval' });
}

function parseLimit(id: RequestId, value: unknown): number {
  if (value === undefined) return BARS;
  const most = LIMITS.snapshotCandles;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  const message = `"limit" is a whole number from 1 to ${most}`;
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, { parameter: 'limit' });
}

/** What ended since the last publication, and the bar under way. */
function recent({ candles }: MarketView, interval: number): Bars {
  const ended = candles.hasClosings ? candles.closedSinceTold(interval) : undefined;
  const current = candles.current(interval);
  if (ended === undefined || ended.length === 0) return current;
  const rows = new BAR.BarRows(ended.length + 1);
  rows.append(ended.data.subarray(0, ended.length * BAR.BAR_FIELDS));
  rows.append(current.data.subarray(0, current.length * BAR.BAR_FIELDS));
  return rows;
}

/** When the bar under way begins; `Infinity` where there is none. */
function openFrom({ candles }: MarketView, interval: number): number {
  const current = candles.current(interval);
  return current.length === 0 ? Number.POSITIVE_INFINITY : current.secondsAt(0);
}

function notionalUnits(market: Market, data: Float64Array, at: number): number {
  return data[at + BAR.BAR_TICK_LOTS] * market.quoteUnitsPerTickLot;
}

function jsonCandles(out: JsonOut, view: MarketView, variant: number, bars: Bars): Uint8Array {
  const { writer } = out;
  const { market } = view;
  const { data, length } = copied(bars);
  const open = openFrom(view, variant);
  writer.raw(LIST);
  for (let i = 0; i < length; i += 1) {
    const at = i * BAR.BAR_FIELDS;
    if (i > 0) writer.comma();
    writer.raw(OPEN_TIME);
    writer.isoMicros(data[at + BAR.BAR_SECONDS], 0);
    writer.raw(OPEN);
    out.price(market, data[at + BAR.BAR_OPEN]);
    writer.raw(HIGH);
    out.price(market, data[at + BAR.BAR_HIGH]);
    writer.raw(LOW);
    out.price(market, data[at + BAR.BAR_LOW]);
    writer.raw(CLOSE);
    out.price(market, data[at + BAR.BAR_CLOSE]);
    writer.raw(VOLUME);
    out.qty(market, data[at + BAR.BAR_LOTS]);
    writer.raw(QUOTE_VOLUME);
    writer.decimalText(notionalUnits(market, data, at), market.quote.decimals);
    writer.raw(TRADES);
    writer.integer(data[at + BAR.BAR_TRADES]);
    writer.raw(CLOSED[data[at + BAR.BAR_SECONDS] < open ? 1 : 0]);
  }
  writer.char(LIST_END);
  writer.char(END);
  return writer.take();
}

function binaryCandles(
  out: BinaryOut,
  view: MarketView,
  variant: number,
  positions: CountedPositions,
  bars: Bars,
  conflated: number,
): Uint8Array {
  const { builder, long } = out;
  const { market } = view;
  const { data, length } = copied(bars);
  const open = openFrom(view, variant);
  out.begin();
  builder.startVector(CANDLE_BYTES, length, 8);
  for (let i = length - 1; i >= 0; i -= 1) {
    const at = i * BAR.BAR_FIELDS;
    builder.prep(8, CANDLE_BYTES);
    builder.pad(3);
    builder.writeInt8(data[at + BAR.BAR_SECONDS] < open ? 1 : 0);
    builder.writeInt32(data[at + BAR.BAR_TRADES]);
    long.write(notionalUnits(market, data, at));
    long.write(data[at + BAR.BAR_LOTS]);
    long.write(data[at + BAR.BAR_CLOSE]);
    long.write(data[at + BAR.BAR_LOW]);
    long.write(data[at + BAR.BAR_HIGH]);
    long.write(data[at + BAR.BAR_OPEN]);
    long.writeTime(data[at + BAR.BAR_SECONDS], 0);
  }
  const body = Candles.createCandles(builder, variant, builder.endVector());
  return out.finish(market.id, positions.of(view, variant), Body.Candles, body, conflated);
}

/** Rows are valid until the next reading, and which bar is under way is another reading. */
function copied({ data, length }: Bars): Bars {
  return { data: data.slice(0, length * BAR.BAR_FIELDS), length };
}
