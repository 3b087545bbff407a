import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Features } from '../../../codec/generated/openbell/stream/features.ts';
import {
  FEATURE_COUNT,
  FEATURE_NAMES,
  FEATURE_SCHEMA_HASH,
} from '../../../features/feature-schema.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';

const HEAD = jsonHead('features', 'features');
const VALUES = jsonBytes(',"values":[');
const END = jsonBytes(']}');

/**
 * The newest row of features of which all is durable (docs/features.md); each message is complete in
 * itself. Its venue time is the row's moment, its sequence counts rows.
 */
export function featuresChannel(): MarketChannel {
  return {
    name: 'features',
    code: Channel.Features,
    bodyTypes: [Body.Features],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    refusal: ({ hasFeatures }) =>
      hasFeatures
        ? undefined
        : { code: 'FEATURES_UNAVAILABLE', message: 'nobody computes features of this market' },
    position: (view) => view.featuresPosition,
    acknowledgement: () => ({ schema_hash: FEATURE_SCHEMA_HASH, names: FEATURE_NAMES }),
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

function json(out: JsonOut, { features, market, featuresPosition }: MarketView, conflated: number) {
  const { writer } = out;
  out.begin(HEAD, market, featuresPosition, conflated);
  writer.raw(VALUES);
  for (let i = 0; i < FEATURE_COUNT; i += 1) {
    if (i > 0) writer.comma();
    writer.double(features[i]);
  }
  writer.raw(END);
  return writer.take();
}

function binary(
  out: BinaryOut,
  { features, market, featuresPosition }: MarketView,
  conflated: number,
) {
  const { builder } = out;
  out.begin();
  const hash = builder.createString(FEATURE_SCHEMA_HASH);
  Features.startValuesVector(builder, FEATURE_COUNT);
  for (let i = FEATURE_COUNT - 1; i >= 0; i -= 1) builder.addFloat64(features[i]);
  const values = builder.endVector();
  Features.startFeatures(builder);
  Features.addValues(builder, values);
  Features.addSchemaHash(builder, hash);
  const body = Features.endFeatures(builder);
  return out.finish(market.id, featuresPosition, Body.Features, body, conflated);
}
