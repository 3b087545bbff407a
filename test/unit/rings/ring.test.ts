import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  FRAME_FLAG_END,
  frameFlags,
  frameMarketId,
  frameType,
  frameWord,
} from '../../../src/rings/frame.ts';
import {
  RING_EMPTY,
  RING_FULL,
  Ring,
  RingProducer,
  RingReader,
  ringUsedBytes,
} from '../../../src/rings/ring.ts';

const word = (type: number): number => frameWord(type, FRAME_FLAG_END, 7);

function put(producer: RingProducer, value: number, lengthBytes = 16): boolean {
  const at = producer.claim(lengthBytes, word(1));
  if (at === RING_FULL) return false;
  producer.ring.f64[(at + 8) >>> 3] = value;
  producer.endGroup();
  return true;
}

function takeAll(reader: RingReader): number[] {
  const values: number[] = [];
  for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
    values.push(reader.ring.f64[(at + 8) >>> 3]);
  }
  return values;
}

describe('ring', () => {
  it('packs type, flags and market into the frame word', () => {
    const packed = frameWord(200, 3, 65_535);
    assert.equal(frameType(packed), 200);
    assert.equal(frameFlags(packed), 3);
    assert.equal(frameMarketId(packed), 65_535);
  });

  it('shows nothing before publish and everything after it, in order', () => {
    const ring = Ring.create(1024, 1);
    const producer = new RingProducer(ring);
    const reader = new RingReader(ring, 0);
    put(producer, 1);
    put(producer, 2);
    assert.deepEqual(takeAll(reader), []);
    assert.equal(producer.publish(), true);
    assert.equal(producer.publish(), false, 'nothing new to publish');
    assert.deepEqual(takeAll(reader), [1, 2]);
  });

  it('never shows half a group', () => {
    const ring = Ring.create(1024, 1);
    const producer = new RingProducer(ring);
    const reader = new RingReader(ring, 0);
    put(producer, 1);
    const at = producer.claim(16, word(1));
    ring.f64[(at + 8) >>> 3] = 2;
    producer.publish();
    assert.deepEqual(takeAll(reader), [1]);
    producer.endGroup();
    producer.publish();
    assert.deepEqual(takeAll(reader), [2]);
  });

  it('refuses when the slowest reader leaves no room, and takes again after its release', () => {
    const ring = Ring.create(1024, 2);
    const producer = new RingProducer(ring);
    const fast = new RingReader(ring, 0);
    const slow = new RingReader(ring, 1);
    for (let i = 0; i < 64; i += 1) assert.equal(put(producer, i), true);
    assert.equal(put(producer, 64), false);
    assert.equal(producer.canClaim(16), false);
    producer.publish();
    takeAll(fast);
    fast.release();
    assert.equal(put(producer, 64), false, 'the slow reader gates');
    takeAll(slow);
    slow.release();
    assert.equal(ringUsedBytes(ring), 0);
    assert.equal(put(producer, 64), true);
  });

  it('lets a reader behind a barrier see only what the barrier released', () => {
    const ring = Ring.create(1024, 2);
    const producer = new RingProducer(ring);
    const journal = new RingReader(ring, 0);
    const gateway = new RingReader(ring, 1, 0);
    put(producer, 1);
    producer.publish();
    assert.deepEqual(takeAll(gateway), []);
    assert.deepEqual(takeAll(journal), [1]);
    assert.deepEqual(takeAll(gateway), [], 'read is not yet released');
    journal.release();
    assert.equal(gateway.hasNext(), true);
    assert.deepEqual(takeAll(gateway), [1]);
  });

  it('pads at the wrap and keeps frames contiguous', () => {
    const ring = Ring.create(1024, 1);
    const producer = new RingProducer(ring);
    const reader = new RingReader(ring, 0);
    for (let i = 0; i < 40; i += 1) {
      assert.equal(put(producer, i, 400), true);
      producer.publish();
      const at = reader.next();
      assert.ok(at + 400 <= ring.capacityBytes);
      assert.equal(ring.f64[(at + 8) >>> 3], i);
      reader.release();
    }
  });

  it('is read by rows of frames, which end at padding and at what is published', () => {
    const ring = Ring.create(1024, 1);
    const producer = new RingProducer(ring);
    const reader = new RingReader(ring, 0);
    const read: number[] = [];
    for (let sent = 0; sent < 60; sent += 3) {
      for (let i = 0; i < 3; i += 1) assert.ok(put(producer, sent + i, 104));
      producer.publish();
      assert.ok(put(producer, -1) && reader.peek() !== RING_EMPTY, 'another is not published yet');
      for (let at = reader.peek(); at !== RING_EMPTY; at = reader.peek()) {
        assert.equal(reader.peek(), at, 'looking reads nothing');
        const end = reader.rowEnd();
        assert.ok(end <= ring.capacityBytes);
        let next = at;
        // At most two at a time, so that rows are also left in the middle.
        for (
          let i = 0;
          i < 2 && next < end && frameType(ring.i32[(next >>> 2) + 1]) === 1;
          i += 1
        ) {
          read.push(ring.f64[(next + 8) >>> 3]);
          next += ring.i32[next >>> 2];
        }
        reader.skipTo(next);
      }
      reader.release();
    }
    const sent = read.filter((value) => value >= 0);
    assert.deepEqual(sent, [...sent.keys()]);
    assert.equal(sent.length, 60);
  });

  it('starts a late reader at the newest position', () => {
    const ring = Ring.create(1024, 1);
    const producer = new RingProducer(ring);
    put(producer, 1);
    producer.publish();
    const reader = new RingReader(ring, 0);
    reader.skipToEnd();
    put(producer, 2);
    producer.publish();
    assert.deepEqual(takeAll(reader), [2]);
  });

  it('survives the wrap of its 32-bit positions', () => {
    const ring = Ring.create(1024, 1);
    // Both cursors stand two frames before the wrap of the signed position.
    const nearWrap = (2 ** 31 - 4) | 0;
    ring.control.fill(nearWrap);
    const producer = new RingProducer(ring);
    const reader = new RingReader(ring, 0);
    for (let round = 0; round < 10; round += 1) {
      for (let i = 0; i < 50; i += 1) assert.equal(put(producer, i), true);
      producer.publish();
      assert.equal(takeAll(reader).length, 50);
      reader.release();
    }
  });

  it('refuses capacities it cannot index', () => {
    assert.throws(() => Ring.create(1000, 1), /too small/);
    assert.throws(() => Ring.create(1536, 1), /power of two/);
    assert.throws(() => new RingReader(Ring.create(1024, 1), 1), /no such reader/);
  });

  it('delivers every frame once and in order to each reader, whatever the interleaving', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ op: fc.constant('put' as const), words: fc.integer({ min: 2, max: 40 }) }),
        fc.record({ op: fc.constant('publish' as const), words: fc.constant(0) }),
        fc.record({ op: fc.constant('read' as const), words: fc.integer({ min: 0, max: 1 }) }),
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (script) => {
        const ring = Ring.create(1024, 2);
        const producer = new RingProducer(ring);
        const readers = [new RingReader(ring, 0), new RingReader(ring, 1)];
        const seen: number[][] = [[], []];
        let written = 0;
        for (const { op, words } of script) {
          if (op === 'put') {
            if (put(producer, written, words * 8)) written += 1;
          } else if (op === 'publish') {
            producer.publish();
          } else {
            seen[words].push(...takeAll(readers[words]));
            readers[words].release();
          }
        }
        producer.publish();
        readers.forEach((reader, i) => {
          seen[i].push(...takeAll(reader));
          assert.deepEqual(
            seen[i],
            Array.from({ length: written }, (_, n) => n),
          );
        });
      }),
    );
  });
});
