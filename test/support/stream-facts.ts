import { crc32 } from 'node:zlib';
import { ByteBuffer } from 'flatbuffers';
import { Bbo } from '../../src/codec/generated/openbell/stream/bbo.ts';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { BookDelta } from '../../src/codec/generated/openbell/stream/book-delta.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { Snapshot } from '../../src/codec/generated/openbell/stream/snapshot.ts';
import { Trades } from '../../src/codec/generated/openbell/stream/trades.ts';
import type { MarketRegistry } from '../../src/config/markets.ts';
import { type Market, marketName } from '../../src/domain/markets.ts';
import { parseScaled } from '../../src/lib/fixed-point.ts';
import {
  type OrderChangeFacts,
  ordersFactsOfBinary,
  ordersFactsOfJson,
  type QueueFacts,
} from './orders-facts.ts';
import { SortedList } from './sorted-list.ts';

/** `[price ticks, quantity lots, orders]` */
export type LevelFacts = [number, number, number];

/** What a message says, whichever codec said it; times in microseconds since the epoch. */
export interface MessageFacts {
  type: string;
  market: string;
  epoch: number;
  seq: number;
  prevSeq: number;
  venueMicros: number;
  ingestMicros: number;
  sentMicros: number;
  /** Messages left out before this one; 0 as a rule. */
  conflated: number;
  crc32?: number;
  bids?: LevelFacts[];
  asks?: LevelFacts[];
  totals?: [number, number];
  trades?: {
    id: number;
    priceTicks: number;
    qtyLots: number;
    side: number;
    printed: boolean;
    micros: number;
  }[];
  /** Bid price, bid quantity, ask price, ask quantity; zeros for an empty side. */
  best?: [number, number, number, number];
  /** Of `orders_book`: the queues of a snapshot, or what changed in them. */
  queues?: QueueFacts;
  changes?: OrderChangeFacts[];
}

interface JsonMessage {
  channel: string;
  type: string;
  market: string;
  epoch: number;
  seq: number;
  prev_seq: number;
  venue_time: string | null;
  ingest_time: string | null;
  sent_time: string;
  conflated?: number;
  crc32?: number;
  bids?: [string, string, number][];
  asks?: [string, string, number][];
  bid_levels?: number;
  ask_levels?: number;
  trades?: {
    trade_id: number;
    price: string;
    qty: string;
    side: string | null;
    venue_time: string;
    printed: boolean;
  }[];
  bid_price?: string | null;
  bid_qty?: string | null;
  ask_price?: string | null;
  ask_qty?: string | null;
}

function units(text: string, decimals: number, unit: number): number {
  const value = parseScaled(text, decimals);
  if (value === undefined || value % unit !== 0) throw new Error(`${text} is off its step`);
  return value / unit;
}

function micros(iso: string | null): number {
  if (iso === null) return 0;
  const match = /^(.*)\.(\d{6})Z$/.exec(iso);
  if (match === null) throw new Error(`${iso} has no microseconds`);
  return Date.parse(`${match[1]}Z`) * 1000 + Number(match[2]);
}

/** Reads a market-data message in its JSON form. */
export function factsOfJson(text: string, registry: MarketRegistry): MessageFacts {
  const body = JSON.parse(text) as JsonMessage;
  const [exchange, symbol] = body.market.split(':');
  const market = registry.resolve(exchange, symbol)!;
  const price = (value: string | null | undefined) =>
    typeof value === 'string' ? units(value, market.priceDecimals, market.tickUnits) : 0;
  const qty = (value: string | null | undefined) =>
    typeof value === 'string' ? units(value, market.qtyDecimals, market.lotUnits) : 0;
  const levels = (list: [string, string, number][] | undefined) =>
    list?.map((level): LevelFacts => [price(level[0]), qty(level[1]), level[2]]);
  const facts: MessageFacts = {
    type: body.type,
    market: body.market,
    epoch: body.epoch,
    seq: body.seq,
    prevSeq: body.prev_seq,
    venueMicros: micros(body.venue_time),
    ingestMicros: micros(body.ingest_time),
    sentMicros: micros(body.sent_time),
    conflated: body.conflated ?? 0,
  };
  if (body.channel === 'orders_book')
    return { ...facts, ...ordersFactsOfJson(body, { price, qty, micros }) };
  if (body.channel === 'book') {
    facts.crc32 = body.crc32;
    facts.bids = levels(body.bids);
    facts.asks = levels(body.asks);
  }
  if (body.type === 'snapshot') facts.totals = [body.bid_levels!, body.ask_levels!];
  if (body.type === 'bbo') {
    facts.best = [
      price(body.bid_price),
      qty(body.bid_qty),
      price(body.ask_price),
      qty(body.ask_qty),
    ];
  }
  if (body.trades !== undefined) {
    facts.trades = body.trades.map((trade) => ({
      id: trade.trade_id,
      priceTicks: price(trade.price),
      qtyLots: qty(trade.qty),
      side: trade.side === null ? 255 : ['buy', 'sell'].indexOf(trade.side),
      printed: trade.printed,
      micros: micros(trade.venue_time),
    }));
  }
  return facts;
}

