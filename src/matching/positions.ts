import { SIDE_BUY } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import type { PositionImage } from './book-image.ts';

/** What each portfolio has bought less what it has sold in one market, lots. Ids are small and dense. */
export class Positions {
  /** By portfolio. REUSED: replaced when `add` meets an id beyond it. */
  lots = new Float64Array(256);

  get(portfolioId: number): number {
    return portfolioId < this.lots.length ? this.lots[portfolioId] : 0;
  }

  /** Books a trade's quantity for one of its sides. */
  add(portfolioId: number, lots: number): void {
    if (portfolioId >= this.lots.length) this.grow(portfolioId);
    this.lots[portfolioId] += lots;
  }

  /** How much an order of this side could trade and bring the position nearer to zero. */
  reducible(portfolioId: number, side: number): number {
    const lots = this.get(portfolioId);
    return Math.max(0, side === SIDE_BUY ? -lots : lots);
  }

  /** All that are not zero, by id. */
  image(): PositionImage[] {
    const images: PositionImage[] = [];
    this.lots.forEach((qtyLots, portfolioId) => {
      if (qtyLots !== 0) images.push({ portfolioId, qtyLots });
    });
    return images;
  }

  private grow(portfolioId: number): void {
    assert(portfolioId < 1 << 28, 'portfolio ids are small and dense');
    const { lots } = this;
    this.lots = new Float64Array(2 ** Math.ceil(Math.log2(portfolioId + 1)));
    this.lots.set(lots);
  }
}
