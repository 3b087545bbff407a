import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JournalOpenError } from '../../../src/journal/errors.ts';
import { journalExists, lastKey, openStore, transact } from '../../../src/journal/store.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const WRITE = { readOnly: false, durability: 'commit' } as const;
const READ = { readOnly: true, durability: 'commit' } as const;

describe('openStore', () => {
  it('raises the epoch at every opening for writing, and only then', async (t) => {
    const directory = temporaryDirectory(t);
    assert.equal(journalExists(directory), false);
    for (const epoch of [1, 2, 3]) {
      const store = openStore(directory, WRITE);
      assert.equal(store.epoch, epoch);
      await store.close();
    }
    assert.equal(journalExists(directory), true);
    for (let i = 0; i < 2; i += 1) {
      const store = openStore(directory, READ);
      assert.equal(store.epoch, 3);
      await store.close();
    }
  });

  it('refuses to read where there is no journal', (t) => {
    assert.throws(() => openStore(temporaryDirectory(t), READ), {
      name: 'JournalOpenError',
      message: /there is no journal/,
    });
  });

  it('refuses a journal of another format, and leaves it as it is', async (t) => {
    const directory = temporaryDirectory(t);
    const store = openStore(directory, WRITE);
    store.meta.putSync('format', 99);
    await store.close();
    for (const options of [WRITE, READ]) {
      assert.throws(() => openStore(directory, options), {
        name: 'JournalOpenError',
        message: /format 99, this version reads 3: a newer Openbell wrote it/,
      });
    }
  });

  it('works with async durability', async (t) => {
    const directory = temporaryDirectory(t);
    const store = openStore(directory, { readOnly: false, durability: 'async' });
    transact(store, () => void store.heads.putSync(1, new Uint8Array([1, 2])));
    await store.close();
    const reopened = openStore(directory, READ);
    assert.deepEqual([...(reopened.heads.get(1) ?? [])], [1, 2]);
    await reopened.close();
  });

  it('keeps numbers as keys in their order, also beyond 32 bits', async (t) => {
    const store = openStore(temporaryDirectory(t), WRITE);
    const keys = [1, 255, 256, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3, 2 ** 53 - 2];
    transact(store, () => {
      for (const key of [...keys].reverse()) store.batches.putSync(key, new Uint8Array([1]));
    });
    assert.deepEqual([...store.batches.getKeys({ start: 0 })], keys);
    assert.equal(lastKey(store.batches), 2 ** 53 - 2);
    assert.equal(lastKey(store.orders), 0);
    await store.close();
  });
});

describe('transact', () => {
  it('leaves nothing of a transaction that throws', async (t) => {
    const store = openStore(temporaryDirectory(t), WRITE);
    const broken = (): void => {
      store.batches.putSync(1, new Uint8Array([1]));
      throw new Error('half way');
    };
    assert.throws(() => transact(store, broken), /half way/);
    assert.equal(store.batches.get(1), undefined);
    await store.close();
  });

  it('refuses once another process has opened the journal for writing', async (t) => {
    const store = openStore(temporaryDirectory(t), WRITE);
    // What the other process does at its opening.
    store.meta.putSync('epoch', store.epoch + 1);
    const write = (): void => void store.batches.putSync(1, new Uint8Array([1]));
    assert.throws(() => transact(store, write), JournalOpenError);
    assert.equal(store.batches.get(1), undefined);
    await store.close();
  });
});
