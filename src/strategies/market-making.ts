import type { StrategyParameters } from '../domain/strategy-events.ts';
import { MarketMaker } from './making/market-maker.ts';
import { MarketMakingParameters } from './making/parameters.ts';
import type {
  MarketSeen,
  OrderNews,
  OwnOrder,
  Strategy,
  StrategyContext,
  StrategyDefinition,
  TradeSeen,
} from './strategy.ts';

/** One maker for each market; they share nothing but the limits of the deployment. */
class MarketMaking implements Strategy {
  private readonly makers: ReadonlyMap<number, MarketMaker>;

  constructor(context: StrategyContext, parameters: StrategyParameters) {
    const typed = parameters as unknown as MarketMakingParameters;
    this.makers = new Map(
      context.markets.map((seen) => [seen.market.id, new MarketMaker(context, seen, typed)]),
    );
  }

  onBook({ market }: MarketSeen): void {
    this.makers.get(market.id)?.onBook();
  }

  onTrade({ market }: MarketSeen, trade: TradeSeen): void {
    this.makers.get(market.id)?.onTrade(trade);
  }

  onOrder({ marketId }: OwnOrder, news: OrderNews): void {
    this.makers.get(marketId)?.onOrder(news);
  }

  onTimer(): void {
    for (const maker of this.makers.values()) maker.onTimer();
  }

  configure(parameters: StrategyParameters): void {
    const typed = parameters as unknown as MarketMakingParameters;
    for (const maker of this.makers.values()) maker.configure(typed);
  }
}

export const marketMaking: StrategyDefinition = {
  id: 'market_making',
  name: 'Market making',
  description:
    'Quotes both sides around a reservation price that leans against inventory, with a spread from measured volatility and order arrival',
  parameters: MarketMakingParameters,
  marketsMin: 1,
  marketsMax: 8,
  sameInstrument: false,
  defaultMarkets: ['sei:SEI-USDC', 'sei:ETH-USDC'],
  create: (context, parameters) => new MarketMaking(context, parameters),
};
