import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Counts } from '../../../src/replay/counts.ts';
import { mboActions } from '../../support/recorded-steps.ts';

interface Case {
  readonly name: string;
  /** Events; each record is `action side ticks size id`. */
  readonly events: readonly string[][];
  readonly actions: readonly string[];
  readonly unknown?: Counts;
  readonly skipped?: Counts;
  readonly adjusted?: Counts;
}

const CASES: readonly Case[] = [
  {
    name: 'add and cancel',
    events: [['A B 100 5 1'], ['A A 102 3 2'], ['C B 100 5 1']],
    actions: ['buy 5@100 as 1', 'sell 3@102 as 2', 'cancel 1'],
  },
  {
    name: 'a cancel of less than is open reduces',
    events: [['A B 100 5 1'], ['C B 100 2 1']],
    actions: ['buy 5@100 as 1', 'amend 1 by 2'],
  },
  {
    name: 'a smaller size keeps the place, a larger one or another price costs it',
    events: [['A B 100 5 1'], ['M B 100 3 1'], ['M B 100 4 1'], ['M B 99 4 1'], ['M B 99 4 1']],
    actions: ['buy 5@100 as 1', 'amend 1 by 2', 'amend 1 to 4', 'amend 1 to 4 at 99'],
    skipped: { modify_of_nothing_we_see: 1 },
  },
  {
    name: 'a clear cancels everything',
    events: [['A B 100 5 1'], ['R N 0 0 0'], ['A B 100 5 2']],
    actions: ['buy 5@100 as 1', 'cancel all', 'buy 5@100 as 2'],
  },
  {
    name: 'a trade with its fills is one aggressor, and what reports the fills changes nothing',
    events: [
      ['A A 100 1 1'],
      ['A A 100 4 2'],
      ['T B 100 3 9', 'F A 100 1 1', 'F A 100 2 2', 'C A 100 1 1', 'M A 100 2 2'],
    ],
    actions: ['sell 1@100 as 1', 'sell 4@100 as 2', 'buy 3@100 ioc meets 1 of 1, 2 of 2'],
    skipped: { fill_already_applied: 2 },
  },
  {
    name: 'a cancel of the filled part reports the fill; what stays open stays',
    events: [['A A 100 4 2'], ['T B 100 3 9', 'F A 100 3 2', 'C A 100 3 2'], ['C A 100 1 2']],
    actions: ['sell 4@100 as 2', 'buy 3@100 ioc meets 3 of 2', 'cancel 2'],
    skipped: { fill_already_applied: 1 },
  },
  {
    name: 'an aggressor that goes through two prices is one order for each',
    events: [
      ['A A 100 1 1'],
      ['A A 101 4 2'],
      ['T B 100 1 9', 'F A 100 1 1', 'T B 101 2 9', 'F A 101 2 2', 'C A 100 1 1', 'M A 101 2 2'],
    ],
    actions: [
      'sell 1@100 as 1',
      'sell 4@101 as 2',
      'buy 1@100 ioc meets 1 of 1',
      'buy 2@101 ioc meets 2 of 2',
    ],
    skipped: { fill_already_applied: 2 },
  },
  {
    name: 'what is left of an aggressor comes as its own add',
    events: [['A A 100 1 1'], ['T B 100 1 9', 'F A 100 1 1', 'A B 100 7 9', 'C A 100 1 1']],
    actions: ['sell 1@100 as 1', 'buy 1@100 ioc meets 1 of 1', 'buy 7@100 as 9'],
    skipped: { fill_already_applied: 1 },
  },
  {
    name: 'a resting order that is modified to trade lists its own fill too',
    events: [
      ['A B 100 1 1'],
      ['A A 102 2 2'],
      ['T A 100 1 2', 'F A 100 1 2', 'F B 100 1 1', 'C B 100 1 1', 'M A 100 1 2'],
    ],
    actions: [
      'buy 1@100 as 1',
      'sell 2@102 as 2',
      'sell 1@100 ioc meets 1 of 1',
      'amend 2 to 1 at 100',
    ],
    skipped: { fill_already_applied: 1 },
  },
  {
    name: 'a resting order that is modified and trades whole is cancelled',
    events: [
      ['A B 100 1 1'],
      ['A A 102 1 2'],
      ['T A 100 1 2', 'F A 100 1 2', 'F B 100 1 1', 'C A 102 1 2', 'C B 100 1 1'],
    ],
    actions: ['buy 1@100 as 1', 'sell 1@102 as 2', 'sell 1@100 ioc meets 1 of 1', 'cancel 2'],
    skipped: { fill_already_applied: 1 },
  },
  {
    name: 'an order cancelled in the event of a trade it had no part in went before the trade',
    events: [
      ['A A 100 1 1'],
      ['A A 100 1 2'],
      ['T B 100 1 9', 'F A 100 1 2', 'C A 100 1 2', 'C A 100 1 1'],
    ],
    actions: ['sell 1@100 as 1', 'sell 1@100 as 2', 'cancel 1', 'buy 1@100 ioc meets 1 of 2'],
    skipped: { fill_already_applied: 1 },
    adjusted: { cancelled_before_its_event: 1 },
  },
  {
    name: 'the same for an order that rests where another was cancelled',
    events: [['A A 100 1 1'], ['A B 100 1 9', 'C A 100 1 1']],
    actions: ['sell 1@100 as 1', 'cancel 1', 'buy 1@100 as 9'],
    adjusted: { cancelled_before_its_event: 1 },
  },
  {
    name: 'more filled than shown was hidden, and comes out behind the queue',
    events: [
      ['A A 100 2 1'],
      ['A A 100 1 2'],
      ['T B 100 8 9', 'F A 100 1 2', 'F A 100 7 1', 'C A 100 1 2', 'M A 100 2 1'],
      ['T B 100 1 10', 'F A 100 1 1', 'M A 100 1 1'],
    ],
    actions: [
      'sell 2@100 as 1',
      'sell 1@100 as 2',
      'sell 5@100 as 1~3',
      'buy 8@100 ioc meets 1 of 2, 7 of 1',
      'sell 2@100 as 1~7',
      'buy 1@100 ioc meets 1 of 1',
    ],
    skipped: { fill_already_applied: 2 },
    adjusted: { hidden_quantity_revealed: 1, hidden_quantity_shown: 1 },
  },
  {
    name: 'a trade of no side, or against nothing that rests, is only reported',
    events: [
      ['A A 100 1 1'],
      ['T N 100 44 0', 'F N 100 44 1', 'C A 100 1 1'],
      ['T B 101 3 9'],
      ['T A 99 3 9', 'F B 99 3 8'],
    ],
    actions: [
      'sell 1@100 as 1',
      'print unknown 44@100',
      'cancel 1',
      'print buy 3@101',
      'print sell 3@99',
    ],
    unknown: { fill: 1 },
  },
  {
    name: 'rows of orders nobody told of are counted; a modify tells all there is to know',
    events: [['C B 100 5 1'], ['M B 100 5 2'], ['C B 100 5 2']],
    actions: ['buy 5@100 as 2~2', 'cancel 2~2'],
    unknown: { cancel: 1, modify: 1 },
  },
];

