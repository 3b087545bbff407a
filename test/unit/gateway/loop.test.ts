import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { GatewayLoop, type Turning } from '../../../src/gateway/loop.ts';
import { Doorbell } from '../../../src/rings/doorbell.ts';
import { eventually } from '../../support/server-process.ts';

/** Work that a test puts in; a turn takes one piece unless it is blocked. */
class FakeEngine implements Turning {
  work = 0;
  turns = 0;
  blocked = false;

  turn(): boolean {
    this.turns += 1;
    if (this.work === 0 || this.blocked) return false;
    this.work -= 1;
    return true;
  }

  hasWork(): boolean {
    return this.work > 0;
  }
}

/** Wakes by being rung only, so that a test sees whether somebody rang. */
class PatientDoorbell extends Doorbell {
  override waitAsync(hasWork: () => boolean): Promise<void> {
    return super.waitAsync(hasWork, 1_000_000);
  }
}

/** Turns no more until somebody rings, or time is up. */
async function asleep(engine: FakeEngine): Promise<void> {
  for (let turns = -1; turns !== engine.turns || turns === 0; ) {
    turns = engine.turns;
    for (let i = 0; i < 5; i += 1) await turn();
  }
}

function started(engine: Turning, bell = new Doorbell()) {
  const errors: unknown[] = [];
  const loop = new GatewayLoop(engine, bell, (error) => errors.push(error));
  loop.start();
  return { loop, bell, errors };
}

test('the bell wakes a sleeping loop, which works until nothing is left and sleeps again', async () => {
  const engine = new FakeEngine();
  // One that nothing but the bell wakes: its turns can be counted, however busy the machine is.
  const { loop, bell } = started(engine, new PatientDoorbell());
  await asleep(engine);
  const idleTurns = engine.turns;
  engine.work = 3;
  bell.ring();
  await eventually('the work is done', () => engine.work === 0 || undefined);
  await asleep(engine);
  assert.equal(engine.turns, idleTurns + 4, 'three that worked, and one that found nothing');
  await loop.stop();
});

test('work that cannot be done yet keeps neither timers nor sockets waiting', async () => {
  const engine = new FakeEngine();
  engine.work = 1;
  engine.blocked = true;
  const { loop } = started(engine);
  for (let i = 0; i < 5; i += 1) await turn();
  await sleep(5);
  assert.equal(engine.work, 1);
  engine.blocked = false;
  await eventually('the work is done', () => engine.work === 0 || undefined);
  await loop.stop();
});

test('a loop that sleeps stops at once, and turns no more', async () => {
  const engine = new FakeEngine();
  const { loop, bell } = started(engine, new PatientDoorbell());
  await asleep(engine);
  await loop.stop();
  const { turns } = engine;
  engine.work = 1;
  bell.ring();
  for (let i = 0; i < 20; i += 1) await turn();
  assert.equal(engine.turns, turns);
});

test('an error ends the loop and is told once', async () => {
  const engine = new FakeEngine();
  const { loop, bell, errors } = started(engine);
  await asleep(engine);
  const failure = new Error('an invariant is broken');
  engine.turn = () => {
    throw failure;
  };
  engine.work = 1;
  bell.ring();
  await eventually('the error is told', () => errors.length > 0 || undefined);
  await sleep(120);
  assert.deepEqual(errors, [failure]);
  await loop.stop();
});
