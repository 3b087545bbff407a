import type { Logger } from 'pino';
import type { VenueEvent } from './domain/venue-events.ts';
import { AlertDesk, type PastTrade } from './gateway/alerts/alert-desk.ts';
import type { Engine } from './gateway/engine.ts';
import { Refusal } from './gateway/http/refusal.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { RiskDesk } from './gateway/risk/risk-desk.ts';
import { readTrades } from './journal/queries.ts';
import type { JournalStore } from './journal/store.ts';
import type { Clock } from './lib/clock.ts';

/** Trades of a market that a start looks at for what was reached just before the last end. */
const TRADES_LOOKED_AT = 1_000;

export interface AlertWiring {
  readonly engine: Engine;
  readonly recovered: RecoveredState;
  readonly risk: RiskDesk;
  readonly store: JournalStore;
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly log: Logger;
}

/** Price and risk alerts over the engine; they begin to watch with `start`. */
export function openAlerts(wiring: AlertWiring): AlertDesk {
  const { engine, recovered, risk, store, clock, record, log } = wiring;
  const { accounts, views } = recovered;
  const isOpen = (portfolioId: number): boolean =>
    accounts.book.info(portfolioId)?.isClosed === false;
  return new AlertDesk({
    clock,
    record,
    refusal: () => engine.refusal(),
    // A closed portfolio is worth nothing, and that is no news.
    valuation: (id) => (isOpen(id) ? engine.valuation(id) : undefined),
    marketsOf: (id) => engine.valuer.marketsOf(id),
    figures: async (id) => {
      const figures = await risk.figures(id);
      return figures instanceof Refusal ? undefined : figures;
    },
    recentTrades: (marketId) => recentTrades(store, marketId),
    lastTicks: (marketId) => views.get(marketId)?.ticker.lastPriceTicks ?? 0,
    isOpenPortfolio: (userId, id) => isOpen(id) && engine.ownsPortfolio(userId, id),
    onError: (error) => log.error({ err: error }, 'the firing of an alert was not written'),
  });
}

/** Oldest first. */
function recentTrades(store: JournalStore, marketId: number): PastTrade[] {
  const trades = readTrades(store, marketId, { limit: TRADES_LOOKED_AT }).reverse();
  return trades.map(({ priceTicks, seconds, nanos }) => ({
    priceTicks,
    atMs: seconds * 1000 + Math.floor(nanos / 1_000_000),
  }));
}