for (const { name, events, actions, unknown, skipped, adjusted } of CASES) {
  test(`mbo: ${name}`, () => {
    const { words, sink } = mboActions(events);
    assert.deepEqual(words, actions);
    assert.deepEqual(sink.unknownReferences, unknown ?? {});
    assert.deepEqual(sink.skippedRows, skipped ?? {});
    assert.deepEqual(sink.adjustments, adjusted ?? {});
  });
}

const CALLS: readonly Case[] = [
  {
    name: 'an auction opens the market with the fills of both sides, and what reports them is passed over',
    events: [
      ['A B 101 3 1'],
      ['A A 100 2 2'],
      ['A A 101 4 3'],
      [
        'T N 101 3 0',
        'F N 101 3 1',
        'F N 101 2 2',
        'F N 101 1 3',
        'C B 101 3 1',
        'C A 100 2 2',
        'M A 101 3 3',
      ],
      ['T B 101 1 9', 'F A 101 1 3', 'M A 101 2 3'],
    ],
    actions: [
      'pre-open',
      'buy 3@101 as 1',
      'sell 2@100 as 2',
      'sell 4@101 as 3',
      'continuous, auction of 3@101: 3 of 1, 2 of 2, 1 of 3',
      'after it bids , asks 3@101',
      'buy 1@101 ioc meets 1 of 3',
    ],
    skipped: { fill_already_applied: 4 },
  },
  {
    name: 'an order that only the auction shows is placed where it is sure to trade, on the side whose turn it is',
    events: [
      ['A B 102 2 1'],
      ['A A 100 5 2'],
      ['T N 101 5 0', 'F N 101 2 1', 'F N 101 5 2', 'F N 101 3 8', 'C B 102 2 1', 'C A 100 5 2'],
    ],
    actions: [
      'pre-open',
      'buy 2@102 as 1',
      'sell 5@100 as 2',
      'buy 3@102 as 8',
      'continuous, auction of 5@101: 2 of 1, 5 of 2, 3 of 8',
      'after it bids , asks ',
    ],
    skipped: { fill_already_applied: 2 },
    adjusted: { auction_order_unseen: 1 },
  },
  {
    name: 'quantity of a side that no fill names is placed as one order',
    events: [['A B 101 3 1'], ['T N 101 3 0', 'F B 101 3 1', 'C B 101 3 1']],
    actions: [
      'pre-open',
      'buy 3@101 as 1',
      'sell 3@101 as auction-sell-2',
      'continuous, auction of 3@101: 3 of 1, 3 of auction-sell-2',
      'after it bids , asks ',
    ],
    skipped: { fill_already_applied: 1 },
    adjusted: { auction_quantity_unnamed: 1 },
  },
  {
    name: 'without an auction the first trade of an aggressor opens the market',
    events: [['A A 100 1 1'], ['T B 100 1 9', 'F A 100 1 1', 'C A 100 1 1']],
    actions: ['pre-open', 'sell 1@100 as 1', 'continuous', 'buy 1@100 ioc meets 1 of 1'],
    skipped: { fill_already_applied: 1 },
  },
];

for (const { name, events, actions, unknown = {}, skipped = {}, adjusted = {} } of CALLS) {
  test(name, () => {
    const { words, sink } = mboActions(events, true);
    assert.deepEqual(words, actions);
    assert.deepEqual(sink.unknownReferences, unknown);
    assert.deepEqual(sink.skippedRows, skipped);
    assert.deepEqual(sink.adjustments, adjusted);
  });
}
