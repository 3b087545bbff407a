import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Counts } from '../../../src/replay/counts.ts';
import { newYorkMidnight, parseLobster } from '../../../src/replay/lobster.ts';
import { lobsterActions } from '../../support/recorded-steps.ts';

interface Case {
  readonly name: string;
  /** type, id, size, price, direction; the time is the row's number. */
  readonly rows: readonly string[];
  readonly actions: readonly string[];
  readonly unknown?: Counts;
  readonly skipped?: Counts;
  readonly adjusted?: Counts;
}

const CASES: readonly Case[] = [
  {
    name: 'submissions rest on the side their direction says',
    rows: ['1,11,100,1000000,1', '1,12,50,1000100,-1'],
    actions: ['buy 100@10000 as 11', 'sell 50@10001 as 12'],
  },
  {
    name: 'partial cancellation reduces, deletion cancels',
    rows: ['1,11,100,1000000,1', '2,11,30,1000000,1', '3,11,70,1000000,1'],
    actions: ['buy 100@10000 as 11', 'amend 11 by 30', 'cancel 11'],
  },
  {
    name: 'partial cancellation of everything that is open is a cancellation',
    rows: ['1,11,100,1000000,1', '2,11,100,1000000,1'],
    actions: ['buy 100@10000 as 11', 'cancel 11'],
  },
  {
    name: 'an execution becomes the order that met it',
    rows: ['1,11,100,1000000,1', '4,11,60,1000000,1', '4,11,40,1000000,1', '3,11,40,1000000,1'],
    actions: [
      'buy 100@10000 as 11',
      'sell 60@10000 ioc meets 60 of 11',
      'sell 40@10000 ioc meets 40 of 11',
    ],
    unknown: { deletion: 1 },
  },
  {
    name: 'hidden executions and crosses are only reported',
    rows: ['5,0,10,1000050,1', '6,0,500,1000000,-1', '5,0,10,1000000,-1'],
    actions: ['print sell 10@10000.5', 'print unknown 500@10000', 'print buy 10@10000'],
  },
  {
    name: 'rows of orders nobody told of are counted by kind',
    rows: ['2,1,5,1000000,1', '3,2,5,1000000,1', '4,3,5,1000000,1', '4,3,5,1000000,1'],
    actions: [],
    unknown: { partial_cancel: 1, deletion: 1, execution: 2 },
  },
  {
    name: 'an order id is submitted once',
    rows: ['1,11,100,1000000,1', '1,11,100,1000000,1'],
    actions: ['buy 100@10000 as 11'],
    skipped: { order_id_submitted_twice: 1 },
  },
  {
    name: 'an order executed past one that was first sends that one back, and is no match',
    rows: ['1,11,100,1000000,1', '1,12,100,1000000,1', '1,13,1,1000000,1', '4,12,50,1000000,1'],
    actions: [
      'buy 100@10000 as 11',
      'buy 100@10000 as 12',
      'buy 1@10000 as 13',
      'amend 11 to 101',
      'amend 11 by 1',
      'sell 50@10000 ioc meets 50 of 12 (passed_over)',
    ],
    adjusted: { sent_back_passed_over: 1 },
  },
  {
    name: 'an id below that of the order before it proves that it arrived before it',
    rows: ['1,111,100,1000000,1', '1,99,100,1000000,1', '4,99,50,1000000,1', '4,99,50,1000000,1'],
    actions: [
      'buy 100@10000 as 111',
      'buy 100@10000 as 99',
      'amend 111 to 101',
      'amend 111 by 1',
      'sell 50@10000 ioc meets 50 of 99 (listed_late)',
      'sell 50@10000 ioc meets 50 of 99',
    ],
    adjusted: { sent_back_listed_late: 1 },
  },
  {
    name: 'an execution behind our best price proves that the orders before it are gone',
    rows: ['1,11,100,1000100,1', '1,12,100,1000000,1', '4,12,50,1000000,1', '3,11,100,1000100,1'],
    actions: [
      'buy 100@10001 as 11',
      'buy 100@10000 as 12',
      'cancel 11',
      'sell 50@10000 ioc meets 50 of 12',
    ],
    adjusted: { cancelled_unseen: 1 },
    unknown: { deletion: 1 },
  },
  {
    name: 'an order that rests through the other side proves that the orders there are gone',
    rows: ['1,11,100,1000000,-1', '1,12,100,1000200,-1', '1,13,100,1000100,1'],
    actions: ['sell 100@10000 as 11', 'sell 100@10002 as 12', 'cancel 11', 'buy 100@10001 as 13'],
    adjusted: { cancelled_unseen: 1 },
  },
  {
    name: 'a halt lets cancellations through and holds new orders back',
    rows: [
      '1,11,100,1000000,1',
      '7,0,0,-1,-1',
      '3,11,100,1000000,1',
      '7,0,0,0,-1',
      '1,12,100,1000000,1',
      '1,13,100,1000000,1',
      '2,12,40,1000000,1',
      '3,13,100,1000000,1',
      '7,0,0,1,-1',
      '4,12,60,1000000,1',
    ],
    actions: [
      'buy 100@10000 as 11',
      'halt',
      'cancel 11',
      'continuous',
      'buy 60@10000 as 12',
      'sell 60@10000 ioc meets 60 of 12',
    ],
    skipped: { quoting_resumes: 1 },
    adjusted: { held_back_in_halt: 2 },
  },
  {
    name: 'an execution during a halt is reported, and its order shrinks',
    rows: ['1,11,100,1000000,1', '7,0,0,-1,-1', '4,11,60,1000000,1'],
    actions: ['buy 100@10000 as 11', 'halt', 'print unknown 60@10000', 'amend 11 by 60'],
    adjusted: { execution_in_halt: 1 },
  },
  {
    name: 'orders of a halt that would trade when it ends are left out',
    rows: ['7,0,0,-1,-1', '1,12,10,1000000,1', '1,13,10,1000000,-1', '7,0,0,1,-1'],
    actions: ['halt', 'continuous', 'buy 10@10000 as 12'],
    adjusted: { held_back_in_halt: 2, crosses_after_halt: 1 },
  },
];

