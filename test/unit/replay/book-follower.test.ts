import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bookDepth, edgeOf, isBeyond, parseBookRow } from '../../../src/replay/book-file.ts';
import { lobsterRecording, replay } from '../../support/replay-run.ts';

/** A book row of two levels from `ask size, ask size | bid size, bid size`; prices in cents. */
function row(asks: string, bids: string): string {
  const side = (text: string, dummy: number): string[][] => {
    const levels = text === '' ? [] : text.split(', ').map((level) => level.split(' '));
    while (levels.length < 2) levels.push([String(dummy), '0']);
    return levels.map(([price, size]) => [
      size === '0' ? price : String(Number(price) * 100),
      size,
    ]);
  };
  const [ask, bid] = [side(asks, 9_999_999_999), side(bids, -9_999_999_999)];
  return [0, 1].map((i) => [...ask[i], ...bid[i]].join(',')).join(',');
}

const m = (i: number, rest: string): string => `${34_200 + i}.000000001,${rest}`;

async function compare(messages: string[], rows: string[]) {
  const report = await replay(
    await lobsterRecording(
      messages.map((text, i) => m(i, text)),
      rows,
    ),
  );
  assert.notEqual(report.book, null);
  const { file: _file, examples, ...counts } = report.book ?? assert.fail();
  return { counts, examples, report };
}

test('book file: dummies are no levels, and say that the whole side is seen', () => {
  const text = row('101 5', '100 7, 99 8');
  assert.equal(bookDepth(text), 2);
  const parsed = parseBookRow(text, 100);
  assert.deepEqual(parsed, { asks: [101, 5], bids: [100, 7, 99, 8] });
  assert.equal(edgeOf(parsed, 1, 2), 0);
  assert.equal(edgeOf(parsed, 0, 2), 99);
  assert.deepEqual(
    [isBeyond(98, 99, 0), isBeyond(99, 99, 0), isBeyond(1, 0, 0)],
    [true, false, false],
  );
  assert.throws(() => parseBookRow('1,2,3', 100), /no LOBSTER book row/);
});

test('book: the opening book is the first row without the first message', async () => {
  const { counts, report } = await compare(
    ['1,11,3,10000,1', '3,9,2,10100,-1', '4,8,7,10000,1', '4,11,3,10000,1'],
    [
      row('101 5, 102 6', '100 10, 99 8'),
      row('101 3, 102 6', '100 10, 99 8'),
      row('101 3, 102 6', '100 3, 99 8'),
      row('101 3, 102 6', '99 8'),
    ],
  );
  assert.deepEqual(counts, {
    rows_compared: 4,
    rows_equal: 4,
    rows_explained: {},
    rows_unexplained: 0,
  });
  assert.deepEqual(report.unknown_references, {});
  // Order 8 rested before the recording: its level is known, it is not.
  assert.deepEqual(report.maker_matches.exceptions, { order_not_in_recording: 1 });
  assert.equal(report.maker_matches.matched, 1);
});

test('book: a level from behind the edge is explained and made up for', async () => {
  const { counts } = await compare(
    ['1,11,3,10000,1', '3,9,5,10100,-1', '1,12,1,10300,-1', '3,7,6,10200,-1', '3,6,4,10300,-1'],
    [
      row('101 5, 102 6', '100 3, 99 8'),
      row('102 6, 103 4', '100 3, 99 8'),
      row('102 6, 103 5', '100 3, 99 8'),
      row('103 5', '100 3, 99 8'),
      row('103 1', '100 3, 99 8'),
    ],
  );
  assert.deepEqual(counts, {
    rows_compared: 5,
    rows_equal: 4,
    rows_explained: { level_entered_view: 1 },
    rows_unexplained: 0,
  });
});

test('book: a level that comes back smaller, or not at all, is explained', async () => {
  const { counts, report } = await compare(
    ['1,11,3,10000,1', '1,12,4,10150,-1', '1,13,4,10050,-1', '3,12,4,10150,-1', '3,13,4,10050,-1'],
    [
      row('101 5, 102 6', '100 3, 99 8'),
      // 102 leaves the view, and loses 4 of 6 unseen.
      row('101 5, 101.5 4', '100 3, 99 8'),
      // 101.5 leaves it too.
      row('100.5 4, 101 5', '100 3, 99 8'),
      row('100.5 4, 101 5', '100 3, 99 8'),
      row('101 5, 102 2', '100 3, 99 8'),
    ],
  );
  assert.deepEqual(counts, {
    rows_compared: 5,
    rows_equal: 4,
    rows_explained: { level_shrank_out_of_view: 1 },
    rows_unexplained: 0,
  });
  assert.deepEqual(report.rejected, {});
});

test('book: what differs inside the view stays unexplained, and is shown', async () => {
  const { counts, examples } = await compare(
    ['1,11,3,10000,1', '1,12,4,10000,1', '5,0,1,10050,1'],
    [
      row('101 5, 102 6', '100 3, 99 8'),
      row('101 5, 102 6', '100 8, 99 8'),
      row('101 5, 102 6', '100 7, 98 1'),
    ],
  );
  assert.equal(counts.rows_equal, 1);
  assert.equal(counts.rows_unexplained, 2);
  assert.deepEqual(examples, [
    // The tick is half a cent here, for the hidden trade's sake.
    'row 2: bid level 1 is 7 at 200, in the file 8 at 200 (lots, ticks)',
    'row 3: bid level 2 at 198 ticks is not in the file',
  ]);
});

test('book: a level of ours that the file does not have is unexplained', async () => {
  const { counts, examples } = await compare(
    ['1,11,3,10000,1', '1,12,4,9800,1'],
    [row('101 5', '100 3'), row('101 5', '100 3')],
  );
  assert.deepEqual([counts.rows_equal, counts.rows_unexplained], [1, 1]);
  assert.deepEqual(examples, ['row 2: bid level 2 at 98 ticks is not in the file']);
});
