import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readFrames } from '../../../src/journal/recovery.ts';
import { openStore } from '../../../src/journal/store.ts';
import { FrameWriter } from '../../support/frames.ts';
import { type JournalSetup, setUpJournal } from '../../support/journal.ts';

const META_BYTES = 168;

function commitOne(setup: JournalSetup, writer: FrameWriter, orderId: number): void {
  writer.placeResting({ orderId });
  writer.producer.publish();
  setup.committer.commit();
}

/** Five batches, and both meta pages as they were before the last. */
async function fiveBatches(
  t: TestContext,
): Promise<{ directory: string; path: string; before: Buffer[] }> {
  const setup = setUpJournal(t);
  const path = join(setup.directory, 'journal', 'data.mdb');
  const writer = new FrameWriter(setup.rings[0], 1);
  for (let orderId = 1; orderId <= 4; orderId += 1) commitOne(setup, writer, orderId);
  const before = [0, 4096].map((at) => readFileSync(path).subarray(at, at + META_BYTES));
  commitOne(setup, writer, 5);
  await setup.store.close();
  return { directory: setup.directory, path, before };
}

async function lastSeq(directory: string): Promise<number | undefined> {
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  const { seqs } = readFrames(store, undefined, () => undefined);
  await store.close();
  return seqs.get(1);
}

/** A transaction is pages, a sync, then one meta page: until that is there, it never happened. */
describe('a torn tail', () => {
  it('whose meta page was not written is cut off, and the journal goes on from there', async (t) => {
    const { directory, path, before } = await fiveBatches(t);
    assert.equal(await lastSeq(directory), 15);
    const fd = openSync(path, 'r+');
    for (const [i, meta] of before.entries()) writeSync(fd, meta, 0, META_BYTES, i * 4096);
    closeSync(fd);
    assert.equal(await lastSeq(directory), 12);
    const again = setUpJournal(t, { directory });
    assert.equal(again.committer.lastBatch, 4);
    commitOne(again, new FrameWriter(again.rings[0], 1, 12), 5);
    await again.store.close();
    assert.equal(await lastSeq(directory), 15);
  });

  it('of which only some pages arrived is cut off', async (t) => {
    const { directory, path } = await fiveBatches(t);
    appendFileSync(path, Buffer.alloc(3 * 4096 + 1000, 'half a transaction'));
    assert.equal(await lastSeq(directory), 15);
    const again = setUpJournal(t, { directory });
    commitOne(again, new FrameWriter(again.rings[0], 1, 15), 6);
    await again.store.close();
    assert.equal(await lastSeq(directory), 18);
  });
});
