import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  AMEND_TOTAL,
  ORDER_TYPE_LIMIT,
  PHASE_CONTINUOUS,
  PHASE_PRE_OPEN,
  PLAIN_TERMS,
  TIF_GTC,
  TIF_GTD,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { FEATURE_NAMES } from '../../src/features/feature-schema.ts';
import { NaiveFeatures } from '../support/naive-features.ts';
import { WatchedMarket } from '../support/watched-market.ts';

const SEED = Number(process.env.OPENBELL_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`feature properties: run again with OPENBELL_SEED=${SEED}`);

const FIRST_MS = 1_800_000_000_000;

interface Step {
  readonly gapMs: number;
  readonly kind: number;
  readonly side: number;
  readonly offset: number;
  readonly lots: number;
  readonly which: number;
}

const steps: fc.Arbitrary<Step> = fc.record({
  gapMs: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 6, arbitrary: fc.integer({ min: 90, max: 1500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5000, max: 80_000 }) },
  ),
  kind: fc.integer({ min: 0, max: 99 }),
  side: fc.integer({ min: 0, max: 1 }),
  offset: fc.integer({ min: -2, max: 15 }),
  lots: fc.integer({ min: 1, max: 900 }),
  which: fc.nat(10_000),
});

/** Commands that the worker finds together. */
const rows = fc.constantFrom(1, 1, 7, 60);

function carryOut(market: WatchedMarket, step: Step, atMs: number, number: number): void {
  const { kind, side, offset, lots } = step;
  const price = side === 0 ? 10_000 - offset : 10_001 + offset;
  const target = 1 + (step.which % number);
  market.command(atMs, (writer, envelope) => {
    if (kind < 50) writer.place(envelope, side, ORDER_TYPE_LIMIT, TIF_GTC, 0, price, lots);
    else if (kind < 60) {
      const limit = side === 0 ? 10_006 : 9995;
      writer.place(envelope, side, ORDER_TYPE_LIMIT, TIF_IOC, 0, limit, lots);
    } else if (kind < 66) {
      const expireSeconds = envelope.seconds + 1 + (lots % 20);
      const terms = {
        side,
        orderType: ORDER_TYPE_LIMIT,
        tif: TIF_GTD,
        flags: 0,
        priceTicks: price,
        qtyLots: lots,
      };
      writer.placeTerms(envelope, { ...PLAIN_TERMS, ...terms, expireSeconds });
    } else if (kind < 70) {
      const terms = {
        side,
        orderType: ORDER_TYPE_LIMIT,
        tif: TIF_GTC,
        flags: 0,
        priceTicks: price,
        qtyLots: lots,
      };
      writer.placeTerms(envelope, { ...PLAIN_TERMS, ...terms, displayLots: 1 + (lots % 7) });
    } else if (kind < 90) writer.cancel({ ...envelope, orderId: target });
    else if (kind < 95) writer.amend({ ...envelope, orderId: target }, AMEND_TOTAL, price, lots);
    else if (kind < 97) writer.printTrade(envelope, lots % 3 === 2 ? 255 : lots % 3, price, lots);
    else if (kind < 98) writer.setPhase(envelope, PHASE_PRE_OPEN);
    else writer.setPhase(envelope, PHASE_CONTINUOUS);
  });
}

function close(actual: number, expected: number): boolean {
  if (Number.isNaN(actual) || Number.isNaN(expected))
    return Number.isNaN(actual) === Number.isNaN(expected);
  return Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}

describe('features', () => {
  it('are what a slow computation from the events makes of them', () => {
    const known = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(steps, { minLength: 20, maxLength: 220 }), rows, (stream, together) => {
        const market = new WatchedMarket();
        let atMs = FIRST_MS;
        stream.forEach((step, i) => {
          atMs += step.gapMs;
          carryOut(market, step, atMs, i + 1);
          if (i % together === 0) market.match(together);
        });
        market.match(together);
        const expected = new NaiveFeatures(market.groups).rows(Math.floor(atMs / 100));
        assert.ok(market.rows.size > 0);
        for (const [tenths, row] of market.rows) {
          const wanted = expected.get(tenths);
          assert.ok(wanted !== undefined, `there is a moment ${tenths}`);
          assert.equal(wanted.length, FEATURE_NAMES.length);
          FEATURE_NAMES.forEach((name, i) => {
            const text = `${name} at ${tenths}: ${row[i]}, computed ${wanted[i]}`;
            assert.ok(close(row[i], wanted[i]), text);
            if (row[i] !== 0 && !Number.isNaN(row[i])) known.set(name, (known.get(name) ?? 0) + 1);
          });
        }
      }),
      { seed: SEED, numRuns: 25, includeErrorInReport: true },
    );
    const silent = FEATURE_NAMES.filter((name) => !known.has(name));
    assert.deepEqual(silent, [], 'every feature was other than 0 somewhere');
  });
});
