import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { scoreHeadline } from '../../../src/sentiment/headline-score.ts';
import { recordingPath, skipWithout } from '../../support/recordings.ts';

interface Published {
  readonly title: string;
  /** -1 to 1. */
  readonly sentiment: number;
}

const GOOD = [
  'Apple profit beats expectations',
  'Losses narrow at chip maker',
  'Bitcoin rallies to an all-time high',
  'Microsoft cuts costs by $2bn',
  'Regulator approves spot ether ETF',
  'Company avoids bankruptcy',
  'Sales fell less than feared, shares rise',
  'Debt falls for a third year',
];
const BAD = [
  'Apple issues profit warning',
  'Losses widen at chip maker',
  'Exchange hacked, $200m stolen',
  'Amazon to cut 1,200 jobs',
  'Costs rise sharply at retailer',
  'Regulator does not approve merger',
  'Shares tumble as demand slows',
  'Shares in the bank at a record low',
];

for (const headline of GOOD) {
  test(`good news: ${headline}`, () => assert.ok(scoreHeadline(headline) > 0.1));
}
for (const headline of BAD) {
  test(`bad news: ${headline}`, () => assert.ok(scoreHeadline(headline) < -0.1));
}

test('what says nothing scores nothing, and no score leaves its bounds', () => {
  assert.equal(scoreHeadline(''), 0);
  assert.equal(scoreHeadline('Annual meeting to be held in Zurich'), 0);
  const worst = scoreHeadline('fraud scandal collapse bankruptcy crash plunge '.repeat(20));
  assert.ok(worst > -1 && worst < -0.9, String(worst));
});

test('a concession counts less than what it is conceded to', () => {
  const plain = scoreHeadline('Shares rise');
  const despite = scoreHeadline('Shares rise despite weak demand');
  const because = scoreHeadline('Shares rise, weak demand');
  assert.ok(despite > because && despite < plain);
});

test('a degree makes the word beside it stronger or weaker', () => {
  const plain = scoreHeadline('Profit falls');
  assert.ok(scoreHeadline('Profit falls sharply') < plain);
  assert.ok(scoreHeadline('Profit falls slightly') > plain);
});

const HEADLINES = 'news/semeval2017-headlines.json';

test('on published headlines it goes with what people said', {
  skip: skipWithout(HEADLINES),
}, () => {
  const items = JSON.parse(readFileSync(recordingPath(HEADLINES), 'utf8')) as Published[];
  const scores = items.map(({ title }) => scoreHeadline(title));
  const said = items.map(({ sentiment }) => sentiment);
  const signed = items.flatMap(({ sentiment }, i) =>
    sentiment === 0 || scores[i] === 0 ? [] : [Math.sign(sentiment) === Math.sign(scores[i])],
  );
  const signRate = signed.filter(Boolean).length / signed.length;
  assert.ok(correlation(scores, said) > 0.65, `correlation ${correlation(scores, said)}`);
  assert.ok(signRate > 0.8, `signs ${signRate}`);
});

function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i += 1) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
