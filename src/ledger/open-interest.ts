import type { Portfolio } from './portfolio.ts';

/**
 * Contracts open in each market: what margin portfolios are long, and what they are short. Cash
 * portfolios own what they buy and deliver what they sell, external ones stand for the world outside,
 * which has the other side of whatever the two sums differ by.
 */
export class OpenInterest {
  private readonly longLots: number[] = [];
  private readonly shortLots: number[] = [];

  /** A position went from one signed quantity to another. */
  move(marketId: number, beforeLots: number, afterLots: number): void {
    const long = Math.max(0, afterLots) - Math.max(0, beforeLots);
    const short = Math.max(0, -afterLots) - Math.max(0, -beforeLots);
    if (long !== 0) this.longLots[marketId] = (this.longLots[marketId] ?? 0) + long;
    if (short !== 0) this.shortLots[marketId] = (this.shortLots[marketId] ?? 0) + short;
  }

  /** The larger of the two sums: every contract has two sides, and one of them may be outside. */
  lots(marketId: number): number {
    return Math.max(this.longLots[marketId] ?? 0, this.shortLots[marketId] ?? 0);
  }

  /** Counts everything anew, after positions were restored. */
  recount(portfolios: Iterable<Portfolio>): void {
    this.longLots.length = 0;
    this.shortLots.length = 0;
    for (const { kind, positions } of portfolios) {
      if (kind !== 'margin') continue;
      for (const [marketId, { qtyLots }] of positions) this.move(marketId, 0, qtyLots);
    }
  }
}
