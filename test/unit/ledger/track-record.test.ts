import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrackRecord } from '../../../src/ledger/track-record.ts';

const UNITS = new Map([
  [1, 100],
  [2, 7],
]);

describe('a track record', () => {
  it('adds fills up to position, profit, fees, volume and drawdown', () => {
    const record = new TrackRecord(UNITS);
    record.fill(1, 10, 50, 3);
    assert.equal(record.volumeUnits, 50_000);
    assert.equal(record.profitUnits, -3);
    assert.equal(record.maxDrawdownUnits, 3);
    record.fill(1, -4, 60, 2);
    // 4 × 10 × 100 realised, 6 × 10 × 100 not yet, 5 of fees.
    assert.equal(record.realisedUnits, 4000);
    assert.equal(record.unrealisedUnits, 6000);
    assert.equal(record.feeUnits, 5);
    assert.equal(record.profitUnits, 9995);
    record.mark(1, 55);
    assert.equal(record.maxDrawdownUnits, 3, 'a mark alone is not looked at');
    record.pass(60);
    assert.equal(record.maxDrawdownUnits, 3000, 'at a full minute it is');
    record.mark(1, 10);
    record.pass(100);
    assert.equal(record.maxDrawdownUnits, 3000, 'the minute has not passed yet');
    assert.equal(record.fills, 2);
  });

  it('takes a position over at its mark', () => {
    const record = new TrackRecord(UNITS);
    record.open(2, -5, 1000);
    assert.equal(record.profitUnits, 0);
    record.fill(2, 5, 990, 0);
    assert.equal(record.profitUnits, 5 * 10 * 7);
    assert.equal(record.position(2).qtyLots, 0);
  });

  it('goes on from its image as if nothing had happened', () => {
    const event = fc.oneof(
      fc.tuple(
        fc.constant('fill'),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 99 }),
      ),
      fc.tuple(fc.constant('mark'), fc.constant(0), fc.integer({ min: 1, max: 99 })),
      fc.tuple(fc.constant('pass'), fc.constant(0), fc.integer({ min: 0, max: 1000 })),
    );
    const apply = (record: TrackRecord, [kind, lots, value]: [string, number, number]): void => {
      if (kind === 'fill' && lots !== 0) record.fill(1 + (value % 2), lots, value, lots % 3);
      else if (kind === 'mark') record.mark(1 + (value % 2), value);
      else if (kind === 'pass') record.pass(value);
    };
    fc.assert(
      fc.property(fc.array(event), fc.array(event), (before, after) => {
        const whole = new TrackRecord(UNITS);
        for (const one of before) apply(whole, one as [string, number, number]);
        const restored = new TrackRecord(UNITS);
        restored.restore(JSON.parse(JSON.stringify(whole.image())));
        for (const record of [whole, restored]) {
          for (const one of after) apply(record, one as [string, number, number]);
        }
        assert.deepEqual(restored.image(), whole.image());
        assert.equal(restored.profitUnits, whole.profitUnits);
      }),
    );
  });
});
