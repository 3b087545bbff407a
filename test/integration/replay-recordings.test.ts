import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActionSource } from '../../src/replay/action-source.ts';
import type { Step } from '../../src/replay/actions.ts';
import { LineSource } from '../../src/replay/line-source.ts';
import { parseLobster } from '../../src/replay/lobster.ts';
import { describeRecording, type Recording, type StartPoint } from '../../src/replay/recording.ts';
import { isFaithful } from '../../src/replay/report.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';
import { replay } from '../support/replay-run.ts';
import { SessionVenue } from '../support/session-venue.ts';

const FIRST_999 = 'lob/lobster-aapl-20120621-first999-msg-l10.csv.gz';
const FIRST_999_BOOK = 'lob/lobster-aapl-20120621-first999-book-l10.csv.gz';
const HOUR = 'lob/lobster-aapl-20120621-0930-1030-msg-l50.csv.gz';
const DAY_TOP = 'lob/lobster-aapl-20120621-book-l1.csv.gz';
const FUTURE = 'lob/cme-esh4-20231225-mbo.csv.gz';

function lobster(file: string, bookFile: string | null): Promise<Recording> {
  return describeRecording({
    format: 'lobster',
    file: recordingPath(file),
    bookFile: bookFile === null ? null : recordingPath(bookFile),
    symbol: null,
    from: null,
  });
}

async function stepsOf(recording: Recording): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const batch of new ActionSource(recording).steps()) steps.push(...batch);
  return steps;
}

const withBook = { skip: skipWithout(FIRST_999, FIRST_999_BOOK) };
test(
  'AAPL, first 999 messages: every row of ten levels is equal or explained',
  withBook,
  async () => {
    const report = await replay(await lobster(FIRST_999, FIRST_999_BOOK));
    assert.equal(report.market, 'replay:AAPL');
    assert.equal(report.tick, '0.01');
    assert.deepEqual(report.book?.examples, []);
    assert.equal(report.book?.rows_compared, 999);
    assert.equal(report.book?.rows_equal, 985);
    assert.deepEqual(report.book?.rows_explained, {
      level_shrank_out_of_view: 3,
      level_entered_view: 11,
    });
    assert.equal(report.maker_matches.matched, 94);
    assert.deepEqual(report.maker_matches.exceptions, { order_not_in_recording: 4 });
    assert.deepEqual(report.unknown_references, {});
    assert.deepEqual(report.rejected, {});
    assert.ok(isFaithful(report));
  },
);

const withWider = { skip: skipWithout(FIRST_999, FIRST_999_BOOK, HOUR) };
test('AAPL: what shrank out of ten levels was deleted within fifty', withWider, async () => {
  const recording = await lobster(FIRST_999, FIRST_999_BOOK);
  const narrow = new Set<string>();
  const wide = new Set<string>();
  for (const [file, deleted] of [
    [FIRST_999, narrow],
    [HOUR, wide],
  ] as const) {
    const lines = await LineSource.open(recordingPath(file));
    for (let text = await lines.next(); text !== undefined; text = await lines.next()) {
      const { type, orderId } = parseLobster(text);
      if (type === 3) deleted.add(orderId);
    }
  }
  const unseen = (await stepsOf(recording)).filter(
    (step) => step.kind === 'cancel' && !narrow.has(step.clientOrderId),
  );
  const orders = unseen.flatMap((step) => (step.kind === 'cancel' ? [step.clientOrderId] : []));
  const known = orders.filter((id) => !id.startsWith('seed-'));
  assert.equal(known.length, 2);
  for (const id of known) assert.ok(wide.has(id), id);
});

const withHour = { skip: skipWithout(HOUR, DAY_TOP) };
test('AAPL, one hour: every maker is the recorded one or excepted by name', withHour, async () => {
  const report = await replay(await lobster(HOUR, DAY_TOP));
  assert.equal(report.rows, 91_997);
  assert.equal(report.executions, 4055);
  assert.deepEqual(report.maker_matches, {
    matched: 4047,
    total: 4055,
    listed_in_other_order: 0,
    exceptions: { passed_over: 6, listed_late: 2 },
  });
  assert.deepEqual(report.unknown_references, { deletion: 72, execution: 12 });
  assert.deepEqual(report.rejected, {});
  assert.ok(isFaithful(report));
  const { states_compared, states_found } = report.states ?? assert.fail();
  assert.equal(states_compared, 23_456);
  assert.equal(states_found, 23_361);
});

const withHourOnly = { skip: skipWithout(HOUR) };
test('AAPL, one hour: cut off and resumed, it ends in the same state', withHourOnly, async () => {
  const recording = await lobster(HOUR, null);
  const whole = await replay(recording);
  const first = new SessionVenue(recording.market);
  first.commandsLeft = 40_123;
  await replay(recording, first);
  const second = new SessionVenue(recording.market, first);
  const rest = await replay(recording, second, { resumeAfterRequestId: 40_123 });
  assert.equal(rest.state_hash, whole.state_hash);
  assert.equal(rest.maker_matches.exceptions.unexplained, undefined);
});

const withFuture = { skip: skipWithout(FUTURE) };

function future(from: StartPoint | null): Promise<Recording> {
  const file = recordingPath(FUTURE);
  return describeRecording({ format: 'databento-mbo', file, bookFile: null, symbol: null, from });
}

const ALL_MAKERS = { matched: 6229, total: 6229, listed_in_other_order: 333, exceptions: {} };
const TRADING = {
  cancelled_before_its_event: 152,
  hidden_quantity_revealed: 27,
  hidden_quantity_shown: 83,
};

test(
  'ESH4 from its pre-open: the auction is the recorded one to the last order, and so is trading',
  withFuture,
  async () => {
    const recording = await future(null);
    assert.equal(recording.market.symbol, 'ESH4');
    assert.equal(recording.from, 'pre-open');
    const report = await replay(recording);
    assert.equal(report.tick, '0.25');
    assert.equal(report.rows, 68_792);
    assert.deepEqual(report.auctions, [
      {
        row: 9714,
        price: '4800.25',
        recorded_price: '4800.25',
        volume_lots: 44,
        recorded_volume_lots: 44,
        orders: 35,
        orders_matched: 35,
        orders_unexpected: 0,
        levels_after: 1462,
        levels_different: 0,
        example: null,
      },
    ]);
    assert.deepEqual(report.maker_matches, ALL_MAKERS);
    assert.deepEqual(report.unknown_references, {});
    assert.deepEqual(report.skipped_rows, { fill_already_applied: 6118 });
    assert.deepEqual(report.adjustments, { auction_order_unseen: 7, ...TRADING });
    assert.deepEqual(report.rejected, {});
    assert.ok(isFaithful(report));
  },
);

test(
  'ESH4, from the first continuous trade: every maker is the recorded one',
  withFuture,
  async () => {
    const report = await replay(await future('first-continuous-trade'));
    assert.deepEqual(report.maker_matches, ALL_MAKERS);
    assert.deepEqual(report.unknown_references, {});
    assert.deepEqual(report.skipped_rows, {
      before_first_continuous_trade: 9714,
      fill_already_applied: 6090,
    });
    assert.deepEqual(report.adjustments, TRADING);
    assert.deepEqual(report.rejected, {});
    assert.ok(isFaithful(report));
  },
);
