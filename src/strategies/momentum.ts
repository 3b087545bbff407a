import { type Static, Type } from 'typebox';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import { strategyParameters } from './parameters.ts';
import type {
  MarketSeen,
  OrderNews,
  OwnOrder,
  Strategy,
  StrategyContext,
  StrategyDefinition,
} from './strategy.ts';
import { PositionTaker } from './tools/position-taker.ts';
import { SampledPrices } from './tools/sampled-prices.ts';

const MomentumParameters = strategyParameters({
  sample_seconds: Type.Number({
    minimum: 0.1,
    maximum: 3600,
    default: 1,
    description: 'Time between two looks at the middle of the touch',
  }),
  fast_samples: Type.Integer({
    minimum: 1,
    maximum: 500,
    default: 10,
    description: 'Fast average',
  }),
  slow_samples: Type.Integer({
    minimum: 2,
    maximum: 1000,
    default: 60,
    description: 'Slow average',
  }),
  entry_bps: Type.Number({
    exclusiveMinimum: 0,
    maximum: 10_000,
    default: 4,
    description: 'Distance of the fast from the slow average at which a position is taken',
  }),
  exit_bps: Type.Number({
    minimum: -10_000,
    maximum: 10_000,
    default: 0,
    description: 'Distance, in the direction of the position, at which it is given up',
  }),
  stop_bps: Type.Number({
    exclusiveMinimum: 0,
    maximum: 10_000,
    default: 100,
    description: 'Loss against the average entry price at which the position is given up',
  }),
  position_notional: Type.Number({
    exclusiveMinimum: 0,
    maximum: 10_000_000,
    default: 10_000,
    description: 'Position at the volatility aimed at, or below it, in the quote asset',
  }),
  target_volatility: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100,
    default: 0.6,
    description: 'Annualised volatility above which positions get smaller in proportion',
  }),
  cooldown_seconds: Type.Number({
    minimum: 0,
    maximum: 86_400,
    default: 10,
    description: 'After a position was given up none is taken for so long',
  }),
  cross_bps: Type.Number({
    minimum: 0,
    maximum: 500,
    default: 5,
    description: 'How far through the touch orders may trade',
  }),
});
type MomentumParameters = Static<typeof MomentumParameters>;

/**
 * Follows the trend: long while the fast average of the price is above the slow one, short (where the
 * portfolio may be) while it is below, smaller when prices swing more.
 */
class Momentum implements Strategy {
  private readonly context: StrategyContext;
  private readonly seen: MarketSeen;
  private readonly taker: PositionTaker;
  private parameters: MomentumParameters;
  private prices: SampledPrices;
  /** Signed; where the position shall go. */
  private targetLots: number;
  private idleUntilMs = 0;
  /** Average price of the present position in ticks, and its lots, for the stop. */
  private entryTicks: number;

  constructor(context: StrategyContext, parameters: StrategyParameters) {
    const [seen] = context.markets;
    this.context = context;
    this.seen = seen;
    this.parameters = parameters as unknown as MomentumParameters;
    this.taker = new PositionTaker(context, seen.market.id);
    this.prices = this.newPrices();
    // A position of before is held on to until the averages say otherwise.
    this.targetLots = context.positionLots(seen.market.id);
    this.entryTicks = this.targetLots === 0 ? 0 : seen.lastTradeTicks;
  }

  onBook(): void {
    this.taker.goTo(this.targetLots, this.parameters.cross_bps);
  }

  onTrade(): void {
    // The averages follow the middle of the touch, which a trade has moved before this is called.
  }

  onOrder(_order: OwnOrder, { what, filledLots, priceTicks }: OrderNews): void {
    if (what !== 'filled') return;
    const after = this.context.positionLots(this.seen.market.id);
    const before = after - filledLots;
    if (after === 0) this.entryTicks = 0;
    else if (Math.sign(before) !== Math.sign(after)) this.entryTicks = priceTicks;
    else if (Math.abs(after) > Math.abs(before)) {
      this.entryTicks = (this.entryTicks * before + priceTicks * filledLots) / after;
    }
  }

  onTimer(nowMs: number): void {
    if (this.prices.offer(nowMs, this.seen.midTicks)) this.decide(nowMs);
    this.taker.goTo(this.targetLots, this.parameters.cross_bps);
  }

  configure(parameters: StrategyParameters): void {
    const before = this.parameters;
    this.parameters = parameters as unknown as MomentumParameters;
    const { sample_seconds, slow_samples } = this.parameters;
    const isSame = sample_seconds === before.sample_seconds && slow_samples === before.slow_samples;
    if (!isSame) this.prices = this.newPrices();
  }

  private decide(nowMs: number): void {
    const { fast_samples: fast, slow_samples: slow, entry_bps, exit_bps } = this.parameters;
    const { prices, context } = this;
    if (prices.length < slow) return;
    const trendBps = (prices.mean(Math.min(fast, slow)) / prices.mean(slow) - 1) * 10_000;
    if (this.targetLots !== 0) {
      const along = Math.sign(this.targetLots) * trendBps;
      if (along > exit_bps && !this.isStopped()) return;
      this.targetLots = 0;
      this.idleUntilMs = nowMs + this.parameters.cooldown_seconds * 1000;
    } else if (nowMs >= this.idleUntilMs && Math.abs(trendBps) >= entry_bps) {
      if (trendBps > 0 || context.canShort) this.targetLots = Math.sign(trendBps) * this.sizeLots();
    }
  }

  private sizeLots(): number {
    const { position_notional, target_volatility, slow_samples, max_position } = this.parameters;
    const volatility = this.prices.annualVolatility(slow_samples);
    const share = volatility > target_volatility ? target_volatility / volatility : 1;
    const notional = Math.min(position_notional * share, max_position * 0.99);
    return this.context.lotsOf(this.seen.market.id, notional);
  }

  private isStopped(): boolean {
    if (this.entryTicks === 0) return false;
    const change = (this.seen.midTicks / this.entryTicks - 1) * 10_000;
    return Math.sign(this.targetLots) * change <= -this.parameters.stop_bps;
  }

  private newPrices(): SampledPrices {
    const { slow_samples, sample_seconds } = this.parameters;
    return new SampledPrices(slow_samples, sample_seconds * 1000);
  }
}

export const momentum: StrategyDefinition = {
  id: 'momentum',
  name: 'Momentum',
  description:
    'Holds a position in the direction in which a fast average of the price leaves a slow one, sized by volatility',
  parameters: MomentumParameters,
  marketsMin: 1,
  marketsMax: 1,
  sameInstrument: true,
  defaultMarkets: ['binance:BTC-USDT'],
  create: (context, parameters) => new Momentum(context, parameters),
};
