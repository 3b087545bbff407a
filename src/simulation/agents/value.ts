import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { DepthSide } from '../../projections/depth.ts';
import type { Desk } from '../desk.ts';
import type { Agent } from './agent.ts';

/** How far past the touch the fair value must be before it is worth acting, in units. */
const THRESHOLD_UNITS = 0.2;
const THRESHOLD_TICKS = 0.3;
/** Levels one order may take at most: a large move happens in several trades … */
const LEVELS_MAX = 4;
/** … but a jump of more units than this makes them hurry, by so many levels a unit. */
const HURRY_UNITS = 5;
const HURRY_LEVELS = 1.5;
/** How often the remainder stays in the book and makes the new touch. */
const REST_SHARE = 0.8;

/**
 * Traders who know the fair value: where the book offers better, they take it up to the fair value
 * and leave a remainder there. They carry prices to where they belong; the trades this takes are
 * what makes volume and volatility go together.
 */
export class ValueTraders implements Agent {
  private readonly portfolioIds: readonly number[];

  constructor(portfolioIds: readonly number[]) {
    this.portfolioIds = portfolioIds;
  }

  /** The side that is worth taking now: the side of the order to send, or -1. */
  opportunity(desk: Desk): number {
    const threshold = Math.max(THRESHOLD_TICKS, THRESHOLD_UNITS * desk.unitTicks);
    const { depth } = desk.view;
    if (depth.asks.length > 0 && desk.fairTicks > depth.bestAskTicks() + threshold) return SIDE_BUY;
    if (depth.bids.length > 0 && desk.fairTicks < depth.bestBidTicks() - threshold)
      return SIDE_SELL;
    return -1;
  }

  act(desk: Desk): boolean {
    const side = this.opportunity(desk);
    if (side === -1 || desk.sweptSide === 1 - side) return false;
    const { bids, asks } = desk.view.depth;
    const opposite = side === SIDE_BUY ? asks : bids;
    const limit = side === SIDE_BUY ? Math.floor(desk.fairTicks) : Math.ceil(desk.fairTicks);
    const direction = side === SIDE_BUY ? 1 : -1;
    const awayUnits = Math.abs(desk.fairTicks - opposite.pricesTicks[0]) / desk.unitTicks;
    const hurry = Math.floor(Math.max(0, awayUnits - HURRY_UNITS) * HURRY_LEVELS);
    const most = desk.prng.integer(1, LEVELS_MAX) + hurry;
    const levels = levelsWithin(opposite, limit, direction, most);
    if (levels === 0) return false;
    let lots = 0;
    for (let i = 0; i < levels; i += 1) lots += opposite.qtysLots[i];
    const rests = desk.prng.chance(REST_SHARE);
    const wanted = lots + (rests ? desk.sizes.draw() : 0);
    // The remainder stands just short of the next offer, or at the fair value if that is nearer.
    const price =
      levels < opposite.length && (opposite.pricesTicks[levels] - limit) * direction <= 0
        ? opposite.pricesTicks[levels] - direction
        : limit;
    const bounded = Math.min(Math.ceil(wanted), desk.sizes.sweepLotsMax);
    const portfolioId = this.portfolioIds[desk.prng.integer(0, this.portfolioIds.length - 1)];
    return desk.take(portfolioId, side, price, bounded, rests);
  }
}

function levelsWithin(side: DepthSide, limit: number, direction: number, most: number): number {
  let levels = 0;
  while (levels < most && levels < side.length) {
    if ((side.pricesTicks[levels] - limit) * direction > 0) break;
    levels += 1;
  }
  return levels;
}
