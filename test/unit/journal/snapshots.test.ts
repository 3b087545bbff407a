import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  bytesOfParts,
  closeSnapshot,
  dropSnapshotSome,
  isClosed,
  listSnapshots,
  manifestOf,
  readSnapshot,
  type SnapshotManifest,
  writeSnapshotParts,
} from '../../../src/journal/snapshots.ts';
import { type JournalStore, transact } from '../../../src/journal/store.ts';
import { setUpJournal } from '../../support/journal.ts';

const PART_BYTES = bytesOfParts(1);

function put(store: JournalStore, batch: number, parts: number, close = true): SnapshotManifest {
  const body = new Uint8Array(parts * PART_BYTES - 7).map((_, i) => i * batch);
  const manifest = manifestOf(body, {
    batch,
    seconds: 5,
    nanos: 6,
    lastOrderId: 7,
    seqs: [[1, 9]],
    states: [[1, 'abc']],
  });
  assert.equal(manifest.parts, parts);
  transact(store, () => {
    for (let part = 0; part < parts; part += 2) {
      const bytes = body.subarray(part * PART_BYTES, (part + 2) * PART_BYTES);
      writeSnapshotParts(store, batch, part, bytes);
    }
    if (close) closeSnapshot(store, manifest);
  });
  return manifest;
}

/** The entry of a part, as stored. */
function entries(store: JournalStore): { key: Buffer; value: Buffer }[] {
  return [...store.snapshots.getRange()].map(({ key, value }) => ({
    key: Buffer.from(key),
    value: Buffer.from(value),
  }));
}

function setUp(t: TestContext): JournalStore {
  return setUpJournal(t).store;
}

describe('snapshots in the store', () => {
  it('lists the newest first, and reads each as it was written', (t) => {
    const store = setUp(t);
    const manifests = [3, 700, 2 ** 33].map((batch, i) => put(store, batch, 1 + 3 * i));
    assert.deepEqual(
      listSnapshots(store).map(({ manifest }) => manifest),
      manifests.toReversed(),
    );
    for (const manifest of manifests) {
      const body = readSnapshot(store, manifest);
      assert.equal(body.length, manifest.bytes);
      assert.ok(body.every((byte, i) => byte === ((i * manifest.batch) & 255)));
    }
  });

  it('has none before its closing record, and shows the remains', (t) => {
    const store = setUp(t);
    put(store, 10, 2);
    put(store, 20, 4, false);
    assert.equal(isClosed(store, 20), false);
    const [remains, whole] = listSnapshots(store);
    assert.deepEqual(remains, { batch: 20, manifest: undefined, problem: undefined });
    assert.equal(whole.manifest?.batch, 10);
  });

  it('finds a changed byte in any part and in the closing record', (t) => {
    const store = setUp(t);
    const manifest = put(store, 10, 3);
    for (const [at, { key, value }] of entries(store).entries()) {
      const changed = Buffer.from(value);
      changed[changed.length - 2] ^= 4;
      store.snapshots.putSync(key, changed);
      if (at < 3) {
        assert.throws(() => readSnapshot(store, manifest), {
          name: 'SnapshotDamagedError',
          message: `snapshot after batch 10: part ${at}: CRC32C differs from the stored one`,
        });
      } else {
        assert.match(listSnapshots(store)[0].problem ?? '', /batch 10: CRC32C of its closing/);
      }
      store.snapshots.putSync(key, value);
    }
    assert.equal(readSnapshot(store, manifest).length, manifest.bytes);
  });

  it('finds a part that is missing or belongs elsewhere', (t) => {
    const store = setUp(t);
    const manifest = put(store, 10, 3);
    const [first, second] = entries(store);
    store.snapshots.putSync(first.key, second.value);
    assert.throws(() => readSnapshot(store, manifest), /its parts are not the body/);
    store.snapshots.removeSync(first.key);
    assert.throws(() => readSnapshot(store, manifest), /part 0 is missing/);
  });

  it('is removed piece by piece, first of all what makes it one', (t) => {
    const store = setUp(t);
    put(store, 10, 5);
    put(store, 11, 5);
    assert.equal(dropSnapshotSome(store, 11, 2), false);
    assert.equal(isClosed(store, 11), false);
    assert.equal(dropSnapshotSome(store, 11, 2), false);
    assert.equal(dropSnapshotSome(store, 11, 2), true);
    assert.deepEqual(
      listSnapshots(store).map(({ batch }) => batch),
      [10],
    );
    assert.equal(entries(store).length, 6);
  });
});
