import { Prng } from '../lib/prng.ts';
import type { FrameViews } from '../rings/frame.ts';
import { Arbitrageurs } from './agents/arbitrage.ts';
import { LeveragedTraders } from './agents/leveraged.ts';
import { MarketMaker } from './agents/market-maker.ts';
import { MomentumTraders } from './agents/momentum.ts';
import { NoiseTraders } from './agents/noise.ts';
import { ValueTraders } from './agents/value.ts';
import { Desk } from './desk.ts';
import type { MarketProfile } from './market-profile.ts';
import { MarketView } from './market-view.ts';
import { HawkesFlow, RateGovernor } from './order-flow.ts';
import type { OrderSink } from './order-sink.ts';
import { OrderSizes } from './order-sizes.ts';
import { deriveSeed } from './seeds.ts';
import type { LeveragedTrader, RecoveredMarket, SimulatorPortfolios } from './worker-data.ts';

/** Makers quoting in one market; further portfolios of the list stay unused there. */
const MAKERS_MAX = 2;
/** The unit is this part of a typical move between two revelations, at mean volatility. */
const UNIT_PER_MOVE = 0.25;
/** Difference of a venue's fair value from the asset's, in a fraction of the price. */
const VENUE_DEVIATION = 0.00003;
const VENUE_SECONDS = 40;
/**
 * How far leveraged traders who are all on one side take a perpetual from the asset's value, as a
 * fraction of the price, and how long that takes: what funding is paid for.
 */
const BASIS_MAX = 0.003;
const BASIS_MS = 600_000;
/** Chances that a turn goes to a trader who has a reason to use it. */
const VALUE_CHANCE = 0.65;
const ARBITRAGE_CHANCE = 0.35;
const MAKER_CHANCE = 0.5;
const MOMENTUM_CHANCE = 0.07;
/** Further turns that an aggressive order makes likely. */
const EXCITED_BY_TAKER = 0.25;
/** A move of the fair value brings turns forward: those of so many seconds for each unit of it. */
const EXCITED_SECONDS_PER_UNIT = 0.04;
const EXCITED_UNITS_MAX = 4;
/** A side with fewer levels than this is filled up outside the turns. */
const LEVELS_MIN = 5;

export interface MarketSimulationOptions {
  readonly profile: MarketProfile;
  readonly seed: number;
  readonly sessionId: number;
  readonly portfolioIds: SimulatorPortfolios;
  /** Of this market. */
  readonly leveraged: readonly LeveragedTrader[];
  /** Commands per second in the mean. */
  readonly commandsPerSecond: number;
  readonly sink: OrderSink;
  readonly recovered: RecoveredMarket | undefined;
}

/**
 * The simulated traders of one market. It is driven from outside: durable records through
 * `onEvent`, time and the asset's value through `step`; what it sends goes to its sink.
 */
export class MarketSimulation {
  readonly profile: MarketProfile;
  readonly view: MarketView;
  readonly desk: Desk;
  private readonly prng: Prng;
  private readonly flow: HawkesFlow;
  private readonly governor: RateGovernor;
  private readonly makers: MarketMaker[];
  private readonly noise: NoiseTraders;
  private readonly momentum: MomentumTraders;
  private readonly value: ValueTraders;
  private readonly arbitrage: Arbitrageurs;
  private readonly leveraged: LeveragedTraders;
  /** Logarithm of the venue's price over the asset's value. */
  private venueOffset = 0;
  private nowMs = 0;
  private sentBefore = 0;
  private nextMaker = 0;

  constructor(options: MarketSimulationOptions) {
    const { profile, seed, portfolioIds, recovered, commandsPerSecond } = options;
    const { market, medianLots, roundLots } = profile;
    this.profile = profile;
    this.prng = new Prng(deriveSeed(seed, market.id, recovered?.seq ?? 0));
    this.makers = portfolioIds.marketMakers.slice(0, MAKERS_MAX).map((id) => new MarketMaker(id));
    this.view = new MarketView(options.sessionId, portfolioIds.marketMakers, {
      onTaker: () => this.flow.excite(EXCITED_BY_TAKER),
      onOwnFill: (portfolioId, lots) => this.onOwnFill(portfolioId, lots),
      isLeveraged: (portfolioId) => this.leveraged.has(portfolioId),
      onLeveragedFill: (portfolioId, lots, priceTicks) => {
        const value = Math.abs(lots) * priceTicks * profile.tickValue * profile.lotValue;
        this.leveraged.filled(portfolioId, lots, value, market.takerFeePpm);
      },
    });
    this.governor = new RateGovernor(commandsPerSecond);
    this.flow = new HawkesFlow(this.prng, this.governor.arrivalsPerSecond);
    const sizes = new OrderSizes(this.prng, medianLots, roundLots, market.maxQtyLots);
    this.desk = new Desk(profile, this.view, this.prng, sizes, options.sink);
    this.noise = new NoiseTraders(portfolioIds.noise, this.prng);
    this.momentum = new MomentumTraders(portfolioIds.momentum);
    this.value = new ValueTraders(portfolioIds.value);
    this.arbitrage = new Arbitrageurs(portfolioIds.arbitrage);
    // Numbers of their own: what the others do does not depend on how many of these there are.
    const prng = new Prng(deriveSeed(seed, market.id, recovered?.seq ?? 0, 1));
    this.leveraged = new LeveragedTraders(options.leveraged, market.margin?.maxLeverage ?? 1, prng);
    if (recovered !== undefined) {
      this.view.restore(recovered);
      this.desk.skipClientIds(recovered.orders.map((order) => order.clientOrderId));
    }
  }

