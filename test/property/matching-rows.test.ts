import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as R from '../../src/codec/records.ts';
import {
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_STOP,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { worstGroupBytes } from '../../src/matching/group-writer.ts';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { RUN_BYTES } from '../../src/matching/plain-run.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { frameType, frameWord } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { type Command, PLAIN_PLACE } from '../support/naive-command.ts';
import { CONFIG, Harness } from '../support/naive-harness.ts';
import { commandStreams, SCENES } from '../support/naive-streams.ts';

const RUNS = 25;
const STREAM_LENGTH = 120;
const COMMAND_RING_BYTES = 1 << 18;
/** How far before the end of the event ring a run begins at most. */
const MOST_TO_WRAP_BYTES = 8192;

const SEED = Number(process.env.OPENBELL_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`matching in rows: run again with OPENBELL_SEED=${SEED}`);

const FILLER = frameWord(R.VENUE_EVENT, 0, 0);

/** A machine that is given its commands in rows, as a market worker gives them. */
class Rows {
  readonly machine: SymbolMachine;
  readonly written: Buffer[] = [];
  longest = 0;
  private readonly commands = Ring.create(COMMAND_RING_BYTES, 1);
  private readonly commandProducer = new RingProducer(this.commands);
  private readonly commandReader = new RingReader(this.commands, 0);
  private readonly events: Ring;
  private readonly producer: RingProducer;
  private readonly reader: RingReader;

  /** @param toWrapBytes where in the event ring the first group begins, counted from its end */
  constructor(config: MachineConfig, toWrapBytes: number) {
    const wantedBytes = 2 * (worstGroupBytes(config.maxFillsPerCommand) + RUN_BYTES);
    this.events = Ring.create(2 ** Math.ceil(Math.log2(wantedBytes)), 1);
    this.events.u8.fill(0xee);
    this.producer = new RingProducer(this.events);
    this.reader = new RingReader(this.events, 0);
    this.machine = new SymbolMachine(config, this.producer);
    this.producer.claim(this.events.capacityBytes - toWrapBytes, FILLER);
    this.producer.endGroup();
    this.producer.publish();
    this.reader.skipToEnd();
  }

  /** Carries out all the records, so many at a time as there are places in `batches`, over and over. */
  run(records: readonly Buffer[], batches: readonly number[]): void {
    for (let from = 0, round = 0; from < records.length; round += 1) {
      const batch = records.slice(from, from + batches[round % batches.length]);
      for (const record of batch) {
        const at = this.commandProducer.claim(record.length, record.readInt32LE(4));
        this.commands.u8.set(record, at);
        this.commandProducer.endGroup();
      }
      this.commandProducer.publish();
      this.carryOut();
      from += batch.length;
    }
  }

  private carryOut(): void {
    const { machine, commands, commandReader } = this;
    for (let at = commandReader.peek(); at !== RING_EMPTY; at = commandReader.peek()) {
      assert.ok(this.producer.canClaim(machine.worstRunBytes), 'the ring has room');
      const ran = machine.applyRun(commands, at, commandReader.rowEnd(), 1000);
      commandReader.skipTo(machine.ranTo);
      this.longest = Math.max(this.longest, ran);
      this.finish();
      if (ran > 0) continue;
      assert.ok(machine.isDue(commands, at), 'only an expiry stops a run before its first command');
      while (machine.isDue(commands, at)) {
        machine.expire(commands, at);
        this.read();
      }
      machine.apply(commands, commandReader.next());
      this.finish();
    }
    commandReader.release();
  }

  /** Goes on with the work there is, and takes the events. */
  private finish(): void {
    const { machine } = this;
    this.read();
    while (machine.hasWork()) {
      machine.continueWork();
      this.read();
    }
  }

  private read(): void {
    this.producer.publish();
    const { i32, u8 } = this.events;
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      this.written.push(Buffer.from(u8.subarray(at, at + i32[at >>> 2])));
    }
    this.reader.release();
  }
}

/** True for what was sent to the market, and not written by it. */
function wasSent(record: Buffer): boolean {
  const type = frameType(record.readInt32LE(4));
  return type < R.FIRST_EVENT_TYPE && type !== R.CONTINUE_WORK;
}

