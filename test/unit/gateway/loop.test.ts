import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { GatewayLoop, type Turning } from '../../../src/gateway/loop.ts';
import { Doorbell } from '../../../src/rings/doorbell.ts';

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

function started(engine: Turning, bell = new Doorbell()) {
  const errors: unknown[] = [];
  const loop = new GatewayLoop(engine, bell, (error) => errors.push(error));
  loop.start();
  return { loop, bell, errors };
}

test('the bell wakes a sleeping loop, which works until nothing is left and sleeps again', async () => {
  const engine = new FakeEngine();
  const { loop, bell } = started(engine);
  await sleep(20);
  const idleTurns = engine.turns;
  engine.work = 3;
  bell.ring();
  await sleep(20);
  assert.equal(engine.work, 0);
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
  await sleep(5);
  assert.equal(engine.work, 0);
  await loop.stop();
});

test('a loop that sleeps stops at once, and turns no more', async () => {
  const engine = new FakeEngine();
  const { loop, bell } = started(engine, new PatientDoorbell());
  await sleep(20);
  await loop.stop();
  const { turns } = engine;
  engine.work = 1;
  bell.ring();
  await sleep(150);
  assert.equal(engine.turns, turns);
});

test('an error ends the loop and is told once', async () => {
  const engine = new FakeEngine();
  const { loop, bell, errors } = started(engine);
  await sleep(10);
  const failure = new Error('an invariant is broken');
  engine.turn = () => {
    throw failure;
  };
  engine.work = 1;
  bell.ring();
  await sleep(150);
  assert.deepEqual(errors, [failure]);
  await loop.stop();
});
