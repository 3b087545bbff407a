import { TOP_LEVELS } from './feature-schema.ts';

/** The best levels of one side, best first. REUSED: the first `length` entries mean anything. */
export class TopSide {
  length = 0;
  readonly pricesTicks = new Float64Array(TOP_LEVELS);
  readonly qtysLots = new Float64Array(TOP_LEVELS);
  readonly orders = new Float64Array(TOP_LEVELS);

  add(priceTicks: number, qtyLots: number, orders: number): void {
    const at = this.length;
    this.pricesTicks[at] = priceTicks;
    this.qtysLots[at] = qtyLots;
    this.orders[at] = orders;
    this.length = at + 1;
  }
}

/**
 * A live book, as features look at it when a row is due.
 */
export interface BookSource {
  /** Best price, 0 when the side is empty. */
  bestTicks(side: number): number;
  /** Adds the best levels, best first, at most so many, to `into`. */
  readTop(side: number, levelsMax: number, into: TopSide): void;
}
