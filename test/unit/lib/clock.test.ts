import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { SystemClock, type SystemClockOptions } from '../../../src/lib/clock.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

/** A machine whose wall can be set. */
class Machine {
  wall = START_MS;
  monotonic = 5000;
  wallMs = (): number => Math.floor(this.wall);
  monotonicMs = (): number => this.monotonic;

  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

describe('venue time', () => {
  let machine: Machine;
  let jumps: number[];
  const start = (options: SystemClockOptions = {}): SystemClock =>
    new SystemClock({ source: machine, onJump: (ms) => jumps.push(Math.round(ms)), ...options });
  /** Lets time pass in small steps, as a running server does. */
  const run = (clock: SystemClock, ms: number): void => {
    for (let passed = 0; passed < ms; passed += 500) {
      machine.pass(500);
      clock.tick();
    }
  };

  beforeEach(() => {
    machine = new Machine();
    jumps = [];
  });

  it('is the wall’s, with fractions of a millisecond', () => {
    const clock = start();
    machine.pass(1.25);
    clock.tick();
    assert.deepEqual([clock.seconds, clock.nanos], [1_700_000_000, 1_250_000]);
    assert.equal(clock.nowMs(), START_MS + 1.25);
  });

  it('goes forward with the wall at once, and says so', () => {
    const clock = start();
    machine.wall += HOUR_MS;
    run(clock, 2000);
    assert.ok(Math.abs(clock.nowMs() - machine.wall) <= 1);
    assert.deepEqual(jumps, [HOUR_MS]);
    assert.deepEqual(clock.jumps, { forward: 1, back: 0 });
  });

  it('runs at half speed while the wall, set back, catches up, and then with it again', () => {
    const clock = start();
    machine.wall -= HOUR_MS;
    run(clock, 10_000);
    const ahead = HOUR_MS - 4500;
    assert.deepEqual(jumps, [-HOUR_MS]);
    assert.ok(Math.abs(clock.wallLagMs - ahead) <= 500, `${clock.wallLagMs} ahead`);
    assert.ok(Math.abs(clock.nowMs() - machine.wall - clock.wallLagMs) <= 1);
    run(clock, 2 * HOUR_MS);
    assert.equal(clock.wallLagMs, 0);
    assert.ok(Math.abs(clock.nowMs() - machine.wall) <= 5);
    assert.deepEqual(clock.jumps, { forward: 0, back: 1 }, 'one jump, told once');
  });

  it('returns at once when the wall that was set back is put right', () => {
    const clock = start();
    machine.wall -= HOUR_MS;
    run(clock, 4000);
    machine.wall += HOUR_MS;
    run(clock, 2000);
    assert.equal(clock.wallLagMs, 0);
    assert.ok(Math.abs(clock.nowMs() - machine.wall) <= 1);
    assert.deepEqual(jumps, [-HOUR_MS, HOUR_MS]);
  });

  it('follows a wall that drifts without calling it a jump', () => {
    const clock = start();
    for (let second = 0; second < 1000; second += 1) {
      machine.wall += second < 500 ? 1 : -1;
      run(clock, 1000);
      assert.ok(Math.abs(clock.nowMs() - machine.wall) <= 8);
    }
    assert.deepEqual(jumps, []);
  });

  it('starts where the journal ends when the wall is behind that', () => {
    const clock = start({ notBefore: { seconds: 1_700_000_060, nanos: 7000 } });
    assert.deepEqual([clock.seconds, Math.round(clock.nanos / 1000)], [1_700_000_060, 7]);
    run(clock, 10_000);
    assert.ok(Math.abs(clock.nowMs() - (START_MS + 65_000)) <= 5, 'half speed');
    const fresh = start({ notBefore: { seconds: 1, nanos: 0 } });
    assert.ok(Math.abs(fresh.nowMs() - machine.wall) <= 1);
  });

  it(`never goes back, whatever the wall does (seed ${SEED})`, () => {
    const step = fc.record({
      jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -2 * HOUR_MS, max: 2 * HOUR_MS })),
      passMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        machine = new Machine();
        const clock = start();
        let before = [clock.seconds, clock.nanos];
        let beforeMs = clock.nowMs();
        for (const { jumpMs, passMs } of steps) {
          machine.wall += jumpMs;
          machine.pass(passMs);
          clock.tick();
          const now = [clock.seconds, clock.nanos];
          assert.ok(now[0] > before[0] || (now[0] === before[0] && now[1] >= before[1]));
          assert.ok(clock.nowMs() >= beforeMs);
          before = now;
          beforeMs = clock.nowMs();
          // A second after the jump at the latest, it is not behind the wall.
          machine.pass(1001);
          assert.ok(clock.nowMs() >= Math.floor(machine.wall) - 10);
        }
      }),
      { seed: SEED },
    );
  });
});
