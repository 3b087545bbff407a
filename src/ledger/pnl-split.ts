/** Halves of the quote asset's smallest unit: the middle of a touch may lie between two ticks. */
export interface PnlSplitImage {
  readonly spreadHalfUnits: number;
  readonly inventoryHalfUnits: number;
  /** Twice the middle, in ticks, at which the inventory was valued last. */
  readonly referenceHalfTicks: number;
}

/**
 * Where the profit in one market comes from, fees apart: what fills were better than the middle of the
 * market at their time (spread capture), and what the inventory was worth more or less as the middle
 * moved. With mᵢ the middle before fill i, pᵢ its price, sᵢ its signed quantity and q the position,
 *
 *   spread = Σ sᵢ (mᵢ − pᵢ),   inventory = Σ qᵢ₋₁ (mᵢ − mᵢ₋₁) + q (mark − mₙ)
 *
 * and the two add up to the realised and unrealised profit at the mark, to the last half unit, since
 * all of it is sums and products of integers.
 */
export class PnlSplit {
  spreadHalfUnits = 0;
  private inventoryHalfUnits = 0;
  private referenceHalfTicks = 0;

  /**
   * @param qtyLots position before the fill; `signedLots` is positive for a purchase
   * @param referenceHalfTicks twice the middle before the fill, in ticks
   * @param units smallest quote units of one tick times one lot
   */
  fill(
    qtyLots: number,
    signedLots: number,
    priceTicks: number,
    referenceHalfTicks: number,
    units: number,
  ): void {
    this.inventoryHalfUnits += qtyLots * (referenceHalfTicks - this.referenceHalfTicks) * units;
    this.spreadHalfUnits += signedLots * (referenceHalfTicks - 2 * priceTicks) * units;
    this.referenceHalfTicks = referenceHalfTicks;
  }

  /** Values a position that was taken over. */
  open(markTicks: number): void {
    this.referenceHalfTicks = 2 * markTicks;
  }

  /** What the inventory brought with the position valued at the mark. */
  inventoryAt(qtyLots: number, markTicks: number, units: number): number {
    return this.inventoryHalfUnits + qtyLots * (2 * markTicks - this.referenceHalfTicks) * units;
  }

  image(): PnlSplitImage {
    const { spreadHalfUnits, inventoryHalfUnits, referenceHalfTicks } = this;
    return { spreadHalfUnits, inventoryHalfUnits, referenceHalfTicks };
  }

  restore(image: PnlSplitImage): void {
    this.spreadHalfUnits = image.spreadHalfUnits;
    this.inventoryHalfUnits = image.inventoryHalfUnits;
    this.referenceHalfTicks = image.referenceHalfTicks;
  }
}
