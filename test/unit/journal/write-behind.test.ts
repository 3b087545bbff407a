import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { DerivedTables } from '../../../src/journal/derived-tables.ts';
import { META_ORDERS_PRUNED_BELOW, META_TABLES_BATCH } from '../../../src/journal/format.ts';
import { readOrder, readTrades } from '../../../src/journal/queries.ts';
import { verifyJournal } from '../../../src/journal/verify.ts';
import { RingReader } from '../../../src/rings/ring.ts';
import { READER_GATEWAY } from '../../../src/rings/roles.ts';
import { FrameWriter } from '../../support/frames.ts';
import { type JournalSetup, QUOTE_UNITS, setUpJournal } from '../../support/journal.ts';
import { OrderFlow } from '../../support/order-flow.ts';

const READER = { quoteUnitsPerTickLot: QUOTE_UNITS };

function mark(setup: JournalSetup): number | undefined {
  return setup.store.meta.get(META_TABLES_BATCH);
}

function commitFlood(setup: JournalSetup, flow: OrderFlow, writer: FrameWriter): void {
  for (let i = 0; i < 300; i += 1) flow.next();
  writer.producer.publish();
  while (setup.committer.commit() > 0);
  new RingReader(setup.rings[0], READER_GATEWAY).skipToEnd();
}

/** The tables say what the frames say, as far as their mark says that they do. */
function assertTable(setup: JournalSetup): void {
  assert.deepEqual(verifyJournal(setup.store, READER).problems, []);
}

async function reopen(t: TestContext, setup: JournalSetup): Promise<JournalSetup> {
  await setup.store.close();
  return setUpJournal(t, { directory: setup.directory });
}

describe('the tables in a flood', () => {
  it('is written at once when little changes', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    setup.committer.commit();
    assert.equal(mark(setup), undefined);
    assert.ok(readOrder(setup.store, 1));
  });

  it('is written behind, and says from where', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    const flow = new OrderFlow(writer, 8);
    commitFlood(setup, flow, writer);
    const first = mark(setup);
    assert.ok(first !== undefined);
    assert.equal(readOrder(setup.store, 5), undefined);
    assert.deepEqual(readTrades(setup.store, 1, { limit: 5 }), []);
    commitFlood(setup, flow, writer);
    assert.equal(mark(setup), first);
    assertTable(setup);
    setup.committer.settle();
    assert.equal(mark(setup), undefined);
    assert.ok(readOrder(setup.store, 5));
    assert.equal(readTrades(setup.store, 1, { limit: 5 }).length, 5);
    assertTable(setup);
  });

  it('is brought up by the next start when its process died', async (t) => {
    let setup = setUpJournal(t);
    let writer = new FrameWriter(setup.rings[0], 1);
    commitFlood(setup, new OrderFlow(writer, 8), writer);
    setup.committer.settle();
    commitFlood(setup, new OrderFlow(writer, 9, 1000), writer);
    assert.ok(mark(setup) !== undefined);
    // Nothing is settled: the rows in memory are gone with the process.
    setup = await reopen(t, setup);
    assert.equal(mark(setup), undefined);
    assertTable(setup);
    const seq = setup.committer.lastSeqs().get(1) ?? 0;
    writer = new FrameWriter(setup.rings[0], 1, seq);
    commitFlood(setup, new OrderFlow(writer, 10, 5000), writer);
    setup = await reopen(t, setup);
    assertTable(setup);
  });

  it('tells the flushes when they are durable, and wants to be called in time', (t) => {
    const setup = setUpJournal(t);
    const told: number[] = [];
    const tables = DerivedTables.open(setup.store, QUOTE_UNITS, {
      behindMs: 0,
      onFlushed: (flushes) => told.push(flushes),
    });
    assert.equal(tables.waitsMs(), Number.POSITIVE_INFINITY);
    tables.committed();
    assert.deepEqual(told, []);
    const writer = new FrameWriter(setup.rings[0], 1);
    for (let orderId = 1; orderId <= 40; orderId += 1) writer.placeResting({ orderId });
    const ring = writer.producer.ring;
    writer.producer.publish();
    const reader = new RingReader(ring, 0);
    for (let at = reader.next(); at >= 0; at = reader.next()) tables.apply(ring, at);
    setup.store.root.transactionSync(() => tables.flush(1));
    tables.committed();
    tables.committed();
    assert.deepEqual(told, [1]);
  });

  it('takes a flood of printed trades, which touch no order, as one', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    for (let i = 0; i < 40; i += 1) {
      writer.printCommand();
      writer.printed(100 + i, 1, 0);
      writer.end();
    }
    writer.producer.publish();
    setup.committer.commit();
    assert.equal(mark(setup), 0);
    setup.committer.settle();
    assert.equal(readTrades(setup.store, 1, { limit: 50 }).length, 40);
    assertTable(setup);
  });

  it('drops the row of an order that closes below what retention removed', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    writer.placeResting({ orderId: 1, sessionId: 1 });
    writer.placeResting({ orderId: 2, sessionId: 0 });
    writer.producer.publish();
    setup.committer.commit();
    setup.store.meta.putSync(META_ORDERS_PRUNED_BELOW, 100);
    for (const orderId of [1, 2]) {
      writer.cancelCommand(orderId);
      writer.cancelled(orderId, 10);
      writer.end();
    }
    writer.producer.publish();
    setup.committer.commit();
    assert.equal(readOrder(setup.store, 1), undefined);
    assert.ok(readOrder(setup.store, 2), 'a user’s order stays');
    assertTable(setup);
  });
});
