import type { MarketRegistry } from './config/markets.ts';
import { PHASE_CONTINUOUS } from './domain/orders.ts';
import type { VenueEvent } from './domain/venue-events.ts';
import type { Accounts } from './gateway/accounts.ts';
import { Alarms } from './gateway/alarms.ts';
import { DeadManSwitches } from './gateway/dead-man-switches.ts';
import type { Engine } from './gateway/engine.ts';
import type { Clockwork } from './gateway/engine-parts.ts';
import { insuranceFundId } from './gateway/establish.ts';
import { MarginClockwork } from './gateway/margin/margin-clockwork.ts';
import { registerMarginMetrics } from './gateway/margin/margin-metrics.ts';
import { PhaseScheduler } from './gateway/phase-scheduler.ts';
import type { Venue } from './gateway/venue.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Clock } from './lib/clock.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { MarketViews } from './projections/market-view.ts';

export interface ClockworkParts {
  readonly accounts: Accounts;
  readonly views: MarketViews;
  /** False while nothing may be written. */
  readonly healthy: () => boolean;
  readonly onError: (error: unknown) => void;
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly engine: Engine;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
}

/** Everything that happens because its time has come: expiries, switches, phases, margin. */
export class ServerClockwork implements Clockwork {
  readonly alarms: Alarms;
  readonly switches: DeadManSwitches;
  readonly margin: MarginClockwork;
  private readonly phases: PhaseScheduler;
  /** By market id: the phase an operator has put it into. */
  private readonly orderedPhases = new Map<number, number>();

  private readonly parts: ClockworkParts;

  constructor(parts: ClockworkParts) {
    this.parts = parts;
    const { markets, ledger, clock, engine, record } = parts;
    this.margin = new MarginClockwork(
      {
        ...parts,
        markets: markets.all,
        rules: engine.margin.rules,
        cancelAll: (market, portfolioId, done) =>
          engine.desk.cancelPortfolio(market, portfolioId, done),
        close: (market, portfolioId, side, lots, done) =>
          engine.desk.liquidate(market, portfolioId, side, lots, done),
        publish: () => engine.publish(),
      },
      () => insuranceFundId(parts.accounts),
    );
    this.alarms = new Alarms({ markets, clock, advance: (market) => engine.advanceTime(market) });
    this.switches = new DeadManSwitches({
      clock,
      record,
      cancelAll: (portfolioId, marketId, done) => {
        const { userId } = ledger.get(portfolioId);
        engine.cancelAll({ userId, portfolioId, market: markets.get(marketId) }, done);
      },
    });
    this.phases = new PhaseScheduler({
      markets,
      phaseOf: (market) => engine.phaseOf(market),
      orderedPhase: (market) => this.orderedPhases.get(market.id),
      setPhase: (market, phase) => engine.followCalendar(market, phase),
      nowSeconds: () => clock.nowMs() / 1000,
    });
  }

  registerMetrics(metrics: Metrics, venue: Venue): void {
    const { accounts } = this.parts;
    const fundId = (): number | undefined => insuranceFundId(accounts);
    registerMarginMetrics(metrics, venue, () => this.margin.liquidator, fundId);
  }

  /** Learns a durable fact of the venue. */
  apply(event: VenueEvent): void {
    if (event.kind === 'CancelAllScheduled') this.switches.apply(event);
    if (event.kind !== 'PhaseOrdered') return;
    if (event.phase === PHASE_CONTINUOUS) this.orderedPhases.delete(event.marketId);
    else this.orderedPhases.set(event.marketId, event.phase);
  }

  start(): void {
    this.alarms.start();
    this.switches.start();
    this.phases.start();
    this.margin.start();
  }

  stop(): void {
    this.margin.stop();
    this.phases.stop();
    this.alarms.stop();
    this.switches.stop();
  }
}
