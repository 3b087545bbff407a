import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type JournalStore, lastKey } from '../../../src/journal/store.ts';
import { MAX_PROBLEMS, type VerifyReport, verifyJournal } from '../../../src/journal/verify.ts';
import { FrameWriter } from '../../support/frames.ts';
import { QUOTE_UNITS, setUpJournal } from '../../support/journal.ts';
import { OrderFlow } from '../../support/order-flow.ts';

function day(t: TestContext): JournalStore {
  const setup = setUpJournal(t, { batchBytes: 8192 });
  const writer = new FrameWriter(setup.rings[0], 1);
  const flow = new OrderFlow(writer, 3);
  for (let i = 0; i < 800; i += 1) flow.next();
  writer.producer.publish();
  while (setup.committer.commit() > 0);
  setup.committer.settle();
  assert.ok(setup.committer.lastBatch > 5);
  return setup.store;
}

function verify(store: JournalStore): VerifyReport {
  return verifyJournal(store, { quoteUnitsPerTickLot: QUOTE_UNITS });
}

describe('verifyJournal', () => {
  it('finds nothing in a sound journal, and says what it compared', (t) => {
    const store = day(t);
    const report = verify(store);
    assert.deepEqual(report.problems, []);
    assert.equal(report.ok, true);
    assert.ok(report.orders > 300);
    assert.ok(report.trades > 50);
    assert.equal(report.orders, lastKey(store.orders));
  });

  it('finds an order row that differs, is missing, or belongs to no command', (t) => {
    const store = day(t);
    const image = Buffer.from(store.orders.get(7) ?? []);
    const changed = Buffer.from(image);
    changed[70] ^= 1;
    store.orders.putSync(7, changed);
    assert.deepEqual(verify(store).problems, [
      'order 7: the table differs from what its events say',
    ]);
    store.orders.removeSync(7);
    assert.equal(verify(store).problems.length, 2, 'the row and the count of rows');
    store.orders.putSync(7, image);
    store.orders.putSync(1_000_000, image);
    assert.match(verify(store).problems[0], /table orders has \d+ rows, the frames lead to \d+/);
  });

  it('finds a trade row that differs', (t) => {
    const store = day(t);
    const [entry] = store.trades.getRange({ limit: 1 });
    const changed = Buffer.from(entry.value);
    changed[8] ^= 1;
    store.trades.putSync(entry.key, changed);
    assert.match(verify(store).problems[0], /its trade is not in the table as it happened/);
  });

  it('reports damage of the frames instead of throwing', (t) => {
    const store = day(t);
    const value = Buffer.from(store.batches.get(2) ?? []);
    value[value.length - 1] ^= 1;
    store.batches.putSync(2, value);
    const report = verify(store);
    assert.equal(report.ok, false);
    assert.equal(report.summary, undefined);
    assert.equal(report.problems.length, 1);
    assert.match(
      report.problems[0],
      /^journal batch 2, byte 0: CRC32C differs from the stored one \([0-9a-f]{8}, not [0-9a-f]{8}\): no frame is out of place/,
    );
  });

  it('finds groups that do not start with a command or mix markets', (t) => {
    const setup = setUpJournal(t);
    const first = new FrameWriter(setup.rings[0], 1);
    const second = new FrameWriter(setup.rings[0], 2, 0, first.producer);
    first.allCancelled(0);
    first.end();
    first.cancelAllCommand();
    second.allCancelled(0);
    second.end();
    first.cancelAllCommand();
    first.cancelAllCommand();
    first.end();
    first.producer.publish();
    setup.committer.commit();
    assert.deepEqual(verify(setup.store).problems, [
      'frame 1: an event outside a group',
      'frame 3: market 2 in a group of 1',
      'frame 5: a group starts within a group',
    ]);
  });

  it('hands every frame to the rematch and reports what it finds', (t) => {
    const store = day(t);
    let frames = 0;
    const rematch = {
      frame: (): string | undefined => {
        frames += 1;
        return frames % 2 === 0 ? `frame ${frames} differs` : undefined;
      },
      end: (): string | undefined => 'the book differs',
    };
    const report = verifyJournal(store, { quoteUnitsPerTickLot: QUOTE_UNITS, rematch });
    assert.equal(frames, report.summary?.frames);
    assert.equal(report.problems[0], 'frame 2 differs');
    assert.equal(report.problems.length, MAX_PROBLEMS);
  });
});
