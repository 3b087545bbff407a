import { Builder } from 'flatbuffers';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ChannelPosition } from '../../projections/market-view.ts';

// Field ids of the 64-bit fields (schemas/binary/openbell.fbs). The generated `add…` methods take
// BigInts, which would cost an allocation per number; decoding in the tests pins these ids.
const MESSAGE_EPOCH = 1;
const MESSAGE_SEQ = 2;
const MESSAGE_PREV_SEQ = 3;
const MESSAGE_VENUE_TIME_NS = 4;
const MESSAGE_SENT_TIME_NS = 5;
const MESSAGE_INGEST_TIME_NS = 8;

/**
 * Writes the binary form, identifier `OBL1`; one builder serves all messages. A body is built
 * between `begin` and `finish`; what `finish` gives is REUSED: valid until the next `begin`.
 */
export class BinaryOut {
  readonly builder = new Builder(64 * 1024);
  readonly long = new LongBuilder(this.builder);
  private readonly epoch: number;
  private readonly clock: Clock;

  /** `clock` gives the send time: what it said at its last tick. */
  constructor(epoch: number, clock: Clock) {
    this.epoch = epoch;
    this.clock = clock;
  }

  begin(): void {
    this.builder.clear();
  }

  /**
   * @param marketId 0 for what is not of one market
   * @param conflated messages that it stands for beside itself; 0 as a rule
   */
  finish(
    marketId: number,
    position: ChannelPosition,
    bodyType: number,
    body: number,
    conflated: number,
  ): Uint8Array {
    const { builder, long, clock } = this;
    Message.startMessage(builder);
    long.addTime(MESSAGE_SENT_TIME_NS, clock.seconds, clock.nanos);
    long.addTime(MESSAGE_INGEST_TIME_NS, position.ingestSeconds, position.ingestNanos);
    long.addTime(MESSAGE_VENUE_TIME_NS, position.seconds, position.nanos);
    long.add(MESSAGE_PREV_SEQ, position.publishedSeq);
    long.add(MESSAGE_SEQ, position.seq);
    long.add(MESSAGE_EPOCH, this.epoch);
    Message.addBody(builder, body);
    if (conflated > 0) Message.addConflated(builder, conflated);
    Message.addMarketId(builder, marketId);
    Message.addBodyType(builder, bodyType);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array();
  }
}
