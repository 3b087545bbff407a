import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TopicHistory } from '../../../../src/surfaces/native/topic-history.ts';

const BYTES_MAX = 64 * 1024;

/** The same from a plain list: what a client at `seq` has not had, as far as it is kept. */
function expected(all: { seq: number; prevSeq: number; bytes: Uint8Array }[], seq: number) {
  const at = all.findIndex(({ prevSeq }) => prevSeq === seq);
  return at < 0 ? undefined : all.slice(at).map(({ bytes }) => [...bytes]);
}

test('whatever is pushed: the newest messages come back byte by byte, or nothing does', () => {
  const message = fc.record({
    step: fc.integer({ min: 1, max: 4 }),
    length: fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 30_000 }),
      fc.constant(BYTES_MAX),
      fc.constant(BYTES_MAX + 1),
    ),
    fill: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 120 }), (messages) => {
      const history = new TopicHistory(BYTES_MAX);
      const all: { seq: number; prevSeq: number; bytes: Uint8Array }[] = [];
      let seq = 0;
      for (const { step, length, fill } of messages) {
        const bytes = new Uint8Array(length).fill(fill);
        history.push(seq + step, seq, bytes);
        if (length > BYTES_MAX) all.length = 0;
        else all.push({ seq: seq + step, prevSeq: seq, bytes });
        seq += step;
        assert.ok(history.bytes <= BYTES_MAX);
        const kept = all.slice(all.length - history.length);
        for (let from = Math.max(0, seq - 40); from < seq; from += 1) {
          const found = history.since(from)?.map((part) => [...part]);
          assert.deepEqual(found, expected(kept, from));
        }
        assert.equal(history.since(seq), undefined, 'of the newest there is nothing to come');
        if (length <= BYTES_MAX) assert.ok(history.length > 0, 'the newest is always kept');
      }
    }),
    { numRuns: 60 },
  );
});

test('memory grows with what is kept, up to the bound', () => {
  const history = new TopicHistory(BYTES_MAX);
  assert.equal(history.bytes, 16 * 1024);
  for (let seq = 0; seq < 10; seq += 1) history.push(seq + 1, seq, new Uint8Array(1000));
  assert.equal(history.bytes, 16 * 1024);
  for (let seq = 10; seq < 1000; seq += 1) history.push(seq + 1, seq, new Uint8Array(1000));
  assert.equal(history.bytes, BYTES_MAX);
  assert.ok(history.length >= 60 && history.length <= 65);
});
