import { SIDE_BUY } from '../../domain/orders.ts';
import type { DepthSide } from '../../projections/depth.ts';
import type { MarketSeen, OwnOrder } from '../strategy.ts';

/** Levels looked through for somebody else's quantity. */
const LEVELS_MAX = 50;

/** The best prices of everybody but the maker; 0 where there is none. */
export function othersTouch(
  seen: MarketSeen,
  own: readonly OwnOrder[],
): { readonly bidTicks: number; readonly askTicks: number } {
  const bids = own.filter(({ side }) => side === SIDE_BUY);
  const asks = own.filter(({ side }) => side !== SIDE_BUY);
  return { bidTicks: best(seen.bids, bids), askTicks: best(seen.asks, asks) };
}

function best(side: DepthSide, own: readonly OwnOrder[]): number {
  const levels = Math.min(side.length, LEVELS_MAX);
  for (let i = 0; i < levels; i += 1) {
    const priceTicks = side.pricesTicks[i];
    let lots = side.qtysLots[i];
    for (const order of own) {
      if (order.state === 'open' && order.priceTicks === priceTicks) lots -= order.remainingLots;
    }
    if (lots > 0) return priceTicks;
  }
  return 0;
}
