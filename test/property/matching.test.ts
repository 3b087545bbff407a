import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { imageHash } from '../../src/matching/state-hash.ts';
import { NaiveAudit } from '../support/naive-audit.ts';
import { type Command, textOf } from '../support/naive-command.ts';
import {
  CONFIG,
  type Group,
  Harness,
  type Machine,
  type MachineHarness,
  NaiveHarness,
  type Stage,
} from '../support/naive-harness.ts';
import { lineOf } from '../support/naive-lines.ts';
import { Reached } from '../support/naive-reached.ts';
import { commandStreams, SCENES, shortened } from '../support/naive-streams.ts';

/** More than two million commands instead of some thousands: see scripts/nightly. */
const LONG = process.env.OPENBELL_TEST_LONG === '1';
const COMMANDS = LONG ? 2_400_000 : 60_000;
const STREAM_LENGTH = 250;
/** Arrays of fast-check are on average somewhat more than half as long as they may be. */
const RUNS = Math.ceil(COMMANDS / SCENES.length / (STREAM_LENGTH / 2));
/** After so many commands states are compared, not only what was written. */
const COMPARE_EVERY = 16;

/** One command brings fewer groups than this with it, or its work never ends. */
const MOST_GROUPS = 2000;

const SEED = Number(process.env.OPENBELL_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`matching properties: run again with OPENBELL_SEED=${SEED}`);

type AnyHarness = MachineHarness<Machine>;

/** A machine restored in the middle of a stream, and from where on it has to write alike. */
interface Fork {
  readonly harness: AnyHarness;
  readonly writtenBefore: number;
}

const reached = new Reached();
let commandCount = 0;

/** What one command causes on both machines, compared group by group. */
class Twins {
  readonly engine: Harness;
  readonly naive: NaiveHarness;
  readonly audit = new NaiveAudit();
  private readonly forks: Fork[] = [];

  constructor(config: MachineConfig) {
    this.engine = new Harness(config);
    this.naive = new NaiveHarness(config);
  }

  /** @param forkAt number of the group after which both machines are restored from a snapshot */
  run(command: Command, forkAt: number): void {
    commandCount += 1;
    for (const { harness } of this.forks) for (const _ of harness.groups(command));
    const engine = this.engine.groups(command);
    const naive = this.naive.groups(command);
    for (let count = 1; ; count += 1) {
      const expected = naive.next();
      const group = engine.next();
      assert.equal(group.done, expected.done, 'one machine has work that the other has not');
      if (group.done === true || expected.done === true) break;
      this.compare(group.value, expected.value);
      assert.ok(count < MOST_GROUPS, 'continued work does not end');
      if (count === forkAt) this.fork(group.value.stage);
    }
    if (commandCount % COMPARE_EVERY === 0) this.compareStates();
  }

  /** Both machines restored from the engine's snapshot go on where it is. */
  private fork(stage: Stage): void {
    const writtenBefore = this.engine.written.length;
    this.compareStates(stage === 'command' || this.engine.machine.hasWork());
    for (const harness of [this.engine.fork(), this.engine.forkNaive()]) {
      this.forks.push({ harness, writtenBefore });
      for (const _ of harness.rest(stage));
    }
  }

  private compare(group: Group, expected: Group): void {
    if (!Buffer.concat(group.records).equals(Buffer.concat(expected.records))) {
      const [lines, wanted] = [group, expected].map(({ events }) => events.map(lineOf));
      assert.deepEqual(lines, wanted);
      assert.fail('the same lines in different bytes');
    }
    reached.note(group);
    this.audit.note(group);
  }

  /** @param busy work is due, so that the book may be crossed */
  compareStates(busy = false): void {
    const { engine, naive } = this;
    const image = engine.machine.image();
    const hash = imageHash(image);
    assert.equal(engine.machine.stateHash(), hash);
    if (naive.machine.stateHash() !== hash) assert.deepEqual(image, naive.machine.image());
    const followed = engine.follower.image();
    if (imageHash(followed) !== hash) {
      assert.deepEqual(followed, image, 'the events alone tell the same state');
    }
    const { machine } = engine;
    assert.equal(machine.bestBidTicks(), naive.machine.bestBidTicks());
    assert.equal(machine.bestAskTicks(), naive.machine.bestAskTicks());
    this.audit.check(image, !busy);
  }

  /** Restored machines wrote the same; so does one that is fed the journal. */
  finish(config: MachineConfig): void {
    this.compareStates();
    const { written, machine } = this.engine;
    for (const { harness, writtenBefore } of this.forks) {
      assertSame(harness.written, written.slice(writtenBefore), 'restored goes on alike');
      assert.equal(harness.machine.stateHash(), machine.stateHash());
    }
    const journal = new Harness(config);
    for (const record of written) if (record.readUInt8(4) < 32) journal.replay(record);
    assertSame(journal.written, written, 'matched again the journal says the same');
  }
}

function assertSame(actual: readonly Buffer[], expected: readonly Buffer[], why: string): void {
  assert.ok(Buffer.concat(actual).equals(Buffer.concat(expected)), why);
}

function check(
  config: MachineConfig,
  stream: readonly Command[],
  cutAt: number,
  cutGroup: number,
): void {
  const twins = new Twins(config);
  stream.forEach((command, i) => {
    twins.run(command, i === cutAt % stream.length ? cutGroup : 0);
  });
  twins.finish(config);
}

/** What `check` throws, if it does. */
function failureOf(...args: Parameters<typeof check>): unknown {
  try {
    check(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The stream as lines that can be pasted into a case table. */
function report(config: Partial<MachineConfig>, stream: readonly Command[]): string {
  const terms = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  const market = terms.length === 0 ? [] : [`market ${terms.join(' ')}`];
  return ['```book', ...market, ...stream.map(textOf), '```'].join('\n');
}

describe('the engine beside the naive machine', () => {
  for (const scene of SCENES) {
    it(scene.name, () => {
      const config = { ...CONFIG, ...scene.config };
      const property = fc.property(
        commandStreams(scene, STREAM_LENGTH),
        fc.nat({ max: STREAM_LENGTH }),
        fc.integer({ min: 1, max: 4 }),
        (...drawn) => check(config, ...drawn),
      );
      const details = fc.check(property, { seed: SEED, numRuns: RUNS, endOnFailure: true });
      if (details.counterexample === null) return;
      const [stream, ...cut] = details.counterexample;
      const short = shortened(stream, (part) => failureOf(config, part, ...cut) !== undefined);
      const why = failureOf(config, short, ...cut);
      const text = `seed ${SEED}, cut ${cut.join('/')}:\n${report(scene.config, short)}\n`;
      assert.fail(`${text}${why instanceof Error ? why.stack : why}`);
    });
  }

  after(() => console.log(`${commandCount} commands compared`));

  it('in all of this everything has happened', () => {
    const counts = [...reached.counts].map(([kind, count]) => `${kind} ${count}`);
    console.log(counts.join(', '));
    assert.deepEqual(reached.missing(), []);
  });
});
