import * as R from '../../src/codec/records.ts';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { FRAME_FLAG_END, type FrameViews, frameType, frameWord } from '../../src/rings/frame.ts';
import type { RingProducer } from '../../src/rings/ring.ts';
import { type NaiveEvent, recordOf } from './naive-records.ts';
import { NaiveState } from './naive-state.ts';

/** The part of the naive machine that writes groups: the command's echo, then its events. */
export class NaiveGroup {
  protected readonly state: NaiveState;
  protected readonly config: MachineConfig;
  /** Events of the group so far. */
  protected events: NaiveEvent[] = [];
  /** From where on in `events` they count as work; -1 while nothing bounded has begun. */
  private workBegan = -1;
  private readonly producer: RingProducer;

  constructor(config: MachineConfig, producer: RingProducer) {
    this.config = config;
    this.producer = producer;
    this.state = new NaiveState(config);
  }

  protected emit(type: NaiveEvent['type'], fields: Record<string, number>): void {
    this.events.push({ type, ...fields });
  }

  /** What is written from here on counts as work. */
  protected beginWork(): void {
    this.workBegan = this.events.length;
  }

  /** True while another step may begin. */
  protected mayWork(): boolean {
    const work = this.events
      .slice(this.workBegan)
      .filter((event) => event.type !== 'auctionPriced');
    return work.length < this.config.maxFillsPerCommand;
  }

  /** Writes one group: the command as it lies in the bytes, and what `carryOut` makes of it. */
  protected group(command: Buffer, carryOut: () => void): void {
    const { state } = this;
    this.events = [];
    this.workBegan = -1;
    state.seconds = command.readUInt32LE(R.RECORD_SECONDS);
    state.nanos = command.readUInt32LE(R.RECORD_NANOS);
    carryOut();
    const records = [Buffer.from(command), ...this.events.map(recordOf)];
    records.forEach((record, i) => {
      state.seq += 1;
      record.writeUInt8(i === records.length - 1 ? FRAME_FLAG_END : 0, 5);
      record.writeUInt16LE(this.config.marketId, 6);
      record.writeDoubleLE(state.seq, R.RECORD_SEQ);
      record.writeUInt32LE(state.seconds, R.RECORD_SECONDS);
      record.writeUInt32LE(state.nanos, R.RECORD_NANOS);
      const type = frameType(record.readInt32LE(4));
      const at = this.producer.claim(record.length, frameWord(type, 0, 0));
      if (at < 0) throw new Error('the ring of the naive machine is full');
      this.producer.ring.u8.set(record, at);
    });
    this.producer.endGroup();
  }
}

/** The bytes of a record in a ring. */
export function bytesAt(views: FrameViews, at: number): Buffer {
  return Buffer.from(views.u8.subarray(at, at + views.i32[at >>> 2]));
}

/** The `ContinueWork` that a market gives to itself. */
export function continueRecord(
  kind: number,
  orderId: number,
  time: { readonly seconds: number; readonly nanos: number },
): Buffer {
  const record = Buffer.alloc(R.CONTINUE_WORK_BYTES);
  record.writeInt32LE(R.CONTINUE_WORK_BYTES, 0);
  record.writeUInt8(R.CONTINUE_WORK, 4);
  record.writeUInt32LE(time.seconds, R.RECORD_SECONDS);
  record.writeUInt32LE(time.nanos, R.RECORD_NANOS);
  record.writeDoubleLE(orderId, R.COMMAND_ORDER_ID);
  record.writeInt32LE(kind, R.CONTINUE_KIND);
  return record;
}
