type Level = readonly [price: string, qty: string, ...rest: string[]];

/** A book as an exchange keeps it for its snapshots: text, and nothing clever. */
export class TextBook {
  sequence = 0;
  private readonly sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };

  reset(bids: readonly Level[], asks: readonly Level[], sequence: number): void {
    this.sides.bids.clear();
    this.sides.asks.clear();
    this.change(bids, asks, sequence);
  }

  change(bids: readonly Level[], asks: readonly Level[], sequence: number): void {
    for (const [side, levels] of [
      [this.sides.bids, bids],
      [this.sides.asks, asks],
    ] as const) {
      for (const [price, qty] of levels) {
        if (Number(qty) === 0) side.delete(price);
        else side.set(price, qty);
      }
    }
    this.sequence = sequence;
  }

  /** The best first. */
  get bids(): Level[] {
    return [...this.sides.bids].sort(([a], [b]) => Number(b) - Number(a));
  }

  get asks(): Level[] {
    return [...this.sides.asks].sort(([a], [b]) => Number(a) - Number(b));
  }
}
