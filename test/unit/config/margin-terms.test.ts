import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marginTerms } from '../../../src/config/margin-terms.ts';

describe('margin terms', () => {
  it('are nothing where no leverage is named', () => {
    assert.equal(marginTerms({}, 'crypto_spot', 100, 'here'), null);
  });

  it('default to half of the initial margin, and to eight hours of funding for perpetuals', () => {
    assert.deepEqual(marginTerms({ maxLeverage: 50 }, 'crypto_perpetual', 100, 'here'), {
      maxLeverage: 50,
      maintenancePpm: 10_000,
      liquidationFeePpm: 2500,
      positionLimitLots: 100,
      funding: { intervalSeconds: 28_800, capPpb: 7_500_000 },
    });
    assert.equal(marginTerms({ maxLeverage: 4 }, 'equity', 100, 'here')?.funding, null);
  });

  it('that cannot be are refused with their place', () => {
    const refuse = (entry: object, why: RegExp): void => {
      assert.throws(() => marginTerms(entry, 'crypto_perpetual', 1, 'market x'), why);
    };
    refuse({ maxLeverage: 201 }, /market x: maxLeverage is 201/);
    refuse({ maxLeverage: 2.5 }, /maxLeverage/);
    refuse({ maxLeverage: 10, maintenanceMarginPpm: 100_000 }, /maintenanceMarginPpm is 100000/);
    refuse({ maxLeverage: 10, fundingHours: 5 }, /fundingHours must divide 24/);
    refuse({ maxLeverage: 10, fundingCapPpm: 0 }, /fundingCapPpm/);
  });
});
