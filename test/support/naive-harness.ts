import assert from 'node:assert/strict';
import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { BookFollower } from '../../src/matching/book-follower.ts';
import { type BookImage, decodeImage, encodeImage } from '../../src/matching/book-image.ts';
import { worstGroupBytes } from '../../src/matching/group-writer.ts';
import { type MachineConfig, UNBOUNDED_TERMS } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import {
  FRAME_FLAG_END,
  type FrameViews,
  frameFlags,
  frameMarketId,
  frameType,
} from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { type Command, type PlaceCommand, TRADED_BY_NOW } from './naive-command.ts';
import { continueRecord } from './naive-group.ts';
import { lineOf, WORK_NAMES } from './naive-lines.ts';
import { NaiveMachine } from './naive-machine.ts';
import { eventOf, type NaiveEvent, recordOf } from './naive-records.ts';

export const CONFIG: MachineConfig = {
  ...UNBOUNDED_TERMS,
  marketId: 3,
  makerFeePpm: -100,
  takerFeePpm: 600,
  auctionFeePpm: 300,
  quoteUnitsPerTickLot: 1000,
  maxOrders: 10_000,
  maxWaiting: 10_000,
  maxLevels: 1000,
  maxFillsPerCommand: 6000,
};

/** What the fast machine and the naive one have in common. */
export interface Machine {
  readonly seq: number;
  apply(views: FrameViews, at: number): void;
  isDue(views: FrameViews, at: number): boolean;
  expire(views: FrameViews, at: number): void;
  hasWork(): boolean;
  continueWork(): void;
  image(): BookImage;
  restore(image: BookImage): void;
  stateHash(): string;
  bestBidTicks(): number;
  bestAskTicks(): number;
}

/** One group as it was written: what it answers (`''`: the command), its events, its bytes. */
export interface Group {
  readonly work: string;
  readonly events: readonly NaiveEvent[];
  readonly records: readonly Buffer[];
}

/** Where a command's groups begin: `command` for orders that expire before it, `work` after it. */
export type Stage = 'command' | 'work';

interface Time {
  readonly seconds: number;
  readonly nanos: number;
}

const NEVER: Time = { seconds: 0, nanos: 0 };
const FIRST_SECOND = 1_800_000_000;

/**
 * A machine between two rings. Each command goes in as a record and comes back as groups, those that
 * the market gives to itself included; on the way everything that holds for every group is checked.
 */
