import { Prng } from '../../src/lib/prng.ts';
import type { PriceSeries } from '../../src/risk/price-series.ts';

/** How made-up prices go. */
export interface Walks {
  readonly assets: number;
  readonly days: number;
  readonly seed: number;
  /** Share of days on which an asset has no close. */
  readonly gaps?: number;
}

const FIRST_DAY = 19_000;
const COMMON = 0.008;
const OWN = 0.015;

/** Prices that move with a market of their own and by themselves. */
export function priceWalks({ assets, days, seed, gaps = 0 }: Walks): PriceSeries[] {
  const prng = new Prng(seed);
  const market = Float64Array.from({ length: days }, () => COMMON * prng.normal());
  return Array.from({ length: assets }, () => {
    const dates: number[] = [];
    const closes: number[] = [];
    const beta = 0.5 + prng.uniform();
    let close = 20 + 200 * prng.uniform();
    for (let day = 0; day < days; day += 1) {
      close *= Math.exp(beta * market[day] + OWN * prng.normal());
      if (prng.chance(gaps)) continue;
      dates.push(FIRST_DAY + day);
      closes.push(close);
    }
    return { days: Int32Array.from(dates), closes: Float64Array.from(closes) };
  });
}
