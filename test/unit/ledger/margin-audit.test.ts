import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FundingSettled, LiquidationStarted } from '../../../src/domain/margin-events.ts';
import { marginProblems } from '../../../src/ledger/margin-audit.ts';

const FUNDING: FundingSettled = {
  kind: 'FundingSettled',
  marketId: 6,
  asset: 'USDT',
  quoteUnitsPerTickLot: 100,
  fundPortfolioId: 50,
  intervalEndSeconds: 1_700_006_400,
  nextSeconds: 1_700_035_200,
  ratePpb: 100_000,
  markTicks: 1_000_000,
  payUnits: 5_000_000,
  receiveUnits: 5_000_000,
  payments: [
    [101, 500, -5_000_000],
    [102, -300, 3_000_000],
    [60, -200, 2_000_000],
  ],
  last: true,
};

const LIQUIDATION: LiquidationStarted = {
  kind: 'LiquidationStarted',
  portfolioId: 101,
  asset: 'USDT',
  balanceUnits: -99_600_000_000,
  equityUnits: 400_000_000,
  maintenanceUnits: 500_000_000,
  positions: [
    {
      marketId: 6,
      qtyLots: 1000,
      markTicks: 1_000_000,
      quoteUnitsPerTickLot: 100,
      maintenancePpm: 5000,
    },
  ],
  feePpm: 2500,
};

describe('the audit of entries', () => {
  it('finds nothing wrong with what is right', () => {
    assert.deepEqual(marginProblems(FUNDING), []);
    assert.deepEqual(marginProblems(LIQUIDATION), []);
  });

  it('finds a payment that its position does not lead to, or on the wrong side', () => {
    for (const units of [-5_000_001, -4_999_999, 5_000_000]) {
      const payments = [[101, 500, units] as const, ...FUNDING.payments.slice(1)];
      assert.equal(marginProblems({ ...FUNDING, payments }).length, 1);
    }
    assert.ok(marginProblems({ ...FUNDING, payUnits: 4_000_000 }).length > 0);
  });

  it('finds a liquidation of somebody who had enough, and one whose sums are wrong', () => {
    const enough = { ...LIQUIDATION, balanceUnits: -99_500_000_000, equityUnits: 500_000_000 };
    assert.match(marginProblems(enough)[0], /covers the maintenance margin/);
    assert.match(marginProblems({ ...LIQUIDATION, equityUnits: 0 })[0], /its positions lead to/);
  });

  it('finds an insurance that pays less than what is uncovered', () => {
    const kind = 'LiquidationEnded';
    const ended = { kind, portfolioId: 1, asset: 'USDT', fundPortfolioId: 50 } as const;
    const amounts = { feeUnits: 0, insuredUnits: 5, uncoveredUnits: 6 };
    assert.equal(marginProblems({ ...ended, ...amounts }).length, 1);
    assert.deepEqual(marginProblems({ ...ended, ...amounts, uncoveredUnits: 5 }), []);
  });
});
