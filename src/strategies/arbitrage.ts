import { type Static, Type } from 'typebox';
import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import { strategyParameters } from './parameters.ts';
import type { MarketSeen, Strategy, StrategyContext, StrategyDefinition } from './strategy.ts';
import { PositionTaker, through } from './tools/position-taker.ts';

const ArbitrageParameters = strategyParameters({
  min_edge_bps: Type.Number({
    minimum: 0,
    maximum: 1000,
    default: 1,
    description: 'What has to be left of the difference after the fees of both sides',
  }),
  rebalance_edge_bps: Type.Number({
    minimum: -1000,
    maximum: 1000,
    default: -5,
    description: 'The same for trades that bring both positions back towards none',
  }),
  order_notional: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    default: 5_000,
    description: 'Most of one leg, in the quote asset',
  }),
  base_inventory: Type.Number({
    minimum: 0,
    maximum: 10_000_000,
    default: 15_000,
    description:
      'What a cash portfolio buys at the start, in the quote asset, so that it has something to sell',
  }),
  unwind_bps: Type.Number({
    minimum: 0,
    maximum: 500,
    default: 10,
    description: 'How far through the touch a leg that is left over may be worked off',
  }),
  cooldown_ms: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    default: 100,
    description: 'Pause after both legs are done',
  }),
});
type ArbitrageParameters = Static<typeof ArbitrageParameters>;

/** A bid above an ask by more than it costs. */
interface Chance {
  readonly buy: MarketSeen;
  readonly sell: MarketSeen;
  /** Smallest units of the base asset. */
  readonly baseUnits: number;
}

/**
 * Buys where an instrument is offered for less than is bid for it elsewhere, and sells there. Both legs
 * take at once or not at all; what one of them misses is worked off before anything else is done.
 */
class Arbitrage implements Strategy {
  private readonly context: StrategyContext;
  private readonly takers: readonly PositionTaker[];
  private parameters: ArbitrageParameters;
  private idleUntilMs = 0;
  private wasTrading = false;
  /** What the positions shall add up to, smallest base units; `undefined` until there is a price. */
  private targetUnits: number | undefined;

  constructor(context: StrategyContext, parameters: StrategyParameters) {
    this.context = context;
    this.parameters = parameters as unknown as ArbitrageParameters;
    this.takers = context.markets.map(({ market }) => new PositionTaker(context, market.id));
    if (context.markets.some(({ market }) => this.stepUnits % market.baseUnitsPerLot !== 0)) {
      throw new Error('the lots of the two markets do not divide each other');
    }
    if (context.canShort) this.targetUnits = 0;
    else if (this.netUnits() > 0) this.targetUnits = this.netUnits();
  }

  onBook(): void {
    this.act();
  }

  onTrade(): void {
    // Only what is in the books can be taken.
  }

  onOrder(): void {
    // Legs that are done show in the positions.
  }

  onTimer(): void {
    this.act();
  }

  configure(parameters: StrategyParameters): void {
    this.parameters = parameters as unknown as ArbitrageParameters;
  }

  private act(): void {
    const { context, parameters } = this;
    if (context.markets.some(({ market }) => context.orders(market.id).length > 0)) {
      this.wasTrading = true;
      return;
    }
    if (this.wasTrading) {
      this.wasTrading = false;
      this.idleUntilMs = context.nowMs + parameters.cooldown_ms;
    }
    const isWhole = context.markets.every((seen) => seen.isContinuous && seen.midTicks !== 0);
    if (isWhole) this.targetUnits ??= this.stockUnits();
    if (this.targetUnits === undefined) return;
    if (!this.isEven(this.targetUnits)) return this.workOff(this.targetUnits);
    if (!isWhole) return;
    if (context.nowMs < this.idleUntilMs) return;
    const chance = this.chance();
    if (chance !== undefined) this.take(chance);
  }

  private take({ buy, sell, baseUnits }: Chance): void {
    const { context } = this;
    const buyLots = baseUnits / buy.market.baseUnitsPerLot;
    const sellLots = baseUnits / sell.market.baseUnitsPerLot;
    // The sale first: it is the leg that limits may forbid, and then nothing is bought.
    const sold = context.place({
      marketId: sell.market.id,
      side: SIDE_SELL,
      priceTicks: sell.bidTicks,
      qtyLots: sellLots,
      immediate: true,
      tag: 'sell leg',
    });
    if (sold === undefined) return;
    context.place({
      marketId: buy.market.id,
      side: SIDE_BUY,
      priceTicks: buy.askTicks,
      qtyLots: buyLots,
      immediate: true,
      tag: 'buy leg',
    });
  }

  /** The better of the two directions, if one is worth it. */
  private chance(): Chance | undefined {
    const [a, b] = this.context.markets;
    const forward = this.edgeBps(a, b) - this.requiredBps(a, b);
    const backward = this.edgeBps(b, a) - this.requiredBps(b, a);
    if (forward < 0 && backward < 0) return undefined;
    const [buy, sell] = forward >= backward ? [a, b] : [b, a];
    const baseUnits = this.sizeUnits(buy, sell);
    return baseUnits > 0 ? { buy, sell, baseUnits } : undefined;
  }

