import type { DepthSide } from '../../projections/depth.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import type { MarketImage } from '../../strategies/market-feed.ts';

/** Every market that has events, as a thread is told of it that begins to follow. */
export function marketImages(views: MarketViews): MarketImage[] {
  return views.all
    .filter(({ ticker }) => ticker.seq > 0)
    .map(({ market, ticker, depth }) => ({
      marketId: market.id,
      seq: ticker.seq,
      lastTradeTicks: ticker.lastPriceTicks,
      phase: ticker.phase,
      bids: levelsOf(depth.bids),
      asks: levelsOf(depth.asks),
    }));
}

/** `[priceTicks, qtyLots, orders]` of each level, best first. */
export function levelsOf(side: DepthSide): [number, number, number][] {
  return Array.from({ length: side.length }, (_, i) => [
    side.pricesTicks[i],
    side.qtysLots[i],
    side.orders[i],
  ]);
}