  /** Makes the markets of one base asset known to each other. */
  connect(peers: readonly MarketSimulation[]): void {
    this.arbitrage.connect(peers.filter((peer) => peer !== this).map((peer) => peer.desk));
  }

  /**
   * Where the market is before its first step: the recovered middle or last trade, else the start
   * price. Natural logarithm, in the quote asset.
   */
  startLogPrice(): number {
    const ticks = this.view.midTicks() || this.view.lastTradeTicks;
    const { market, tickValue } = this.profile;
    return Math.log(ticks > 0 ? ticks * tickValue : Number(market.reference.startPrice));
  }

  /** Sets the venue apart from the asset's value, so that a recovered price is not pulled at once. */
  setVenueOffset(offset: number): void {
    this.venueOffset = offset;
  }

  /** Sends what a book needs to be deep at once; only what is missing if some of it is there. */
  seedBook(logPrice: number): void {
    this.believe(logPrice, 1, 0);
    this.desk.begin(this.nowMs);
    for (const maker of this.makers) maker.quoteAll(this.desk);
    const { targetOrders } = this.profile;
    const missing = targetOrders - this.view.own.count - this.view.inFlight;
    if (missing > 0.25 * targetOrders) this.noise.seed(this.desk, missing);
    this.sentBefore = this.desk.sent;
  }

  /** Takes in one durable record of this market. */
  onEvent(views: FrameViews, at: number): void {
    this.view.apply(views, at);
  }

  /**
   * Lets time pass and the traders act.
   * @param elapsedMs since the last step
   * @param logPrice the asset's value, natural logarithm in the quote asset
   * @param volatility the asset's volatility as a multiple of its mean
   */
  step(elapsedMs: number, logPrice: number, volatility: number): void {
    this.nowMs += elapsedMs;
    const { desk, view, flow, governor } = this;
    // Nobody takes the changed prices from this book; they must not pile up.
    view.depth.changed.clear();
    const before = desk.fairTicks;
    this.believe(logPrice, volatility, elapsedMs);
    const moved = Math.min(EXCITED_UNITS_MAX, Math.abs(desk.fairTicks - before) / desk.unitTicks);
    flow.excite(moved * EXCITED_SECONDS_PER_UNIT * governor.arrivalsPerSecond);
    desk.begin(this.nowMs);
    this.momentum.observe(view.midTicks(), elapsedMs);
    const activity = Math.min(3, Math.max(0.5, 0.4 + 0.6 * volatility));
    const turns = flow.arrivals(elapsedMs, governor.arrivalsPerSecond * activity);
    if (!view.halted) {
      this.keepTwoSided();
      this.leveraged.step(desk, elapsedMs);
      for (let turn = 0; turn < turns && !desk.blocked; turn += 1) this.act();
    }
    governor.record(desk.sent - this.sentBefore, elapsedMs);
    this.sentBefore = desk.sent;
  }

  /** One turn: traders with a reason go first, in the order of their haste. */
  private act(): void {
    const { desk, prng } = this;
    if (prng.chance(VALUE_CHANCE) && this.value.act(desk)) return;
    if (prng.chance(ARBITRAGE_CHANCE) && this.arbitrage.act(desk)) return;
    if (prng.chance(MAKER_CHANCE)) {
      const maker = this.makers[this.nextMaker % this.makers.length];
      this.nextMaker += 1;
      if (maker.act(desk)) return;
    }
    if (prng.chance(MOMENTUM_CHANCE) && this.momentum.act(desk)) return;
    this.noise.act(desk);
  }

  private believe(logPrice: number, volatility: number, elapsedMs: number): void {
    const { desk, profile, prng } = this;
    const kept = Math.exp(-elapsedMs / 1000 / VENUE_SECONDS);
    const noise = VENUE_DEVIATION * Math.sqrt(1 - kept * kept) * prng.normal();
    this.venueOffset = this.venueOffset * kept + noise;
    const follow = 1 - Math.exp(-elapsedMs / BASIS_MS);
    desk.basis += follow * (BASIS_MAX * this.leveraged.crowding - desk.basis);
    desk.fairTicks = Math.exp(logPrice + this.venueOffset + desk.basis) / profile.tickValue;
    const unit = UNIT_PER_MOVE * profile.moveTicks * Math.min(3, Math.max(0.6, volatility));
    desk.unitTicks = Math.max(1, unit);
  }

  /** A side that was swept empty is quoted again at once: the one thing that waits for no turn. */
  private keepTwoSided(): void {
    const { bids, asks } = this.view.depth;
    if (this.view.inFlight > 0) return;
    if (bids.length >= LEVELS_MIN && asks.length >= LEVELS_MIN) return;
    for (const maker of this.makers) maker.quoteAll(this.desk);
  }

  private onOwnFill(portfolioId: number, lots: number): void {
    for (const maker of this.makers) {
      if (maker.portfolioId === portfolioId) maker.inventoryLots += lots;
    }
  }
}
