import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { TrackRecord } from '../../src/ledger/track-record.ts';

const MARKET = 1;
const UNITS = 100;

const fills = fc.array(
  fc.record({
    lots: fc.integer({ min: -500, max: 500 }).filter((lots) => lots !== 0),
    price: fc.integer({ min: 1, max: 10_000 }),
    middle: fc.integer({ min: 0, max: 20_000 }),
    fee: fc.integer({ min: -50, max: 500 }),
  }),
  { minLength: 1, maxLength: 60 },
);

it('spread capture and inventory are the profit before fees, to the last half unit', () => {
  fc.assert(
    fc.property(
      fills,
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.nat(59),
      (trades, mark, opening, cut) => {
        let record = new TrackRecord(new Map([[MARKET, UNITS]]));
        if (opening > 0) record.open(MARKET, opening, mark);
        let cash = opening > 0 ? -opening * mark : 0;
        let lots = opening;
        let spread = 0;
        for (const [i, trade] of trades.entries()) {
          record.fill(MARKET, trade.lots, trade.price, trade.fee, trade.middle);
          cash -= trade.lots * trade.price;
          lots += trade.lots;
          spread += trade.lots * ((trade.middle || 2 * trade.price) - 2 * trade.price);
          if (i !== cut) continue;
          // A restart in between changes nothing.
          const image = JSON.parse(JSON.stringify(record.image()));
          record = new TrackRecord(new Map([[MARKET, UNITS]]));
          record.restore(image);
        }
        record.mark(MARKET, mark);
        const gross = (cash + lots * mark) * UNITS;
        assert.equal(record.spreadHalfUnitsOf(MARKET), spread * UNITS);
        const parts = record.spreadHalfUnitsOf(MARKET) + record.inventoryHalfUnitsOf(MARKET);
        assert.equal(parts, 2 * gross);
        assert.equal(record.profitUnitsOf(MARKET), gross - record.feeUnits);
      },
    ),
  );
});

it('a record from before the split counts what it had as the inventory’s', () => {
  const record = new TrackRecord(new Map([[MARKET, UNITS]]));
  record.fill(MARKET, 10, 50, 3, 104);
  record.fill(MARKET, -4, 60, 2, 118);
  const { splits: _, ...former } = record.image();
  const restored = new TrackRecord(new Map([[MARKET, UNITS]]));
  restored.restore(former);
  restored.mark(MARKET, 70);
  assert.equal(restored.spreadHalfUnitsOf(MARKET), 0);
  const gross = restored.profitUnitsOf(MARKET) + restored.feeUnits;
  assert.equal(restored.inventoryHalfUnitsOf(MARKET), 2 * gross);
});
