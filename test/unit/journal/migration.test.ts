import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFacts } from '../../../src/journal/facts.ts';
import { migrate } from '../../../src/journal/migration.ts';
import { openStore } from '../../../src/journal/store.ts';
import { FrameWriter } from '../../support/frames.ts';
import { setUpJournal } from '../../support/journal.ts';

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
