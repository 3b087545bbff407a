import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { StrategyContext } from '../strategy.ts';

/** Between two attempts for what did not trade. */
const RETRY_MS = 250;

/**
 * Brings a position to where the strategy wants it, by orders that trade at once or not at all, a
 * bounded distance through the touch. One order at a time.
 */
export class PositionTaker {
  private readonly context: StrategyContext;
  private readonly marketId: number;
  private triedMs = 0;

  constructor(context: StrategyContext, marketId: number) {
    this.context = context;
    this.marketId = marketId;
  }

  /** True while an order is on its way. */
  get isWorking(): boolean {
    return this.context.orders(this.marketId).length > 0;
  }

  /**
   * @param targetLots signed
   * @param crossBps how far through the touch the order may trade
   * @returns true when the position is there, as near as the market's smallest order allows
   */
  goTo(targetLots: number, crossBps: number): boolean {
    const { context, marketId } = this;
    const seen = context.market(marketId);
    const missing = targetLots - context.positionLots(marketId);
    if (Math.abs(missing) < seen.market.minQtyLots) return true;
    if (this.isWorking || !seen.isContinuous) return false;
    if (context.nowMs - this.triedMs < RETRY_MS) return false;
    this.triedMs = context.nowMs;
    const side = missing > 0 ? SIDE_BUY : SIDE_SELL;
    const touchTicks = side === SIDE_BUY ? seen.askTicks : seen.bidTicks;
    if (touchTicks === 0) return false;
    const wanted = Math.min(Math.abs(missing), seen.market.maxQtyLots);
    const qtyLots = side === SIDE_BUY ? wanted : Math.min(wanted, context.sellableLots(marketId));
    const priceTicks = through(touchTicks, side, crossBps);
    context.place({ marketId, side, priceTicks, qtyLots, immediate: true, tag: 'take' });
    return false;
  }
}

/** So far through the touch, a whole number of ticks that favours the trader. */
export function through(touchTicks: number, side: number, crossBps: number): number {
  const distance = Math.floor((touchTicks * crossBps) / 10_000);
  return side === SIDE_BUY ? touchTicks + distance : Math.max(1, touchTicks - distance);
}
