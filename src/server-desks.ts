import type { Logger } from 'pino';
import { LIMITS } from './config/limits.ts';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import { isAlertEvent } from './domain/alert-events.ts';
import type { VenueEvent } from './domain/venue-events.ts';
import type { AlertDesk } from './gateway/alerts/alert-desk.ts';
import type { Engine } from './gateway/engine.ts';
import type { ForecastDesk } from './gateway/forecasts/forecast-desk.ts';
import type { MakerDesk } from './gateway/maker/maker-desk.ts';
import type { NewsDesk } from './gateway/news/news-desk.ts';
import type { TradingControls } from './gateway/operations/trading-controls.ts';
import type { RecoveredState } from './gateway/recover.ts';
import { openRiskDesk } from './gateway/risk/open-risk-desk.ts';
import type { RiskDesk } from './gateway/risk/risk-desk.ts';
import type { SessionSeat } from './gateway/session-seat.ts';
import type { Deployment } from './gateway/strategies/deployments.ts';
import type { StrategyDesk } from './gateway/strategies/strategy-desk.ts';
import type { Desks } from './gateway/surface-module.ts';
import type { Webhooks } from './gateway/webhooks/webhooks.ts';
import type { Identity } from './identity/identity.ts';
import type { JobPool } from './jobs/job-pool.ts';
import type { JournalStore } from './journal/store.ts';
import type { Clock } from './lib/clock.ts';
import type { Metrics } from './metrics/metrics.ts';
import { openAlerts } from './server-alerts.ts';
import { ServerAnalytics } from './server-analytics.ts';
import { openJobs } from './server-jobs.ts';
import { ServerOperations } from './server-operations.ts';
import { openStrategies } from './server-strategies.ts';

export interface DeskParts {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly engine: Engine;
  readonly recovered: RecoveredState;
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly identity: Identity;
  /** Where trading is paused or stopped. */
  readonly controls: TradingControls;
  /** Where strategies sit. */
  readonly seat: SessionSeat;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
}

/**
 * What works beside the orders, for surfaces to ask: a desk is a member here, made, told of facts,
 * begun and ended in one place.
 */
export class ServerDesks implements Desks {
  readonly jobs: JobPool;
  readonly risk: RiskDesk;
  readonly alerts: AlertDesk;
  readonly strategies: StrategyDesk;
  readonly operations: ServerOperations;
  readonly maker: MakerDesk;
  readonly webhooks: Webhooks;
  readonly forecasts: ForecastDesk;
  readonly news: NewsDesk;
  private readonly analytics: ServerAnalytics;

  constructor(parts: DeskParts) {
    const { settings, engine, metrics, log } = parts;
    this.jobs = openJobs(settings, metrics, log);
    this.risk = openRiskDesk({ settings, venue: engine, jobs: this.jobs });
    this.alerts = openAlerts({ ...parts, risk: this.risk });
    this.operations = new ServerOperations({ ...parts, strategies: () => this.strategies });
    this.maker = this.operations.maker;
    this.webhooks = this.operations.webhooks;
    const isHeld = (deployment: Deployment): boolean => this.operations.isHeld(deployment);
    this.strategies = openStrategies({ ...parts, isHeld });
    const { recovered } = parts;
    this.analytics = new ServerAnalytics({
      ...parts,
      venue: engine,
      archive: recovered.news,
      jobs: this.jobs,
    });
    this.forecasts = this.analytics.forecasts;
    this.news = this.analytics.news;
  }

  /** Takes in a durable fact of the venue, of this run or a former one. */
  learn(event: VenueEvent): void {
    if (isAlertEvent(event)) this.alerts.apply(event);
    this.operations.apply(event);
  }

  /** Before anybody trades. */
  clear(): Promise<void> {
    return this.strategies.clear();
  }

  /** The venue is open. */
  async start(): Promise<void> {
    await this.strategies.resume();
    await this.operations.start();
    this.alerts.start();
    this.analytics.start();
  }

  /** The venue is about to close: nothing is begun any more by itself. */
  async suspend(): Promise<void> {
    this.alerts.stop();
    this.operations.stop();
    this.analytics.stop();
    await this.strategies.suspend();
  }

  /** Every reply that is owed was sent. */
  async close(): Promise<void> {
    await this.jobs.close(LIMITS.jobsCloseMs);
  }
}
