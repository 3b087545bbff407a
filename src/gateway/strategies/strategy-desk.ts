import { LIMITS } from '../../config/limits.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { StrategyDeployed } from '../../domain/strategy-events.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { CATALOGUE, definitionOf } from '../../strategies/catalogue.ts';
import { readParameters } from '../../strategies/parameters.ts';
import type { StrategyDefinition } from '../../strategies/strategy.ts';
import type { DeploymentEnd } from '../../strategies/strategy-runtime.ts';
import type { Accounts } from '../accounts.ts';
import { invalidParameter, Refusal } from '../http/refusal.ts';
import type { SessionSeat } from '../session-seat.ts';
import type { Venue } from '../venue.ts';
import { deployedMarkets, type NamedMarket } from './deploy-request.ts';
import { deploymentPortfolio, openingOf } from './deployment-portfolio.ts';
import type { Deployment, Deployments } from './deployments.ts';
import { sweepOrders } from './order-sweep.ts';
import { RestartPolicy } from './restart-policy.ts';
import { unrunnable } from './runnable.ts';
import { notDeployed, notNow, tooMany, unknownStrategy } from './strategy-refusals.ts';
import { StrategySupervisor } from './strategy-supervisor.ts';

export interface StrategyDeskParts {
  readonly seat: SessionSeat;
  readonly venue: Venue;
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly views: MarketViews;
  readonly deployments: Deployments;
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  readonly policy?: RestartPolicy;
  /** True for a deployment whose trading an operator has paused or stopped altogether. */
  readonly isHeld: (deployment: Deployment) => boolean;
}

export interface DeployRequest {
  readonly userId: number;
  readonly strategy: string;
  /** Only what differs from the defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly markets: readonly NamedMarket[] | undefined;
  /** One of the user's; a portfolio of the strategy's own when absent. */
  readonly portfolioId: number | undefined;
}

export type StrategyStatus = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed' | 'paused';

export interface StrategyState {
  readonly status: StrategyStatus;
  /** Why it is so, where there is something to say. */
  readonly reason: string | null;
  /** Milliseconds since the Unix epoch; `null` when it was never deployed. */
  readonly sinceMs: number | null;
}

type LiveStatus = 'starting' | 'running' | 'stopping' | 'paused';

/** A sweep that takes longer is given up; the next start of the server or the thread tries again. */
const SWEEP_TIMEOUT_MS = 5_000;

/**
 * The strategies' desk: deploys, configures, stops. What is meant to run stands in the journal; this
 * makes it so, at the start, after a failure of the thread, and at every request.
 */
export class StrategyDesk {
  readonly catalogue: readonly StrategyDefinition[] = CATALOGUE;
  /** Failures of the thread since the start. */
  crashes = 0;
  private readonly parts: StrategyDeskParts;
  private readonly supervisor: StrategySupervisor;
  private readonly policy: RestartPolicy;
  private readonly live = new Map<
    number,
    { status: LiveStatus; reason: string; sinceMs: number }
  >();
  /** User and strategy of requests that are being carried out. */
  private readonly busy = new Set<string>();
  private restart: NodeJS.Timeout | undefined;
  /** The thread has failed and is not to be started before its time. */
  private isDown = false;
  private suspended = true;

  constructor(parts: StrategyDeskParts) {
    this.parts = parts;
    this.policy = parts.policy ?? new RestartPolicy();
    this.supervisor = new StrategySupervisor({
      ...parts,
      trading: (deploymentId) => this.trading(deploymentId),
      onStarted: (deploymentId) => this.setLive(deploymentId, 'running', ''),
      onEnded: (end) => this.carry(this.ended(end)),
      onCrash: (why) => this.carry(this.crashed(why)),
    });
  }

  /** The newest deployment of the user. */
  deploymentOf(userId: number, strategy: string): Deployment | undefined {
    return this.parts.deployments.newestOf(userId, strategy);
  }

