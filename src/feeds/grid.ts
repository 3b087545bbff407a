import { parseScaled } from '../lib/fixed-point.ts';
import { type Decimal, unitsAt } from './decimal.ts';

/** The grid of a market's prices and quantities. A `Market` is one. */
export interface Grid {
  /** One tick is `tickUnits × 10^-priceDecimals`. */
  readonly tickUnits: number;
  readonly priceDecimals: number;
  /** One lot is `lotUnits × 10^-qtyDecimals`. */
  readonly lotUnits: number;
  readonly qtyDecimals: number;
}

/** What `ticksOf` and `lotsOf` answer where the number does not lie on the grid. */
export const OFF_GRID = -1;

/** Ticks of a price that an exchange wrote, or `OFF_GRID`. */
export function ticksOf(text: string, grid: Grid): number {
  return stepsOf(text, grid.priceDecimals, grid.tickUnits);
}

/** Lots of a quantity that an exchange wrote, or `OFF_GRID`. */
export function lotsOf(text: string, grid: Grid): number {
  return stepsOf(text, grid.qtyDecimals, grid.lotUnits);
}

export function decimalTicks(price: Decimal, grid: Grid): number {
  return wholeSteps(unitsAt(price, grid.priceDecimals), grid.tickUnits);
}

export function decimalLots(qty: Decimal, grid: Grid): number {
  return wholeSteps(unitsAt(qty, grid.qtyDecimals), grid.lotUnits);
}

const ZERO_CODE = 48;
const POINT_CODE = 46;
/** Up to here another digit cannot leave the safe integers. */
const SAFE_BEFORE_DIGIT = Math.floor((Number.MAX_SAFE_INTEGER - 9) / 10);

/**
 * Reads digit by digit; every level of every book comes through here, so the usual text takes one
 * pass and no memory. Whatever is unusual goes to `parseScaled`.
 */
function stepsOf(text: string, decimals: number, stepUnits: number): number {
  let units = 0;
  let scale = -1;
  const { length } = text;
  if (length === 0) return OFF_GRID;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === POINT_CODE && scale < 0 && i > 0 && i < length - 1) {
      scale = 0;
      continue;
    }
    const digit = code - ZERO_CODE;
    if (digit < 0 || digit > 9 || units > SAFE_BEFORE_DIGIT)
      return slowSteps(text, decimals, stepUnits);
    if (scale >= decimals) {
      // Off the grid, unless an exponent follows.
      if (digit !== 0) return slowSteps(text, decimals, stepUnits);
      continue;
    }
    units = units * 10 + digit;
    if (scale >= 0) scale += 1;
  }
  for (let left = decimals - Math.max(scale, 0); left > 0; left -= 1) units *= 10;
  if (!Number.isSafeInteger(units)) return OFF_GRID;
  return wholeSteps(units, stepUnits);
}

function slowSteps(text: string, decimals: number, stepUnits: number): number {
  return wholeSteps(parseScaled(text, decimals), stepUnits);
}

function wholeSteps(units: number | undefined, stepUnits: number): number {
  if (units === undefined || units < 0 || units % stepUnits !== 0) return OFF_GRID;
  return units / stepUnits;
}
