import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Prng } from '../../lib/prng.ts';
import type { Desk } from '../desk.ts';
import type { LeveragedTrader } from '../worker-data.ts';

/** Mean times between looks: for whom to enter, and for whom to think about leaving. */
const FIRST_IDLE_MS = 150_000;
const IDLE_MS = 1_800_000;
const HOLDING_MS = 7_200_000;
/** A rare move calls those in who wait: how fast it must be, how rare, and how soon they come. */
const CALL_MS = 120_000;
const CALL_MOVES = 16;
const CALLED_MS = 12_000;
const CALL_PAUSE_MS = 2_700_000;
/** Between two pieces of one order. */
const PIECE_MS = 1_500;
/** Shares of traders by the part of the market's highest leverage that they use. */
const APPETITES = [1, 1, 1, 1, 0.8, 0.6, 0.4, 0.15] as const;
/** What of the collateral's reach goes into a position; the rest pays fees and the first moves. */
const REACH = 0.9;
/** A piece is at most this many median orders. */
const PIECE_MEDIANS = 6;
/** How far past the touch a piece may trade, in units. */
const REACH_UNITS = 3;
/** Profit, as a part of the collateral, that is taken at the next look. */
const TAKE_PROFIT = 1;
const TREND_MS = 600_000;
/** Chance of going long without a trend; what a trend of a typical move adds or takes. */
const LONG_BIAS = 0.54;
const TREND_PULL = 0.25;
/** Outside these multiples of its opening collateral a portfolio is set back to it once it is flat. */
const POOR = 0.5;
const RICH = 3;

interface Trader {
  readonly portfolioId: number;
  readonly appetite: number;
  /** Opening collateral, whole quote units; what is thought to be there now. */
  readonly collateral: number;
  wallet: number;
  lots: number;
  /** What the position cost, signed like it, whole quote units. */
  cost: number;
  /** Where the position is going to; it is worked in pieces. */
  targetLots: number;
  /** Its position was closed, by whomever: it waits before the next one. */
  rests: boolean;
  nextMs: number;
}

/**
 * Traders with margin portfolios, each working one position in pieces: most follow the trend, many use
 * all the leverage there is, and a fast move brings those in who were waiting. They leave with a profit or after a while. They do nothing about losses:
 * whoever is wrong for too long is liquidated by the venue, as seen in trades that nobody here sent.
 */
export class LeveragedTraders {
  private readonly traders: Trader[];
  private readonly byPortfolio = new Map<number, Trader>();
  private readonly prng: Prng;
  private readonly maxLeverage: number;
  private trendTicks = 0;
  private callTicks = 0;
  private calledMs = Number.NEGATIVE_INFINITY;
  /** What all of them could hold together, lots. */
  private reachLots = 0;

  constructor(traders: readonly LeveragedTrader[], maxLeverage: number, prng: Prng) {
    this.prng = prng;
    this.maxLeverage = maxLeverage;
    this.traders = traders.map((trader, i) => ({
      ...trader,
      appetite: APPETITES[i % APPETITES.length],
      targetLots: trader.lots,
      rests: false,
      nextMs: this.after(FIRST_IDLE_MS),
    }));
    for (const trader of this.traders) this.byPortfolio.set(trader.portfolioId, trader);
  }

  /** True for the portfolios of these traders. */
  has(portfolioId: number): boolean {
    return this.byPortfolio.has(portfolioId);
  }

  /** Lets everybody act whose time has come. */
  step(desk: Desk, elapsedMs: number): void {
    const middle = desk.view.midTicks();
    if (middle === 0 || desk.view.halted) return;
    if (this.trendTicks === 0) this.trendTicks = middle;
    this.trendTicks += (1 - Math.exp(-elapsedMs / TREND_MS)) * (middle - this.trendTicks);
    this.call(desk, middle, elapsedMs);
    const lotWorth = middle * desk.profile.tickValue * desk.profile.lotValue;
    this.reachLots = 0;
    for (const { wallet, appetite } of this.traders) {
      this.reachLots += (wallet * this.leverageOf(appetite) * REACH) / lotWorth;
    }
    for (const trader of this.traders) {
      if (trader.nextMs <= desk.nowMs) this.act(trader, desk, middle);
    }
  }

  /** How one-sided they are: 1 when all that they could hold is long, -1 when it is short. */
  get crowding(): number {
    if (this.reachLots === 0) return 0;
    const net = this.traders.reduce((sum, { lots }) => sum + lots, 0);
    return Math.max(-1, Math.min(1, net / this.reachLots));
  }

