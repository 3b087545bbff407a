import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND_GAP, KIND_TEXT, type RecordedFrame } from '../../../src/recording/format.ts';
import { Player, type PlayerClock, type Stage } from '../../../src/recording/player.ts';

const START_NS = 1_800_000_000_000_000_000n;
const MS = 1_000_000n;

/** A clock that is always at the moment it was last asked to wait for, or a little behind it. */
class FakeClock implements PlayerClock {
  readonly waits: bigint[] = [];
  private ns = 5_000n * MS;
  private readonly lateNs: bigint;

  constructor(lateNs = 0n) {
    this.lateNs = lateNs;
  }

  nowNs(): bigint {
    return this.ns;
  }

  async until(ns: bigint): Promise<void> {
    this.waits.push(ns);
    this.ns = ns + this.lateNs;
  }
}

function trade(seq: number): object {
  return { channel: 'trades', type: 'trades', market: 'a:b', epoch: 1, seq, prev_seq: seq - 1 };
}

async function* frames(times: readonly bigint[]): AsyncGenerator<RecordedFrame> {
  for (const [at, ms] of times.entries()) {
    const payload = Buffer.from(JSON.stringify(trade(at + 1)));
    yield { kind: KIND_TEXT, timeNs: START_NS + ms * MS, payload };
  }
}

function stage() {
  const shown: [seq: number, atNs: bigint][] = [];
  const calls: string[] = [];
  const of = (clock: FakeClock): Stage => ({
    relay: ({ head }) => void shown.push([head.seq, clock.nowNs()]),
    welcomed: (epoch) => void calls.push(`epoch ${epoch}`),
    readOn: async () => void calls.push('read on'),
  });
  return { shown, calls, of };
}

for (const [speed, scale] of [
  [1, 1n],
  [10, 10n],
] as const) {
  test(`at ${speed} times the speed a message goes out at its moment`, async () => {
    const clock = new FakeClock();
    const { shown, of } = stage();
    const player = new Player(speed, clock, of(clock));
    const times = [0n, 10n, 10n, 250n, 4_000n];
    await player.play(frames(times));
    const first = shown[0][1];
    assert.deepEqual(
      shown.map(([seq, atNs]) => [seq, atNs - first]),
      times.map((ms, at) => [at + 1, (ms * MS) / scale]),
    );
    assert.equal(player.lagMicros.maxValue, 0);
  });
}

test('a speed with decimals, and how late messages were', async () => {
  const clock = new FakeClock(300_000n);
  const { shown, of } = stage();
  const player = new Player(0.5, clock, of(clock));
  await player.play(frames([0n, 10n, 30n]));
  assert.deepEqual(
    clock.waits.map((ns) => ns - 5_000n * MS),
    [20n * MS, 60n * MS],
  );
  assert.equal(shown.length, 3);
  assert.equal(player.lagMicros.maxValue, 300);
});

test('at full speed nothing waits but for readers', async () => {
  const clock = new FakeClock();
  const { shown, calls, of } = stage();
  const player = new Player(Number.POSITIVE_INFINITY, clock, of(clock));
  await player.play(frames(Array.from({ length: 200 }, (_, at) => BigInt(at) * 1_000n)));
  assert.equal(shown.length, 200);
  assert.deepEqual(clock.waits, []);
  assert.deepEqual(new Set(calls), new Set(['read on']));
  assert.equal(player.lagMicros.totalCount, 0);
});

test('gaps, new epochs and what is no market data', async () => {
  const clock = new FakeClock();
  const { shown, calls, of } = stage();
  const player = new Player(1, clock, of(clock));
  async function* played(): AsyncGenerator<RecordedFrame> {
    const json = (kind: number, value: object): RecordedFrame => ({
      kind,
      timeNs: START_NS,
      payload: Buffer.from(JSON.stringify(value)),
    });
    yield json(KIND_TEXT, { type: 'welcome', epoch: 3 });
    yield json(KIND_TEXT, trade(1));
    yield json(KIND_GAP, { code: 1006, reason: '' });
    yield json(KIND_TEXT, { type: 'welcome', epoch: 4 });
    yield json(KIND_TEXT, { type: 'pong', id: 1 });
    yield json(KIND_TEXT, { ...trade(1), channel: 'of the future' });
    yield json(99, trade(7));
  }
  await player.play(played());
  assert.deepEqual(calls, ['epoch 3', 'epoch 4']);
  assert.deepEqual(
    shown.map(([seq]) => seq),
    [1],
  );
});
