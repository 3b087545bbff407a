import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Backlogs } from '../../../../src/gateway/streams/backlogs.ts';

const BOUND_BYTES = 1000;
const STEP_BYTES = 100;

class Connection {
  bufferedBytes = 0;
  looks = 0;
  slow = 0;

  becomeSlow(): void {
    this.slow += 1;
  }
}

/** Counts how often it is looked at. */
function counted(connection: Connection): Connection {
  let bytes = 0;
  Object.defineProperty(connection, 'bufferedBytes', {
    get: () => {
      connection.looks += 1;
      return bytes;
    },
    set: (value: number) => {
      bytes = value;
    },
  });
  return connection;
}

test('a connection beyond the bound becomes slow once, and is no longer looked at', () => {
  const backlogs = new Backlogs(BOUND_BYTES, STEP_BYTES);
  const [quick, slow] = [new Connection(), counted(new Connection())];
  for (const each of [quick, slow]) backlogs.watch(each);
  slow.bufferedBytes = BOUND_BYTES;
  backlogs.published(STEP_BYTES);
  backlogs.look();
  assert.equal(slow.slow, 0, 'the bound itself may wait');
  slow.bufferedBytes = BOUND_BYTES + 1;
  backlogs.published(STEP_BYTES - 1);
  backlogs.look();
  assert.equal(slow.slow, 0, 'not enough was published since');
  backlogs.published(1);
  backlogs.look();
  const { looks } = slow;
  backlogs.published(BOUND_BYTES);
  backlogs.look();
  assert.deepEqual([quick.slow, slow.slow, slow.looks], [0, 1, looks]);
});

test('while all backlogs are short it looks after as much as the longest has room for', () => {
  const backlogs = new Backlogs(BOUND_BYTES, STEP_BYTES);
  const [short, longer] = [counted(new Connection()), new Connection()];
  for (const each of [short, longer]) backlogs.watch(each);
  longer.bufferedBytes = 400;
  backlogs.published(STEP_BYTES);
  backlogs.look();
  assert.equal(short.looks, 1);
  backlogs.published(599);
  backlogs.look();
  assert.equal(short.looks, 1);
  backlogs.published(1);
  backlogs.look();
  assert.equal(short.looks, 2);
  backlogs.forget(longer);
  backlogs.published(600);
  backlogs.look();
  backlogs.published(999);
  backlogs.look();
  assert.equal(short.looks, 3);
});

test('what is published outside of a drain is noticed at the end of the turn', async () => {
  const backlogs = new Backlogs(BOUND_BYTES, STEP_BYTES);
  const connection = new Connection();
  backlogs.watch(connection);
  connection.bufferedBytes = BOUND_BYTES + 1;
  for (let i = 0; i < 3; i += 1) backlogs.published(STEP_BYTES);
  assert.equal(connection.slow, 0, 'not amid whatever is being published');
  await turn();
  assert.equal(connection.slow, 1);
});
