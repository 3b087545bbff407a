import assert from 'node:assert/strict';
import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { BookFollower } from '../../src/matching/book-follower.ts';
import { type BookImage, decodeImage, encodeImage } from '../../src/matching/book-image.ts';
import { type MachineConfig, UNBOUNDED_TERMS } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { FRAME_FLAG_END, frameFlags, frameMarketId, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import type { Command } from './naive-command.ts';
import { isClean, lineOf } from './naive-records.ts';

export const CONFIG: MachineConfig = {
  ...UNBOUNDED_TERMS,
  marketId: 3,
  makerFeePpm: -100,
  takerFeePpm: 600,
  quoteUnitsPerTickLot: 1000,
  maxOrders: 10_000,
  maxWaiting: 1000,
  maxLevels: 1000,
  maxFillsPerCommand: 6000,
};

/**
 * The engine between two rings, with a follower of its events. Each command goes in as a record and
 * comes back as lines; on the way everything that holds for every group is checked.
 */
export class Harness {
  readonly machine: SymbolMachine;
  readonly follower: BookFollower;
  /** All bytes the engine has written, sequence numbers and times included. */
  readonly written: Buffer[] = [];
  private readonly commands = Ring.create(1 << 16, 1);
  private readonly commandProducer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.commandProducer);
  private readonly commandReader = new RingReader(this.commands, 0);
  private readonly events: Ring;
  private readonly producer: RingProducer;
  private readonly reader: RingReader;
  private readonly config: MachineConfig;
  private seq = 0;
  private requestId = 0;

  constructor(config: MachineConfig = CONFIG, from?: BookImage) {
    this.config = config;
    const worstBytes = (config.maxFillsPerCommand + 4) * R.TRADE_EXECUTED_BYTES;
    this.events = Ring.create(2 ** Math.ceil(Math.log2(worstBytes * 2 + 4096)), 1);
    // Old bytes must not shine through: what no field covers has to be written too.
    this.events.u8.fill(0xee);
    this.producer = new RingProducer(this.events);
    this.reader = new RingReader(this.events, 0);
    this.machine = new SymbolMachine(config, this.producer);
    this.follower = new BookFollower(config.marketId, from);
    if (from === undefined) return;
    this.machine.restore(from);
    this.seq = from.seq;
  }

  /** Another engine that starts from this one's image and is sent what follows. */
  fork(): Harness {
    const image = decodeImage(encodeImage(this.machine.image()));
    const fork = new Harness(this.config, image);
    fork.requestId = this.requestId;
    return fork;
  }

  /** Carries out one command; the lines of its events, the echo left out. */
  run(command: Command): string[] {
    this.write(command);
    this.commandProducer.publish();
    const at = this.commandReader.next();
    const given = Buffer.from(this.frame(this.commands, at));
    assert.ok(this.producer.canClaim(this.machine.worstGroupBytes), 'the test ring is too small');
    this.machine.apply(this.commands, at);
    this.commandReader.release();
    this.producer.publish();
    return this.read(given);
  }

  private read(command: Buffer): string[] {
    const lines: string[] = [];
    let ended = false;
    let frames = 0;
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      assert.equal(ended, false, 'a frame follows the end of the group');
      const bytes = Buffer.from(this.frame(this.events, at));
      const word = this.events.i32[(at >>> 2) + 1];
      this.seq += 1;
      frames += 1;
      ended = frameFlags(word) === FRAME_FLAG_END;
      assert.equal(frameMarketId(word), this.config.marketId);
      assert.equal(bytes.readDoubleLE(R.RECORD_SEQ), this.seq, 'sequence is dense');
      const time = (record: Buffer): Buffer =>
        record.subarray(R.RECORD_SECONDS, R.RECORD_HEADER_BYTES);
      assert.deepEqual(time(bytes), time(command), "time is the command's");
      if (frames === 1) assertEcho(bytes, command);
      else lines.push(lineOf(this.events, at));
      assert.ok(isClean(frameType(word), bytes), 'old bytes shine through');
      if (frameType(word) === R.TRADE_EXECUTED) this.assertFirstInLine(bytes);
      this.follower.apply(this.events, at);
      this.written.push(bytes);
    }
    this.reader.release();
    assert.equal(ended, true, 'the last frame ends the group');
    return lines;
  }

  /** The maker is the one that waited longest at the best price, as the events until now tell it. */
  private assertFirstInLine(trade: Buffer): void {
    const makerSide = 1 - trade.readUInt8(R.TRADE_TAKER_SIDE);
    const makerId = trade.readDoubleLE(R.TRADE_MAKER_ORDER_ID);
    assert.equal(makerId, this.follower.firstOrderId(makerSide), 'price-time priority');
  }

  private frame(ring: Ring, at: number): Uint8Array {
    return ring.u8.subarray(at, at + ring.i32[at >>> 2]);
  }

  private write(command: Command): void {
    this.requestId += 1;
    const envelope: CommandEnvelope = {
      marketId: this.config.marketId,
      requestId: this.requestId,
      sessionId: 2,
      portfolioId: 'portfolio' in command ? command.portfolio : 0,
      orderId: 'orderId' in command ? command.orderId : 0,
      seconds: 1_800_000_000 + this.requestId,
      nanos: (this.requestId * 7919) % 1_000_000_000,
      clientOrderId: this.requestId % 3 === 0 ? `client-${this.requestId}` : '',
    };
    if (command.kind === 'place') {
      const { side, orderType, tif, flags, price, qty } = command;
      this.writer.place(envelope, side, orderType, tif, flags, price, qty);
    } else if (command.kind === 'cancel') {
      this.writer.cancel(envelope);
    } else if (command.kind === 'amend') {
      this.writer.amend(envelope, command.mode, command.price, command.qty);
    } else if (command.kind === 'phase') {
      this.writer.setPhase(envelope, command.to);
    } else if (command.kind === 'print') {
      this.writer.printTrade(envelope, command.side, command.price, command.qty);
    } else {
      this.writer.cancelAll(envelope);
    }
  }
}

/** The echo is the command byte for byte, but for its sequence number and the flags. */
function assertEcho(echo: Buffer, command: Buffer): void {
  const expected = Buffer.from(command);
  echo.copy(expected, R.RECORD_SEQ, R.RECORD_SEQ, R.RECORD_SEQ + 8);
  expected[5] = echo[5];
  assert.deepEqual(echo, expected, 'the echo is the command');
  assert.ok(frameType(echo.readInt32LE(4)) < R.FIRST_EVENT_TYPE);
}
