import { SIDE_BUY, SIDE_SELL, SIDE_UNKNOWN } from '../../domain/orders.ts';
import type { MarketSeen, OrderNews, StrategyContext, TradeSeen } from '../strategy.ts';
import { PositionTaker } from '../tools/position-taker.ts';
import { FlowMeasures } from './flow-measures.ts';
import { othersTouch } from './others-touch.ts';
import type { MarketMakingParameters } from './parameters.ts';
import { QuoteLadder, type WantedQuote } from './quote-ladder.ts';
import { type Quotes, quotesFor } from './quote-model.ts';

/** Why there are no quotes; `''` while there are. */
export type Silence = '' | 'measuring' | 'one-sided' | 'not continuous' | 'stale';

/** The first inventory is bought for so long at most; what is missing then the quotes buy. */
const STOCKING_MS = 10_000;
/** Rejections of a quote in a row are the book's word that the price has gone: a short pause. */
const REJECTED_PAUSE_MS = 200;

/** The maker of one market: measures, decides where the quotes belong, and keeps them there. */
export class MarketMaker {
  /** Why it does not quote. */
  silence: Silence = 'measuring';
  /** As of the last decision; `undefined` before the first. */
  quotes: Quotes | undefined;
  /** To be added to the middle of the touch, in ticks: where a prediction sees the price go. */
  shiftTicks = 0;
  private readonly context: StrategyContext;
  private readonly seen: MarketSeen;
  private readonly ladder: QuoteLadder;
  private readonly taker: PositionTaker;
  private readonly measures: FlowMeasures;
  private parameters: MarketMakingParameters;
  private quotedMs = 0;
  private pausedUntilMs = 0;
  /** Middle of the others' touch at the last decision. */
  private lastMidTicks = 0;
  /** The first inventory of a portfolio that cannot go short is still being bought. */
  private isStocking: boolean;
  private stockingSinceMs = 0;
  private isReconfigured = false;

  constructor(context: StrategyContext, seen: MarketSeen, parameters: MarketMakingParameters) {
    this.context = context;
    this.seen = seen;
    this.parameters = parameters;
    this.ladder = new QuoteLadder(context, seen);
    this.taker = new PositionTaker(context, seen.market.id);
    this.measures = new FlowMeasures(parameters.volatility_half_life_seconds);
    this.isStocking = !context.canShort && context.positionLots(seen.market.id) === 0;
  }

  configure(parameters: MarketMakingParameters): void {
    this.parameters = parameters;
    this.measures.configure(parameters.volatility_half_life_seconds);
    this.quotedMs = 0;
    this.isReconfigured = true;
  }

  onTrade({ priceTicks, takerSide, atMs }: TradeSeen): void {
    const mid = this.quotes === undefined ? this.seen.midTicks : this.lastMidTicks;
    if (takerSide === SIDE_UNKNOWN || mid === 0) return;
    const beyond = takerSide === SIDE_BUY ? priceTicks - mid : mid - priceTicks;
    this.measures.observeTaker(atMs, beyond);
  }

  onOrder({ what }: OrderNews): void {
    if (what === 'rejected') this.pausedUntilMs = this.context.nowMs + REJECTED_PAUSE_MS;
    // What has traded is missing on one side: the quotes are looked at again at once.
    if (what === 'filled') this.quotedMs = 0;
  }

  onBook(): void {
    this.observe();
    if (this.context.nowMs - this.quotedMs >= this.parameters.refresh_ms) this.quote();
    else this.withdrawUnderFire();
  }

  onTimer(): void {
    this.observe();
    if (this.context.nowMs - this.quotedMs >= this.parameters.refresh_ms) this.quote();
  }

  /** The others' middle: the maker's own quotes would tell it that nothing moves. */
  private observe(): void {
    const { context, seen, measures } = this;
    if (!measures.isDue(context.nowMs)) return;
    const { bidTicks, askTicks } = othersTouch(seen, context.orders(seen.market.id));
    if (bidTicks !== 0 && askTicks !== 0) {
      measures.observeMid(context.nowMs, (bidTicks + askTicks) / 2);
    }
  }

