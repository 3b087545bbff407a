import type { Logger } from 'pino';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { VenueEvent } from './domain/venue-events.ts';
import type { Engine } from './gateway/engine.ts';
import { MAKER_STRATEGY, MakerDesk } from './gateway/maker/maker-desk.ts';
import { flattenDeployment } from './gateway/operations/flatten.ts';
import { Operations } from './gateway/operations/operations.ts';
import type { TradingControls } from './gateway/operations/trading-controls.ts';
import { Uptime } from './gateway/operations/uptime.ts';
import type { RecoveredState } from './gateway/recover.ts';
import type { Deployment } from './gateway/strategies/deployments.ts';
import type { StrategyDesk } from './gateway/strategies/strategy-desk.ts';
import { WEBHOOK_RETRY, Webhooks } from './gateway/webhooks/webhooks.ts';
import type { Identity } from './identity/identity.ts';
import { newSecret } from './identity/key-secrets.ts';
import type { Clock } from './lib/clock.ts';

export interface ServerOperationsParts {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly recovered: RecoveredState;
  readonly controls: TradingControls;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly log: Logger;
  readonly strategies: () => StrategyDesk;
}

/** What operators do: pauses, stops, webhooks; and the market maker a fresh venue starts with. */
export class ServerOperations {
  readonly webhooks: Webhooks;
  readonly operations: Operations;
  readonly uptime = new Uptime();
  /** The market-making account. */
  readonly maker: MakerDesk;
  private readonly parts: ServerOperationsParts;

  constructor(parts: ServerOperationsParts) {
    this.parts = parts;
    const { settings, controls, engine, identity, markets, recovered } = parts;
    this.webhooks = new Webhooks({
      ...parts,
      state: recovered.webhooks,
      newSecret,
      seal: (name, secret) => identity.sealer.seal(name, secret),
      unseal: (name, sealed) => identity.sealer.open(name, sealed),
      allowPrivate: settings.webhookPrivateAddresses,
      retry: { ...WEBHOOK_RETRY, firstPauseMs: settings.webhookRetryMs },
    });
    this.operations = new Operations({
      ...parts,
      controls,
      ledger: recovered.ledger,
      accountUserId: () => this.accountUserId(),
      defaultScope: settings.tradingControls,
      cancelAll: (portfolioIds, inMarkets, done) =>
        engine.desk.cancelPortfolios(portfolioIds, inMarkets, done),
      setPhase: (market, phase, done) => engine.setPhase(market, phase, done),
      flatten: async () => {
        const deployment = this.maker.deployment();
        if (deployment === undefined) return true;
        const place = engine.desk.placeWhilePaused.bind(engine.desk);
        return flattenDeployment(deployment, markets, place);
      },
      audit: (...entry) => identity.recordAction(...entry),
      notify: (event, payload, timeoutMs) => this.webhooks.notifyAndWait(event, payload, timeoutMs),
    });
    this.maker = new MakerDesk({
      ...parts,
      venue: engine,
      deployments: recovered.deployments,
      operations: this.operations,
      webhooks: this.webhooks,
      uptime: this.uptime,
      accountUserId: () => this.accountUserId(),
    });
  }

  /** Learns a durable fact of the venue. */
  apply(event: VenueEvent): void {
    this.operations.apply(event);
    this.uptime.apply(event);
    const moves = event.kind === 'TradingPaused' || event.kind === 'TradingResumed';
    if (!moves && event.kind !== 'EmergencyStopped') return;
    this.parts
      .strategies()
      .reconcile()
      .catch((error: unknown) => {
        this.parts.log.error({ err: error }, 'a strategy was not paused or resumed');
      });
  }

  /** Whose market maker this surface shows: the administrator's of the settings. */
  accountUserId(): number {
    const { identity, settings } = this.parts;
    return identity.state.users.find(settings.adminUsername)?.userId ?? 0;
  }

  /** True when none of the deployment's markets may be traded in. */
  isHeld({ userId, marketIds }: Deployment): boolean {
    const { controls } = this.parts;
    return marketIds.every((marketId) => controls.refusal(userId, marketId) !== 0);
  }

  /** Notes since when the venue was away. */
  async recordStart(startedAtMs: number): Promise<void> {
    const formerMs = newestMs(this.parts.recovered);
    await this.parts.record({ kind: 'VenueStarted', atMs: Math.floor(startedAtMs), formerMs });
  }

  /** Begins to act: pauses end, receivers are told, a fresh venue gets its market maker. */
  async start(): Promise<void> {
    await this.deployMaker();
    this.operations.start();
    this.webhooks.start();
  }

  stop(): void {
    this.operations.stop();
    this.webhooks.stop();
  }

  /** Deploys the market maker on a venue that never had one and where everything is simulated. */
  private async deployMaker(): Promise<void> {
    const { settings, markets, log } = this.parts;
    const userId = this.accountUserId();
    const quoted = this.maker.markets;
    const isSimulated = markets.all.every(({ source }) => source === 'simulated');
    const trades = settings.simulationOrdersPerSecond > 0 && isSimulated && quoted.length > 0;
    if (!settings.marketMaker || !trades || userId === 0 || this.maker.deployment() !== undefined)
      return;
    const deployed = await this.parts.strategies().deploy({
      userId,
      strategy: MAKER_STRATEGY,
      parameters: {},
      markets: quoted.map(({ exchange, symbol }) => ({ exchange, symbol })),
      portfolioId: undefined,
    });
    if ('kind' in deployed) log.warn({ reason: deployed.message }, 'no market maker was deployed');
  }
}

/** Venue time of the newest record before this start, ms; 0 where there is none. */
function newestMs({ views }: RecoveredState): number {
  let newest = 0;
  for (const { ticker } of views.all) {
    const ms = ticker.updatedSeconds * 1000 + Math.floor(ticker.updatedNanos / 1_000_000);
    newest = Math.max(newest, ms);
  }
  return newest;
}
