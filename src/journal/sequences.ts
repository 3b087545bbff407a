const MARKET_IDS = 65_536;
/** No sequence is this: whatever comes first in the market is taken as it is. */
const UNKNOWN = -1;

/** The last sequence of every market, and the rule that the next one follows it without a gap. */
export class Sequences {
  private readonly last = new Float64Array(MARKET_IDS);
  private readonly seen = new Set<number>();

  /** @param anyStart accept any first sequence of a market: for reading from the middle */
  constructor(anyStart = false) {
    if (anyStart) this.last.fill(UNKNOWN);
  }

  /** Sets where a market stands. */
  set(marketId: number, seq: number): void {
    this.last[marketId] = seq;
    this.seen.add(marketId);
  }

  /** Moves a market on to `seq` if that is its next one; false, and nothing changes, if not. */
  advance(marketId: number, seq: number): boolean {
    const last = this.last[marketId];
    if (seq !== last + 1) {
      if (last !== UNKNOWN || !(seq >= 1)) return false;
    }
    if (last <= 0) this.seen.add(marketId);
    this.last[marketId] = seq;
    return true;
  }

  /** The market's next sequence. */
  expected(marketId: number): number {
    return Math.max(0, this.last[marketId]) + 1;
  }

  /** Last sequence by market id, of the markets that have one. */
  toMap(): Map<number, number> {
    return new Map([...this.seen].sort((a, b) => a - b).map((id) => [id, this.last[id]]));
  }
}