  stateOf(deployment: Deployment | undefined): StrategyState {
    if (deployment === undefined) return { status: 'stopped', reason: null, sinceMs: null };
    const { end, deploymentId, atMs } = deployment;
    if (end !== undefined) {
      const status = end.failed ? 'failed' : 'stopped';
      return { status, reason: end.reason, sinceMs: end.atMs };
    }
    const live = this.live.get(deploymentId);
    if (live === undefined) return { status: 'starting', reason: null, sinceMs: atMs };
    return { status: live.status, reason: live.reason || null, sinceMs: live.sinceMs };
  }

  /** Before anybody trades: takes back what a former run left in the books. */
  async clear(): Promise<void> {
    for (const deployment of this.parts.deployments.running()) {
      const left = deployment.openOrderIds.size;
      if (left === 0) continue;
      const { deploymentId } = deployment;
      this.parts.log.info({ deploymentId, orders: left }, 'cancelling what a former run left');
      await this.sweep(deployment);
    }
  }

  /** Starts what is meant to run. */
  async resume(): Promise<void> {
    this.suspended = false;
    for (const deployment of this.parts.deployments.running()) {
      const problem = unrunnable(deployment, this.parts.markets);
      if (problem !== undefined) await this.finish(deployment, 0, true, problem);
    }
    this.launch();
  }

  /** The server stops: the thread ends, no quote stays in a book; everything is still meant to run. */
  async suspend(): Promise<void> {
    this.suspended = true;
    clearTimeout(this.restart);
    await this.supervisor.stop();
    await Promise.all(this.parts.deployments.running().map((one) => this.sweep(one)));
  }

  /**
   * Takes deployments off the thread that are held now, and puts those back that are not any more.
   * Orders that were left in the books leave first: nothing is adopted.
   */
  async reconcile(): Promise<void> {
    for (const deployment of this.parts.deployments.running()) {
      const { deploymentId } = deployment;
      const isPaused = this.live.get(deploymentId)?.status === 'paused';
      const isHeld = this.parts.isHeld(deployment);
      if (isHeld === isPaused || this.suspended) continue;
      if (isHeld) {
        this.setLive(deploymentId, 'paused', 'trading is paused');
        this.supervisor.send({ type: 'stop', deploymentId });
        continue;
      }
      await this.sweep(deployment);
      if (deployment.end !== undefined || this.parts.isHeld(deployment)) continue;
      this.setLive(deploymentId, 'starting', '');
      if (this.supervisor.isRunning) this.supervisor.begin(deployment);
      else this.launch();
    }
  }

  async deploy(request: DeployRequest): Promise<Deployment | Refusal> {
    const { userId, strategy } = request;
    const definition = definitionOf(strategy);
    if (definition === undefined) return unknownStrategy(strategy);
    return this.alone(userId, strategy, async () => {
      const current = this.deploymentOf(userId, strategy);
      if (current !== undefined && current.end === undefined) {
        return notNow(strategy, 'STRATEGY_RUNNING', 'is deployed already: stop or configure it');
      }
      if (this.parts.deployments.running().length >= LIMITS.strategyDeployments) return tooMany();
      const read = readParameters(definition, request.parameters);
      if ('problem' in read) {
        const { parameter, value, message } = read.problem;
        return invalidParameter(`parameters.${parameter}`, value, `${parameter} ${message}`);
      }
      const markets = deployedMarkets(definition, this.parts.markets, request.markets);
      if (markets instanceof Refusal) return markets;
      const capital = Number(read.parameters.capital);
      const portfolioId = await deploymentPortfolio(this.parts, request, markets, capital);
      if (portfolioId instanceof Refusal) return portfolioId;
      return this.begin(request, markets, portfolioId, read.parameters);
    });
  }

