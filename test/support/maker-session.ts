import type { Market } from '../../src/domain/markets.ts';
import {
  AMEND_REMAINING,
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  SELF_TRADE_EXPIRE_TAKER,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { SessionDoor } from '../../src/gateway/session-door.ts';
import { StateFollower } from '../../src/gateway/state-follower.ts';
import type { Deployment } from '../../src/gateway/strategies/deployments.ts';
import { TrackRecord } from '../../src/ledger/track-record.ts';
import { Prng } from '../../src/lib/prng.ts';
import { type FrameViews, frameMarketId } from '../../src/rings/frame.ts';
import { Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { RingOrderSink } from '../../src/simulation/ring-order-sink.ts';
import { Simulation } from '../../src/simulation/simulation.ts';
import { orderName } from '../../src/strategies/client-ids.ts';
import type { DeploymentSpec, OrderSink } from '../../src/strategies/deployment-host.ts';
import { marketMaking } from '../../src/strategies/market-making.ts';
import type { HostedOrder } from '../../src/strategies/own-order.ts';
import { readParameters } from '../../src/strategies/parameters.ts';
import type { OrderIntent } from '../../src/strategies/strategy.ts';
import { StrategyRuntime } from '../../src/strategies/strategy-runtime.ts';
import { shippedMarkets } from './markets.ts';
import { OneThreadVenue } from './one-thread-venue.ts';

const SESSION_ID = 1;
const TRADER = { userId: 2, portfolioId: 3 };
const EXTERNAL = [101, 102, 103, 111, 112, 113, 121, 131, 141];
export const DEPLOYMENT_ID = 1;
/** Time between two steps of the simulated traders, drawn anew each time. */
const STEP_MS_MIN = 25;
const STEP_MS_SPREAD = 25;

type Command = (order: HostedOrder) => void;

/**
 * The shipped market maker in the shipped sei markets among the shipped simulated traders: the real
 * door, ledger, matching and settlement in one thread, and a clock of its own, so that an hour of the
 * venue takes less than a minute.
 */
export class MakerSession implements OrderSink {
  readonly markets: readonly Market[];
  readonly venue: OneThreadVenue;
  readonly follower: StateFollower;
  readonly runtime: StrategyRuntime;
  readonly startMs: number;
  nowMs: number;
  /** Sees every durable frame of a market, after the follower has applied it. */
  onFrame: (views: FrameViews) => void = () => undefined;
  private readonly simulation: Simulation;
  private readonly requests: RingProducer;
  private readonly prng: Prng;
  private readonly queue: (() => void)[] = [];

  constructor(seed: number, ordersPerSecond: number) {
    const registry = shippedMarkets([13, 14]);
    this.markets = registry.all;
    const ring = Ring.create(1 << 20, 1);
    this.requests = new RingProducer(ring);
    const facts: VenueEvent[] = EXTERNAL.map((portfolioId) => ({
      kind: 'PortfolioOpened',
      portfolioId,
      userId: 0,
      portfolioKind: 'external',
      name: `p${portfolioId}`,
    }));
    this.venue = new OneThreadVenue(registry, {
      balances: { USDC: 100_000 * 1e6 },
      users: 2,
      commandRingBytes: 1 << 20,
      sessions: [new SessionDoor(new RingReader(ring, 0))],
      facts,
    });
    this.nowMs = this.venue.clock.nowMs();
    this.startMs = this.nowMs;
    this.prng = new Prng(seed ^ 0x5eed);
    const sink = new RingOrderSink(this.requests, SESSION_ID);
    const options = {
      markets: this.markets,
      seed,
      ordersPerSecond,
      portfolioIds: {
        marketMakers: [101, 102, 103],
        noise: [111, 112, 113],
        momentum: [121],
        value: [131],
        arbitrage: [141],
      },
      recovered: [],
    };
    this.simulation = new Simulation(options, SESSION_ID, sink);
    this.follower = new StateFollower(this.markets, () => undefined);
    for (const fact of this.venue.facts) this.follower.learn(fact);
    const read = readParameters(marketMaking, {});
    if ('problem' in read) throw new Error(read.problem.message);
    const spec: DeploymentSpec = {
      deploymentId: DEPLOYMENT_ID,
      strategy: marketMaking.id,
      portfolioId: TRADER.portfolioId,
      canShort: false,
      marketIds: this.markets.map(({ id }) => id),
      parameters: read.parameters,
      record: new TrackRecord(new Map()).image(),
    };
    this.follower.learn({
      kind: 'StrategyDeployed',
      ...spec,
      userId: TRADER.userId,
      atMs: this.nowMs,
      opening: [],
      startEquityUnits: 100_000 * 1e6,
    });
    this.runtime = new StrategyRuntime(this.markets, [], this, () => marketMaking);
    this.runtime.start(spec, this.nowMs);
  }

  get deployment(): Deployment {
    const deployment = this.follower.deployments.get(DEPLOYMENT_ID);
    if (deployment === undefined) throw new Error('the maker was deployed');
    return deployment;
  }

  /** Lets so much venue time pass. */
  run(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    while (this.nowMs < endMs) {
      const stepMs = STEP_MS_MIN + this.prng.integer(0, STEP_MS_SPREAD);
      this.nowMs += stepMs;
      this.venue.clock.seconds = Math.floor(this.nowMs / 1000);
      this.venue.clock.nanos = (this.nowMs % 1000) * 1e6;
      this.simulation.tick(stepMs);
      this.requests.publish();
      this.settle();
      this.runtime.timer(this.nowMs);
      this.settle();
    }
  }

  place(_spec: DeploymentSpec, order: HostedOrder, intent: OrderIntent): boolean {
    return this.later(order, (sent) => {
      const request = {
        ...TRADER,
        market: this.market(sent.marketId),
        side: sent.side,
        orderType: ORDER_TYPE_LIMIT,
        tif: intent.immediate ? TIF_IOC : TIF_GTC,
        flags: intent.postOnly ? ORDER_FLAG_POST_ONLY : 0,
        selfTrade: SELF_TRADE_EXPIRE_TAKER,
        priceTicks: sent.priceTicks,
        qtyLots: sent.qtyLots,
        clientOrderId: orderName(DEPLOYMENT_ID, sent.number),
      };
      this.venue.engine.place(request, ({ code, order: placed }) => {
        if (placed === null) this.runtime.denied(DEPLOYMENT_ID, sent.number, true, code);
      });
    });
  }

  cancel(_spec: DeploymentSpec, order: HostedOrder): boolean {
    return this.later(order, ({ orderId, number }) => {
      this.venue.engine.cancel(TRADER.userId, orderId, (reply) => this.answered(number, reply));
    });
  }

  amend(_spec: DeploymentSpec, order: HostedOrder, priceTicks: number, qtyLots: number): boolean {
    return this.later(order, ({ orderId, number }) => {
      const request = {
        userId: TRADER.userId,
        orderId,
        mode: AMEND_REMAINING,
        priceTicks,
        qtyLots,
      };
      this.venue.engine.amend(request, (reply) => this.answered(number, reply));
    });
  }

  private answered(number: number, { code }: { code: number }): void {
    const isDenied = code !== OK && code < 400;
    if (isDenied) this.runtime.denied(DEPLOYMENT_ID, number, false, code);
  }

  private later(order: HostedOrder, command: Command): true {
    this.queue.push(() => command(order));
    return true;
  }

  /** Carries everything on until nothing moves any more. */
  private settle(): void {
    const { venue, follower, runtime, simulation } = this;
    for (let round = 0; round < 1000; round += 1) {
      venue.settle();
      const frames = venue.journal.splice(0);
      for (const { buffer } of frames) {
        const views = {
          i32: new Int32Array(buffer),
          f64: new Float64Array(buffer),
          u8: new Uint8Array(buffer),
        };
        const marketId = frameMarketId(views.i32[1]);
        follower.apply(views, 0);
        this.onFrame(views);
        simulation.onEvent(marketId, views, 0);
        runtime.record(views, 0);
      }
      const commands = this.queue.splice(0);
      for (const command of commands) command();
      if (frames.length === 0 && commands.length === 0) return;
    }
    throw new Error('the maker and the market never come to rest');
  }

  private market(marketId: number): Market {
    const market = this.markets.find(({ id }) => id === marketId);
    if (market === undefined) throw new Error(`market ${marketId} is in the session`);
    return market;
  }
}
