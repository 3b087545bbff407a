import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RECORD_SEQ } from '../../../src/codec/records.ts';
import { CANCEL_MASS } from '../../../src/domain/orders.ts';
import { BATCH_HEADER_BYTES } from '../../../src/journal/batch.ts';
import { readFrames } from '../../../src/journal/recovery.ts';
import { FRAME_FLAG_END, frameFlags, frameMarketId } from '../../../src/rings/frame.ts';
import { RING_EMPTY, type Ring, RingReader } from '../../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL } from '../../../src/rings/roles.ts';
import { FrameWriter } from '../../support/frames.ts';
import { type JournalSetup, setUpJournal } from '../../support/journal.ts';
import { OrderFlow } from '../../support/order-flow.ts';

/** Markets and sequences of the frames in a batch, and whether each ends its group. */
function framesOf(setup: JournalSetup, batch: number): [number, number, boolean][] {
  const value = setup.store.batches.get(batch);
  assert.ok(value, `batch ${batch} is there`);
  const bytes = new Uint8Array(value).slice(BATCH_HEADER_BYTES);
  const i32 = new Int32Array(bytes.buffer);
  const f64 = new Float64Array(bytes.buffer);
  const frames: [number, number, boolean][] = [];
  for (let at = 0; at < bytes.length; at += i32[at >>> 2]) {
    const word = i32[(at + 4) >>> 2];
    const ended = (frameFlags(word) & FRAME_FLAG_END) !== 0;
    frames.push([frameMarketId(word), f64[(at + RECORD_SEQ) >>> 3], ended]);
  }
  return frames;
}

function gatewayOf(ring: Ring): RingReader {
  return new RingReader(ring, READER_GATEWAY, READER_JOURNAL);
}