function levelList(body: Snapshot | BookDelta, side: 'bids' | 'asks'): LevelFacts[] {
  const length = side === 'bids' ? body.bidsLength() : body.asksLength();
  return Array.from({ length }, (_, i) => {
    const level = body[side](i)!;
    return [Number(level.priceTicks()), Number(level.qtyLots()), level.orders()];
  });
}

/** Reads a market-data message in its binary form, through the generated code. */
export function factsOfBinary(bytes: Uint8Array, registry: MarketRegistry): MessageFacts {
  const buffer = new ByteBuffer(bytes);
  if (!Message.bufferHasIdentifier(buffer)) throw new Error('the file identifier is not OBL1');
  const message = Message.getRootAsMessage(buffer);
  const market = registry.get(message.marketId())!;
  const facts: MessageFacts = {
    type: '',
    market: marketName(market),
    epoch: Number(message.epoch()),
    seq: Number(message.seq()),
    prevSeq: Number(message.prevSeq()),
    venueMicros: Number(message.venueTimeNs() / 1000n),
    ingestMicros: Number(message.ingestTimeNs() / 1000n),
    conflated: message.conflated(),
    sentMicros: Number(message.sentTimeNs() / 1000n),
  };
  switch (message.bodyType()) {
    case Body.Snapshot: {
      const body = message.body(new Snapshot())!;
      const totals: [number, number] = [body.bidLevels(), body.askLevels()];
      return { ...facts, type: 'snapshot', ...bookFacts(body), totals };
    }
    case Body.BookDelta:
      return { ...facts, type: 'delta', ...bookFacts(message.body(new BookDelta())!) };
    case Body.Trades:
      return { ...facts, type: 'trades', trades: tradeFacts(message.body(new Trades())!) };
    case Body.Bbo: {
      const body = message.body(new Bbo())!;
      const best = [
        body.bidPriceTicks(),
        body.bidQtyLots(),
        body.askPriceTicks(),
        body.askQtyLots(),
      ];
      return { ...facts, type: 'bbo', best: best.map(Number) as [number, number, number, number] };
    }
    case Body.OrdersSnapshot:
    case Body.OrdersDelta:
      return { ...facts, ...ordersFactsOfBinary(message) };
    default:
      throw new Error(`unknown body type ${message.bodyType()}`);
  }
}

function bookFacts(body: Snapshot | BookDelta) {
  return {
    crc32: body.crc32(),
    bids: levelList(body, 'bids'),
    asks: levelList(body, 'asks'),
  };
}

function tradeFacts(body: Trades) {
  return Array.from({ length: body.tradesLength() }, (_, i) => {
    const trade = body.trades(i)!;
    return {
      id: Number(trade.tradeId()),
      priceTicks: Number(trade.priceTicks()),
      qtyLots: Number(trade.qtyLots()),
      side: trade.side(),
      printed: trade.printed(),
      micros: Number(trade.venueTimeNs() / 1000n),
    };
  });
}

/** The checksum as the documentation defines it, written the slow and obvious way. */
export function referenceChecksum(market: Market, bids: LevelFacts[], asks: LevelFacts[]): number {
  let text = '';
  for (const side of [asks, bids]) {
    for (const [priceTicks, qtyLots] of side.slice(0, 10)) {
      text += String(priceTicks * market.tickUnits) + String(qtyLots * market.lotUnits);
    }
  }
  return crc32(text);
}

/** A client's book of one market: rebuilt from a snapshot and deltas, checked at every message. */
export class ClientBook {
  readonly market: Market;
  seq = -1;
  private sides = [bookSide(0), bookSide(1)];

  constructor(market: Market) {
    this.market = market;
  }

  /** Throws where a delta does not continue the book or the checksum disagrees. */
  apply(facts: MessageFacts): void {
    if (facts.type === 'snapshot') {
      this.sides = [bookSide(0), bookSide(1)];
    } else if (facts.prevSeq !== this.seq) {
      throw new Error(`gap: at ${this.seq}, the delta continues ${facts.prevSeq}`);
    }
    for (const [side, levels] of [facts.bids!, facts.asks!].entries()) {
      for (const level of levels) {
        if (level[1] === 0) this.sides[side].remove(level);
        else this.sides[side].put(level);
      }
    }
    this.seq = facts.seq;
    const sum = referenceChecksum(this.market, this.levels(0), this.levels(1));
    if (sum !== facts.crc32) throw new Error(`checksum at ${facts.seq}: ${sum} != ${facts.crc32}`);
  }

  /** Levels of side 0 (bids) or 1 (asks), best first; changed by the next message. */
  levels(side: number): LevelFacts[] {
    return this.sides[side].items;
  }
}

function bookSide(side: number): SortedList<LevelFacts> {
  const direction = side === 0 ? -1 : 1;
  return new SortedList((a, b) => (a[0] - b[0]) * direction);
}
