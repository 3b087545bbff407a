import { SIDE_BUY } from '../../src/domain/orders.ts';
import type { NaiveOrder } from './naive-orders.ts';

export interface AuctionPrice {
  readonly priceTicks: number;
  readonly volumeLots: number;
  readonly surplusLots: number;
}

/** Prices from `low` to `high` at all of which the same orders may trade. */
interface Stretch extends Omit<AuctionPrice, 'priceTicks'> {
  readonly low: number;
  readonly high: number;
}

/**
 * The price at which a crossed book is uncrossed: the most volume, then the least left over, then
 * nearest to the reference, the higher of two as near. Without a reference the middle, rounded
 * down.
 * @param referenceTicks 0 for none
 */
export function auctionPrice(resting: readonly NaiveOrder[], referenceTicks: number): AuctionPrice {
  const all = stretches(resting);
  const most = Math.max(...all.map(({ volumeLots }) => volumeLots));
  const full = all.filter(({ volumeLots }) => volumeLots === most);
  const least = Math.min(...full.map(({ surplusLots }) => Math.abs(surplusLots)));
  const best = full.filter(({ surplusLots }) => Math.abs(surplusLots) === least);
  const low = Math.min(...best.map((stretch) => stretch.low));
  const high = Math.max(...best.map((stretch) => stretch.high));
  const wanted = referenceTicks === 0 ? low + Math.floor((high - low) / 2) : referenceTicks;
  const nearest = best
    .map((stretch) => Math.min(Math.max(wanted, stretch.low), stretch.high))
    .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || b - a)[0];
  const at = best.find((stretch) => stretch.low <= nearest && nearest <= stretch.high);
  return { priceTicks: nearest, volumeLots: most, surplusLots: at?.surplusLots ?? 0 };
}

/** Every tick between the lowest and the highest price of the book, in stretches. */
function stretches(resting: readonly NaiveOrder[]): Stretch[] {
  const prices = [...new Set(resting.map(({ priceTicks }) => priceTicks))].sort((a, b) => a - b);
  const found: Stretch[] = [];
  prices.forEach((priceTicks, i) => {
    found.push({ low: priceTicks, high: priceTicks, ...tradableAt(resting, priceTicks) });
    const next = prices[i + 1] ?? priceTicks;
    if (next - priceTicks < 2) return;
    found.push({ low: priceTicks + 1, high: next - 1, ...tradableAt(resting, priceTicks + 1) });
  });
  return found;
}

function tradableAt(
  resting: readonly NaiveOrder[],
  priceTicks: number,
): { volumeLots: number; surplusLots: number } {
  let bought = 0;
  let sold = 0;
  for (const order of resting) {
    if (order.side === SIDE_BUY && order.priceTicks >= priceTicks) bought += order.openLots;
    if (order.side !== SIDE_BUY && order.priceTicks <= priceTicks) sold += order.openLots;
  }
  return { volumeLots: Math.min(bought, sold), surplusLots: bought - sold };
}
