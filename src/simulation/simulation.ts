import { assert } from '../lib/assert.ts';
import { Prng } from '../lib/prng.ts';
import type { FrameViews } from '../rings/frame.ts';
import { type AssetSpec, FundamentalModel } from './fundamental.ts';
import { isSimulated, marketProfile, venueRank } from './market-profile.ts';
import { MarketSimulation } from './market-simulation.ts';
import type { OrderSink } from './order-sink.ts';
import { deriveSeed } from './seeds.ts';
import type { SimulationOptions } from './worker-data.ts';

/** Longer pauses (a machine that slept) are not made up for. */
const ELAPSED_MS_MAX = 1_000;
/** A market steps after a random time of this range, so that they do not all move together. */
const STEP_MS_MIN = 40;
const STEP_MS_MAX = 140;
/** Markets whose books are filled in one tick: a start is a few bursts, not one. */
const SEEDED_PER_TICK = 3;

interface Scheduled {
  readonly market: MarketSimulation;
  readonly asset: string;
  /** Milliseconds since its last step. */
  waitedMs: number;
  stepAfterMs: number;
}

/** All simulated markets and the values they share. Knows no clock: time is told to `tick`. */
export class Simulation {
  readonly markets: readonly MarketSimulation[];
  private readonly byId = new Map<number, MarketSimulation>();
  private readonly fundamental: FundamentalModel;
  private readonly schedule: Scheduled[];
  private readonly unseeded: Scheduled[];
  private readonly prng: Prng;

  /** @param sessionId the session whose echoes are this simulator's own */
  constructor(options: SimulationOptions, sessionId: number, sink: OrderSink) {
    for (const [role, ids] of Object.entries(options.portfolioIds)) {
      assert(ids.length > 0, `the simulator has no portfolio for its ${role} traders`);
    }
    const active = options.ordersPerSecond > 0 ? options.markets.filter(isSimulated) : [];
    const profiles = active.map((market) => marketProfile(market, venueRank(active, market)));
    const weightTotal = profiles.reduce((sum, profile) => sum + profile.weight, 0);
    this.markets = profiles.map((profile) => {
      const { market } = profile;
      return new MarketSimulation({
        profile,
        seed: options.seed,
        sessionId,
        portfolioIds: options.portfolioIds,
        leveraged: (options.leveraged ?? []).filter((trader) => trader.marketId === market.id),
        commandsPerSecond: (options.ordersPerSecond * profile.weight) / weightTotal,
        sink,
        recovered: options.recovered.find((one) => one.marketId === market.id),
      });
    });
    for (const market of this.markets) this.byId.set(market.profile.market.id, market);
    this.prng = new Prng(deriveSeed(options.seed, 0));
    this.fundamental = this.linkVenues(options.seed, options);
    this.schedule = this.markets.map((market) => ({
      market,
      asset: market.profile.market.base.name,
      waitedMs: 0,
      stepAfterMs: this.prng.integer(STEP_MS_MIN, STEP_MS_MAX),
    }));
    this.unseeded = [...this.schedule];
  }

  /** True when every book has got its first orders. */
  get seeded(): boolean {
    return this.unseeded.length === 0;
  }

  /** Takes in one durable record of any market. */
  onEvent(marketId: number, views: FrameViews, at: number): void {
    this.byId.get(marketId)?.onEvent(views, at);
  }

  /** Lets time pass; markets whose turn it is act. */
  tick(elapsedMs: number): void {
    const passedMs = Math.min(ELAPSED_MS_MAX, elapsedMs);
    if (passedMs <= 0) return;
    this.fundamental.advance(passedMs);
    for (const one of this.unseeded.splice(0, SEEDED_PER_TICK)) {
      one.market.seedBook(this.fundamental.logPrice(one.asset));
      one.waitedMs = -passedMs;
    }
    for (const one of this.schedule) {
      if (this.unseeded.includes(one)) continue;
      one.waitedMs += passedMs;
      if (one.waitedMs < one.stepAfterMs) continue;
      const { fundamental } = this;
      const volatility = fundamental.volatilityFactor(one.asset);
      one.market.step(one.waitedMs, fundamental.logPrice(one.asset), volatility);
      one.waitedMs = 0;
      one.stepAfterMs = this.prng.integer(STEP_MS_MIN, STEP_MS_MAX);
    }
  }

  /** One value per base asset, starting from the mean of its venues. */
  private linkVenues(seed: number, options: SimulationOptions): FundamentalModel {
    const specs: AssetSpec[] = [];
    for (const venues of groupByBase(this.markets)) {
      const logs = venues.map((venue) => venue.startLogPrice());
      const logPrice = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      venues.forEach((venue, i) => {
        venue.setVenueOffset(logs[i] - logPrice);
        venue.connect(venues);
      });
      const { market } = venues[0].profile;
      specs.push({
        name: market.base.name,
        group: market.assetClass === 'equity' ? 'equity' : 'crypto',
        logPrice,
        annualVolatility: market.reference.annualVolatility!,
        generation: options.recovered.reduce((sum, one) => sum + one.seq, 0),
      });
    }
    return new FundamentalModel(specs, seed);
  }
}

function groupByBase(markets: readonly MarketSimulation[]): MarketSimulation[][] {
  const groups = new Map<string, MarketSimulation[]>();
  for (const market of markets) {
    const name = market.profile.market.base.name;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [market]);
    else group.push(market);
  }
  return [...groups.values()];
}
