import type { Prng } from '../lib/prng.ts';

/** Shares of equity orders that are one round lot, several, or an odd lot (the rest). */
const ONE_ROUND_LOT = 0.5;
const SEVERAL_ROUND_LOTS = 0.17;
const ROUND_LOTS_MAX = 60;
const ROUND_LOTS_TAIL = 1.4;
const ODD_LOT_SPREAD = 0.9;
/** Spread of the logarithm of a size where there are no round lots: heavy, as recorded markets are. */
const LOG_SPREAD = 1.6;
const SPREAD_MULTIPLE_MAX = 400;
const NICE_NUMBER = 0.45;
const NICE_STEPS = [1, 2, 3, 5, 10] as const;

/**
 * How large orders are: round lots and odd lots for shares; for coins a lognormal with a heavy
 * tail, half of it rounded to numbers that people type.
 */
export class OrderSizes {
  private readonly prng: Prng;
  private readonly medianLots: number;
  private readonly roundLots: number;
  private readonly maxLots: number;

  /** @param roundLots lots in one round lot, 0 where the market knows none */
  constructor(prng: Prng, medianLots: number, roundLots: number, maxLots: number) {
    this.prng = prng;
    this.medianLots = medianLots;
    this.roundLots = roundLots;
    this.maxLots = maxLots;
  }

  /** An order of anybody, in lots. */
  draw(): number {
    return this.bounded(this.roundLots > 0 ? this.drawShares() : this.drawCoins());
  }

  /** A market maker's quote: a multiple of the median, a little uneven, never an odd lot. */
  quote(multiple: number): number {
    const lots = this.medianLots * multiple * (0.75 + 0.5 * this.prng.uniform());
    if (this.roundLots === 0) return this.bounded(lots);
    return this.bounded(Math.max(1, Math.round(lots / this.roundLots)) * this.roundLots);
  }

  /** The most one sweep may take. */
  get sweepLotsMax(): number {
    return this.bounded(this.medianLots * SPREAD_MULTIPLE_MAX);
  }

  private drawShares(): number {
    const { prng, roundLots } = this;
    const kind = prng.uniform();
    if (kind < ONE_ROUND_LOT) return roundLots;
    if (kind < ONE_ROUND_LOT + SEVERAL_ROUND_LOTS) {
      const lots = Math.ceil((1 - prng.uniform()) ** (-1 / ROUND_LOTS_TAIL));
      return roundLots * Math.min(ROUND_LOTS_MAX, lots);
    }
    const odd = roundLots * 0.25 * Math.exp(ODD_LOT_SPREAD * prng.normal());
    return Math.min(roundLots - 1, odd);
  }

  private drawCoins(): number {
    const { prng } = this;
    const multiple = Math.min(SPREAD_MULTIPLE_MAX, Math.exp(LOG_SPREAD * prng.normal()));
    const lots = this.medianLots * multiple;
    return prng.chance(NICE_NUMBER) ? nice(lots) : lots;
  }

  private bounded(lots: number): number {
    return Math.min(this.maxLots, Math.max(1, Math.round(lots)));
  }
}

/** The nearest of 1, 2, 3, 5 × 10^n from above or below. */
function nice(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const mantissa = value / scale;
  let best = 1;
  for (const step of NICE_STEPS)
    if (Math.abs(step - mantissa) < Math.abs(best - mantissa)) best = step;
  return best * scale;
}
