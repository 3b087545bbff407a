import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayProxy } from '../../src/replay/replay-proxy.ts';
import type { ReplayOptions, ReplayProgress } from '../../src/replay/replay-thread.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { lobsterRecording } from '../support/replay-run.ts';
import { SessionVenue } from '../support/session-venue.ts';

/** Orders that rest and are deleted again, a second apart. */
function messages(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const id = 1 + (i >> 1);
    return `${34_200 + i}.5,${i % 2 === 0 ? 1 : 3},${id},10,${10_000 - 100 * (id % 9)},1`;
  });
}

async function options(count: number, speed: number | 'max'): Promise<ReplayOptions> {
  const recording = await lobsterRecording(messages(count));
  return { recording, portfolioId: 1, speed, resumeAfterRequestId: 0 };
}

/** Keeps the venue going on this thread until the returned function is called. */
function run(venue: SessionVenue): () => void {
  const bell = new Doorbell(venue.wiring.sessionBell);
  let running = true;
  const turn = (): void => {
    if (!running) return;
    venue.pump();
    bell.ring();
    setImmediate(turn);
  };
  turn();
  return () => {
    running = false;
  };
}

test('replay thread: feeds a venue on another thread, reports, and reads on until stopped', async () => {
  const all = await options(6000, 'max');
  const venue = new SessionVenue(all.recording.market);
  const halt = run(venue);
  const progress: ReplayProgress[] = [];
  const proxy = ReplayProxy.start(venue.wiring, all, (p) => progress.push(p));
  const report = await proxy.finished;
  assert.equal(report.rows, 6000);
  assert.equal(report.commands, 6000);
  assert.equal(report.unanswered, 0);
  assert.deepEqual(report.rejected, {});
  assert.equal(report.stopped, false);
  assert.equal(venue.machine.openOrders, 0);
  assert.ok(progress.length > 0);
  await proxy.stop();
  halt();
});

test('replay thread: stops in the middle, and says so', async () => {
  const all = await options(1000, 1);
  const venue = new SessionVenue(all.recording.market);
  const halt = run(venue);
  const proxy = ReplayProxy.start(venue.wiring, all);
  while (venue.durableRequestId === 0) await new Promise((resolve) => setImmediate(resolve));
  await proxy.stop();
  const report = await proxy.finished;
  assert.equal(report.stopped, true);
  assert.ok(report.commands >= 1 && report.commands < 10, `${report.commands}`);
  assert.equal(report.unanswered, 0);
  halt();
});

test('replay thread: a file that turns unreadable rejects', async () => {
  const all = await options(10, 'max');
  const venue = new SessionVenue(all.recording.market);
  const gone = { ...all, recording: { ...all.recording, file: '/nowhere/at-all.csv' } };
  const proxy = ReplayProxy.start(venue.wiring, gone);
  await assert.rejects(proxy.finished, /ENOENT/);
  await proxy.stop();
});
