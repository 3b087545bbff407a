import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerivedTables } from '../../../src/journal/derived-tables.ts';
import { readFacts } from '../../../src/journal/facts.ts';
import { META_TABLES_BATCH } from '../../../src/journal/format.ts';
import { migrate } from '../../../src/journal/migration.ts';
import { openStore } from '../../../src/journal/store.ts';
import { verifyJournal } from '../../../src/journal/verify.ts';
import { FrameWriter } from '../../support/frames.ts';
import { QUOTE_UNITS, setUpJournal } from '../../support/journal.ts';
import { OrderFlow } from '../../support/order-flow.ts';

describe('a journal of format 1', () => {
  it('is refused by readers with what helps, and brought up to date by the journal', async (t) => {
    const setup = setUpJournal(t);
    const venue = new FrameWriter(setup.rings[0], 0);
    venue.seconds = 77;
    venue.venue('{"kind":"A"}');
    venue.venue('{"kind":"B"}');
    venue.producer.publish();
    setup.committer.commit();
    // As the first format was: no facts.
    setup.store.facts.clearSync();
    setup.store.meta.putSync('format', 1);
    await setup.store.close();
    assert.throws(
      () => openStore(setup.directory, { readOnly: true, durability: 'commit' }),
      /format 1, this version reads 3: start the server once/,
    );
    const store = openStore(setup.directory, { readOnly: false, durability: 'commit' });
    migrate(store);
    assert.equal(store.meta.get('format'), 3);
    assert.deepEqual(
      [...readFacts(store, 1, 10)].map(({ seq, seconds, json }) => [seq, seconds, json]),
      [
        [1, 77, '{"kind":"A"}'],
        [2, 77, '{"kind":"B"}'],
      ],
    );
    migrate(store);
    await store.close();
    const reader = openStore(setup.directory, { readOnly: true, durability: 'commit' });
    await reader.close();
  });
});

describe('a journal of format 2', () => {
  it('keeps the mark from which its orders are behind, for its trades as well', async (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    const flow = new OrderFlow(writer, 8);
    for (let i = 0; i < 300; i += 1) flow.next();
    writer.producer.publish();
    while (setup.committer.commit() > 0);
    const { meta } = setup.store;
    const mark = meta.get(META_TABLES_BATCH);
    assert.equal(mark, 0, 'the flood is written behind');
    // As format 2 named it. Its facts are there, and its oldest batches may be gone.
    meta.removeSync(META_TABLES_BATCH);
    meta.putSync('orders_batch', mark);
    meta.putSync('format', 2);
    await setup.store.close();
    const store = openStore(setup.directory, { readOnly: false, durability: 'commit' });
    migrate(store);
    assert.equal(store.meta.get('format'), 3);
    assert.equal(store.meta.get('orders_batch'), undefined);
    assert.equal(store.meta.get(META_TABLES_BATCH), mark);
    DerivedTables.open(store, QUOTE_UNITS);
    const { problems, trades } = verifyJournal(store, { quoteUnitsPerTickLot: QUOTE_UNITS });
    assert.deepEqual(problems, []);
    assert.ok(trades > 0);
    await store.close();
  });
});
