import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import { type JsonOut, jsonHead } from '../json-out.ts';
import { type MarketChannel, ONE_VARIANT, PLAIN_OPTIONS } from './channel.ts';

const HEAD = jsonHead('bbo', 'bbo');
const END = 125; // }
const BID_PRICE = jsonBytes(',"bid_price":');
const BID_QTY = jsonBytes(',"bid_qty":');
const ASK_PRICE = jsonBytes(',"ask_price":');
const ASK_QTY = jsonBytes(',"ask_qty":');
// Field ids of table Bbo.
const FIELDS = 4;
const BID_PRICE_TICKS = 0;
const BID_QTY_LOTS = 1;
const ASK_PRICE_TICKS = 2;
const ASK_QTY_LOTS = 3;

/** Best price and quantity of both sides; each message is complete in itself. */
export function bboChannel(): MarketChannel {
  return {
    name: 'bbo',
    code: Channel.Bbo,
    bodyTypes: [Body.Bbo],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    position: (view) => view.bboPosition,
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

function json(out: JsonOut, { best, market, bboPosition }: MarketView, conflated: number) {
  const { writer } = out;
  out.begin(HEAD, market, bboPosition, conflated);
  writer.raw(BID_PRICE);
  out.priceOrNull(market, best.bidTicks, best.bidLots > 0);
  writer.raw(BID_QTY);
  out.qtyOrNull(market, best.bidLots);
  writer.raw(ASK_PRICE);
  out.priceOrNull(market, best.askTicks, best.askLots > 0);
  writer.raw(ASK_QTY);
  out.qtyOrNull(market, best.askLots);
  writer.char(END);
  return writer.take();
}

function binary(out: BinaryOut, { best, market, bboPosition }: MarketView, conflated: number) {
  const { builder, long } = out;
  out.begin();
  builder.startObject(FIELDS);
  long.add(ASK_QTY_LOTS, best.askLots);
  long.add(ASK_PRICE_TICKS, best.askTicks);
  long.add(BID_QTY_LOTS, best.bidLots);
  long.add(BID_PRICE_TICKS, best.bidTicks);
  return out.finish(market.id, bboPosition, Body.Bbo, builder.endObject(), conflated);
}
