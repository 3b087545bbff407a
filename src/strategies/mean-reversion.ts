import { type Static, Type } from 'typebox';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import { strategyParameters } from './parameters.ts';
import type {
  MarketSeen,
  Strategy,
  StrategyContext,
  StrategyDefinition,
  TradeSeen,
} from './strategy.ts';
import { PositionTaker } from './tools/position-taker.ts';
import { RollingVwap } from './tools/rolling-vwap.ts';
import { SampledPrices } from './tools/sampled-prices.ts';

const MeanReversionParameters = strategyParameters({
  sample_seconds: Type.Number({
    minimum: 0.1,
    maximum: 3600,
    default: 1,
    description: 'Time between two looks at the middle of the touch',
  }),
  window_samples: Type.Integer({
    minimum: 5,
    maximum: 1000,
    default: 60,
    description: 'Samples that the anchor and the deviation are taken over',
  }),
  anchor: Type.Enum(['mean', 'vwap'], {
    type: 'string',
    default: 'mean',
    description: 'What the price is expected to return to: its mean, or the trades’ average price',
  }),
  entry_z: Type.Number({
    exclusiveMinimum: 0,
    maximum: 20,
    default: 2,
    description: 'Distance from the anchor, in standard deviations, at which a position is taken',
  }),
  exit_z: Type.Number({
    minimum: -20,
    maximum: 20,
    default: 0.5,
    description: 'Distance left at which it is closed',
  }),
  stop_z: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100,
    default: 4,
    description: 'Distance at which the return is no longer believed in: the position is closed',
  }),
  min_deviation_bps: Type.Number({
    minimum: 0,
    maximum: 1000,
    default: 2,
    description: 'Distance from the anchor below which no position is taken, however calm it is',
  }),
  position_notional: Type.Number({
    exclusiveMinimum: 0,
    maximum: 10_000_000,
    default: 10_000,
    description: 'Position, in the quote asset',
  }),
  cooldown_seconds: Type.Number({
    minimum: 0,
    maximum: 86_400,
    default: 30,
    description: 'After a stop no position is taken for so long',
  }),
  cross_bps: Type.Number({
    minimum: 0,
    maximum: 500,
    default: 5,
    description: 'How far through the touch orders may trade',
  }),
});
type MeanReversionParameters = Static<typeof MeanReversionParameters>;

/** Buys what has fallen unusually far below its recent average and sells it when it is back. */
class MeanReversion implements Strategy {
  private readonly context: StrategyContext;
  private readonly seen: MarketSeen;
  private readonly taker: PositionTaker;
  private parameters: MeanReversionParameters;
  private prices: SampledPrices;
  private vwap: RollingVwap;
  private targetLots: number;
  private idleUntilMs = 0;

  constructor(context: StrategyContext, parameters: StrategyParameters) {
    const [seen] = context.markets;
    this.context = context;
    this.seen = seen;
    this.parameters = parameters as unknown as MeanReversionParameters;
    this.taker = new PositionTaker(context, seen.market.id);
    this.prices = this.newPrices();
    this.vwap = this.newVwap();
    this.targetLots = context.positionLots(seen.market.id);
  }

  onBook(): void {
    this.taker.goTo(this.targetLots, this.parameters.cross_bps);
  }

  onTrade(_seen: MarketSeen, { priceTicks, qtyLots, atMs }: TradeSeen): void {
    this.vwap.add(atMs, priceTicks, qtyLots);
  }

  onOrder(): void {
    // The position is all that counts, and the taker looks at it each time.
  }

  onTimer(nowMs: number): void {
    if (this.prices.offer(nowMs, this.seen.midTicks)) this.decide(nowMs);
    this.taker.goTo(this.targetLots, this.parameters.cross_bps);
  }

  configure(parameters: StrategyParameters): void {
    const before = this.parameters;
    this.parameters = parameters as unknown as MeanReversionParameters;
    const { sample_seconds, window_samples } = this.parameters;
    if (sample_seconds === before.sample_seconds && window_samples === before.window_samples) {
      return;
    }
    this.prices = this.newPrices();
    this.vwap = this.newVwap();
  }

  private decide(nowMs: number): void {
    const { prices, context, seen } = this;
    const { window_samples: n, entry_z, exit_z, stop_z, min_deviation_bps } = this.parameters;
    if (prices.length < n) return;
    const anchor = this.anchorTicks(nowMs);
    const deviation = prices.deviation(n);
    if (anchor === 0 || deviation === 0) return;
    const distance = seen.midTicks - anchor;
    const z = distance / deviation;
    if (this.targetLots !== 0) {
      // How far the price is still on the side that the position bets against.
      const left = -Math.sign(this.targetLots) * z;
      if (left > exit_z && left < stop_z) return;
      this.targetLots = 0;
      if (left >= stop_z) this.idleUntilMs = nowMs + this.parameters.cooldown_seconds * 1000;
      return;
    }
    const isFar = Math.abs(distance) >= (anchor * min_deviation_bps) / 10_000;
    if (nowMs < this.idleUntilMs || Math.abs(z) < entry_z || Math.abs(z) >= stop_z || !isFar)
      return;
    if (z < 0 || context.canShort) this.targetLots = -Math.sign(z) * this.sizeLots();
  }

  private anchorTicks(nowMs: number): number {
    const { anchor, window_samples } = this.parameters;
    return anchor === 'vwap' ? this.vwap.priceTicks(nowMs) : this.prices.mean(window_samples);
  }

  private sizeLots(): number {
    const { position_notional, max_position } = this.parameters;
    const notional = Math.min(position_notional, max_position * 0.99);
    return this.context.lotsOf(this.seen.market.id, notional);
  }

  private newPrices(): SampledPrices {
    const { window_samples, sample_seconds } = this.parameters;
    return new SampledPrices(window_samples, sample_seconds * 1000);
  }

  private newVwap(): RollingVwap {
    const { window_samples, sample_seconds } = this.parameters;
    return new RollingVwap(window_samples, sample_seconds * 1000);
  }
}

export const meanReversion: StrategyDefinition = {
  id: 'mean_reversion',
  name: 'Mean reversion',
  description:
    'Takes a position against a price that is unusually far from its rolling mean or VWAP, until it is back',
  parameters: MeanReversionParameters,
  marketsMin: 1,
  marketsMax: 1,
  sameInstrument: true,
  defaultMarkets: ['binance:ETH-USDT'],
  create: (context, parameters) => new MeanReversion(context, parameters),
};
