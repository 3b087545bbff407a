import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RECORD_SEQ } from '../../../src/codec/records.ts';
import { JournalCorruptError } from '../../../src/journal/errors.ts';
import { readFrames } from '../../../src/journal/recovery.ts';
import { type JournalStore, openStore } from '../../../src/journal/store.ts';
import { frameMarketId } from '../../../src/rings/frame.ts';
import { RingReader } from '../../../src/rings/ring.ts';
import { READER_GATEWAY } from '../../../src/rings/roles.ts';
import { FrameWriter } from '../../support/frames.ts';
import { type JournalSetup, setUpJournal } from '../../support/journal.ts';
import { OrderFlow } from '../../support/order-flow.ts';

const ignore = (): void => undefined;

/** Three batches in two markets. */
function threeBatches(t: TestContext): JournalSetup & { writers: FrameWriter[] } {
  const setup = setUpJournal(t, { rings: 2 });
  const writers = setup.rings.map((ring, i) => new FrameWriter(ring, i + 1));
  const flows = writers.map((writer, i) => new OrderFlow(writer, 11 + i, 1 + i, 2));
  for (let batch = 0; batch < 3; batch += 1) {
    for (const flow of flows) for (let i = 0; i < 150; i += 1) flow.next();
    for (const writer of writers) writer.producer.publish();
    setup.committer.commit();
    for (const ring of setup.rings) new RingReader(ring, READER_GATEWAY).skipToEnd();
  }
  assert.equal(setup.committer.lastBatch, 3);
  return { ...setup, writers };
}

function corruption(store: JournalStore): JournalCorruptError {
  try {
    readFrames(store, undefined, ignore);
  } catch (error) {
    assert.ok(error instanceof JournalCorruptError, String(error));
    return error;
  }
  return assert.fail('nothing was found');
}

/** Replaces a stored batch by a changed copy of it. */
function rewrite(store: JournalStore, batch: number, change: (value: Buffer) => void): void {
  const value = Buffer.from(store.batches.get(batch) ?? []);
  change(value);
  store.batches.putSync(batch, value);
}