for (const { name, rows, actions, unknown, skipped, adjusted } of CASES) {
  test(`lobster: ${name}`, () => {
    const { words, sink } = lobsterActions(rows.map((row, i) => `${34_200 + i}.5,${row}`));
    assert.deepEqual(words, actions);
    assert.deepEqual(sink.unknownReferences, unknown ?? {});
    assert.deepEqual(sink.skippedRows, skipped ?? {});
    assert.deepEqual(sink.adjustments, adjusted ?? {});
  });
}

test('lobster: actions are numbered densely and carry their row and its time', () => {
  const { sink } = lobsterActions([]);
  assert.equal(sink.lastRequestId, 0);
  const message = parseLobster('34200.004241176,1,16113575,18,5853300,1');
  assert.deepEqual(message, {
    seconds: 34_200,
    nanos: 4_241_176,
    type: 1,
    orderId: '16113575',
    size: 18,
    price: 5_853_300,
    side: 0,
  });
  sink.beginRow(7, message.seconds, message.nanos);
  sink.rest('1', 0, 10, 5);
  sink.print(1, 10, 5);
  const heads = sink.take().map((step) => ({ ...step }));
  assert.deepEqual(
    heads.map(
      (step) => 'requestId' in step && [step.requestId, step.row, step.seconds, step.nanos],
    ),
    [
      [1, 7, 34_200, 4_241_176],
      [2, 7, 34_200, 4_241_176],
    ],
  );
});

test('lobster: times of any precision are exact', () => {
  const cases: [string, number, number][] = [
    ['34200', 34_200, 0],
    ['34200.1', 34_200, 100_000_000],
    ['57599.999999999', 57_599, 999_999_999],
    ['34200.00426064', 34_200, 4_260_640],
  ];
  for (const [text, seconds, nanos] of cases) {
    const message = parseLobster(`${text},1,1,1,100,1`);
    assert.deepEqual([message.seconds, message.nanos], [seconds, nanos], text);
  }
});

test('lobster: what is no message is refused with its text', () => {
  for (const text of ['34200.1,1,5,10,100', 'x,1,5,10,100,1', '1,9,5,10,100,1', '1,1,5,-1,100,1']) {
    assert.throws(() => parseLobster(text), new RegExp(text.replaceAll('.', '\\.')));
  }
});

test('lobster: a recorded day begins at midnight in New York, summer and winter', () => {
  assert.equal(newYorkMidnight('2012-06-21'), Date.parse('2012-06-21T04:00:00Z') / 1000);
  assert.equal(newYorkMidnight('2023-12-22'), Date.parse('2023-12-22T05:00:00Z') / 1000);
  assert.equal(newYorkMidnight(null), 0);
});
