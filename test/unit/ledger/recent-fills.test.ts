import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FILL_BUCKET_SECONDS, RecentFills } from '../../../src/ledger/recent-fills.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const DAY = 86_400;

describe('the fills of the last days', () => {
  it(`add up from any day’s begin as all fills since do (seed ${SEED})`, () => {
    const fill = fc.record({
      afterSeconds: fc.integer({ min: 0, max: 20_000 }),
      lots: fc.integer({ min: -50, max: 50 }).filter((lots) => lots !== 0),
      price: fc.integer({ min: 1, max: 1000 }),
      fee: fc.integer({ min: -5, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (steps) => {
        const fills = new RecentFills();
        const all: { at: number; lots: number; notional: number; fee: number }[] = [];
        let at = 1_700_000_000;
        for (const { afterSeconds, lots, price, fee } of steps) {
          at += afterSeconds;
          const notional = Math.abs(lots) * price;
          fills.add(at, lots, notional, fee);
          all.push({ at, lots, notional: Math.sign(lots) * notional, fee });
        }
        const copy = new RecentFills();
        copy.restore(JSON.parse(JSON.stringify(fills.image())));
        const newest = at - (at % FILL_BUCKET_SECONDS);
        for (let since = newest - 26 * 3600; since <= newest + 900; since += FILL_BUCKET_SECONDS) {
          const later = all.filter((one) => one.at >= since);
          const sum = (of: (one: (typeof all)[0]) => number) =>
            later.reduce((total, one) => total + of(one), 0);
          const expected = {
            lots: sum(({ lots }) => lots),
            notionalUnits: sum(({ notional }) => notional),
            feeUnits: sum(({ fee }) => fee),
          };
          assert.deepEqual(fills.since(since), expected);
          assert.deepEqual(copy.since(since), expected);
        }
      }),
      { seed: SEED },
    );
  });

  it('stay few however long one trades', () => {
    const fills = new RecentFills();
    for (let at = 1_700_000_000; at < 1_700_000_000 + 30 * DAY; at += 60) fills.add(at, 1, 5, 1);
    assert.ok(fills.image().length <= (4 * (2 * DAY)) / FILL_BUCKET_SECONDS + 8);
  });
});