  /** One of their portfolios traded, by an order from here or by a liquidation. */
  filled(portfolioId: number, signedLots: number, value: number, feePpm: number): void {
    const trader = this.byPortfolio.get(portfolioId);
    if (trader === undefined) return;
    const before = trader.lots;
    const signedValue = signedLots > 0 ? value : -value;
    trader.lots += signedLots;
    trader.wallet -= (value * feePpm) / 1_000_000;
    if (before === 0 || before > 0 === signedLots > 0) {
      trader.cost += signedValue;
      return;
    }
    const closed = Math.min(1, Math.abs(signedLots / before));
    trader.wallet -= closed * trader.cost + signedValue;
    trader.cost -= closed * trader.cost;
    // Fewer than meant: somebody else closes it. There is nothing left to work towards.
    if (Math.abs(trader.targetLots) > Math.abs(trader.lots)) trader.targetLots = trader.lots;
    if (trader.lots !== 0) return;
    trader.targetLots = 0;
    trader.rests = true;
    const { wallet, collateral } = trader;
    if (wallet < POOR * collateral || wallet > RICH * collateral) trader.wallet = collateral;
  }

  private act(trader: Trader, desk: Desk, middle: number): void {
    if (trader.rests) {
      trader.rests = false;
      trader.nextMs = desk.nowMs + this.after(IDLE_MS);
      return;
    }
    const missing = trader.targetLots - trader.lots;
    if (missing !== 0) {
      trader.nextMs = desk.nowMs + this.after(PIECE_MS);
      this.send(trader, desk, middle, missing);
      return;
    }
    if (trader.lots === 0) this.enter(trader, desk, middle);
    else this.consider(trader, desk, middle);
  }

  private enter(trader: Trader, desk: Desk, middle: number): void {
    const { profile } = desk;
    const trend = (middle - this.trendTicks) / (profile.moveTicks * 4);
    const long = LONG_BIAS + TREND_PULL * Math.tanh(trend);
    const leverage = this.leverageOf(trader.appetite);
    const lotWorth = middle * profile.tickValue * profile.lotValue;
    const lots = Math.floor((trader.wallet * leverage * REACH) / lotWorth);
    trader.targetLots = this.prng.chance(long) ? lots : -lots;
    trader.nextMs = desk.nowMs + (lots === 0 ? this.after(IDLE_MS) : this.after(PIECE_MS));
  }

  private consider(trader: Trader, desk: Desk, middle: number): void {
    const { tickValue, lotValue } = desk.profile;
    const profit = trader.lots * middle * tickValue * lotValue - trader.cost;
    const leaves = profit > TAKE_PROFIT * trader.collateral || this.prng.chance(0.2);
    trader.nextMs = desk.nowMs + this.after(leaves ? PIECE_MS : HOLDING_MS / 5);
    if (leaves) trader.targetLots = 0;
  }

  private send(trader: Trader, desk: Desk, middle: number, missing: number): void {
    const side = missing > 0 ? SIDE_BUY : SIDE_SELL;
    const most = Math.ceil(PIECE_MEDIANS * desk.profile.medianLots * (0.3 + this.prng.uniform()));
    const lots = Math.min(Math.abs(missing), most, desk.profile.market.maxQtyLots);
    const reach = Math.ceil(REACH_UNITS * desk.unitTicks);
    const limit = Math.round(side === SIDE_BUY ? middle + reach : middle - reach);
    desk.marginOrder(trader.portfolioId, side, limit, lots);
  }

  /** A fast move: whoever has no position wants one now. */
  private call(desk: Desk, middle: number, elapsedMs: number): void {
    if (this.callTicks === 0) this.callTicks = middle;
    this.callTicks += (1 - Math.exp(-elapsedMs / CALL_MS)) * (middle - this.callTicks);
    const isFast = Math.abs(middle - this.callTicks) > CALL_MOVES * desk.profile.moveTicks;
    if (!isFast || desk.nowMs - this.calledMs < CALL_PAUSE_MS) return;
    this.calledMs = desk.nowMs;
    for (const trader of this.traders) {
      if (trader.lots !== 0 || trader.targetLots !== 0) continue;
      trader.rests = false;
      trader.nextMs = Math.min(trader.nextMs, desk.nowMs + this.after(CALLED_MS));
    }
  }

  private leverageOf(appetite: number): number {
    return Math.max(1, this.maxLeverage * appetite);
  }

  /** Exponential with this mean. */
  private after(meanMs: number): number {
    return -Math.log(1 - this.prng.uniform()) * meanMs;
  }
}
