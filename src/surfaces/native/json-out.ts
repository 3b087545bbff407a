import { type Market, marketName } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import { JsonWriter, jsonBytes } from '../../lib/json-writer.ts';
import type { ChannelPosition } from '../../projections/market-view.ts';

const PREV_SEQ = jsonBytes(',"prev_seq":');
const CONFLATED = jsonBytes(',"conflated":');
const VENUE_TIME = jsonBytes(',"venue_time":');
const INGEST_TIME = jsonBytes(',"ingest_time":');
const SENT_TIME = jsonBytes(',"sent_time":');
const NULL = jsonBytes('null');

/** How the messages of one channel and type begin. */
export interface JsonHead {
  readonly index: number;
  readonly channel: string;
  readonly type: string;
  /** Members between the market and the epoch, as JSON with its comma; '' for none. */
  readonly extra: string;
}

let headCount = 0;

/** Declares the beginning of a kind of message; to be called once per kind, by its channel's file. */
export function jsonHead(channel: string, type: string, extra = ''): JsonHead {
  headCount += 1;
  return { index: headCount - 1, channel, type, extra };
}

/**
 * Writes the JSON form: prices and quantities are decimal strings with all the decimals of their
 * market, times ISO 8601 with microseconds. What it gives is REUSED: valid until the next `begin`.
 */
export class JsonOut {
  readonly writer = new JsonWriter();
  readonly epoch: number;
  private readonly clock: Clock;
  /** The fixed beginnings of messages: head → market id. */
  private readonly heads: Uint8Array[][] = [];

  /** `clock` gives the send time: what it said at its last tick. */
  constructor(epoch: number, clock: Clock) {
    this.epoch = epoch;
    this.clock = clock;
  }

  /**
   * Begins a message of a market.
   * @param conflated messages that it stands for beside itself; 0 as a rule
   */
  begin(head: JsonHead, market: Market, position: ChannelPosition, conflated: number): void {
    this.heads[head.index] ??= [];
    this.heads[head.index][market.id] ??= this.marketHead(head, market);
    this.beginWith(this.heads[head.index][market.id], position, conflated);
  }

  /** The same after a beginning of its own, which ends in `"seq":`. */
  beginWith(head: Uint8Array, position: ChannelPosition, conflated: number): void {
    const { writer, clock } = this;
    writer.begin();
    writer.block(head);
    writer.integer(position.seq);
    writer.raw(PREV_SEQ);
    writer.integer(position.publishedSeq);
    if (conflated > 0) {
      writer.raw(CONFLATED);
      writer.integer(conflated);
    }
    writer.raw(VENUE_TIME);
    this.timeOrNull(position.seconds, position.nanos);
    writer.raw(INGEST_TIME);
    this.timeOrNull(position.ingestSeconds, position.ingestNanos);
    writer.raw(SENT_TIME);
    writer.isoMicros(clock.seconds, clock.nanos);
  }

  timeOrNull(seconds: number, nanos: number): void {
    if (seconds === 0) this.writer.raw(NULL);
    else this.writer.isoMicros(seconds, nanos);
  }

  price(market: Market, ticks: number): void {
    this.writer.decimalText(ticks * market.tickUnits, market.priceDecimals);
  }

  qty(market: Market, lots: number): void {
    this.writer.decimalText(lots * market.lotUnits, market.qtyDecimals);
  }

  /** `null` where there is nothing at this price. */
  priceOrNull(market: Market, ticks: number, isThere: boolean): void {
    if (isThere) this.price(market, ticks);
    else this.writer.raw(NULL);
  }

  qtyOrNull(market: Market, lots: number): void {
    if (lots === 0) this.writer.raw(NULL);
    else this.qty(market, lots);
  }

  private marketHead({ channel, type, extra }: JsonHead, market: Market): Uint8Array {
    const name = JSON.stringify(marketName(market));
    return jsonBytes(
      `{"channel":"${channel}","type":"${type}","market":${name}${extra},"epoch":${this.epoch},"seq":`,
    );
  }
}
