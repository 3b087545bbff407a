import { LIMITS } from '../../config/limits.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { Doorbell } from '../../rings/doorbell.ts';
import { Ring, RingProducer } from '../../rings/ring.ts';
import type { Denial } from '../../strategies/denials.ts';
import { writeDenial } from '../../strategies/denials.ts';
import type { DeploymentSpec } from '../../strategies/deployment-host.ts';
import { StrategiesProxy } from '../../strategies/strategies-proxy.ts';
import type { DeploymentEnd } from '../../strategies/strategy-runtime.ts';
import type { ToStrategies } from '../../strategies/worker-messages.ts';
import type { SessionSeat } from '../session-seat.ts';
import type { Venue } from '../venue.ts';
import type { Deployment } from './deployments.ts';
import { marketImages } from './market-images.ts';
import { StrategyDoor } from './strategy-door.ts';

/** Session of the strategies' thread. Its requests come to the books as those of users, session 0. */
const STRATEGIES_SESSION_ID = 3;
/** How often the thread is looked at, and how long its loop may stand still. */
const WATCH_MS = 500;
const STILL_MS = 3000;

export interface SupervisorParts {
  readonly seat: SessionSeat;
  readonly venue: Venue;
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly views: MarketViews;
  /** A deployment that may trade now. */
  readonly trading: (deploymentId: number) => Deployment | undefined;
  readonly onStarted: (deploymentId: number) => void;
  readonly onEnded: (end: DeploymentEnd) => void;
  readonly onCrash: (why: string) => void;
}

/** The strategies' thread: made when there is something to run, watched, gone when there is not. */
export class StrategySupervisor {
  private readonly parts: SupervisorParts;
  private proxy: StrategiesProxy | undefined;
  private door: StrategyDoor | undefined;
  private denials: RingProducer | undefined;
  private bell: Doorbell | undefined;
  private watch: NodeJS.Timeout | undefined;
  private killedFor = '';
  /** Resolves when a thread that was stopped has ended; its seat is taken until then. */
  ending: Promise<void> | undefined;

  constructor(parts: SupervisorParts) {
    this.parts = parts;
  }

  get isRunning(): boolean {
    return this.proxy !== undefined;
  }

  /**
   * Starts the thread with these deployments. In one go, so that the books it is given are those of
   * the moment from which on it reads events.
   */
  launch(deployments: readonly Deployment[]): void {
    const { seat, markets, views, venue, trading } = this.parts;
    const wiring = seat.attach(STRATEGIES_SESSION_ID, (requests) => {
      const deny = (denial: Denial): void => this.deny(denial);
      this.door = new StrategyDoor({ markets, venue, trading, deny }, requests);
      return this.door;
    });
    const denialRing = Ring.create(LIMITS.strategyDenialRingBytes, 1);
    this.denials = new RingProducer(denialRing);
    this.bell = new Doorbell(wiring.sessionBell);
    this.killedFor = '';
    this.proxy = new StrategiesProxy(
      {
        wiring,
        denialRing: denialRing.buffer,
        markets: markets.all,
        images: marketImages(views),
        deployments: deployments.map((deployment) => this.spec(deployment)),
      },
      {
        onMessage: (message) => {
          if (message.type === 'started') this.parts.onStarted(message.deploymentId);
          else if (message.type === 'ended') this.parts.onEnded(message);
        },
        onCrash: (why) => {
          this.vacate();
          this.parts.onCrash(this.killedFor || why);
        },
      },
    );
    this.watchOver(this.proxy);
  }

  begin(deployment: Deployment): void {
    this.send({ type: 'start', spec: this.spec(deployment) });
  }

  send(message: ToStrategies): void {
    this.proxy?.send(message);
  }

  /** Commands of a deployment without an outcome yet. */
  underWayOf(deploymentId: number): number {
    return this.door?.underWayOf(deploymentId) ?? 0;
  }

  /** Stops the thread and waits for its end. */
  stop(): Promise<void> {
    const { proxy } = this;
    if (proxy === undefined) return this.ending ?? Promise.resolve();
    clearInterval(this.watch);
    this.proxy = undefined;
    this.ending = proxy.stop().then(() => {
      this.ending = undefined;
      this.vacate();
    });
    return this.ending;
  }

  private vacate(): void {
    clearInterval(this.watch);
    this.proxy = undefined;
    this.parts.seat.leave();
  }

  private spec(deployment: Deployment): DeploymentSpec {
    const { deploymentId, strategy, portfolioId, marketIds, parameters, record } = deployment;
    return {
      deploymentId,
      strategy,
      portfolioId,
      canShort: this.parts.ledger.get(portfolioId).kind !== 'cash',
      marketIds,
      parameters,
      record: record.image(),
    };
  }

  private deny(denial: Denial): void {
    if (this.denials === undefined || this.proxy === undefined) return;
    // A thread that leaves so many denials unread does not live.
    if (!writeDenial(this.denials, denial)) return this.kill('it does not read what was denied');
    this.denials.publish();
    this.bell?.ring();
  }

  /** A thread that neither ends nor goes on would hold up the market workers whose events it reads. */
  private watchOver(proxy: StrategiesProxy): void {
    let loops = -1;
    let movedMs = performance.now();
    let lookedMs = movedMs;
    this.watch = setInterval(() => {
      const nowMs = performance.now();
      // Time in which the gateway stood still itself tells nothing of the thread.
      if (nowMs - lookedMs > 2 * WATCH_MS) movedMs += nowMs - lookedMs;
      lookedMs = nowMs;
      if (proxy.loops() !== loops) {
        loops = proxy.loops();
        movedMs = nowMs;
      } else if (nowMs - movedMs > STILL_MS) this.kill(`its loop stood still for ${STILL_MS} ms`);
    }, WATCH_MS);
    this.watch.unref();
  }

  private kill(why: string): void {
    this.killedFor = why;
    this.proxy?.kill();
  }
}
