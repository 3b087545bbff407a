/**
 * The first trades that come after subscribing to a coin are history. On the first connection they
 * are older than everything we followed; after a reconnection those that we have not seen close the
 * hole that it left.
 */
export class RecentTrades {
  private newestMs = 0;
  /** Ids of the trades of that moment. */
  private readonly newestIds = new Set<string>();
  private isFirstFrame = true;
  private hasBefore = false;

  disconnected(): void {
    this.isFirstFrame = true;
  }

  /** Which of a frame's trades are to be told. */
  fresh<T extends { readonly tradeId: string; readonly venueTimeMs: number }>(
    trades: readonly T[],
  ): readonly T[] {
    const isHistory = this.isFirstFrame;
    this.isFirstFrame = false;
    const told = isHistory ? this.missed(trades) : trades;
    for (const trade of trades) this.note(trade.tradeId, trade.venueTimeMs);
    this.hasBefore = true;
    return told;
  }

  private missed<T extends { readonly tradeId: string; readonly venueTimeMs: number }>(
    trades: readonly T[],
  ): readonly T[] {
    if (!this.hasBefore) return [];
    return trades
      .filter(
        ({ tradeId, venueTimeMs }) =>
          venueTimeMs > this.newestMs ||
          (venueTimeMs === this.newestMs && !this.newestIds.has(tradeId)),
      )
      .sort((a, b) => a.venueTimeMs - b.venueTimeMs);
  }

  private note(tradeId: string, timeMs: number): void {
    if (timeMs < this.newestMs) return;
    if (timeMs > this.newestMs) {
      this.newestMs = timeMs;
      this.newestIds.clear();
    }
    this.newestIds.add(tradeId);
  }
}
