import type { MarketRegistry } from '../../src/config/markets.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { Accounts } from '../../src/gateway/accounts.ts';
import { PortfolioDesk } from '../../src/gateway/portfolios/portfolio-desk.ts';
import { Ledger } from '../../src/ledger/ledger.ts';

/** Portfolios of their own, whose facts are durable at once. */
export function instantPortfolios(markets: MarketRegistry): PortfolioDesk {
  const ledger = new Ledger(markets.all);
  const accounts = new Accounts(ledger);
  accounts.apply({
    kind: 'PortfolioOpened',
    portfolioId: 1,
    userId: 0,
    portfolioKind: 'external',
    name: 'venue',
  });
  return new PortfolioDesk({
    markets,
    ledger,
    accounts,
    cashAssets: new Map(markets.all.map(({ quote }) => [quote.name, quote])),
    record: async (event: VenueEvent) => accounts.apply(event),
    cancelAll: (_request, done) => done({ code: OK, cancelled: 0 }),
    refusal: () => OK,
    isDeployed: () => false,
  });
}
