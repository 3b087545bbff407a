import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { BookDelta } from '../../../codec/generated/openbell/stream/book-delta.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Snapshot } from '../../../codec/generated/openbell/stream/snapshot.ts';
import { jsonBytes } from '../../../lib/json-writer.ts';
import type { MarketView } from '../../../projections/market-view.ts';
import { type JsonHead, type JsonOut, jsonHead } from '../json-out.ts';
import { BookChecksum } from './book-checksum.ts';
import { parseConflate, parseDepth } from './book-fields.ts';
import { binaryLevels, jsonLevels } from './book-levels.ts';
import { type ChannelOptions, type MarketChannel, ONE_VARIANT } from './channel.ts';

const SNAPSHOT = jsonHead('book', 'snapshot');
const DELTA = jsonHead('book', 'delta');
const END = 125; // }
const CRC32 = jsonBytes(',"crc32":');
const BIDS = jsonBytes(',"bids":[');
const ASKS = jsonBytes('],"asks":[');
const BID_LEVELS = jsonBytes('],"bid_levels":');
const ASK_LEVELS = jsonBytes(',"ask_levels":');
const LEVELS_END = jsonBytes(']');
const STALE = jsonBytes(',"stale":true}');

/** The L2 book: a snapshot, then the levels that changed. */
export function bookChannel(): MarketChannel {
  const checksum = new BookChecksum();
  const beginJson = (out: JsonOut, head: JsonHead, view: MarketView, conflated: number): void => {
    out.begin(head, view.market, view.bookPosition, conflated);
    out.writer.raw(CRC32);
    out.writer.integer(checksum.of(view));
    out.writer.raw(BIDS);
  };
  return {
    name: 'book',
    code: Channel.Book,
    bodyTypes: [Body.Snapshot, Body.BookDelta],
    fields: ['depth', 'conflate'],
    variants: ONE_VARIANT,
    conflation: 'asked',
    parse: (id, body): ChannelOptions => ({
      variant: 0,
      depth: parseDepth(id, body.depth),
      conflate: parseConflate(id, body.conflate),
    }),
    position: (view) => view.bookPosition,
    json: {
      update: (out, view) => {
        const { bids, asks, changed } = view.depth;
        beginJson(out, DELTA, view, 0);
        jsonLevels(out, view.market, bids, changed.bids);
        out.writer.raw(ASKS);
        jsonLevels(out, view.market, asks, changed.asks);
        out.writer.raw(LEVELS_END);
        return endJson(out, view);
      },
      state: (out, view, { depth }, conflated) => {
        const { writer } = out;
        const { bids, asks } = view.depth;
        beginJson(out, SNAPSHOT, view, conflated);
        jsonLevels(out, view.market, bids, depth);
        writer.raw(ASKS);
        jsonLevels(out, view.market, asks, depth);
        writer.raw(BID_LEVELS);
        writer.integer(bids.length);
        writer.raw(ASK_LEVELS);
        writer.integer(asks.length);
        return endJson(out, view);
      },
    },
    binary: {
      update: (out, view) => {
        const { bids, asks, changed } = view.depth;
        out.begin();
        const asksAt = binaryLevels(out, asks, changed.asks);
        const bidsAt = binaryLevels(out, bids, changed.bids);
        const crc = checksum.of(view) | 0;
        const { isStale } = view.outside;
        const body = BookDelta.createBookDelta(out.builder, crc, bidsAt, asksAt, isStale);
        return out.finish(view.market.id, view.bookPosition, Body.BookDelta, body, 0);
      },
      state: (out, view, { depth }, conflated) => {
        const { bids, asks } = view.depth;
        out.begin();
        const asksAt = binaryLevels(out, asks, depth);
        const bidsAt = binaryLevels(out, bids, depth);
        const crc = checksum.of(view) | 0;
        const { builder } = out;
        const rest = [bids.length, asks.length, view.outside.isStale] as const;
        const body = Snapshot.createSnapshot(builder, crc, bidsAt, asksAt, ...rest);
        return out.finish(view.market.id, view.bookPosition, Body.Snapshot, body, conflated);
      },
    },
  };
}

/** A book that cannot be trusted now says so; it is empty. */
function endJson({ writer }: JsonOut, { outside }: MarketView): Uint8Array {
  if (outside.isStale) writer.raw(STALE);
  else writer.char(END);
  return writer.take();
}
