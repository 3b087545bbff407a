import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../../src/config/settings.ts';
import type { VenueEvent } from '../../../src/domain/venue-events.ts';
import { Accounts } from '../../../src/gateway/accounts.ts';
import { openAccount } from '../../../src/gateway/establish.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { shippedMarkets } from '../../support/markets.ts';

test('opening balances end before the venue’s own books would', async () => {
  const markets = shippedMarkets();
  const ledger = new Ledger(markets.all);
  const accounts = new Accounts(ledger);
  const warnings: object[] = [];
  const record = async (event: VenueEvent): Promise<void> => accounts.apply(event);
  await record({
    kind: 'PortfolioOpened',
    portfolioId: accounts.takePortfolioId(),
    userId: 0,
    portfolioKind: 'external',
    name: 'venue',
  });
  const foundations = {
    accounts,
    markets,
    settings: readSettings({ OPENBELL_OPENING_BALANCES: 'USDT=1000000000' }),
    record,
    log: { warn: (fields: object) => void warnings.push(fields) },
  } as unknown as Parameters<typeof openAccount>[0];
  for (let userId = 1; userId <= 12; userId += 1) await openAccount(foundations, userId);
  const paid = Array.from({ length: 12 }, (_, i) => {
    const portfolioId = accounts.defaultPortfolioId(i + 1) ?? 0;
    return ledger.get(portfolioId).balance('USDT').total;
  });
  // 10^15 smallest units each: four fit into 2^52, and the others have accounts without money.
  assert.deepEqual(paid, [...Array(4).fill(1e15), ...Array(8).fill(0)]);
  assert.equal(warnings.length, 8);
});
