import type { FeedSide } from './normalised.ts';

/**
 * Numbers the aggressors of one symbol: fills in a row with the same side, time and mark are one's.
 * The mark is what the exchange gives away: a transaction and a trader on Hyperliquid, a sequence on
 * Bybit, nothing on Binance. What two orders of one millisecond took there cannot be told apart.
 */
export class AggressorNumbers {
  private number = 0;
  private side: FeedSide | undefined;
  private timeMs = 0;
  private mark = '';

  next(side: FeedSide, timeMs: number, mark: string): number {
    if (side !== this.side || timeMs !== this.timeMs || mark !== this.mark) {
      this.number += 1;
      this.side = side;
      this.timeMs = timeMs;
      this.mark = mark;
    }
    return this.number;
  }
}