export class MachineHarness<M extends Machine> {
  readonly machine: M;
  /** All bytes the machine has written, sequence numbers and times included. */
  readonly written: Buffer[] = [];
  /** Is shown every record the machine writes. */
  onRecord: (views: FrameViews, at: number) => void = () => {};
  protected readonly config: MachineConfig;
  private readonly commands = Ring.create(1 << 16, 1);
  private readonly commandProducer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.commandProducer);
  private readonly commandReader = new RingReader(this.commands, 0);
  private readonly producer: RingProducer;
  private readonly reader: RingReader;
  private seq = 0;
  private requestId = 0;
  private nowMs = 0;
  /** The newest command, and where in its ring it lies. */
  private given = Buffer.alloc(0);
  private takenAt = 0;
  /** Time of the newest record. */
  private newest: Time = NEVER;

  constructor(
    make: (config: MachineConfig, producer: RingProducer) => M,
    config: MachineConfig,
    from?: BookImage,
  ) {
    this.config = config;
    const wantedBytes = 2 * worstGroupBytes(config.maxFillsPerCommand);
    const events = Ring.create(2 ** Math.ceil(Math.log2(wantedBytes)), 1);
    // Old bytes must not shine through: what no field covers has to be written too.
    events.u8.fill(0xee);
    this.producer = new RingProducer(events);
    this.reader = new RingReader(events, 0);
    this.machine = make(config, this.producer);
    if (from === undefined) return;
    this.machine.restore(from);
    this.seq = from.seq;
    this.newest = from;
  }

  /** The machine's state as it comes out of a snapshot. */
  snapshot(): BookImage {
    return decodeImage(encodeImage(this.machine.image()));
  }

  /** Continues where another harness is, so that it writes the same commands. */
  takeClock(from: MachineHarness<Machine>): this {
    this.nowMs = from.nowMs;
    this.requestId = from.requestId;
    this.given = from.given;
    return this;
  }

  /** Carries out one command; the lines of its events, the echo left out. */
  run(command: Command): string[] {
    const groups = [...this.groups(command)];
    return groups.flatMap(({ work, events }) => [
      ...(work === '' ? [] : [`work ${work}`]),
      ...events.map(lineOf),
    ]);
  }

  /** Carries out one command group by group. */
  *groups(command: Command): Generator<Group & { stage: Stage }> {
    this.write(command);
    this.given = Buffer.from(frame(this.commands, this.take()));
    yield* this.carryOut();
  }

  /** What another harness had left to do of its newest command when this one was forked off. */
  *rest(stage: Stage): Generator<Group & { stage: Stage }> {
    if (stage === 'command') {
      this.put(this.given);
      this.take();
      yield* this.carryOut();
    } else {
      yield* this.continueWork();
    }
  }

  /** Feeds one record as it lies in a journal. */
  replay(record: Buffer): Group {
    this.put(record);
    this.machine.apply(this.commands, this.take());
    this.commandReader.release();
    return this.read(timeOf(record), record);
  }

  private *carryOut(): Generator<Group & { stage: Stage }> {
    const { machine, commands: ring, given, takenAt: at } = this;
    while (machine.isDue(ring, at)) {
      machine.expire(ring, at);
      const group = this.read(timeOf(given), undefined);
      assert.equal(group.work, WORK_NAMES[6], 'before a command orders only expire');
      yield { ...group, stage: 'command' };
    }
    machine.apply(ring, at);
    this.commandReader.release();
    yield { ...this.read(timeOf(given), given), stage: 'work' };
    yield* this.continueWork();
  }

  private *continueWork(): Generator<Group & { stage: Stage }> {
    const { machine } = this;
    while (machine.hasWork()) {
      machine.continueWork();
      yield { ...this.read(this.newest, undefined), stage: 'work' };
    }
  }

  /** Puts a record into the command ring as it is. */
  private put(record: Buffer): void {
    const at = this.commandProducer.claim(record.length, record.readInt32LE(4));
    this.commands.u8.set(record, at);
    this.commandProducer.endGroup();
  }

  /** Takes the command that lies in the ring; its offset. */
  private take(): number {
    this.commandProducer.publish();
    this.takenAt = this.commandReader.next();
    return this.takenAt;
  }

  /** Reads the group just written; `echo` is the command, where one was given. */
  private read({ seconds, nanos }: Time, echo: Buffer | undefined): Group {
    this.newest = { seconds, nanos };
    this.producer.publish();
    const { reader } = this;
    const views = reader.ring;
    const events: NaiveEvent[] = [];
    const records: Buffer[] = [];
    let ended = false;
    let work = '';
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      assert.equal(ended, false, 'a frame follows the end of the group');
      const bytes = Buffer.from(frame(views, at));
      const word = bytes.readInt32LE(4);
      this.seq += 1;
      ended = frameFlags(word) === FRAME_FLAG_END;
      assert.equal(frameMarketId(word), this.config.marketId);
      assert.equal(bytes.readDoubleLE(R.RECORD_SEQ), this.seq, 'sequence is dense');
      assert.equal(bytes.readUInt32LE(R.RECORD_SECONDS), seconds, "time is the command's");
      assert.equal(bytes.readUInt32LE(R.RECORD_NANOS), nanos, "time is the command's");
      const event = eventOf(views, at);
      if (records.length === 0) {
        assertEcho(bytes, echo ?? continued(bytes));
        if (frameType(word) === R.CONTINUE_WORK) work = workOf(bytes);
      } else {
        assert.ok(event !== undefined, 'a command in the middle of a group');
        assertBody(bytes, recordOf(event));
        events.push(event);
      }
      this.onRecord(views, at);
      records.push(bytes);
    }
    reader.release();
    assert.equal(ended, true, 'the last frame ends the group');
    this.written.push(...records);
    return { work: echo === undefined ? work : '', events, records };
  }

  /** What the order to replace is said to have traded. */
  private tradedLots({ replacesOrderId, replacesTradedLots }: PlaceCommand): number {
    if (replacesTradedLots !== TRADED_BY_NOW) return replacesTradedLots;
    const { orders } = this.machine.image();
    const replaced = orders.find(({ orderId }) => orderId === replacesOrderId);
    return replaced === undefined ? 0 : replaced.totalLots - replaced.remainingLots;
  }

  private write(command: Command): void {
    this.requestId += 1;
    if (command.kind === 'time') this.nowMs += command.ms;
    const envelope: CommandEnvelope = {
      marketId: this.config.marketId,
      requestId: this.requestId,
      sessionId: 2,
      portfolioId: 'portfolio' in command ? command.portfolio : 0,
      orderId: 'orderId' in command ? command.orderId : 0,
      ...clock(this.nowMs),
      clientOrderId: this.requestId % 3 === 0 ? `client-${this.requestId}` : '',
    };
    const { writer } = this;
    switch (command.kind) {
      case 'place': {
        const { expireMs } = command;
        const expiry = expireMs === undefined ? NEVER : clock(this.nowMs + expireMs);
        const { seconds: expireSeconds, nanos: expireNanos } = expiry;
        const replacesTradedLots = this.tradedLots(command);
        const terms = { ...command, expireSeconds, expireNanos, replacesTradedLots };
        writer.placeTerms(envelope, terms);
        break;
      }
      case 'cancel':
        writer.cancel(envelope);
        break;
      case 'amend':
        writer.amend(envelope, command.mode, command.price, command.qty);
        break;
      case 'phase':
        writer.setPhase(envelope, command.to);
        break;
      case 'print':
        writer.printTrade(envelope, command.side, command.price, command.qty);
        break;
      case 'cancel-all':
        writer.cancelAll(envelope);
        break;
      case 'time':
        writer.advanceTime(envelope);
        break;
      case 'reference':
        writer.setReference(envelope, command.price);
    }
  }
}

