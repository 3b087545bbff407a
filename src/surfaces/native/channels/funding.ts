import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';
import { E12_PER_PPB, RATE_DECIMALS, unlessPerpetual } from './perpetuals.ts';

const HEAD = jsonHead('funding', 'funding');
const END = 125; // }
const RATE = jsonBytes(',"rate":');
const PREDICTED_RATE = jsonBytes(',"predicted_rate":');
const NEXT_TIME = jsonBytes(',"next_time":');
const INTERVAL = jsonBytes(',"interval_seconds":');
const MARK_PRICE = jsonBytes(',"mark_price":');
const INDEX_PRICE = jsonBytes(',"index_price":');
// Field ids of table Funding.
const FIELDS = 6;
const RATE_E12 = 0;
const PREDICTED_RATE_E12 = 1;
const NEXT_TIME_NS = 2;
const INTERVAL_SECONDS = 3;
const MARK_PRICE_TICKS = 4;
const INDEX_PRICE_TICKS = 5;

/** Funding rates, mark and index price of a perpetual; each message is complete in itself. */
export function fundingChannel(): MarketChannel {
  return {
    name: 'funding',
    code: Channel.Funding,
    bodyTypes: [Body.Funding],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    refusal: unlessPerpetual,
    position: (view) => view.derivatives.fundingPosition,
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
  out.begin(HEAD, market, derivatives.fundingPosition, conflated);
  writer.raw(RATE);
  writer.decimalText(derivatives.fundingRatePpb, RATE_DECIMALS);
  writer.raw(PREDICTED_RATE);
  writer.decimalText(derivatives.predictedRatePpb, RATE_DECIMALS);
  writer.raw(NEXT_TIME);
  out.timeOrNull(derivatives.nextFundingSeconds, 0);
  writer.raw(INTERVAL);
  writer.integer(derivatives.fundingIntervalSeconds);
  writer.raw(MARK_PRICE);
  out.priceOrNull(market, derivatives.markTicks, derivatives.markTicks > 0);
  writer.raw(INDEX_PRICE);
  out.priceOrNull(market, derivatives.indexTicks, derivatives.indexTicks > 0);
  writer.char(END);
  return writer.take();
}

function binary(out: BinaryOut, { derivatives, market }: MarketView, conflated: number) {
  const { builder, long } = out;
  out.begin();
  builder.startObject(FIELDS);
  long.add(INDEX_PRICE_TICKS, derivatives.indexTicks);
  long.add(MARK_PRICE_TICKS, derivatives.markTicks);
  long.addTime(NEXT_TIME_NS, derivatives.nextFundingSeconds, 0);
  long.add(PREDICTED_RATE_E12, derivatives.predictedRatePpb * E12_PER_PPB);
  long.add(RATE_E12, derivatives.fundingRatePpb * E12_PER_PPB);
  builder.addFieldInt32(INTERVAL_SECONDS, derivatives.fundingIntervalSeconds, 0);
  const body = builder.endObject();
  return out.finish(market.id, derivatives.fundingPosition, Body.Funding, body, conflated);
}