  /** Other parameters for a deployment that runs, without a stop; those not given stay. */
  async configure(
    userId: number,
    strategy: string,
    given: Readonly<Record<string, unknown>>,
  ): Promise<Deployment | Refusal> {
    const definition = definitionOf(strategy);
    if (definition === undefined) return unknownStrategy(strategy);
    return this.alone(userId, strategy, async () => {
      const deployment = this.deploymentOf(userId, strategy);
      if (deployment === undefined || deployment.end !== undefined) return notDeployed(strategy);
      const read = readParameters(definition, given, deployment.parameters);
      if ('problem' in read) {
        const { parameter, value, message } = read.problem;
        return invalidParameter(`parameters.${parameter}`, value, `${parameter} ${message}`);
      }
      const { deploymentId } = deployment;
      const { parameters } = read;
      const atMs = this.nowMs();
      await this.parts.record({
        kind: 'StrategyConfigured',
        deploymentId,
        byUserId: userId,
        parameters,
        atMs,
      });
      this.supervisor.send({ type: 'configure', deploymentId, parameters });
      this.parts.log.info({ deploymentId, strategy, parameters: given }, 'strategy configured');
      return deployment;
    });
  }

  /** Ends a deployment; resolves when none of its orders is open and that is durable. */
  async stop(userId: number, strategy: string): Promise<Deployment | Refusal> {
    if (definitionOf(strategy) === undefined) return unknownStrategy(strategy);
    return this.alone(userId, strategy, async () => {
      const deployment = this.deploymentOf(userId, strategy);
      if (deployment === undefined || deployment.end !== undefined) return notDeployed(strategy);
      await this.finish(deployment, userId, false, 'requested');
      if (deployment.end !== undefined) return deployment;
      const message = 'Orders of the strategy could not be cancelled yet; it sends none any more.';
      return new Refusal('unavailable', 'STRATEGY_STOPPING', message, { retryAfterSeconds: 1 });
    });
  }

  private async begin(
    { userId, strategy }: DeployRequest,
    markets: readonly Market[],
    portfolioId: number,
    parameters: StrategyDeployed['parameters'],
  ): Promise<Deployment> {
    const { deployments, record, log } = this.parts;
    const deploymentId = deployments.takeId();
    const marketIds = markets.map(({ id }) => id);
    const { opening, startEquityUnits } = openingOf(this.parts, portfolioId, markets, userId);
    await record({
      kind: 'StrategyDeployed',
      deploymentId,
      userId,
      strategy,
      portfolioId,
      marketIds,
      parameters,
      atMs: this.nowMs(),
      opening,
      startEquityUnits,
    });
    const deployment = deployments.get(deploymentId);
    if (deployment === undefined) throw new Error('a durable deployment is known');
    this.setLive(deploymentId, 'starting', '');
    log.info({ deploymentId, strategy, userId, portfolioId, marketIds }, 'strategy deployed');
    if (this.parts.isHeld(deployment)) this.setLive(deploymentId, 'paused', 'trading is paused');
    else if (this.supervisor.isRunning) this.supervisor.begin(deployment);
    else this.launch();
    return deployment;
  }

  /** Starts the thread with everything that is meant to run; not while a restart is due anyway. */
  private launch(): void {
    if (this.suspended || this.supervisor.isRunning || this.isDown) return;
    const { ending } = this.supervisor;
    if (ending !== undefined) return this.carry(ending.then(() => this.launch()));
    const running = this.parts.deployments.running();
    const deployments = running.filter((deployment) => !this.parts.isHeld(deployment));
    for (const deployment of running) {
      const isHeld = this.parts.isHeld(deployment);
      const status = isHeld ? 'paused' : 'starting';
      this.setLive(deployment.deploymentId, status, isHeld ? 'trading is paused' : '');
    }
    if (deployments.length > 0) this.supervisor.launch(deployments);
  }

  private async ended({ deploymentId, failed, reason }: DeploymentEnd): Promise<void> {
    const deployment = this.parts.deployments.get(deploymentId);
    if (deployment === undefined || deployment.end !== undefined) return;
    if (this.live.get(deploymentId)?.status === 'stopping') return;
    await this.finish(deployment, 0, failed, reason);
  }

