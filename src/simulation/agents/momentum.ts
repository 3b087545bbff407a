import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Desk } from '../desk.ts';
import type { Agent } from './agent.ts';

/** Time constants of the two averages of the middle price. */
const FAST_MS = 4_000;
const SLOW_MS = 25_000;
/** Units the fast average must be away from the slow one before anybody follows. */
const SIGNAL_UNITS = 2.5;
/** How far past the touch a follower pays, in units. */
const REACH_UNITS = 0.5;

/** Trend followers: they buy what has risen and sell what has fallen, and so prolong bursts. */
export class MomentumTraders implements Agent {
  private readonly portfolioIds: readonly number[];
  private fastTicks = 0;
  private slowTicks = 0;

  constructor(portfolioIds: readonly number[]) {
    this.portfolioIds = portfolioIds;
  }

  /** Takes the middle price of this step into the averages; 0 means that there is none. */
  observe(midTicks: number, elapsedMs: number): void {
    if (midTicks === 0) return;
    if (this.slowTicks === 0) {
      this.fastTicks = midTicks;
      this.slowTicks = midTicks;
    }
    this.fastTicks += (1 - Math.exp(-elapsedMs / FAST_MS)) * (midTicks - this.fastTicks);
    this.slowTicks += (1 - Math.exp(-elapsedMs / SLOW_MS)) * (midTicks - this.slowTicks);
  }

  act(desk: Desk): boolean {
    const signal = (this.fastTicks - this.slowTicks) / desk.unitTicks;
    if (Math.abs(signal) < SIGNAL_UNITS) return false;
    const side = signal > 0 ? SIDE_BUY : SIDE_SELL;
    const { bids, asks } = desk.view.depth;
    const opposite = side === SIDE_BUY ? asks : bids;
    if (opposite.length === 0 || desk.sweptSide === 1 - side) return false;
    const reach = Math.ceil(REACH_UNITS * desk.unitTicks);
    const price = opposite.pricesTicks[0] + (side === SIDE_BUY ? reach : -reach);
    const lots = Math.min(desk.sizes.draw(), Math.ceil(opposite.qtysLots[0]));
    const portfolioId = this.portfolioIds[desk.prng.integer(0, this.portfolioIds.length - 1)];
    return desk.take(portfolioId, side, price, lots, false);
  }
}
