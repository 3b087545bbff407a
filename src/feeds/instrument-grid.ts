import { decimalLots, decimalTicks, type Grid, OFF_GRID } from './grid.ts';
import type { Instrument } from './normalised.ts';

/** The grid that the exchange itself has. */
export function gridOf({ tick, lot }: Pick<Instrument, 'tick' | 'lot'>): Grid {
  return {
    tickUnits: tick.units,
    priceDecimals: tick.decimals,
    lotUnits: lot.units,
    qtyDecimals: lot.decimals,
  };
}

/**
 * Why a market of ours cannot carry what an exchange trades: every step of theirs must be a whole
 * number of ours. @returns `undefined` when it can
 */
export function gridMismatch(market: Grid, { tick, lot }: Instrument): string | undefined {
  if (decimalTicks(tick, market) === OFF_GRID) {
    return `prices move by ${tick.units / 10 ** tick.decimals} there, which our tick does not divide`;
  }
  if (decimalLots(lot, market) === OFF_GRID) {
    return `quantities move by ${lot.units / 10 ** lot.decimals} there, which our lot does not divide`;
  }
  return undefined;
}