  /** What is left of the difference after fees, relative to the price. */
  private edgeBps(buy: MarketSeen, sell: MarketSeen): number {
    const cost = price(buy, buy.askTicks) * (1 + buy.market.takerFeePpm / 1e6);
    const proceeds = price(sell, sell.bidTicks) * (1 - sell.market.takerFeePpm / 1e6);
    return (proceeds / cost - 1) * 10_000;
  }

  private requiredBps(buy: MarketSeen, sell: MarketSeen): number {
    const { context, parameters } = this;
    const bringsBack =
      context.positionLots(buy.market.id) < 0 && context.positionLots(sell.market.id) > 0;
    return bringsBack ? parameters.rebalance_edge_bps : parameters.min_edge_bps;
  }

  /** As much as both touches, an order’s bound and what there is to sell allow: whole lots of both. */
  private sizeUnits(buy: MarketSeen, sell: MarketSeen): number {
    const { context, parameters } = this;
    const touch = Math.min(
      buy.asks.qtysLots[0] * buy.market.baseUnitsPerLot,
      sell.bids.qtysLots[0] * sell.market.baseUnitsPerLot,
    );
    const { order_notional } = parameters;
    const most = context.lotsOf(buy.market.id, order_notional) * buy.market.baseUnitsPerLot;
    const roomToBuy = context.roomLots(buy.market.id, SIDE_BUY, buy.askTicks);
    const roomToSell = context.roomLots(sell.market.id, SIDE_SELL, sell.bidTicks);
    const units = Math.min(
      touch,
      most,
      roomToBuy * buy.market.baseUnitsPerLot,
      roomToSell * sell.market.baseUnitsPerLot,
    );
    return Math.floor(units / this.stepUnits) * this.stepUnits;
  }

  /** The smallest quantity that both markets can trade: their lots divide each other. */
  private get stepUnits(): number {
    return Math.max(
      ...this.context.markets.map(({ market }) => market.baseUnitsPerLot * market.minQtyLots),
    );
  }

  private netUnits(): number {
    let units = 0;
    for (const { market } of this.context.markets) {
      units += this.context.positionLots(market.id) * market.baseUnitsPerLot;
    }
    return units;
  }

  /** What a cash portfolio buys once, so that it has something to sell. */
  private stockUnits(): number {
    const { context, parameters } = this;
    const [{ market }] = context.markets;
    const notional = Math.min(parameters.base_inventory, parameters.max_position * 0.45);
    const units = context.lotsOf(market.id, notional) * market.baseUnitsPerLot;
    return Math.floor(units / this.stepUnits) * this.stepUnits;
  }

  private isEven(targetUnits: number): boolean {
    return Math.abs(this.netUnits() - targetUnits) < this.stepUnits;
  }

  /** Trades what is missing or too much where that is cheapest. */
  private workOff(targetUnits: number): void {
    const { context, parameters } = this;
    const missing = targetUnits - this.netUnits();
    const side = missing > 0 ? SIDE_BUY : SIDE_SELL;
    const ways = context.markets
      .map((seen, index) => {
        const { id, baseUnitsPerLot } = seen.market;
        const lots = context.positionLots(id) + Math.trunc(missing / baseUnitsPerLot);
        const isInside = Math.abs(lots) <= context.lotsOf(id, parameters.max_position);
        return { index, lots, isInside, price: touchPrice(seen, side) };
      })
      .filter(({ price, index }) => price > 0 && context.markets[index].isContinuous)
      .toSorted((a, b) => (side === SIDE_BUY ? a.price - b.price : b.price - a.price));
    const way = ways.find(({ isInside }) => isInside) ?? ways[0];
    if (way === undefined) return;
    const { index, lots } = way;
    this.takers[index].goTo(lots, parameters.unwind_bps);
  }
}

/** Smallest quote units per smallest base unit: comparable over markets of other ticks and lots. */
function price({ market }: MarketSeen, ticks: number): number {
  return (ticks * market.quoteUnitsPerTickLot) / market.baseUnitsPerLot;
}

/** What a unit costs or brings at the touch, fees included. */
function touchPrice(seen: MarketSeen, side: number): number {
  const fee = seen.market.takerFeePpm / 1e6;
  return side === SIDE_BUY
    ? price(seen, through(seen.askTicks, side, 0)) * (1 + fee)
    : price(seen, through(seen.bidTicks, side, 0)) * (1 - fee);
}

export const arbitrage: StrategyDefinition = {
  id: 'arbitrage',
  name: 'Arbitrage',
  description:
    'Buys an instrument on one exchange and sells it on another when the difference exceeds the fees',
  parameters: ArbitrageParameters,
  marketsMin: 2,
  marketsMax: 2,
  sameInstrument: true,
  defaultMarkets: ['binance:BTC-USDT', 'bybit:BTC-USDT'],
  create: (context, parameters) => new Arbitrage(context, parameters),
};