describe('readFrames', () => {
  it('reads nothing from an empty journal', (t) => {
    const { store } = setUpJournal(t);
    const summary = readFrames(store, undefined, () => assert.fail('there is no frame'));
    assert.deepEqual(summary, {
      batches: 0,
      frames: 0,
      groups: 0,
      bytes: 0,
      lastBatch: 0,
      lastOrderId: 0,
      seqs: new Map(),
    });
  });

  it('gives every frame once, each market in its order, and sums up', (t) => {
    const { store, writers } = threeBatches(t);
    const seqs = new Map([
      [1, 0],
      [2, 0],
    ]);
    const summary = readFrames(store, undefined, (views, at) => {
      const marketId = frameMarketId(views.i32[(at + 4) >>> 2]);
      const seq = views.f64[(at + RECORD_SEQ) >>> 3];
      assert.equal(seq, (seqs.get(marketId) ?? 0) + 1);
      seqs.set(marketId, seq);
    });
    assert.deepEqual(seqs, new Map(writers.map((writer) => [writer.marketId, writer.seq])));
    assert.deepEqual(summary.seqs, seqs);
    assert.equal(summary.frames, writers[0].seq + writers[1].seq);
    assert.equal(summary.groups, 900);
    assert.equal(summary.batches, 3);
    assert.equal(summary.lastBatch, 3);
    assert.ok(summary.lastOrderId > 100);
  });

  it('reads from the middle, with and without knowing where the markets stood', (t) => {
    const { store } = threeBatches(t);
    const all: string[] = [];
    const note =
      (to: string[]) =>
      (views: { i32: Int32Array; f64: Float64Array }, at: number): void => {
        to.push(`${views.i32[(at + 4) >>> 2] >>> 16}:${views.f64[(at + 8) >>> 3]}`);
      };
    readFrames(store, undefined, note(all));
    const tail: string[] = [];
    const summary = readFrames(store, { batch: 3 }, note(tail));
    assert.deepEqual(tail, all.slice(-tail.length));
    assert.ok(tail.length > 100 && tail.length < all.length);
    const firsts = [1, 2].map((market) =>
      Number(tail.find((f) => f.startsWith(`${market}:`))?.slice(2)),
    );
    const seqs = new Map(firsts.map((first, i) => [i + 1, first - 1]));
    assert.deepEqual(readFrames(store, { batch: 3, seqs }, ignore), summary);
    seqs.set(2, firsts[1]);
    assert.throws(() => readFrames(store, { batch: 3, seqs }, ignore), JournalCorruptError);
  });

  it('finds one changed byte in the file and names the batch', async (t) => {
    const { store, directory } = threeBatches(t);
    const stored = Buffer.from(store.batches.get(2) ?? []);
    await store.close();
    const path = join(directory, 'journal', 'data.mdb');
    const at = readFileSync(path).indexOf(stored);
    assert.ok(at > 0, 'the batch lies in the file as it was stored');
    for (const offset of [13, 100, stored.length - 1]) {
      const fd = openSync(path, 'r+');
      writeSync(fd, Buffer.from([stored[offset] ^ 0x10]), 0, 1, at + offset);
      const reader = openStore(directory, { readOnly: true, durability: 'commit' });
      const { message, place } = corruption(reader);
      await reader.close();
      assert.match(message, /CRC32C/);
      assert.deepEqual(place, { batch: 2, byteOffset: 0 });
      writeSync(fd, Buffer.from([stored[offset]]), 0, 1, at + offset);
      closeSync(fd);
    }
    const reader = openStore(directory, { readOnly: true, durability: 'commit' });
    assert.equal(readFrames(reader, undefined, ignore).batches, 3);
    await reader.close();
  });

  it('names the frame where a changed byte puts it out of place', (t) => {
    const { store } = threeBatches(t);
    const sound = Buffer.from(store.batches.get(2) ?? []);
    const second = 64 + sound.readInt32LE(64);
    const cases: [number, RegExp][] = [
      [second, /byte \d+: CRC32C differs .*: a frame cannot be -?\d+ bytes long/],
      [
        second + 8 + 6,
        /market 1, expected seq \d+, got .*: CRC32C differs .*: the sequence has a gap/,
      ],
    ];
    for (const [offset, message] of cases) {
      rewrite(store, 2, (value) => {
        sound.copy(value);
        value[offset] ^= 0x11;
      });
      const { message: found, place } = corruption(store);
      assert.match(found, message);
      assert.deepEqual([place.batch, place.byteOffset], [2, second]);
    }
  });

  it('finds damage of the header', (t) => {
    const { store } = threeBatches(t);
    rewrite(store, 2, (value) => value.writeUInt32LE(1, 0));
    assert.match(corruption(store).message, /batch 2, byte 0: no batch starts here/);
    rewrite(store, 2, (value) => {
      value.writeUInt32LE(0x424a_424f, 0);
      value.writeUInt16LE(2, 4);
    });
    assert.match(corruption(store).message, /unknown batch version/);
    store.batches.putSync(2, new Uint8Array(10));
    assert.match(corruption(store).message, /shorter than a batch header/);
  });

  it('finds a batch that is missing, misplaced or cut off the end', (t) => {
    const { store } = threeBatches(t);
    const [second, third] = [2, 3].map((batch) => Buffer.from(store.batches.get(batch) ?? []));
    store.batches.removeSync(2);
    assert.match(corruption(store).message, /batch 2, byte 0: the batch is missing/);
    store.batches.putSync(2, third);
    assert.match(corruption(store).message, /batch 2, byte 0: it says it is batch 3/);
    store.batches.putSync(2, second);
    store.batches.removeSync(3);
    const { message, place } = corruption(store);
    assert.match(message, /ends before the market does/);
    assert.equal(place.batch, 3);
  });

  it('names market and sequence where a sequence has a gap', async (t) => {
    const first = threeBatches(t);
    const other = setUpJournal(t, { rings: 1 });
    // A sound batch 1 of another journal, whose market 1 started later.
    const writer = new FrameWriter(other.rings[0], 1, 4);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    const head = new Float64Array([4, 1]);
    other.store.heads.putSync(1, new Uint8Array(head.buffer));
    await other.store.close();
    const shifted = setUpJournal(t, { directory: other.directory });
    const again = new FrameWriter(shifted.rings[0], 1, 4);
    again.placeResting({ orderId: 1 });
    again.producer.publish();
    shifted.committer.commit();
    first.store.batches.putSync(1, Buffer.from(shifted.store.batches.get(1) ?? []));
    const { message, place } = corruption(first.store);
    assert.match(message, /market 1, expected seq 1, got 5/);
    assert.deepEqual(place, { batch: 1, byteOffset: 64, marketId: 1, expectedSeq: 1, foundSeq: 5 });
  });

  it('reads one state while more is committed', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    setup.committer.commit();
    let frames = 0;
    const summary = readFrames(setup.store, undefined, () => {
      frames += 1;
      if (frames > 1) return;
      writer.placeResting({ orderId: 2 });
      writer.producer.publish();
      setup.committer.commit();
    });
    assert.equal(summary.lastBatch, 1);
    assert.equal(summary.frames, 3);
    assert.equal(readFrames(setup.store, undefined, ignore).frames, 6);
  });
});