  private quote(): void {
    const { context, seen, parameters } = this;
    this.quotedMs = context.nowMs;
    const own = context.orders(seen.market.id);
    const touch = othersTouch(seen, own);
    this.silence = this.reasonForSilence(touch.bidTicks, touch.askTicks);
    if (this.silence !== '') {
      this.ladder.pull();
      return;
    }
    const midTicks = (touch.bidTicks + touch.askTicks) / 2;
    this.lastMidTicks = midTicks;
    if (this.isStocking && !this.stock()) return;
    const orderLots = Math.max(
      seen.market.minQtyLots,
      context.lotsOf(seen.market.id, parameters.order_notional),
    );
    const mostLots = Math.max(1, context.lotsOf(seen.market.id, parameters.max_position));
    const excess = context.positionLots(seen.market.id) - this.targetLots();
    this.quotes = quotesFor(
      {
        ...touch,
        midTicks,
        volatilityTicks: this.measures.volatilityTicks,
        intensityDecayPerTick: this.measures.intensityDecayPerTick,
        inventoryShare: Math.max(-1, Math.min(1, excess / mostLots)),
        orderShare: Math.min(1, orderLots / mostLots),
        shiftTicks: this.shiftTicks,
      },
      {
        riskAversion: parameters.risk_aversion,
        horizonSeconds: parameters.horizon_seconds,
        minSpreadBps: parameters.min_spread_bps,
        maxSpreadBps: parameters.max_spread_bps,
      },
    );
    if (context.nowMs < this.pausedUntilMs) return;
    const toleranceTicks = Math.floor((midTicks * parameters.requote_bps) / 10_000);
    const wanted = this.wanted(this.quotes, midTicks, orderLots, mostLots);
    this.ladder.keep(wanted, toleranceTicks, this.isReconfigured);
    this.isReconfigured = false;
  }

  /** Levels of both sides, from the touch outwards, as far as the limits of the inventory go. */
  private wanted(
    { bidTicks, askTicks }: Quotes,
    midTicks: number,
    orderLots: number,
    mostLots: number,
  ): WantedQuote[] {
    const { context, seen, parameters } = this;
    const { quote_levels, level_spacing_bps, size_growth } = parameters;
    const position = context.positionLots(seen.market.id);
    const stepTicks = Math.max(1, Math.round((midTicks * level_spacing_bps) / 10_000));
    // Quantity that is offered already counts as there: it is what the asks are to be made of.
    const offered = context
      .orders(seen.market.id)
      .reduce((sum, { side, remainingLots }) => sum + (side === SIDE_SELL ? remainingLots : 0), 0);
    const room = [mostLots - position, context.canShort ? mostLots + position : position];
    if (!context.canShort) {
      room[SIDE_SELL] = Math.min(position, context.sellableLots(seen.market.id) + offered);
    }
    const wanted: WantedQuote[] = [];
    for (const side of [SIDE_BUY, SIDE_SELL]) {
      for (let level = 0; level < quote_levels; level += 1) {
        const size = Math.round(orderLots * size_growth ** level);
        const lots = Math.min(size, Math.floor(room[side]), seen.market.maxQtyLots);
        if (lots < seen.market.minQtyLots) break;
        const distance = level * stepTicks;
        const priceTicks = side === SIDE_BUY ? bidTicks - distance : askTicks + distance;
        if (priceTicks <= 0) break;
        room[side] -= lots;
        wanted.push({ side, level, priceTicks, lots });
      }
    }
    return wanted;
  }

  /** Between two decisions: a quote that is better than the middle by now is taken off at once. */
  private withdrawUnderFire(): void {
    const { context, seen } = this;
    const { midTicks } = seen;
    if (midTicks === 0) return;
    for (const order of context.orders(seen.market.id)) {
      const isBeyond =
        order.side === SIDE_BUY ? order.priceTicks > midTicks : order.priceTicks < midTicks;
      if (isBeyond && order.state === 'open' && order.tag !== 'take') {
        this.quotedMs = 0;
        context.cancel(order);
      }
    }
  }

  /** Buys the first inventory; true when it is there. */
  private stock(): boolean {
    const { context, parameters } = this;
    if (this.stockingSinceMs === 0) this.stockingSinceMs = context.nowMs;
    // Quotes meanwhile would buy the same twice; but what money does not reach for is not waited for.
    const isThere = this.taker.goTo(this.targetLots(), parameters.max_spread_bps / 2);
    const isOver = context.nowMs - this.stockingSinceMs > STOCKING_MS;
    if (!isThere && (!isOver || this.taker.isWorking)) return false;
    this.isStocking = false;
    return true;
  }

  private targetLots(): number {
    const { target_inventory, max_position } = this.parameters;
    const notional = Math.min(target_inventory, max_position * 0.95);
    return this.context.canShort ? 0 : this.context.lotsOf(this.seen.market.id, notional);
  }

  private reasonForSilence(bidTicks: number, askTicks: number): Silence {
    const { seen, context, measures, parameters } = this;
    if (!seen.isContinuous) return 'not continuous';
    if (bidTicks === 0 || askTicks === 0) return 'one-sided';
    const actedMs = context.othersActedMs(seen.market.id);
    if (context.nowMs - actedMs > parameters.stale_ms) return 'stale';
    return measures.isReady ? '' : 'measuring';
  }
}