describe('Committer', () => {
  it('commits a group at once and shows it to others only then', (t) => {
    const { committer, store, rings } = setUpJournal(t);
    const gateway = gatewayOf(rings[0]);
    const writer = new FrameWriter(rings[0], 1);
    assert.equal(committer.hasWork(), false);
    assert.equal(committer.commit(), 0);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    assert.equal(committer.hasWork(), true);
    assert.equal(gateway.next(), RING_EMPTY, 'nothing is seen before it is durable');
    assert.equal(committer.commit(), 3);
    assert.notEqual(gateway.next(), RING_EMPTY);
    assert.ok(store.batches.get(1));
    assert.equal(committer.commit(), 0, 'nothing is committed twice');
    assert.equal(store.batches.get(2), undefined);
  });

  it('releases nothing and stops for good when the transaction fails', (t) => {
    const { committer, store, rings } = setUpJournal(t);
    const gateway = gatewayOf(rings[0]);
    const writer = new FrameWriter(rings[0], 1);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    store.meta.putSync('epoch', store.epoch + 1);
    assert.throws(() => committer.commit(), /another process opened/);
    store.meta.putSync('epoch', store.epoch);
    assert.throws(() => committer.commit(), /failed commits nothing more/);
    assert.equal(gateway.next(), RING_EMPTY);
    assert.equal(store.batches.get(1), undefined);
  });

  it('refuses a gap in a market’s sequence before it is stored', (t) => {
    const { committer, store, rings } = setUpJournal(t);
    const writer = new FrameWriter(rings[0], 1);
    writer.placeResting({ orderId: 1 });
    writer.seq += 1;
    writer.placeResting({ orderId: 2 });
    writer.producer.publish();
    assert.throws(() => committer.commit(), /market 1 sent seq 5, expected 4/);
    assert.equal(store.batches.get(1), undefined);
    assert.equal(gatewayOf(rings[0]).next(), RING_EMPTY);
  });

  it('goes on after a restart where it stood, and refuses a sequence that does not', async (t) => {
    const first = setUpJournal(t);
    const writer = new FrameWriter(first.rings[0], 1);
    writer.placeResting({ orderId: 1 });
    writer.producer.publish();
    first.committer.commit();
    await first.store.close();

    const second = setUpJournal(t, { directory: first.directory });
    assert.equal(second.committer.lastBatch, 1);
    assert.deepEqual(second.committer.lastSeqs(), new Map([[1, 3]]));
    const next = new FrameWriter(second.rings[0], 1, 3);
    next.placeResting({ orderId: 2 });
    next.producer.publish();
    assert.equal(second.committer.commit(), 3);
    assert.equal(second.committer.lastBatch, 2);
    await second.store.close();

    const third = setUpJournal(t, { directory: first.directory });
    const wrong = new FrameWriter(third.rings[0], 1, 3);
    wrong.placeResting({ orderId: 3 });
    wrong.producer.publish();
    assert.throws(() => third.committer.commit(), /market 1 sent seq 4, expected 7/);
  });

  it('takes frames of several rings one ring after another', (t) => {
    const setup = setUpJournal(t, { rings: 2 });
    const writers = setup.rings.map((ring, i) => new FrameWriter(ring, i + 1));
    for (let orderId = 1; orderId <= 4; orderId += 1) {
      const writer = writers[orderId % 2];
      writer.placeResting({ orderId });
      writer.producer.publish();
    }
    assert.equal(setup.committer.commit(), 12);
    const seen = framesOf(setup, 1).map(([marketId, seq]) => `${marketId}:${seq}`);
    const expected = [1, 2].flatMap((market) =>
      [1, 2, 3, 4, 5, 6].map((seq) => `${market}:${seq}`),
    );
    assert.deepEqual(seen, expected);
    for (const ring of setup.rings) assert.notEqual(gatewayOf(ring).next(), RING_EMPTY);
  });

  it('never splits a group, wherever batches end and the ring wraps', (t) => {
    const batchBytes = 2048;
    const setup = setUpJournal(t, { batchBytes, ringBytes: 1 << 14 });
    const [ring] = setup.rings;
    const writer = new FrameWriter(ring, 1);
    const flow = new OrderFlow(writer, 5);
    let groups = 0;
    while (groups < 3000) {
      while (writer.producer.canClaim(8192)) {
        flow.next();
        groups += 1;
      }
      writer.producer.publish();
      const gateway = gatewayOf(ring);
      while (setup.committer.commit() > 0);
      while (gateway.next() !== RING_EMPTY);
      gateway.release();
    }
    let full = 0;
    const { lastBatch } = setup.committer;
    for (let batch = 1; batch <= lastBatch; batch += 1) {
      const frames = framesOf(setup, batch);
      assert.equal(frames.at(-1)?.[2], true, `batch ${batch} ends with a group's end`);
      const bytes = (setup.store.batches.get(batch)?.length ?? 0) - BATCH_HEADER_BYTES;
      const ended = frames.filter(([, , end]) => end).length;
      assert.ok(bytes <= batchBytes || ended === 1, `batch ${batch} keeps the limit`);
      if (bytes > batchBytes / 2) full += 1;
    }
    assert.ok(full > 50, 'the test must fill batches');
    const { frames, groups: stored } = readFrames(setup.store, undefined, () => undefined);
    assert.equal(frames, writer.seq);
    assert.equal(stored, groups);
  });

  it('stores a group larger than a batch whole, in a batch of its own', (t) => {
    const setup = setUpJournal(t, { batchBytes: 1024, ringBytes: 1 << 17 });
    const writer = new FrameWriter(setup.rings[0], 1);
    const orders = 1000;
    for (let orderId = 1; orderId <= orders; orderId += 1) {
      if (!writer.producer.canClaim(1 << 14)) {
        writer.producer.publish();
        const gateway = gatewayOf(setup.rings[0]);
        while (setup.committer.commit() > 0);
        while (gateway.next() !== RING_EMPTY);
        gateway.release();
      }
      writer.placeResting({ orderId });
    }
    writer.producer.publish();
    const gateway = gatewayOf(setup.rings[0]);
    while (setup.committer.commit() > 0);
    while (gateway.next() !== RING_EMPTY);
    gateway.release();
    const before = setup.committer.lastBatch;
    writer.placeResting({ orderId: orders + 1 });
    writer.cancelAllCommand();
    for (let orderId = 1; orderId <= orders; orderId += 1) {
      writer.cancelled(orderId, 10, CANCEL_MASS);
    }
    writer.allCancelled(orders);
    writer.end();
    writer.placeResting({ orderId: orders + 2 });
    writer.producer.publish();
    while (setup.committer.commit() > 0);
    assert.equal(setup.committer.lastBatch, before + 3);
    assert.equal(framesOf(setup, before + 1).length, 3);
    assert.equal(framesOf(setup, before + 2).length, orders + 2);
    assert.equal(framesOf(setup, before + 3).length, 3);
  });

  it('lets no ring starve while another is flooded', (t) => {
    const setup = setUpJournal(t, { rings: 2, batchBytes: 1024 });
    const [flooded, quiet] = setup.rings.map((ring, i) => new FrameWriter(ring, i + 1));
    for (let orderId = 1; orderId <= 300; orderId += 1) flooded.placeResting({ orderId });
    flooded.producer.publish();
    setup.committer.commit();
    quiet.placeResting({ orderId: 1000 });
    quiet.producer.publish();
    const gateway = gatewayOf(setup.rings[1]);
    let batches = 0;
    while (gateway.next() === RING_EMPTY) {
      assert.ok(setup.committer.commit() > 0);
      batches += 1;
    }
    assert.ok(batches <= 2, `the quiet ring waited for ${batches} batches`);
  });

  it('journals venue facts as they are', (t) => {
    const setup = setUpJournal(t);
    const venue = new FrameWriter(setup.rings[0], 0);
    venue.venue('{"kind":"halted","market":1}');
    venue.venue('{"kind":"näher"}');
    venue.producer.publish();
    assert.equal(setup.committer.commit(), 2);
    const bodies: string[] = [];
    readFrames(setup.store, undefined, (views, at) => {
      const length = views.i32[(at + 24) >>> 2];
      bodies.push(new TextDecoder().decode(views.u8.slice(at + 32, at + 32 + length)));
    });
    assert.deepEqual(bodies, ['{"kind":"halted","market":1}', '{"kind":"näher"}']);
  });
});
