import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseOrderFile } from '../../src/replay/survey/order-file.ts';
import { naiveReports } from '../support/naive-survey.ts';
import { SURVEY_CASES } from '../support/survey-cases.ts';
import { surveyInProcess } from '../support/survey-in-process.ts';
import { orderFileBytes, type SurveyMessage } from '../support/survey-messages.ts';
import { SCENARIO_NAMES, scenarioMessages } from '../support/survey-scenarios.ts';

const SEED = Number(process.env.OPENBELL_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`survey properties: run again with OPENBELL_SEED=${SEED}`);

function check(messages: readonly SurveyMessage[]): void {
  const survey = surveyInProcess(parseOrderFile(orderFileBytes(messages), 'a random file'));
  assert.equal(survey.text, naiveReports(messages));
  const { machine } = survey.feed;
  const [bid, ask] = [machine.bestBidTicks(), machine.bestAskTicks()];
  assert.ok(bid === 0 || ask === 0 || bid < ask, 'the book is crossed');
}

interface Scene {
  readonly name: string;
  readonly prices: fc.Arbitrary<bigint>;
  readonly ids: fc.Arbitrary<bigint>;
  readonly qtys: fc.Arbitrary<number>;
}

const few = fc.bigInt({ min: 1n, max: 30n });
const small = fc.integer({ min: 1, max: 20 });
/** Places where the ladder's window of 262 144 ticks ends, moves or is left far behind. */
const PLACES = [1n, 32_767n, 65_536n, 131_072n, 196_608n, 262_143n, 458_752n, 2n ** 40n, 2n ** 52n];

const SCENES: readonly Scene[] = [
  {
    name: 'a busy book of few prices and ids',
    prices: fc.bigInt({ min: 95n, max: 105n }),
    ids: few,
    qtys: small,
  },
  {
    name: 'prices that jump across the window and beyond',
    prices: fc
      .tuple(
        fc.constantFrom(...PLACES),
        fc.bigInt({ min: 0n, max: 40n }),
        fc.constantFrom(1n, 5000n),
      )
      .map(([place, offset, stride]) => place + offset * stride),
    ids: fc.bigInt({ min: 0n, max: 80n }),
    qtys: fc.integer({ min: 1, max: 3 }),
  },
  {
    name: 'prices around zero',
    prices: fc.bigInt({ min: -20n, max: 20n }),
    ids: few,
    qtys: small,
  },
  {
    name: 'ids of 64 bits, quantities of 32',
    prices: fc.bigInt({ min: 99n, max: 101n }),
    ids: few.map((id) => 2n ** 64n - id),
    qtys: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  },
];

function messagesOf({ prices, ids, qtys }: Scene): fc.Arbitrary<SurveyMessage[]> {
  const side = fc.constantFrom<0 | 1>(0, 1);
  const terms = { id: ids, side, qty: qtys, price: prices };
  const any = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant('new' as const),
        ...terms,
        ioc: fc.constantFrom(false, false, false, true),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('modify' as const), ...terms }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('cancel' as const), id: ids }) },
  );
  return fc.array(any as fc.Arbitrary<SurveyMessage>, { maxLength: 300, size: 'max' });
}

/** Of 3000 orders of seed 5: the same on every Node, as the core reads no clock and no chance. */
const HASHES = {
  static: 'cfad629f09a21d100bdea0bba667b7cd3e1633ecc458018a4ece3d71c0228bc4',
  normal: 'a1cf034a25ea8c1bb9fb83a7ca274ffdc88b817001c11c52a10826ecfd164f96',
  'swing-25': '0866c476352e8fed35a7bbca37b696659e54aff2c89071a9aba0889c63df39cb',
  'swing-40': 'c06884f576bd9a69a6a5cb9e676eaeca9f50a0ee2384a63fb7f73145f0d6410b',
  'flash-crash': '85a9fac24aff05547d8ce8a46280d2a64891b4c43cca3e12d819b06bddda11bb',
} as const;

describe('survey files through the core and through an array', () => {
  for (const scene of SCENES) {
    it(scene.name, () => {
      fc.assert(fc.property(messagesOf(scene), check), { seed: SEED, numRuns: 150 });
    });
  }

  for (const scenario of SCENARIO_NAMES) {
    it(`random flow in the shape of ${scenario}`, () => {
      const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
      const orders = fc.integer({ min: 1, max: 1200 });
      const property = fc.property(seeds, orders, (seed, count) => {
        check(scenarioMessages(scenario, seed, count));
      });
      fc.assert(property, { seed: SEED, numRuns: 8 });
    });
  }

  for (const scenario of SCENARIO_NAMES) {
    it(`${scenario}: the same reports on every Node, and the array's`, () => {
      const messages = scenarioMessages(scenario, 5, 3000);
      const text = naiveReports(messages);
      assert.equal(createHash('sha256').update(text).digest('hex'), HASHES[scenario]);
      check(messages);
    });
  }

  it('the hand-made cases', () => {
    for (const { messages, reports, name } of SURVEY_CASES) {
      assert.equal(naiveReports(messages), reports.join('\n'), name);
    }
  });
});
