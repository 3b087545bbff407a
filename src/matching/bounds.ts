const BPS = 10_000;

/** Basis points of a price, rounded down; exact for any safe integer. */
export function shareOf(priceTicks: number, bps: number): number {
  const whole = Math.floor(priceTicks / BPS);
  return whole * bps + Math.floor(((priceTicks - whole * BPS) * bps) / BPS);
}

/** Indexes of `PriceBounds.limits`. */
export const BAND_LOW = 0;
export const BAND_HIGH = 1;
export const HALT_LOW = 2;
export const HALT_HIGH = 3;

/** The reference price, and what follows from it: the price band and the bounds of the halt. */
export class PriceBounds {
  /** 0 when there is none. */
  referenceTicks = 0;
  /** Whole seconds at which it was set. */
  referenceSeconds = 0;
  /** Lowest and highest price of limit orders, then of trades; 0 and Infinity where none holds. */
  readonly limits = new Float64Array([0, Infinity, 0, Infinity]);
  private readonly bandBps: number;
  private readonly haltBps: number;

  constructor(bandBps: number, haltBps: number) {
    this.bandBps = bandBps;
    this.haltBps = haltBps;
  }

  /** True when the market has bounds, so that trades set the reference price. */
  get bounded(): boolean {
    return this.bandBps > 0 || this.haltBps > 0;
  }

  set(ticks: number, seconds: number): void {
    this.referenceTicks = ticks;
    this.referenceSeconds = seconds;
    this.bound(BAND_LOW, this.bandBps);
    this.bound(HALT_LOW, this.haltBps);
  }

  allowsOrder(priceTicks: number): boolean {
    return priceTicks >= this.limits[BAND_LOW] && priceTicks <= this.limits[BAND_HIGH];
  }

  allowsTrade(priceTicks: number): boolean {
    return priceTicks >= this.limits[HALT_LOW] && priceTicks <= this.limits[HALT_HIGH];
  }

  private bound(low: number, bps: number): void {
    const holds = bps > 0 && this.referenceTicks > 0;
    const distance = shareOf(this.referenceTicks, bps);
    this.limits[low] = holds ? this.referenceTicks - distance : 0;
    this.limits[low + 1] = holds ? this.referenceTicks + distance : Infinity;
  }
}
