import { Body } from '../codec/generated/openbell/stream/body.ts';
import { BookDelta } from '../codec/generated/openbell/stream/book-delta.ts';
import type { Message } from '../codec/generated/openbell/stream/message.ts';
import { Snapshot } from '../codec/generated/openbell/stream/snapshot.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import { parseScaled } from '../lib/fixed-point.ts';
import { MarketView } from '../projections/market-view.ts';
import { BookChecksum } from '../surfaces/native/channels/book-checksum.ts';
import type { MessageHead } from './message-head.ts';

type JsonLevel = readonly [price: string, quantity: string, orders: number];

/** A message of channel `book` in JSON, parsed. */
export interface JsonBook {
  readonly type: string;
  readonly venue_time: string | null;
  readonly ingest_time?: string | null;
  readonly crc32: number;
  readonly bids: readonly JsonLevel[];
  readonly asks: readonly JsonLevel[];
  readonly bid_levels?: number;
  readonly ask_levels?: number;
}

const BILLION = 1_000_000_000n;

/**
 * A market's book as the recorded messages tell it, in the view that the product's encoders write
 * snapshots from. It is only right from a snapshot on, as long as every delta continues it and every
 * checksum agrees; in between it is not known.
 */
export class RecordedBook {
  readonly view: MarketView;
  /** Checksums that did not agree. */
  faults = 0;
  private readonly checksum = new BookChecksum();
  private isWhole = false;

  constructor(market: Market) {
    this.view = new MarketView(market);
  }

  get known(): boolean {
    return this.isWhole;
  }

  /** Something may be missing between what was applied and what comes next. */
  forget(): void {
    this.isWhole = false;
  }

  applyJson(head: MessageHead, message: JsonBook): void {
    const { bids, asks, crc32, bid_levels: bidLevels, ask_levels: askLevels } = message;
    const isSnapshot = message.type === 'snapshot';
    if (!this.begin(head, isSnapshot)) return;
    this.jsonLevels(SIDE_BUY, bids);
    this.jsonLevels(SIDE_SELL, asks);
    if (isSnapshot) this.isWhole = bidLevels === bids.length && askLevels === asks.length;
    const { bookPosition } = this.view;
    const [seconds, nanos] = timeOf(message.venue_time);
    bookPosition.set(head.seq, seconds, nanos);
    [bookPosition.ingestSeconds, bookPosition.ingestNanos] = timeOf(message.ingest_time ?? null);
    this.end(crc32);
  }

  applyBinary(head: MessageHead, message: Message): void {
    const isSnapshot = message.bodyType() === Body.Snapshot;
    const body = message.body(isSnapshot ? new Snapshot() : new BookDelta())!;
    if (!this.begin(head, isSnapshot)) return;
    this.binaryLevels(SIDE_BUY, body.bidsLength(), (i) => body.bids(i)!);
    this.binaryLevels(SIDE_SELL, body.asksLength(), (i) => body.asks(i)!);
    if (body instanceof Snapshot) {
      this.isWhole =
        body.bidLevels() === body.bidsLength() && body.askLevels() === body.asksLength();
    }
    const { bookPosition } = this.view;
    const venueNs = message.venueTimeNs();
    bookPosition.set(head.seq, Number(venueNs / BILLION), Number(venueNs % BILLION));
    const ingestNs = message.ingestTimeNs();
    bookPosition.ingestSeconds = Number(ingestNs / BILLION);
    bookPosition.ingestNanos = Number(ingestNs % BILLION);
    this.end(body.crc32());
  }

  /** False of a delta that does not continue a book that is known. */
  private begin({ prevSeq }: MessageHead, isSnapshot: boolean): boolean {
    const { depth, bookPosition } = this.view;
    if (isSnapshot) {
      depth.bids.length = 0;
      depth.asks.length = 0;
      return true;
    }
    if (prevSeq !== bookPosition.seq) this.isWhole = false;
    return this.isWhole;
  }

  private end(crc32: number): void {
    const { depth, bookPosition } = this.view;
    depth.changed.clear();
    bookPosition.publishedSeq = bookPosition.seq;
    if (this.checksum.of(this.view) === crc32) return;
    this.isWhole = false;
    this.faults += 1;
  }

  private jsonLevels(side: number, levels: readonly JsonLevel[]): void {
    const { depth, market } = this.view;
    for (const [price, quantity, orders] of levels) {
      const priceTicks = parseScaled(price, market.priceDecimals)! / market.tickUnits;
      const qtyLots = parseScaled(quantity, market.qtyDecimals)! / market.lotUnits;
      depth.setLevel(side, priceTicks, qtyLots, orders);
    }
  }

  private binaryLevels(
    side: number,
    length: number,
    levelAt: (i: number) => { priceTicks(): bigint; qtyLots(): bigint; orders(): number },
  ): void {
    const { depth } = this.view;
    for (let i = 0; i < length; i += 1) {
      const level = levelAt(i);
      depth.setLevel(side, Number(level.priceTicks()), Number(level.qtyLots()), level.orders());
    }
  }
}

/** ISO 8601 with microseconds; zeros for `null`. */
function timeOf(iso: string | null): [seconds: number, nanos: number] {
  if (iso === null) return [0, 0];
  const dot = iso.lastIndexOf('.');
  const seconds = Date.parse(`${iso.slice(0, dot)}Z`) / 1000;
  return [seconds, Number(iso.slice(dot + 1, -1).padEnd(9, '0'))];
}