  /** The thread failed: no quote stays without its strategy, and it starts again in a while. */
  private async crashed(why: string): Promise<void> {
    const { deployments, log } = this.parts;
    this.crashes += 1;
    const running = deployments.running();
    const pauseMs = this.policy.failed(performance.now());
    log.error({ why, pauseMs, deployments: running.length }, 'the strategies’ thread failed');
    this.isDown = true;
    for (const { deploymentId } of running) {
      this.setLive(deploymentId, 'starting', `its thread failed: ${why}`);
    }
    await Promise.all(running.map((deployment) => this.sweep(deployment)));
    if (pauseMs === undefined) {
      this.isDown = false;
      const reason = `its thread kept failing: ${why}`;
      await Promise.all(running.map((one) => this.finish(one, 0, true, reason)));
      this.launch();
      return;
    }
    this.restart = setTimeout(() => {
      this.isDown = false;
      this.launch();
    }, pauseMs);
  }

  /** Nothing more is sent, what is open is cancelled, and then the end is written down. */
  private async finish(
    deployment: Deployment,
    byUserId: number,
    failed: boolean,
    reason: string,
  ): Promise<void> {
    const { deploymentId, strategy, record } = deployment;
    const { log } = this.parts;
    this.setLive(deploymentId, 'stopping', reason);
    this.supervisor.send({ type: 'stop', deploymentId });
    if (!(await this.sweep(deployment)) || deployment.end !== undefined) return;
    await this.parts.record({
      kind: 'StrategyStopped',
      deploymentId,
      byUserId,
      failed,
      reason,
      atMs: this.nowMs(),
      record: record.image(),
    });
    this.live.delete(deploymentId);
    if (failed) log.error({ deploymentId, strategy, reason }, 'strategy failed');
    else log.info({ deploymentId, strategy, reason, byUserId }, 'strategy stopped');
    if (this.parts.deployments.running().length === 0) await this.supervisor.stop();
  }

  private async sweep(deployment: Deployment): Promise<boolean> {
    const { venue, log } = this.parts;
    const { deploymentId } = deployment;
    const underWay = (): number => this.supervisor.underWayOf(deploymentId);
    const swept = await sweepOrders(deployment, venue, underWay, SWEEP_TIMEOUT_MS);
    if (!swept) log.warn({ deploymentId }, 'orders of a strategy could not be cancelled in time');
    return swept;
  }

  /** A deployment whose requests are carried out. */
  private trading(deploymentId: number): Deployment | undefined {
    const deployment = this.parts.deployments.get(deploymentId);
    if (this.suspended || deployment?.end !== undefined) return undefined;
    const status = this.live.get(deploymentId)?.status;
    return status === 'stopping' || status === 'paused' ? undefined : deployment;
  }

  /** Nobody waits for this work; that the journal takes nothing any more ends the server anyway. */
  private carry(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.parts.log.error({ err: error }, 'what became of a strategy could not be written down');
    });
  }

  private setLive(deploymentId: number, status: LiveStatus, reason: string): void {
    const live = this.live.get(deploymentId);
    // What is on its way out stays so, whatever the thread still says.
    const isLeaving = live?.status === 'stopping' || live?.status === 'paused';
    if (isLeaving && status === 'running') return;
    this.live.set(deploymentId, { status, reason, sinceMs: this.nowMs() });
  }

  private async alone<T>(
    userId: number,
    strategy: string,
    act: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const key = `${userId}/${strategy}`;
    if (this.busy.has(key)) return notNow(strategy, 'STRATEGY_BUSY', 'is being changed just now');
    this.busy.add(key);
    try {
      return await act();
    } finally {
      this.busy.delete(key);
    }
  }

  private nowMs(): number {
    return Math.floor(this.parts.clock.nowMs());
  }
}
