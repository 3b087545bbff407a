import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MINUTE_SECONDS } from '../../../src/domain/candles.ts';
import * as BAR from '../../../src/features/bar-rows.ts';
import { CandleBuilder } from '../../../src/features/candle-builder.ts';
import { UTC_CALENDAR } from '../../../src/features/periods.ts';
import { CONFIRM_MS, MinuteSeam } from '../../../src/live/minute-seam.ts';

interface Fill {
  readonly ms: number;
  readonly ticks: number;
  readonly lots: number;
}

const START_MS = 1_700_000_040_000;

/** An exchange that knows all fills, a follower that sees them from some moment on, and time. */
class Scene {
  nowMs = START_MS;
  /** Whether the exchange answers. */
  isUp = true;
  readonly fills: Fill[] = [];
  readonly seam: MinuteSeam;
  private readonly closed = new Map<number, Float64Array>();
  private readonly builder = new CandleBuilder(UTC_CALENDAR, {
    closed: (interval, rows, at) => {
      if (interval === 0) this.closed.set(rows[at], rows.slice(at, at + BAR.BAR_FIELDS));
    },
  });
  private readonly due: { atMs: number; call: () => void }[] = [];

  constructor(knownSeconds: number) {
    this.seam = new MinuteSeam(
      {
        fetch: (from, done) => this.later(200, () => done(this.isUp ? this.told(from) : undefined)),
        emit: (row) => this.builder.bar(row, 0),
        nowMs: () => this.nowMs,
        after: (delayMs, call) => this.later(delayMs, call),
      },
      knownSeconds,
    );
  }

  /** Time passes up to a moment. */
  until(ms: number): void {
    for (;;) {
      this.due.sort((a, b) => a.atMs - b.atMs);
      const [next] = this.due;
      if (next === undefined || next.atMs > ms) break;
      this.due.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.call();
    }
    this.nowMs = Math.max(this.nowMs, ms);
  }

  /** A fill happens; the follower hears of it or does not. */
  fill(fill: Fill, isHeard: boolean): void {
    this.until(fill.ms);
    this.fills.push(fill);
    const seconds = Math.floor(fill.ms / 1000);
    if (!isHeard || !this.seam.trade(seconds, fill.ticks, fill.lots)) return;
    this.builder.trade(seconds, fill.ticks, fill.lots);
  }

  /** The minute's bar as it was built here. */
  built(seconds: number): number[] {
    const row = new Float64Array(BAR.BAR_FIELDS);
    this.builder.current(0, row, 0);
    const found = row[0] === seconds ? row : this.closed.get(seconds);
    return [...(found ?? [])];
  }

  /** The same as the exchange has it. */
  real(seconds: number): number[] {
    return [...(this.told(seconds).find((row) => row[0] === seconds) ?? [])];
  }

  private later(delayMs: number, call: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, call };
    this.due.push(entry);
    return () => {
      const at = this.due.indexOf(entry);
      if (at >= 0) this.due.splice(at, 1);
    };
  }

  private told(fromSeconds: number): Float64Array[] {
    const rows = new Map<number, Float64Array>();
    for (const { ms, ticks, lots } of this.fills) {
      const minute = Math.floor(ms / 60_000) * MINUTE_SECONDS;
      if (minute < fromSeconds) continue;
      const own = Float64Array.from([minute, ticks, ticks, ticks, ticks, lots, ticks * lots, 1]);
      const row = rows.get(minute);
      if (row === undefined) rows.set(minute, own);
      else BAR.mergeBar(row, 0, own, 0);
    }
    return [...rows.values()];
  }
}

const minuteOf = (ms: number): number => Math.floor(ms / 60_000) * MINUTE_SECONDS;

describe('MinuteSeam', () => {
  it('makes every minute that has ended what the exchange says, whatever was missed', () => {
    const fills = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 1, max: 25_000 }),
        ticks: fc.integer({ min: 900, max: 1100 }),
        lots: fc.integer({ min: 1, max: 50 }),
        isHeard: fc.boolean(),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const run = fc.property(fills, (list) => {
      const scene = new Scene(minuteOf(START_MS));
      scene.seam.begin();
      let ms = START_MS;
      let wasHeard = true;
      for (const { afterMs, ticks, lots, isHeard } of list) {
        ms += afterMs;
        scene.until(ms);
        if (isHeard && !wasHeard) scene.seam.begin();
        wasHeard = isHeard;
        scene.fill({ ms, ticks, lots }, isHeard);
      }
      scene.until(ms + 1);
      scene.seam.begin();
      const lastMinute = minuteOf(ms);
      scene.until(lastMinute * 1000 + 60_000 + CONFIRM_MS + 1_000);
      assert.equal(scene.seam.unconfirmed, 0);
      for (let at = minuteOf(START_MS); at <= lastMinute; at += MINUTE_SECONDS) {
        assert.deepEqual(scene.built(at), scene.real(at), `minute ${at}`);
      }
    });
    fc.assert(run, { numRuns: 300, verbose: true });
  });

  it('shows the minute under way while it is not confirmed', () => {
    const scene = new Scene(minuteOf(START_MS));
    scene.fill({ ms: START_MS + 1, ticks: 1000, lots: 5 }, false);
    scene.seam.begin();
    scene.until(START_MS + 1_000);
    assert.deepEqual(scene.built(minuteOf(START_MS)).slice(1, 6), [1000, 1000, 1000, 1000, 5]);
    scene.fill({ ms: START_MS + 2_000, ticks: 1010, lots: 1 }, true);
    assert.deepEqual(scene.built(minuteOf(START_MS)).slice(1, 6), [1000, 1010, 1000, 1010, 6]);
  });

  it('goes on with what it has seen when the exchange does not answer', () => {
    const scene = new Scene(minuteOf(START_MS));
    scene.isUp = false;
    scene.seam.begin();
    scene.until(START_MS + 15_000);
    assert.equal(scene.seam.unconfirmed, 1);
    const ms = START_MS + 20_000;
    scene.fill({ ms, ticks: 1000, lots: 2 }, true);
    scene.fill({ ms: ms + 61_000, ticks: 1001, lots: 3 }, true);
    scene.until(ms + 120_000);
    assert.equal(scene.seam.unconfirmed, 2);
    assert.equal(scene.built(minuteOf(ms))[BAR.BAR_LOTS], 2);
    assert.equal(scene.built(minuteOf(ms + 61_000))[BAR.BAR_LOTS], 3);
  });
});
