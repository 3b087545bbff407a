import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { DepthBook } from '../../projections/depth.ts';
import { EncodedSide } from './encoded-side.ts';
import { symbolToWire } from './translate.ts';

/** Depths of one market kept encoded; a client that asks for others pays for encoding. */
const DEPTHS_KEPT = 4;
const NULL = jsonBytes('null');
const SEQUENCE = jsonBytes(',"sequence":');
const BIDS = jsonBytes(',"bids":[');
const ASKS = jsonBytes('],"asks":[');
const END = jsonBytes(']}}');

/** A text of a book, and its parts. */
class Text {
  readonly writer = new JsonWriter(1 << 12);
  readonly bids: EncodedSide;
  readonly asks: EncodedSide;
  bytes: Uint8Array = new Uint8Array(0);

  constructor(depth: number) {
    this.bids = new EncodedSide(depth, -1);
    this.asks = new EncodedSide(depth, 1);
  }
}

/** One market's book at one depth: the newest text, and the one before it, whose memory is used next. */
class EncodedBook {
  private readonly market: Market;
  private readonly head: Uint8Array;
  private newest: Text;
  private former: Text;
  private seq = -1;

  constructor(market: Market, depth: number) {
    this.market = market;
    const { exchange } = market;
    const head = JSON.stringify({ exchange, symbol: symbolToWire(market) }).slice(0, -1);
    this.head = jsonBytes(`{"status":"ok","data":${head},"timestamp":`);
    this.newest = new Text(depth);
    this.former = new Text(depth);
  }

  encode(book: DepthBook, updatedSeconds: number, updatedNanos: number): Uint8Array {
    if (book.seq === this.seq) return this.newest.bytes;
    const before = this.newest;
    const text = this.former;
    const { writer } = text;
    writer.begin();
    writer.raw(this.head);
    if (updatedSeconds === 0) writer.raw(NULL);
    else writer.isoMicros(updatedSeconds, updatedNanos);
    writer.raw(SEQUENCE);
    writer.integer(book.seq);
    writer.raw(BIDS);
    text.bids.write(this.market, book.bids, writer, before.bids, before.bytes);
    writer.raw(ASKS);
    text.asks.write(this.market, book.asks, writer, before.asks, before.bytes);
    writer.raw(END);
    text.bytes = writer.take();
    this.newest = text;
    this.former = before;
    this.seq = book.seq;
    return text.bytes;
  }
}

/**
 * Order books as JSON. A book that has not changed since it was last asked for is not encoded again;
 * of one that has, only the levels that have are.
 */
export class OrderBookEncoder {
  private readonly kept = new Map<Market, Map<number, EncodedBook>>();

  /**
   * @param depth levels on each side, best first.
   * @returns REUSED: valid until the next call.
   */
  encode(venue: Venue, market: Market, depth: number): Uint8Array {
    let byDepth = this.kept.get(market);
    if (byDepth === undefined) {
      byDepth = new Map();
      this.kept.set(market, byDepth);
    }
    let book = byDepth.get(depth);
    if (book === undefined) {
      if (byDepth.size >= DEPTHS_KEPT) byDepth.clear();
      book = new EncodedBook(market, depth);
      byDepth.set(depth, book);
    }
    const { updatedSeconds, updatedNanos } = venue.ticker(market);
    return book.encode(venue.depth(market), updatedSeconds, updatedNanos);
  }
}
