import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import type { MarketStatistics } from '../../../domain/candles.ts';
import type { Venue } from '../../../gateway/venue.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';
import { CountedPositions } from './counted-positions.ts';

const HEAD = jsonHead('ticker', 'ticker');
const END = 125; // }

const PRICE = 0;
const QTY = 1;
const NOTIONAL = 2;
const COUNT = 3;

interface Field {
  readonly json: Uint8Array;
  /** How it is written. */
  readonly kind: number;
  readonly of: (statistics: MarketStatistics, view: MarketView) => number;
  /** False: null in JSON, 0 in FlatBuffers. */
  readonly isKnown: (statistics: MarketStatistics) => boolean;
}

const anyTrade = ({ lastTicks }: MarketStatistics): boolean => lastTicks > 0;
const anyToday = ({ dayOpenTicks }: MarketStatistics): boolean => dayOpenTicks > 0;
const always = (): boolean => true;

function field(name: string, kind: number, of: Field['of'], isKnown: Field['isKnown']): Field {
  return { json: jsonBytes(`,"${name}":`), kind, of, isKnown };
}

/** In the order of the ids in table `Ticker`. */
const FIELDS: readonly Field[] = [
  field('last_price', PRICE, ({ lastTicks }) => lastTicks, anyTrade),
  field('last_qty', QTY, (_statistics, { ticker }) => ticker.lastQtyLots, anyTrade),
  field('open_24h', PRICE, ({ openTicks }) => openTicks, anyTrade),
  field('high_24h', PRICE, ({ highTicks }) => highTicks, anyTrade),
  field('low_24h', PRICE, ({ lowTicks }) => lowTicks, anyTrade),
  field('change_24h', PRICE, ({ changeTicks }) => changeTicks, anyTrade),
  field('volume_24h', QTY, ({ volumeLots }) => volumeLots, always),
  field('quote_volume_24h', NOTIONAL, ({ notionalUnits }) => notionalUnits, always),
  field('trades_24h', COUNT, ({ trades }) => trades, always),
  field('day_open', PRICE, ({ dayOpenTicks }) => dayOpenTicks, anyToday),
  field('day_high', PRICE, ({ dayHighTicks }) => dayHighTicks, anyToday),
  field('day_low', PRICE, ({ dayLowTicks }) => dayLowTicks, anyToday),
  field('day_volume', QTY, ({ dayVolumeLots }) => dayVolumeLots, always),
  field(
    'previous_close',
    PRICE,
    ({ previousCloseTicks }) => previousCloseTicks ?? 0,
    ({ previousCloseTicks }) => previousCloseTicks !== null,
  ),
];

/** The last 24 hours and the day, when something trades and when a minute ends. */
export function tickerChannel(venue: Pick<Venue, 'statistics'>): MarketChannel {
  const positions = new CountedPositions();
  const json = (out: JsonOut, view: MarketView, conflated: number): Uint8Array => {
    out.begin(HEAD, view.market, positions.of(view), conflated);
    return jsonTicker(out, view, venue.statistics(view.market));
  };
  const binary = (out: BinaryOut, view: MarketView, conflated: number): Uint8Array => {
    const body = binaryTicker(out, view, venue.statistics(view.market));
    return out.finish(view.market.id, positions.of(view), Body.Ticker, body, conflated);
  };
  return {
    name: 'ticker',
    code: Channel.Ticker,
    bodyTypes: [Body.Ticker],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    position: (view) => positions.of(view),
    settle: (view) => {
      const { tickerPosition, minuteEnded } = view;
      if (tickerPosition.changed || minuteEnded) positions.advance(view, 0, tickerPosition);
    },
    clear: (view) => positions.clear(view),
    json: {
      update: (out, view) => json(out, view, 0),
      state: (out, view, _options, conflated) => json(out, view, conflated),
    },
    binary: {
      update: (out, view) => binary(out, view, 0),
      state: (out, view, _options, conflated) => binary(out, view, conflated),
    },
  };
}

function jsonTicker(out: JsonOut, view: MarketView, statistics: MarketStatistics): Uint8Array {
  const { writer } = out;
  const { market } = view;
  for (const { json, kind, of, isKnown } of FIELDS) {
    const value = of(statistics, view);
    writer.raw(json);
    if (kind === COUNT) writer.integer(value);
    else if (kind === NOTIONAL) writer.decimalText(value, market.quote.decimals);
    else if (kind === QTY && isKnown(statistics)) out.qty(market, value);
    else if (kind === QTY) out.qtyOrNull(market, 0);
    else out.priceOrNull(market, value, isKnown(statistics));
  }
  writer.char(END);
  return writer.take();
}

function binaryTicker(out: BinaryOut, view: MarketView, statistics: MarketStatistics): number {
  const { builder, long } = out;
  out.begin();
  builder.startObject(FIELDS.length);
  for (let id = FIELDS.length - 1; id >= 0; id -= 1) long.add(id, FIELDS[id].of(statistics, view));
  return builder.endObject();
}
