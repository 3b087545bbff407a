import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';
import { unlessPerpetual } from './perpetuals.ts';

const HEAD = jsonHead('open_interest', 'open_interest');
const END = 125; // }
const QTY = jsonBytes(',"qty":');
const MARK_PRICE = jsonBytes(',"mark_price":');
// Field ids of table OpenInterest.
const FIELDS = 2;
const QTY_LOTS = 0;
const MARK_PRICE_TICKS = 1;

/** Contracts open in a perpetual; each message is complete in itself. */
export function openInterestChannel(): MarketChannel {
  return {
    name: 'open_interest',
    code: Channel.OpenInterest,
    bodyTypes: [Body.OpenInterest],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    refusal: unlessPerpetual,
    position: (view) => view.derivatives.openInterestPosition,
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

function json(out: JsonOut, { derivatives, market }: MarketView, conflated: number): Uint8Array {
  const { writer } = out;
  out.begin(HEAD, market, derivatives.openInterestPosition, conflated);
  writer.raw(QTY);
  out.qty(market, derivatives.openInterestLots);
  writer.raw(MARK_PRICE);
  out.priceOrNull(market, derivatives.markTicks, derivatives.markTicks > 0);
  writer.char(END);
  return writer.take();
}

function binary(out: BinaryOut, { derivatives, market }: MarketView, conflated: number) {
  const { builder, long } = out;
  out.begin();
  builder.startObject(FIELDS);
  long.add(MARK_PRICE_TICKS, derivatives.markTicks);
  long.add(QTY_LOTS, derivatives.openInterestLots);
  const body = builder.endObject();
  return out.finish(
    market.id,
    derivatives.openInterestPosition,
    Body.OpenInterest,
    body,
    conflated,
  );
}