/** The engine, with a follower of its events. */
export class Harness extends MachineHarness<SymbolMachine> {
  readonly follower: BookFollower;

  constructor(config: MachineConfig = CONFIG, from?: BookImage) {
    super((terms, producer) => new SymbolMachine(terms, producer), config, from);
    this.follower = new BookFollower(config.marketId, from);
    this.onRecord = (views, at) => this.follower.apply(views, at);
  }

  /** Another engine that starts from this one's image and is sent what follows. */
  fork(): Harness {
    return new Harness(this.config, this.snapshot()).takeClock(this);
  }

  /** A naive machine that does. */
  forkNaive(): NaiveHarness {
    return new NaiveHarness(this.config, this.snapshot()).takeClock(this);
  }
}

/** The naive machine. */
export class NaiveHarness extends MachineHarness<NaiveMachine> {
  constructor(config: MachineConfig = CONFIG, from?: BookImage) {
    super((terms, producer) => new NaiveMachine(terms, producer), config, from);
  }
}

function clock(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return { seconds: FIRST_SECOND + seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
}

function frame(ring: Ring, at: number): Uint8Array {
  return ring.u8.subarray(at, at + ring.i32[at >>> 2]);
}

function timeOf(record: Buffer): Time {
  const seconds = record.readUInt32LE(R.RECORD_SECONDS);
  return { seconds, nanos: record.readUInt32LE(R.RECORD_NANOS) };
}

/** The `ContinueWork` that a market's own echo has to be, byte for byte. */
function continued(echo: Buffer): Buffer {
  assert.equal(frameType(echo.readInt32LE(4)), R.CONTINUE_WORK);
  const orderId = echo.readDoubleLE(R.COMMAND_ORDER_ID);
  const kind = echo.readInt32LE(R.CONTINUE_KIND);
  const record = continueRecord(kind, orderId, timeOf(echo));
  record.writeUInt16LE(frameMarketId(echo.readInt32LE(4)), 6);
  return record;
}

/** `ready 5`, `expire`: what a `ContinueWork` goes on with. */
function workOf(record: Buffer): string {
  const orderId = record.readDoubleLE(R.COMMAND_ORDER_ID);
  const name = WORK_NAMES[record.readInt32LE(R.CONTINUE_KIND)];
  return orderId === 0 ? name : `${name} ${orderId}`;
}

/** The echo is the command byte for byte, but for its sequence number and the flags. */
function assertEcho(echo: Buffer, command: Buffer): void {
  const expected = Buffer.from(command);
  echo.copy(expected, R.RECORD_SEQ, R.RECORD_SEQ, R.RECORD_SEQ + 8);
  expected[5] = echo[5];
  assert.ok(echo.equals(expected), 'the echo is the command');
  assert.ok(frameType(echo.readInt32LE(4)) < R.FIRST_EVENT_TYPE);
}

/** Bytes of an event that mean nothing are zero, so that equal histories are equal bytes. */
function assertBody(bytes: Buffer, expected: Buffer): void {
  const from = R.RECORD_HEADER_BYTES;
  const alike = bytes.compare(expected, from, expected.length, from) === 0;
  assert.ok(alike && bytes.length === expected.length, 'old bytes shine through');
}
