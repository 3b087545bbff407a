import { SIDE_BUY } from '../domain/orders.ts';
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

/** A sorted side of levels, as projections keep it. */
interface SortedLevels {
  readonly length: number;
  readonly pricesTicks: Float64Array;
  readonly qtysLots: Float64Array;
  readonly orders: Int32Array;
}

/** Looks at a book that is kept from its events: recordings, journals, other venues. */
export class SortedBookSource implements BookSource {
  private readonly bids: SortedLevels;
  private readonly asks: SortedLevels;

  constructor(book: { readonly bids: SortedLevels; readonly asks: SortedLevels }) {
    this.bids = book.bids;
    this.asks = book.asks;
  }

  bestTicks(side: number): number {
    const levels = side === SIDE_BUY ? this.bids : this.asks;
    return levels.length === 0 ? 0 : levels.pricesTicks[0];
  }

  readTop(side: number, levelsMax: number, into: TopSide): void {
    const levels = side === SIDE_BUY ? this.bids : this.asks;
    for (let i = 0; i < levels.length && i < levelsMax; i += 1) {
      into.add(levels.pricesTicks[i], levels.qtysLots[i], levels.orders[i]);
    }
  }
}
