import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DepthDiff, DiffBook } from '../../../../src/feeds/binance/diff-book.ts';
import type { TextLevel } from '../../../../src/feeds/reading.ts';
import { FeedCollector } from '../../../support/feed-collector.ts';
import { CENTS } from '../../../support/feed-scene.ts';
import { TextBook } from '../../../support/replay-venues/text-book.ts';

const level = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.nat({ max: 4 }))
    .map(([cents, qty]): TextLevel => [(cents / 100).toFixed(2), `${qty}.000`]);
const change = fc.record({
  bids: fc.array(level(9_000, 9_999), { maxLength: 3 }),
  asks: fc.array(level(10_000, 11_000), { maxLength: 3 }),
  length: fc.integer({ min: 1, max: 5 }),
});

/** A history of the exchange's book, and its states between. */
function history(changes: readonly { bids: TextLevel[]; asks: TextLevel[]; length: number }[]) {
  const book = new TextBook();
  book.reset([['95.00', '1']], [['105.00', '1']], 10);
  const snapshots = [shot(book)];
  const diffs: DepthDiff[] = [];
  for (const { bids, asks, length } of changes) {
    const previous = book.sequence;
    book.change(bids, asks, previous + length);
    const last = book.sequence;
    diffs.push({ first: previous + 1, last, previous, bids, asks, venueTimeMs: last });
    snapshots.push(shot(book));
  }
  return { diffs, snapshots, book };
}

function shot(book: TextBook) {
  const plain = (levels: TextBook['bids']) => levels.map(([price, qty]): TextLevel => [price, qty]);
  return {
    lastUpdateId: book.sequence,
    bids: plain(book.bids),
    asks: plain(book.asks),
    venueTimeMs: 0,
  };
}

function levels(side: readonly (readonly string[])[]): number[] {
  return side.flatMap(([price, qty]) => [
    Math.round(Number(price) * 100),
    Math.round(Number(qty) * 1000),
  ]);
}

function open() {
  const collector = new FeedCollector();
  return { collector, following: new DiffBook('X', CENTS, collector) };
}

describe('a book from diffs and a snapshot', () => {
  it('is the exchange’s whatever diffs came before the snapshot, and however often', () => {
    const numRuns = 200;
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 2, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        fc.array(fc.nat({ max: 2 }), { minLength: 30, maxLength: 30 }),
        (changes, seenFrom, takenAt, repeats) => {
          const { diffs, snapshots, book } = history(changes);
          // Diffs are seen from some moment on; the snapshot is of that moment or a later one.
          const from = seenFrom % diffs.length;
          const at = from + (takenAt % (diffs.length - from));
          const { collector, following } = open();
          diffs.forEach((diff, i) => {
            if (i >= from) for (let n = 0; n <= repeats[i]; n += 1) following.diff(diff);
            if (i === at) following.take(snapshots[at]);
          });
          assert.ok(following.book.isFresh);
          assert.equal(following.book.sequence, book.sequence);
          assert.deepEqual(following.book.bids.levels(), levels(book.bids));
          assert.deepEqual(following.book.asks.levels(), levels(book.asks));
          assert.equal(collector.of('stale').length, 0);
          assert.equal(collector.resyncs.length, 1);
        },
      ),
      { numRuns },
    );
  });

  it('a lost diff makes it stale, and the next snapshot right again', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 6, maxLength: 30 }),
        fc.nat(),
        (changes, lostAt) => {
          const { diffs, snapshots, book } = history(changes);
          const lost = 1 + (lostAt % (diffs.length - 3));
          const { collector, following } = open();
          following.diff(diffs[0]);
          following.take(snapshots[0]);
          diffs.forEach((diff, i) => {
            if (i > 0 && i !== lost) following.diff(diff);
          });
          assert.ok(!following.book.isFresh);
          assert.deepEqual(
            collector.of('stale').map(({ reason }) => reason),
            ['gap'],
          );
          following.take(snapshots[diffs.length - 1]);
          assert.ok(following.book.isFresh);
          assert.deepEqual(following.book.bids.levels(), levels(book.bids));
          assert.deepEqual(following.book.asks.levels(), levels(book.asks));
        },
      ),
    );
  });

  it('a snapshot from before the first diff is refused and asked for again', () => {
    const { diffs, snapshots } = history(
      Array.from({ length: 4 }, () => ({ bids: [], asks: [], length: 2 })),
    );
    const { collector, following } = open();
    following.diff(diffs[2]);
    following.take(snapshots[0]);
    assert.ok(!following.book.isFresh);
    assert.deepEqual(
      collector.resyncs.map(({ reason }) => reason),
      ['disconnected', 'gap'],
    );
    following.take(snapshots[2]);
    assert.ok(following.book.isFresh);
  });

  it('a crossed book is not believed', () => {
    const { diffs, snapshots } = history([{ bids: [], asks: [], length: 1 }]);
    const { collector, following } = open();
    following.diff(diffs[0]);
    following.take(snapshots[0]);
    const { last } = diffs[0];
    const bids: TextLevel[] = [['105.00', '1']];
    following.diff({ ...diffs[0], first: last + 1, last: last + 1, previous: last, bids });
    assert.deepEqual(
      collector.of('stale').map(({ reason }) => reason),
      ['crossed'],
    );
    assert.equal(following.best(), undefined);
  });

  it('without an answer it remembers a bounded number of diffs', () => {
    const { following } = open();
    const quiet = { bids: [], asks: [], venueTimeMs: 0 };
    for (let last = 1; last < 12_000; last += 1) {
      following.diff({ ...quiet, first: last, last, previous: last - 1 });
    }
    const { waiting } = following as unknown as { waiting: readonly unknown[] };
    assert.ok(waiting.length <= 5_000);
  });
});