/** Compares the two ways; how long the longest row was. */
function check(
  config: MachineConfig,
  stream: readonly Command[],
  batches: readonly number[],
  wordsToWrap: number,
): number {
  const one = new Harness(config);
  for (const command of stream) one.run(command);
  const rows = new Rows(config, wordsToWrap * 8);
  rows.run(one.written.filter(wasSent), batches);
  assert.ok(Buffer.concat(rows.written).equals(Buffer.concat(one.written)));
  assert.equal(rows.machine.stateHash(), one.machine.stateHash());
  return rows.longest;
}

const batches = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
const wordsToWrap = fc.integer({ min: 1, max: MOST_TO_WRAP_BYTES / 8 });

describe('commands in rows write what they write one by one', () => {
  for (const scene of SCENES) {
    it(scene.name, () => {
      const config = { ...CONFIG, ...scene.config };
      let longest = 0;
      const property = fc.property(
        commandStreams(scene, STREAM_LENGTH),
        batches,
        wordsToWrap,
        (...drawn) => {
          longest = Math.max(longest, check(config, ...drawn));
        },
      );
      fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: true });
      assert.ok(longest > 1, 'commands were carried out in rows');
    });
  }
});

/** A command of a stream in which nearly all are plain; what else there is by `dice`. */
const mostlyPlain = fc.record({
  dice: fc.integer({ min: 0, max: 199 }),
  side: fc.integer({ min: SIDE_BUY, max: SIDE_SELL }),
  awayTicks: fc.integer({ min: -3, max: 12 }),
  qtyLots: fc.integer({ min: 1, max: 20 }),
  ago: fc.integer({ min: 1, max: 60 }),
});

type Drawn = typeof mostlyPlain extends fc.Arbitrary<infer T> ? T : never;

/** @param idStep from one order id to the next */
function commandsOf(drawn: readonly Drawn[], idStep: number): Command[] {
  let placed = 0;
  return drawn.map(({ dice, side, awayTicks, qtyLots, ago }): Command => {
    if (dice >= 60 && dice < 130 && placed > 0) {
      return { kind: 'cancel', orderId: Math.max(1, placed - ago) * idStep, portfolio: 0 };
    }
    placed += 1;
    const portfolio = 1 + (placed % 5) * 100;
    const away = side === SIDE_BUY ? -awayTicks : awayTicks;
    const orderId = placed * idStep;
    const place = { ...PLAIN_PLACE, orderId, portfolio, side, priceTicks: 1000 + away, qtyLots };
    if (dice < 60) return { ...place, tif: awayTicks < 0 ? TIF_IOC : TIF_GTC };
    if (dice === 197) return { ...place, displayLots: 1 };
    if (dice === 198) return { ...place, orderType: ORDER_TYPE_STOP, triggerTicks: 1000 - away };
    if (dice === 199) return { ...place, flags: ORDER_FLAG_REDUCE_ONLY };
    return place;
  });
}

describe('long rows of nearly plain commands write what they write one by one', () => {
  for (const [name, terms, idStep, longEnough] of [
    ['a busy book', {}, 1, 20],
    ['ids in the same buckets', {}, 2 ** 20, 20],
    ['little work in a group', { maxFillsPerCommand: 2 }, 1, 20],
    ['full pools', { maxOrders: 12, maxLevels: 9 }, 1, 3],
    ['a band and a halt', { priceBandBps: 90, volatilityHaltBps: 60 }, 1, 3],
  ] as const) {
    it(name, () => {
      let longest = 0;
      const stream = fc
        .array(mostlyPlain, { minLength: 400, maxLength: 800, size: 'max' })
        .map((drawn) => commandsOf(drawn, idStep));
      const property = fc.property(stream, batches, wordsToWrap, (...drawn) => {
        longest = Math.max(
          longest,
          check({ ...CONFIG, maxFillsPerCommand: 50, ...terms }, ...drawn),
        );
      });
      fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: true });
      assert.ok(longest > longEnough, 'commands were carried out in long rows');
    });
  }
});
